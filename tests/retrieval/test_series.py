"""Documents of a series state what was so at their times, which is no conflict; versions of one document are none."""

from dataclasses import replace

import pytest

from app.checks.conflicts import COMPARING
from retrieval.library import Library
from retrieval.series import Member, kind_of, of_one_time, series_of, times_of
from tests.retrieval.learning import COLLECTION, learn

_MONTHS = "January February March April May June July August September October November December"
MONTHS = _MONTHS.split()


@pytest.fixture
def comparing(library: Library) -> Library:
    return replace(library, comparing=COMPARING)


def minutes(month: str, members: int) -> str:
    return f"# Minutes of {month} 2024\n\nTo the meeting of the garden club {members} members came.\n"


def monthly(count: int) -> dict[str, str]:
    return {f"minutes-2024-{number:02}.md": minutes(MONTHS[number - 1], 6 + number) for number in range(1, count + 1)}


def conflicts(library: Library) -> set[tuple[str, str]]:
    found = library.chunks.conflicts.of(COLLECTION)
    return {(min(names), max(names)) for each in found for names in [(each.one.document, each.other.document)]}


def member(name: str, title: str = "", beginning: str = "") -> Member:
    return Member(document_id=name, name=name, title=title, beginning=beginning)


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("minutes-2024-03.md", "2024-03"),
        ("Minutes of March 2024", "2024-03"),
        ("2024-03-05 board", "2024-03-05"),
        ("Protokoll 5. März 2024", "2024-03-05"),
        ("May 5, 2024", "2024-05-05"),
        ("Report Q3 2024", "2024 q3"),
        ("weekly KW 12/2024", "2024 w12"),
    ],
)
def test_a_time_is_read_however_it_is_written(text: str, time: str) -> None:
    assert times_of(text) == [time]


def test_a_year_alone_is_no_time_of_a_document() -> None:
    assert times_of("policy 2024") == []


def test_names_that_differ_in_dates_are_of_one_kind() -> None:
    assert kind_of("Minutes of March 2024") == kind_of("minutes of 2024-04") == "minutes of #"
    assert kind_of("travel policy") == kind_of("2024") == ""


def test_twelve_monthly_minutes_are_no_conflicts(comparing: Library) -> None:
    learn(comparing, monthly(12))
    assert conflicts(comparing) == set()


def test_documents_that_come_one_after_the_other_become_a_series(comparing: Library) -> None:
    for name, text in monthly(2).items():
        learn(comparing, {name: text})
    assert len(conflicts(comparing)) == 1
    learn(comparing, {"minutes-2024-03.md": minutes("March", 20)})
    assert conflicts(comparing) == set()


def test_what_two_documents_of_a_series_say_of_the_same_time_is_a_conflict(comparing: Library) -> None:
    files = monthly(4)
    files["minutes-2024-03.md"] += "\nThe fee of the garden club for 2024 is 30 euros a year.\n"
    files["minutes-2024-04.md"] += "\nThe fee of the garden club for 2024 is 35 euros a year.\n"
    learn(comparing, files)
    assert conflicts(comparing) == {("minutes-2024-03.md", "minutes-2024-04.md")}


def test_a_document_outside_the_series_is_compared_with_it(comparing: Library) -> None:
    learn(comparing, monthly(3))
    learn(comparing, {"report.md": "# Report\n\nTo the meeting of the garden club 90 members came.\n"})
    assert {name for pair in conflicts(comparing) for name in pair} >= {"report.md"}


def test_two_documents_of_the_same_month_are_held_against_each_other(comparing: Library) -> None:
    files = monthly(3)
    files["minutes-2024_03.md"] = minutes("March", 30)
    learn(comparing, files)
    assert conflicts(comparing) == {("minutes-2024-03.md", "minutes-2024_03.md")}


def test_yearly_versions_of_a_policy_are_no_series(comparing: Library) -> None:
    files = {
        f"travel-policy-{year}.md": f"# Travel policy\n\nValid from: 1 March {year}\n\nThe hotel limit for Paris is"
        f" {price} euros a night.\n"
        for year, price in ((2022, 150), (2023, 160), (2024, 185))
    }
    learn(comparing, files)
    assert len(conflicts(comparing)) == 3


def test_numbered_documents_are_a_series_where_each_has_a_date_of_its_own() -> None:
    dated = [member(f"minutes-{n}.md", "Minutes", f"Minutes of the meeting on {n} March 2024") for n in (1, 2, 3)]
    assert series_of(dated[0], dated) == {f"minutes-{n}.md": f"2024-03-0{n}" for n in (1, 2, 3)}
    undated = [member(f"minutes-{n}.md", "Minutes", "We met.") for n in (1, 2, 3)]
    assert series_of(undated[0], undated) == {}
    versions = [member(f"policy-v{n}.md", "Policy", f"Valid from 1 {month} 2024") for n, month in enumerate(MONTHS[:3])]
    assert series_of(versions[0], versions) == {}


def test_two_documents_may_be_two_versions() -> None:
    two = [member("rules-2024-03.md"), member("rules-2024-04.md")]
    assert series_of(two[0], two) == {}


def test_sentences_of_one_time_name_it_both() -> None:
    assert of_one_time("In 2024 the fee was 5 euros.", "The fee in 2024 was 6 euros.")
    assert not of_one_time("7 members came.", "9 members came.")
    assert not of_one_time("On 5 March 2024 seven came.", "On 2 April 2024 nine came.")
