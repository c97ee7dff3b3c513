"""The tables of sources are read cell by cell, however a document keeps them."""

from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from app.checks.claims import examine
from app.checks.source_tables import rows_in
from app.checks.support import Evidence, Source

CELLS = [
    [("City", "Rotterdam"), ("Annual leave", "25 days"), ("Desks", "42")],
    [("City", "Munich"), ("Annual leave", "30 days"), ("Desks", "7")],
]
WRITTEN = "| City | Annual leave | Desks |\n|---|:-:|---|\n| Rotterdam | 25 days | 42 |\n| Munich | 30 days | 7 |"
FRAMED = """\
| City | Annual leave | Desks |
| City: Rotterdam | Annual leave: 25 days | Desks: 42 |
| City: Munich | Annual leave: 30 days | Desks: 7 |"""
NAMED = """\
City | Annual leave | Desks
City: Rotterdam; Annual leave: 25 days; Desks: 42
City: Munich; Annual leave: 30 days; Desks: 7"""


def read(text: str, context: str = "") -> list[list[tuple[str, str]]]:
    return [[(entry.column, entry.text) for entry in row.cells] for row in rows_in(text, context) if row.cells]


@pytest.mark.parametrize("text", [WRITTEN, FRAMED, NAMED])
def test_a_table_is_read_in_each_form_in_which_documents_keep_one(text: str) -> None:
    assert read(f"Leave differs.\n\n{text}\n\nAsk first.") == CELLS


@pytest.mark.parametrize("text", [FRAMED, NAMED])
def test_a_part_of_a_table_without_its_heads_is_read_by_the_names_its_rows_repeat(text: str) -> None:
    assert read(text.partition("\n")[2]) == CELLS
    assert read(text.rpartition("\n")[2]) == CELLS[1:]


def test_a_part_without_names_has_those_above_it() -> None:
    assert read("| Munich | 30 days | 7 |", "Leave\n| City | Annual leave | Desks |") == CELLS[1:]
    assert read("| Munich | 30 days | 7 |", "| City | Annual leave |") == []


def test_a_row_begins_and_ends_where_its_line_does() -> None:
    text = f"Leave:\n\n  {NAMED}  \n"
    assert [text[row.start : row.end] for row in rows_in(text)] == NAMED.splitlines()


def test_a_cell_may_hold_what_parts_cells() -> None:
    text = "City: Munich; Rule: ask first; then go\nCity: Lisbon; Rule: go"
    assert read(text) == [[("City", "Munich"), ("Rule", "ask first; then go")], [("City", "Lisbon"), ("Rule", "go")]]


def test_the_tables_of_a_text_are_told_apart() -> None:
    assert [row.table for row in rows_in(f"{WRITTEN}\n\n{NAMED}\n\n{FRAMED}")] == [0] * 3 + [1] * 3 + [2] * 3


@pytest.mark.parametrize(
    "text",
    [
        "Read A | B as A or B.\nNobody does.",
        "Note: ask first; then go.",
        "There are two ways: by train; by car.",
        f"```\n{NAMED}\n```",
        f"```\n{WRITTEN}\n```",
        "| Rotterdam | 25 days |\n| Munich | 30 days |",
        "|---|---|",
    ],
)
def test_what_names_no_columns_is_no_table(text: str) -> None:
    assert rows_in(text) == []


def test_each_row_of_a_spreadsheet_is_a_window_of_its_own() -> None:
    evidence = Evidence([Source(text=f"Leave differs.\n\n{NAMED}\n\nAsk first.")])
    assert [evidence.text_of(window) for window in evidence.windows] == [
        "Leave differs.", *NAMED.splitlines(), "Ask first."
    ]  # fmt: skip


def test_the_quote_of_a_statement_is_its_row_of_a_spreadsheet() -> None:
    source = Source(text=NAMED)
    (found,) = examine("Annual leave in Munich is 30 days.", [source])
    window = found.supports[0].window
    assert source.text[window.start : window.end] == NAMED.splitlines()[2]


def test_a_hundred_thousand_characters_that_look_like_tables_are_read() -> None:
    """A row of 100 columns and more is not read as one: that took the square of its width."""
    assert rows_in("a | " * 25_000 + "\n" + "a: 1; " * 15_000) == []
    assert len(rows_in("a: 1; b: 2\n" * 9_000)) == 9_000
    assert rows_in("| " * 50_000) == []
    assert rows_in("a: " * 30_000 + "; " * 10_000) == []
    assert rows_in(f"| a | b |\n|{'-' * 200_000}.|") == []


@given(st.text(alphabet="aB1|-:; \n`", max_size=80))
def test_rows_stand_in_order_and_within_their_text(text: str) -> None:
    see_rows(text)
    Evidence([Source(text=text)])


LINES = ("| a | b |", "|---|---|", "| 1 | 2 |", "| a: 1 | b: 2 |", "a | b", "a: 1; b: 2", "b: 2", "Plain.", "```", "")


@given(st.lists(st.sampled_from(LINES), min_size=4, max_size=12).map("\n".join))
def test_rows_of_tables_stand_in_order_and_within_their_text(text: str) -> None:
    assume(see_rows(text) > 1)


def see_rows(text: str) -> int:
    """See that rows stand in order and within their text; returns how many there are."""
    rows = rows_in(text)
    assert all(0 <= row.start < row.end <= len(text) for row in rows)
    assert all(one.end <= other.start for one, other in pairwise(rows))
    return len(rows)
