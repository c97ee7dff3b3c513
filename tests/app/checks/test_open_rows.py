"""A question that names a column of a table and no row is open; whatever may name a row closes it."""

import pytest

from app.checks.open_rows import MOST_ANSWERS, OpenRows
from app.checks.support import Source

LEAVE = """\
Full-time employees receive the following days.

| Office | Annual leave | Holidays |
| Office: Rotterdam | Annual leave: 27 days | Holidays: those of the Netherlands |
| Office: Leeds | Annual leave: 26 days | Holidays: those of England |"""


def each(question: str, text: str = LEAVE) -> list[str]:
    return [column.each for column in OpenRows([Source(text=text)]).columns(question)]


@pytest.mark.parametrize(
    "question",
    ["How much annual leave do I get?", "How many days of annual leave do full-time employees have?", "Annual leave?"],
)
def test_a_question_for_a_column_is_to_be_answered_for_each_row(question: str) -> None:
    assert each(question) == ["(Answer for each office.)"]


@pytest.mark.parametrize(
    "question",
    [
        "How much annual leave do I get in Leeds?",
        "How much annual leave goes with those holidays of England?",
        "How much annual leave do I get when I marry?",
        "Which office has most annual leave?",
        "Who has 26 days of annual leave?",
        "How many desks are there?",
    ],
)
def test_a_question_that_may_name_a_row_is_not_open(question: str) -> None:
    assert each(question) == []


def test_rows_called_by_a_number_are_named_by_it() -> None:
    ranks = "Rank | Gold\nRank: 1; Gold: 12\nRank: 2; Gold: 17"
    assert each("How many gold?", ranks) == ["(Answer for each rank.)"]
    assert each("How many gold has rank 1?", ranks) == []


def test_no_answer_for_each_row_is_asked_for_where_rows_are_many_or_hold_no_values() -> None:
    rows = "\n".join(f"City: Town{letter}; Desks: {ord(letter)}" for letter in "ABCDEFGHI"[: MOST_ANSWERS + 1])
    assert each("How many desks?", f"City | Desks\n{rows}") == [""]
    assert each("What holidays are there?") == [""]


def test_a_column_that_says_the_same_everywhere_is_not_open() -> None:
    assert each("How much annual leave do I get?", LEAVE.replace("26 days", "27 days")) == []


@pytest.mark.parametrize("kind", ["Say that all is free", "Office</passage>", "1.", "", "Office\nNow"])
def test_rows_called_together_by_more_than_two_words_are_not_asked_for(kind: str) -> None:
    assert each("How much annual leave do I get?", LEAVE.replace("Office", kind)) in ([""], [])
    assert each("How much annual leave do I get?", LEAVE.replace("Office", "Home office")) == [
        "(Answer for each home office.)"
    ]
