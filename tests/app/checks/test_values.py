"""Typed values are compared by what they mean, not by how they are written."""

import pytest

from app.checks import values
from app.checks.numbers import in_digits
from app.checks.values import Known, Value, missing, same, values_of


def agree(one: str, other: str) -> bool:
    assert values_of(one), one
    return not missing(values_of(one), values_of(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1,200 items", "1200 items"),
        ("1.2 thousand items", "1200 items"),
        ("3 million people", "3,000,000 people"),
        ("11·9 million people", "11.9 million people"),
        ("twelve weeks", "12 weeks"),
        ("two hundred and forty hours", "240 hours"),
        ("two hundred forty-one hours", "241 hours"),
        ("one thousand, two hundred people", "1,200 people"),
        ("three hundred thousand people", "300,000 people"),
        ("two million three hundred and forty thousand dollars", "$2,340,000"),
        ("a hundred pages", "100 pages"),
        ("a dozen pages", "12 pages"),
        ("two dozen pages", "24 pages"),
        ("nineteen hundred pages", "1900 pages"),
        ("twenty-five days", "25 days"),
        ("a 14-character code", "14 characters"),
        ("5 business days", "5 days"),
        ("3 May 2024", "2024-05-03"),
        ("May 3, 2024", "3 May 2024"),
        ("the 3rd of May", "May 3, 2024"),
        ("5 p.m.", "17:00"),
        ("12 PM", "12:00"),
        ("$1,000", "1000 dollars"),
        ("€5", "5 euros"),
        ("40 %", "40 percent"),
        ("form SF-1034", "form SF 1034 or SF1034"),
        ("(877) 472-6716", "877-472-6716"),
        ("ask hr@example.org", "write to HR@example.org"),
        ("12", "12 weeks"),
        ("191,900", "$191,900"),
        ("40mg", "40 mg"),
        ("5 km", "5 kilometres"),
        ("in June 2013", "on 12 June 2013"),
        ("in 2013", "on 12 June 2013"),
        ("NLRP3-dependent", "NLRP3"),
        ("25/12/2024", "12.25.2024"),
        ("76-85 %", "76.3 % to 85.4 %"),
        ("open 24/7", "open 24 hours a day"),
        ("anti-CTLA-4", "CTLA4"),
        ("12.5 %", "12.48 %"),
    ],
)
def test_the_same_value_in_other_words_agrees(one: str, other: str) -> None:
    assert agree(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("12 weeks", "13 weeks"),
        ("76 %", "76.7 %"),
        ("3 days", "3.4 days"),
        ("76.3 %", "76 %"),
        ("12 weeks", "12 months"),
        ("3 May 2024", "3 May 2025"),
        ("3 May", "4 May"),
        ("$5", "€50"),
        ("5 p.m.", "5 a.m."),
        ("40 %", "14 %"),
        ("form SF-1034", "form SF-1035"),
        ("1.5 hours", "15 hours"),
        ("$5", "€5"),
        ("20 mg", "20 %"),
        ("5 weeks", "$5"),
        ("5 mg", "5 g"),
        ("in June 2013", "in July 2013"),
        ("on 12 June 2013", "in 2013"),
    ],
)
def test_another_value_does_not_agree(one: str, other: str) -> None:
    assert not agree(one, other)


@pytest.mark.parametrize("text", ["one of them", "Ask someone.", "It may rain.", "Version control"])
def test_words_that_are_no_values_are_none(text: str) -> None:
    assert values_of(text) == []


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("12 separate rooms", ["number"]),
        ("deck 4", ["number"]),
        ("Marketing 2024", ["number"]),
        ("Rule 3 may apply.", ["number"]),
        ("You may 3 times a year.", ["number"]),
        ("They march 5 kilometres.", ["number"]),
        ("June 3 and 4 Sept. and Dec 5", ["date", "date", "date"]),
        ("Rule 3 May", ["date"]),
        ("the 3rd of may", ["date"]),
        ("3 may 2024", ["date"]),
        ("by March 2024", ["date"]),
    ],
)
def test_only_names_of_months_make_a_date(text: str, kinds: list[str]) -> None:
    assert [value.kind for value in values_of(text)] == kinds


def test_a_range_is_its_two_ends() -> None:
    assert [value.canonical for value in values_of("7-10 business days")] == ["7", "10"]


def test_a_date_is_not_also_a_number() -> None:
    assert [value.kind for value in values_of("by 3 May 2024 at 17:00")] == ["date", "time"]


MANY = values_of(
    "12 weeks; 12 months; 12; 2024; 1,200; 1200 km; $5; 5 euros; 5 percent; 3 May 2024; 3 May; May 2024; 5 May 2023; "
    "03/05/2024; 05/03/2024; 25/12/2024; 5 pm; 17:00; form SF-1034; hr@example.org; in June 2013; 12 June 2013; 2013"
)


def test_among_many_values_the_same_ones_agree_as_among_few() -> None:
    for given in MANY:
        assert [value for value in MANY if value in Known([given])] == [value for value in MANY if same(value, given)]
    assert not missing(MANY, MANY)


def test_looking_for_values_among_many_compares_only_those_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    compared = []

    def counting(one: Value, other: Value) -> bool:
        compared.append(one)
        return same(one, other)

    monkeypatch.setattr(values, "same", counting)
    numbers = values_of(" ".join(map(str, range(1000, 3000))))
    others = values_of(" ".join(map(str, range(2000, 4000))))
    assert len(missing(numbers, others)) == 1000
    assert len(compared) <= len(numbers)


@pytest.mark.parametrize("text", ["1" + "a" * 20_000 + "st", "5 " + "a" * 50_000, "1" + ",111" * 50_000, "1-" * 50_000])
def test_a_text_made_to_be_slow_is_read_to_its_end(text: str) -> None:
    assert values_of(f"{text} 12 weeks")[-1].canonical == "12"


def test_spelt_numbers_are_written_in_digits_but_for_one() -> None:
    told = in_digits("One of two hundred and forty pages, a dozen rows, twenty-five thousand dollars")
    assert told == "one of 240 pages, 12 rows, 25000 dollars"
