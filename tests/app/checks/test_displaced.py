"""What the sources say of another row or column is a fault of its cell."""

import pytest

from app.checks.claims import Examined, examine
from app.checks.support import Source

HEADS = "| City | Annual leave | Desks |\n|---|---|---|\n"
TABLE = Source(text=f"{HEADS}| Rotterdam | 25 days | 42 |\n| Munich | 30 days | 7 |\n| Lisbon | 22 days | 12 |")
PART = Source(
    text="| Rotterdam | 25 days | 42 |\n| Munich | 30 days | 7 |\n| Lisbon | 22 days | 12 |",
    context="| City | Annual leave | Desks |",
)
FRAMED = Source(
    text="| City | Annual leave | Desks |\n| City: Rotterdam | Annual leave: 25 days | Desks: 42 |\n"
    "| City: Munich | Annual leave: 30 days | Desks: 7 |\n| City: Lisbon | Annual leave: 22 days | Desks: 12 |"
)
NAMED = Source(
    text="City | Annual leave | Desks\nCity: Rotterdam; Annual leave: 25 days; Desks: 42\n"
    "City: Munich; Annual leave: 30 days; Desks: 7\nCity: Lisbon; Annual leave: 22 days; Desks: 12"
)
TABLES = [TABLE, PART, FRAMED, NAMED]
PROSE = Source(
    text="In Rotterdam annual leave is 25 days, at 42 desks. In Munich annual leave is 30 days, at 7 desks. "
    "In Lisbon annual leave is 22 days, at 12 desks."
)


def examined(rows: str, *sources: Source) -> list[Examined]:
    return examine(HEADS + rows, sources)


@pytest.mark.parametrize("source", [*TABLES, PROSE])
def test_two_numbers_that_changed_places_are_told(source: Source) -> None:
    found = examined("| Rotterdam | 30 days | 42 |\n| Munich | 25 days | 7 |", source)
    assert [one.verdict for one in found] == ["value differs", "supported", "value differs", "supported"]


@pytest.mark.parametrize("source", [*TABLES, PROSE])
def test_the_quote_beside_such_a_number_is_what_the_sources_say_of_its_row(source: Source) -> None:
    found = examined("| Munich | 25 days | 7 |\n| Rotterdam | 25 days | 42 |", source)[0]
    window = found.supports[0].window
    assert "Munich" in source.text[window.start : window.end]
    assert [one.given.text for one in found.finding.differences][:1] == ["30 days"]


def test_a_row_may_be_called_by_a_number() -> None:
    source = Source(text="| Year | Turnover |\n|---|---|\n| 2023 | €500 |\n| 2024 | €610 |\n| 2025 | €700 |")
    answer = "| Year | Turnover |\n|---|---|\n| 2023 | €610 |\n| 2024 | €610 |"
    assert [one.verdict for one in examine(answer, [source])] == ["value differs", "supported"]


def test_a_number_that_another_source_says_of_the_row_is_found() -> None:
    other = Source(text="In Munich annual leave was 25 days until 2020.")
    found = examined("| Munich | 25 days | 7 |", TABLE, other)
    assert found[0].verdict == "supported"


def test_a_number_in_a_sentence_that_names_no_row_may_be_of_this_one() -> None:
    source = Source(text="Munich gives annual leave of 30 days. After ten years it is 35 days.")
    found = examined("| Munich | 35 days | |\n| Lisbon | 22 days | |", source)
    assert found[0].verdict == "supported"


def test_a_row_that_the_sources_do_not_name_is_compared_as_any_statement() -> None:
    found = examined("| Head office | 25 days | 42 |", TABLE)
    assert not found[0].finding.differences


def test_a_number_that_hundreds_of_sentences_say_of_the_last_of_a_hundred_rows_is_told() -> None:
    """It took half a minute while the names of all rows were read again for every sentence."""
    source = Source(text=" ".join(f"Town 299 had 5 days in week {week}." for week in range(400, 800)))
    own = Source(text=" ".join(f"City {city} has leave of 7 days." for city in range(100, 140)))
    cities = "".join(f"| City {city} | 5 days |\n" for city in range(100, 140))
    towns = "".join(f"| Town {town} | - |\n" for town in range(240, 300))
    found = examine(f"| City | Leave |\n|---|---|\n{cities}{towns}", [own, source])
    assert [one.verdict for one in found] == ["value differs"] * 40


@pytest.mark.parametrize("source", TABLES)
def test_two_numbers_of_a_row_that_changed_columns_are_told(source: Source) -> None:
    found = examined("| Munich | 7 days | 30 |\n| Lisbon | 22 days | 12 |", source)
    assert [one.verdict for one in found] == ["value differs", "value differs", "supported", "supported"]
    window = found[0].supports[0].window
    assert "Munich" in source.text[window.start : window.end]
    assert [one.given.text for one in found[0].finding.differences] == ["30 days"]


@pytest.mark.parametrize("source", TABLES)
def test_a_table_turned_round_says_the_same(source: Source) -> None:
    turned = "| | Munich | Lisbon |\n|---|---|---|\n| Annual leave | {} | 22 days |\n| Desks | {} | 12 |"
    assert {one.verdict for one in examine(turned.format("30 days", "7"), [source])} == {"supported"}
    found = examine(turned.format("22 days", "30"), [source])
    assert [one.verdict for one in found] == ["value differs", "supported", "value differs", "supported"]


OWNERS = Source(
    text="| Policy | Owner | Approver | Binding |\n|---|---|---|---|\n| Travel | Finance | Works council | Yes |\n"
    "| Remote work | Human resources | Finance | No |\n| Visits | Reception | Works council | |"
)
OWNED = "| Policy | {} | {} |\n|---|---|---|\n| {} | {} | {} |"


@pytest.mark.parametrize(
    ("cells", "verdicts"),
    [
        (("Owner", "Approver", "Remote work", "Human resources", "Finance"), ["supported", "supported"]),
        (("Owner", "Approver", "Remote work", "Finance", "Human resources"), ["value differs", "value differs"]),
        (("Approver", "Owner", "Travel", "Works council", "Reception"), ["supported", "value differs"]),
        (("Binding", "Owner", "Travel", "Yes", "Finance"), ["supported", "supported"]),
        (("Binding", "Owner", "Remote work", "Yes", "Human resources"), ["value differs", "supported"]),
        (("Details", "Owner", "Remote work", "Reception", "Human resources"), ["value differs", "supported"]),
    ],
)
def test_words_of_another_row_or_column_are_told(cells: tuple[str, ...], verdicts: list[str]) -> None:
    assert [one.verdict for one in examine(OWNED.format(*cells), [OWNERS])] == verdicts


def test_yes_is_told_where_the_table_has_no_and_no_other_row_has_yes() -> None:
    source = Source(text="Office; Parking\nOffice | Parking\nOffice: Munich; Parking: No\nOffice: Lisbon; Parking: No")
    found = examine("| Office | Parking |\n|---|---|\n| Munich | Yes |\n| Lisbon | No |", [source])
    assert [one.verdict for one in found] == ["value differs", "supported"]


def test_what_the_row_says_in_other_words_is_no_fault() -> None:
    source = Source(text="Task | Owner | Due\nTask: Badge; Owner: Reception desk (Mrs Vos); Due: twelve weeks\n"
        "Task: Laptop; Owner: Reception; Due: 12 weeks\nTask: Desk; Owner: IT; Due: 3 weeks")  # fmt: skip
    answer = (
        "| Task | Owner | Due |\n|---|---|---|\n| Badge | Reception | 12 weeks |\n| Laptop | Reception | twelve weeks |"
    )
    assert {one.verdict for one in examine(answer, [source])} == {"supported"}


def test_a_column_the_sources_do_not_have_has_nothing_in_its_place() -> None:
    answer = "| City | Holiday allowance |\n|---|---|\n| Munich | 30 days |"
    assert not examine(answer, [NAMED])[0].finding.displaced


def test_an_empty_cell_of_the_sources_says_nothing() -> None:
    found = examine(OWNED.format("Binding", "Owner", "Visits", "Yes", "Reception"), [OWNERS])
    assert [one.verdict for one in found] == ["supported", "supported"]


@pytest.mark.parametrize(
    "said",
    ["From 2025 on everybody has 25 days.", "In Munich it will be 25 days.", "City: Munich; Leave in 2025: 25 days"],
)
def test_what_another_sentence_or_table_may_say_of_the_row_is_no_fault(said: str) -> None:
    found = examined("| Munich | 25 days | 7 |", NAMED, Source(text=said))
    assert found[0].verdict == "supported"


def test_a_number_alone_in_a_sentence_about_something_else_excuses_nothing() -> None:
    found = examined("| Munich | 30 days | 12 |", NAMED, Source(text="There are 12 floors."))
    assert found[1].verdict == "value differs"


def test_of_rows_with_one_name_each_may_be_meant() -> None:
    source = Source(text=f"{NAMED.text}\nCity: Munich; Annual leave: 28 days; Desks: 3")
    found = examined("| Munich | 28 days | 7 |", source)
    assert [one.verdict for one in found] == ["supported", "supported"]
    assert examined("| Munich | 22 days | 7 |", source)[0].verdict == "value differs"


def test_the_head_above_the_names_of_rows_tells_which_is_meant() -> None:
    source = Source(text="Rank | Points | Team\nRank: 1; Points: 2; Team: Ajax\nRank: 2; Points: 1; Team: Porto")
    answer = "| Rank | Team |\n|---|---|\n| 2 | Ajax |\n| 1 | Ajax |"
    assert [one.verdict for one in examine(answer, [source])] == ["value differs", "supported"]


def test_a_number_of_which_the_row_has_no_rival_is_no_fault_of_its_cell() -> None:
    source = Source(text="The team of Munich is small.\n\n| Rotterdam | 25 days |\n| Lisbon | 22 days |")
    found = examined("| Munich | 25 days | |\n| Lisbon | 22 days | |", source)
    assert not found[0].finding.displaced


def test_a_cell_in_a_row_called_no_is_found_where_the_sources_have_it() -> None:
    source = Source(text="Player | No\nPlayer: Ada; No: 16\nPlayer: Bob; No: 8")
    found = examine("| | Ada | Bob |\n|---|---|---|\n| No | 16 | 8 |", [source])
    assert [one.verdict for one in found] == ["supported", "supported"]


LINKS = "| City | Plan |\n|---|---|\n| Munich | [plan]({}) |\n| Lisbon | [plan]({}) |"


@pytest.mark.parametrize(
    ("first", "second", "verdicts"),
    [
        ("/munich", "/lisbon", ["supported", "supported"]),
        ("/lisbon", "/lisbon", ["value differs", "supported"]),
    ],
)
def test_an_address_of_another_row_is_told(first: str, second: str, verdicts: list[str]) -> None:
    source = Source(text=LINKS.format("/munich", "/lisbon"))
    assert [one.verdict for one in examine(LINKS.format(first, second), [source])] == verdicts


def test_an_address_is_no_fault_where_the_sources_have_none() -> None:
    source = Source(text="City | Plan\nCity: Munich; Plan: plan\nCity: Lisbon; Plan: plan")
    assert {one.verdict for one in examine(LINKS.format("/a", "/b"), [source])} == {"supported"}
