"""A table in an answer is told cell by cell."""

from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from app.checks.claims import examine
from app.checks.support import Evidence, Source
from app.checks.tables import stated_in
from app.sentences import split_sentences

LEAVE = """\
| City | Annual leave | Desks |
|---|:-:|---|
| Rotterdam | 25 days | 42 |
| Munich | 28 days | 7 |"""
PROSE = Source(
    text="Employees in Rotterdam receive 25 days of annual leave and share 42 desks. In Munich 30 days of annual leave "
    "are given and there are 7 desks."
)
TABLE = Source(
    text="| City | Annual leave | Desks |\n|---|---|---|\n| Rotterdam | 25 days | 42 |\n| Munich | 30 days | 7 |"
)


def told(answer: str) -> list[str]:
    return [sentence.text for sentence in stated_in(answer)]


def split_told(answer: str) -> list[str]:
    return [sentence.text for sentence in split_sentences(answer)]


def test_a_cell_says_what_it_says_of_its_row_under_its_column() -> None:
    assert told(LEAVE) == [
        "Rotterdam (Annual leave): 25 days",
        "Rotterdam (Desks): 42",
        "Munich (Annual leave): 28 days",
        "Munich (Desks): 7",
    ]


def test_a_cell_stands_where_its_words_stand() -> None:
    text = f"Leave differs.\n\n{LEAVE}\n\nAsk first."
    assert [text[one.start : one.end] for one in stated_in(text)] == [
        "Leave differs.", "25 days", "42", "28 days", "7", "Ask first."
    ]  # fmt: skip


@pytest.mark.parametrize("source", [PROSE, TABLE])
def test_a_false_number_is_a_fault_of_its_cell_alone(source: Source) -> None:
    verdicts = {one.sentence.text: one.verdict for one in examine(LEAVE, [source])}
    assert verdicts.pop("Munich (Annual leave): 28 days") == "value differs"
    assert set(verdicts.values()) == {"supported"}


def test_a_year_at_the_head_of_a_column_is_looked_for_at_the_head_of_the_sources_column() -> None:
    costs = "| Cost | 2023 | 2024 |\n|---|---|---|\n| Travel | €500 | €650 |\n| Hotels | €120 | {} |"
    found = examine(costs.format("€140"), [Source(text=costs.format("€130"))])
    assert [one.verdict for one in found] == ["supported", "supported", "supported", "value differs"]
    assert [one.score for one in found[:3]] == [1.0, 1.0, 1.0]


def test_the_first_row_of_a_table_that_goes_on_names_no_columns() -> None:
    part = Source(text="| Rotterdam | 25 days |\n| Munich | 30 days |", context="| City | Annual leave |")
    row = Evidence([part]).windows[1]
    assert [value.text for value in row.values] == ["30 days"]
    assert "rotterdam" not in row.words


def test_yes_and_no_speak_of_their_column() -> None:
    table = "| City | Parking |\n|---|---|\n| Munich | {} |\n| Lisbon | {} |"
    source = Source(text="In Munich there is parking for staff. Lisbon has no parking.")
    assert told(table.format("Yes", "No")) == ["Munich: Parking", "Lisbon: no Parking"]
    assert [one.verdict for one in examine(table.format("Yes", "No"), [source])] == ["supported", "supported"]
    assert [one.verdict for one in examine(table.format("No", "Yes"), [source])] == ["not found", "not found"]


@pytest.mark.parametrize("empty", ["", "-", "n/a", "Not stated", "**Unknown.**"])
def test_a_cell_that_holds_nothing_states_nothing(empty: str) -> None:
    assert told(f"| City | Leave |\n|---|---|\n| Munich | {empty} |") == []


def test_the_number_of_a_row_does_not_name_it() -> None:
    assert told("| No. | City | Desks |\n|---|---|---|\n| 1. | Munich | 7 |\n| 2. | Lisbon | 12 |") == [
        "Munich (Desks): 7", "Lisbon (Desks): 12"
    ]  # fmt: skip


def test_heads_that_any_column_could_have_are_left_out_and_where_it_stands_is_no_statement() -> None:
    assert told("| Kind | Details | Source |\n|---|---|---|\n| Sick leave | Up to 240 hours. | leave.md |") == [
        "Sick leave: Up to 240 hours."
    ]


def test_the_cells_of_a_single_column_are_statements() -> None:
    assert told("| Rules |\n|---|\n| Leave is 25 days. |") == ["Rules: Leave is 25 days."]


def test_emphasis_and_line_breaks_of_a_cell_are_no_words() -> None:
    assert told("| City | Desks |\n|---|---|\n| **Munich** | *7*<br>or 8 |") == ["Munich (Desks): 7* or 8"]


def test_a_table_without_outer_bars_is_a_table() -> None:
    assert told("See:\nCity | Desks\n--- | ---\nMunich | 7\nMore of it.") == [
        "See:",
        "Munich (Desks): 7",
        "More of it.",
    ]


def test_a_short_row_and_one_with_too_many_cells_are_read_as_far_as_they_have_heads() -> None:
    assert told("| a | b | c |\n|---|---|---|\n| x | 1 |\n| y | 2 | 3 | 4 |") == ["x (b): 1", "y (b): 2", "y (c): 3"]


def test_an_escaped_bar_is_a_bar_of_its_cell() -> None:
    assert told("| Key | Use |\n|---|---|\n| a\\|b | c\\|d |\n| `e\\|f` | `g` |") == ["a|b (Use): c|d", "e|f (Use): g"]


def test_a_bar_behind_an_escaped_backslash_or_within_code_ends_a_cell_as_it_does_on_the_page() -> None:
    heads = "| Key | Use | Sign |\n|---|---|---|\n"
    assert told(f"{heads}| a | b\\\\| c |") == ["a (Use): b\\\\", "a (Sign): c"]
    assert told(f"{heads}| a | `b|c` |") == ["a (Use): b", "a (Sign): c"]


DESKS = ["| City | Desks |", "|---|---|", "| Munich | 7 |", "| Lisbon | 12 |"]


def below(first: str, others: str) -> str:
    return "\n".join([first + DESKS[0], *(others + line for line in DESKS[1:])])


@pytest.mark.parametrize(
    "text",
    [
        below("> ", "> "),
        below("> Offices:\n>\n> ", "> "),
        below("> ", ""),
        below("> > ", "> > "),
        below("> - Offices\n>\n>   ", ">   "),
        below("- ", "  "),
        below("- Offices:\n  ", "  "),
        below("- Offices:\n\n    ", "    "),
        below("1. Offices:\n\n   ", "   "),
        below("10. Offices:\n\n    ", "    "),
        below("- Offices\n  - These:\n\n    ", "    "),
    ],
)
def test_a_table_in_a_list_item_or_a_quote_is_told_cell_by_cell(text: str) -> None:
    found = [one for one in stated_in(text) if "Desks" in one.text]
    assert [one.text for one in found] == ["Munich (Desks): 7", "Lisbon (Desks): 12"]
    assert [text[one.start : one.end] for one in found] == ["7", "12"]


def test_a_list_item_or_a_quote_below_a_table_is_none_of_its_rows() -> None:
    table = "\n".join(DESKS)
    assert told(f"{table}\n- Read a | b.")[2:] == ["Read a | b."]
    assert told(f"{table}\n> Read a | b.")[2:] == ["Read a | b."]


def test_a_table_that_stands_so_far_in_that_it_is_code_is_none() -> None:
    text = below("Offices:\n\n    ", "    ")
    assert stated_in(text) == split_sentences(text)


@pytest.mark.parametrize(
    "text",
    [
        "```\n| a | b |\n|---|---|\n| 1 | 2 |\n```",
        "| a | b |\n| 1 | 2 |",
        "| a | b |\n|---|\n| 1 | 2 |",
        "Leave\n---\nis 25 days. A | B is read as A or B.",
    ],
)
def test_what_is_no_table_is_split_into_sentences_as_ever(text: str) -> None:
    assert stated_in(text) == split_sentences(text)


def test_200_000_spaces_below_the_heads_of_a_table_are_read() -> None:
    """Each of these took minutes while anything was quadratic."""
    spaces = " " * 200_000
    assert told(f"| City | Desks |\n|--{spaces}x") == split_told(f"| City | Desks |\n|--{spaces}x")
    source = Source(text=f"| City | Desks |{spaces}\n\nMunich has 7 desks.")
    assert [one.verdict for one in examine("Munich has 7 desks.", [source])] == ["supported"]


@given(st.text(alphabet="a1|- :\n\\`*", max_size=80))
def test_whatever_is_written_has_its_statements_in_order_and_within_it(text: str) -> None:
    see_statements(text)


LINES = ("| a | b |", "|---|---|", "| 1 | 2 |", "| c | 3 |", "- One.", "One. Two.", "# One", "```", "")


@given(st.lists(st.sampled_from(LINES), min_size=3, max_size=12).map("\n".join))
def test_statements_of_tables_lists_and_sentences_stand_in_order_and_within_their_text(text: str) -> None:
    assume(see_statements(text) > 1)


def see_statements(text: str) -> int:
    """See that statements stand in order and within their text; returns how many there are."""
    found = stated_in(text)
    assert all(text[one.start : one.end].strip() for one in found)
    assert all(one.end <= other.start for one, other in pairwise(found))
    return len(found)
