"""A number that the sources say of another row is a fault of its cell."""

import pytest

from app.checks.claims import Examined, examine
from app.checks.support import Source

HEADS = "| City | Annual leave | Desks |\n|---|---|---|\n"
TABLE = Source(text=f"{HEADS}| Rotterdam | 25 days | 42 |\n| Munich | 30 days | 7 |\n| Lisbon | 22 days | 12 |")
PART = Source(
    text="| Rotterdam | 25 days | 42 |\n| Munich | 30 days | 7 |\n| Lisbon | 22 days | 12 |",
    context="| City | Annual leave | Desks |",
)
PROSE = Source(
    text="In Rotterdam annual leave is 25 days, at 42 desks. In Munich annual leave is 30 days, at 7 desks. "
    "In Lisbon annual leave is 22 days, at 12 desks."
)


def examined(rows: str, *sources: Source) -> list[Examined]:
    return examine(HEADS + rows, sources)


@pytest.mark.parametrize("source", [TABLE, PART, PROSE])
def test_two_numbers_that_changed_places_are_told(source: Source) -> None:
    found = examined("| Rotterdam | 30 days | 42 |\n| Munich | 25 days | 7 |", source)
    assert [one.verdict for one in found] == ["value differs", "supported", "value differs", "supported"]


@pytest.mark.parametrize("source", [TABLE, PART, PROSE])
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
