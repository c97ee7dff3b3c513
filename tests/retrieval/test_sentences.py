import pytest

from retrieval.sentences import sentence_spans


def split(text: str) -> list[str]:
    return [text[start:end] for start, end in sentence_spans(text)]


def test_sentences_end_at_their_marks() -> None:
    assert split("It rains. Does it? Yes!  It does.") == ["It rains.", "Does it?", "Yes!", "It does."]


@pytest.mark.parametrize(
    "text",
    [
        "Dr. Smith came.",
        "See fig. 3 for more.",
        "Signed by J. Doe.",
        "Firms such as Acme Inc. and others.",
        "It costs 3.50 euros.",
        "Bring e.g. a pen.",
    ],
)
def test_a_full_stop_inside_a_sentence_does_not_end_it(text: str) -> None:
    assert split(text) == [text]


def test_the_number_of_a_list_item_stays_with_it() -> None:
    assert split("1. First do this. Then that.") == ["1. First do this.", "Then that."]


def test_closing_quotes_belong_to_the_sentence() -> None:
    assert split('He said "no." Then he left.') == ['He said "no."', "Then he left."]


def test_a_page_of_question_marks_is_gone_through_once() -> None:
    marks = "?" * 300_000  # each looked at from each other one, this would never end
    assert split(f"{marks}what") == [f"{marks}what"]
    assert split(f"What{marks} Yes.") == [f"What{marks}", "Yes."]


def test_an_empty_line_ends_a_sentence_without_a_mark() -> None:
    assert split("A title\n\nA text") == ["A title", "A text"]


def test_scripts_with_other_full_stops_are_split() -> None:
    assert split("你好。再见！") == ["你好。", "再见！"]  # noqa: RUF001 (the marks under test)
    assert split("यह एक है। यह दो है।") == ["यह एक है।", "यह दो है।"]


def test_offsets_count_in_the_whole_text() -> None:
    text = "Skip this. One. Two."
    assert [text[start:end] for start, end in sentence_spans(text, 11, 15)] == ["One."]
