"""Two sentences contradict each other only where they speak of the same thing."""

import gc

import pytest

from app.checks.conflicts import COMPARING, Statement, differences, statements
from retrieval.documents import Chunk

HOTEL = "The hotel limit for Paris is €160 a night."


def chunk(text: str, *, document: str = "a", start: int = 0, columns: str = "") -> Chunk:
    return Chunk(
        chunk_id=document,
        document_id=document,
        ordinal=0,
        start=start,
        end=start + len(text),
        page=None,
        headings=(),
        text=text,
        columns=columns,
    )


def kinds(one: str, other: str) -> list[str]:
    return [each.kind for each in differences(chunk(one), chunk(other, document="b"))]


@pytest.mark.parametrize(
    ("one", "other", "kind"),
    [
        (HOTEL, "The hotel limit for Paris is €185 a night, breakfast included.", "value"),
        ("Backups are kept for 30 days.", "Backups are kept for 12 weeks.", "value"),
        ("Passwords have a length of twelve characters.", "Passwords have a length of 14 characters.", "value"),
        ("Claims reach Finance by 3 May 2024.", "Claims reach Finance by 2024-06-03.", "date"),
        ("The reception desk opens at 8:00.", "The reception desk opens at 9 am.", "date"),
        (
            "Visitors must sign the book at the reception.",
            "Visitors must not sign the book at the reception.",
            "negation",
        ),
        (
            "Private use of company laptops is allowed at home.",
            "Private use of company laptops is prohibited at home.",
            "negation",
        ),
        ("| Paris | 160 euros |", "| Paris | 185 euros |", "value"),
    ],
)
def test_what_differs_is_named(one: str, other: str, kind: str) -> None:
    columns = "City | Hotel limit a night" if one.startswith("|") else ""
    found = list(differences(chunk(one, columns=columns), chunk(other, document="b", columns=columns)))
    assert [each.kind for each in found] == [kind]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (HOTEL, "The hotel limit for Dublin is €175 a night."),
        (HOTEL, "The hotel limit for Paris is 160 EUR a night."),
        ("The portal isn't just for trainings of staff.", "The portal is the home for trainings of staff."),
        ("The new portal has mandatory trainings.", "The new portal has mandatory trainings and optional trainings."),
        ("Daily backups are kept for 30 days.", "Weekly backups are kept for 90 days."),
        ("Claims reach Finance by 3 May 2024.", "Claims reach Finance by 2024-05-03."),
        ("**Owner:** Finance · **Version:** 3.2 of the policy", "**Owner:** Finance · **Version:** 1.3 of the policy"),
        ("Last updated on 3 May 2024 by the security team", "Last updated on 4 June 2025 by the security team"),
        ("## Hotel limit for Paris: 160 euros a night", "## Hotel limit for Paris: 185 euros a night"),
        ("Is the hotel limit for Paris 160 euros a night?", "Is the hotel limit for Paris 185 euros a night?"),
        ("Visitors must not leave the building without a badge.", "Visitors must leave the building with a badge."),
        ("It is prohibited to copy keys of the archive.", "It is not allowed to copy keys of the archive."),
        ("See section 4 of the travel policy for hotels.", "See section 7 of the travel policy for hotels."),
        ("Ask at least ten days ahead.", "Pay within thirty days."),
        ("", "The hotel limit for Paris is €185 a night."),
    ],
)
def test_different_things_and_different_words_are_no_conflict(one: str, other: str) -> None:
    assert kinds(one, other) == []


def test_places_count_in_the_documents() -> None:
    here, there = f"Before it. {HOTEL}", HOTEL.replace("160", "185")
    (found,) = differences(chunk(here, start=100), chunk(there, document="b", start=7))
    assert (found.start, found.end) == (111, 111 + len(HOTEL))
    assert (found.other_start, found.other_end) == (7, 7 + len(HOTEL))


def test_a_sentence_is_in_one_difference_only() -> None:
    assert kinds(f"{HOTEL}\n\n{HOTEL}", HOTEL.replace("160", "185")) == ["value"]


def kept(words: str) -> bool:
    """Return whether a statement with these words is still in memory."""
    gc.collect()
    # by its type: torch has objects that warn when asked what they are an instance of
    return any(type(one) is Statement and words in one.text for one in gc.get_objects())


def test_of_answers_that_were_compared_nothing_is_kept() -> None:
    said = "The secret hotel limit for Paris is €160 a night."
    assert len(list(differences(chunk(said), chunk(said.replace("160", "185"), document="b")))) == 1
    assert not kept("secret")


def test_of_a_document_that_was_compared_nothing_is_kept() -> None:
    judge = COMPARING.judge()
    assert list(judge(chunk("The first hotel limit for Paris is €160 a night."), chunk(HOTEL, document="b"))) == []
    assert kept("first hotel")
    del judge
    assert not kept("first hotel")


@pytest.mark.parametrize("repeated", ["1% ", "no "])
def test_a_sentence_of_nothing_but_numbers_or_negations_is_read_once(repeated: str) -> None:
    """From each of them to the beginning or the end of the sentence it would be their square."""
    (said,) = statements(chunk(f"Hotels cost {repeated * 15_000}in Paris."))
    assert said.words >= {"hotel", "pari"}
