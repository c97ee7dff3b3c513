"""What the one sentence splitter promises."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.sentences import split_sentences


def texts(text: str) -> list[str]:
    return [sentence.text for sentence in split_sentences(text)]


def test_sentences_end_at_full_stops_questions_and_exclamations() -> None:
    assert texts("It is so. Is it? Yes! Good.") == ["It is so.", "Is it?", "Yes!", "Good."]


@pytest.mark.parametrize(
    "text",
    [
        "Dr. Smith said so.",
        "It costs $3.50 a day.",
        "Ask J. K. Rowling first.",
        "Bring receipts, e.g. for taxis.",
        "Read No. 5 of the list.",
        "The U.S. Government pays.",
        "Version 2.5.1 is current.",
    ],
)
def test_a_full_stop_inside_a_sentence_does_not_end_it(text: str) -> None:
    assert texts(text) == [text]


def test_an_abbreviation_that_may_end_a_sentence_does_before_a_capital() -> None:
    assert texts("We close at 5 p.m. Then go home.") == ["We close at 5 p.m.", "Then go home."]


def test_no_as_a_word_ends_its_sentence() -> None:
    assert texts("The answer is no. You may stay.") == ["The answer is no.", "You may stay."]


def test_a_closing_quotation_mark_belongs_to_its_sentence() -> None:
    assert texts('He said "stop." She did.') == ['He said "stop."', "She did."]


def test_list_items_are_sentences_without_their_marks() -> None:
    assert texts("You need:\n- a badge\n- a laptop. And a bag\n2. a key") == [
        "You need:",
        "a badge",
        "a laptop.",
        "And a bag",
        "a key",
    ]


def test_table_rows_are_sentences_and_the_rule_between_them_is_none() -> None:
    assert texts("| Item | Cost |\n|---|---|\n| Taxi | 5. Or so |") == ["| Item | Cost |", "| Taxi | 5. Or so |"]


def test_a_heading_does_not_run_into_its_paragraph() -> None:
    assert texts("# Leave\nYou get 12 weeks.") == ["# Leave", "You get 12 weeks."]


def test_a_wrapped_line_continues_its_sentence() -> None:
    assert texts("You get twelve\nweeks. Not more.") == ["You get twelve\nweeks.", "Not more."]


def test_a_code_block_is_one_sentence() -> None:
    assert texts("Run:\n```\na. B\n\nc\n```\nDone.") == ["Run:", "```\na. B\n\nc\n```", "Done."]


def test_ideographic_full_stops_end_sentences_without_a_space() -> None:
    assert texts("你好。再见。") == ["你好。", "再见。"]


def test_a_text_without_words_has_no_sentence() -> None:
    assert texts("  \n--- ... !\n") == []


@given(st.text(alphabet=st.sampled_from("ab1. \n-*|#`?!'\")(e.g。")))
def test_every_sentence_is_the_text_at_its_place_and_they_do_not_overlap(text: str) -> None:
    last = 0
    for sentence in split_sentences(text):
        assert text[sentence.start : sentence.end] == sentence.text
        assert sentence.start >= last
        last = sentence.end


@given(st.text(alphabet=st.sampled_from("ab1. \n-*|#?!e.g")))
def test_no_letter_is_lost(text: str) -> None:
    assert "".join(c for t in texts(text) for c in t if c.isalpha()) == "".join(c for c in text if c.isalpha())
