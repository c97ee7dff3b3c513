"""A code that is written otherwise is not missing; one that is another code is."""

import pytest

from app.checks.spelling import Spellings, introduced


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("nih3t3", "We used NIH 3T3 cells."),
        ("sf1034", "Send form SF-1034 to Finance."),
        ("srebp2", "The sterol regulatory element-binding protein-2 is suppressed."),
    ],
)
def test_a_code_in_two_parts_or_spelt_out_is_held(code: str, text: str) -> None:
    assert code in Spellings([text])


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("sf1043", "Send form SF-1034 to Finance."),
        ("ab2", "A boy has 2 dogs."),
        ("srebp3", "The sterol regulatory element-binding protein-2 is suppressed."),
    ],
)
def test_another_code_is_not_held(code: str, text: str) -> None:
    assert code not in Spellings([text])


def test_a_number_written_apart_is_held_where_the_text_writes_it_in_one() -> None:
    spellings = Spellings(["Carriers of BRCA1 were asked."])
    assert spellings.hold_joined("The risk of BRCA 1 carriers", "1")
    assert not spellings.hold_joined("The risk of BRCA 2 carriers", "2")
    assert not spellings.hold_joined("The risk of 1 carrier", "1")


def test_an_abbreviation_behind_its_words_introduces_itself() -> None:
    assert introduced("Tell the Internet Crime Complaint Center (IC3).", "IC3")
    assert introduced("Take vitamin B6 (VB6) daily.", "VB6")
    assert not introduced("Tell the police (IC3).", "IC3")
    assert not introduced("Tell IC3.", "IC3")
