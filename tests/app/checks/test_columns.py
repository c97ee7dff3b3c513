"""What the sources have as something else only is not found below the name of a column."""

import pytest

from app.checks.claims import Examined, examine
from app.checks.support import Source
from app.settings import ASSETS
from retrieval.readers import html, pdf

HANDBOOK = ASSETS / "demo" / "handbook"
TITLE = "Travel policy 2024"
LIMITS = "City | Limit per night\nCity: Amsterdam; Limit per night: €170\nCity: Munich; Limit per night: €155"
ALLOWANCES = "Country | Full day\nCountry: Spain; Full day: €44\nCountry: Norway; Full day: €66"
HOTELS = Source(text=f"4. Hotels\n\nBook early.\n\n{LIMITS}", context=f"{TITLE}\n4. Hotels")
MEALS = Source(text=f"5. Daily allowance for meals\n\n{ALLOWANCES}", context=f"{TITLE}\n5. Daily allowance for meals")


def below(column: str, value: str, *sources: Source, row: str = "Oslo") -> Examined:
    (found,) = examine(f"| City | {column} |\n|---|---|\n| {row} | {value} |", sources)
    return found


def demonstration() -> list[list[Source]]:
    """The sections about hotels and meals of the demonstration, as passages of their own, as one, and with all else."""
    policy = pdf.read((HANDBOOK / "travel-policy-2024.pdf").read_bytes()).text
    questions = html.read((HANDBOOK / "travel-faq-2025.html").read_bytes()).text
    hotels, meals, others = (policy.index(title) for title in ("4. Hotels", "5. Daily", "6. Other"))
    above = f"{TITLE}\n5. Daily allowance for meals"
    asked = Source(text=questions, context="Business travel: frequent questions (2025)")
    return [
        [
            Source(text=policy[hotels:meals], context=f"{TITLE}\n4. Hotels"),
            Source(text=policy[meals:others], context=above),
            asked,
        ],
        [Source(text=policy[hotels:others], context=above), asked],
        [Source(text=policy, context=TITLE), asked],
    ]


@pytest.mark.parametrize("sources", demonstration())
def test_hotel_limits_below_the_daily_allowance_are_not_found(sources: list[Source]) -> None:
    heads = "| Country, other cities | Daily allowance for meals |\n|---|---|\n"
    found = examine(f"{heads}| Oslo | €120 |\n| Paris | €160 |", sources)
    assert [one.verdict for one in found] == ["not found", "not found"]
    right = examine(f"{heads}| Norway | €66 |\n| France | €52 |", sources)
    assert [one.verdict for one in right] == ["supported", "supported"]


@pytest.mark.parametrize("name", ["Daily allowance for meals", "Daily allowances", "Meal allowance", "Full day"])
def test_a_value_that_stands_below_another_name_is_not_found(name: str) -> None:
    found = below(name, "€155", HOTELS, MEALS)
    assert found.verdict == "not found"
    assert found.finding.astray
    window = found.supports[0].window
    assert "Limit per night: €155" in [HOTELS, MEALS][window.source].text[window.start : window.end]


@pytest.mark.parametrize("name", ["Daily allowance for meals", "Full day", "Amount", "Allowance", "Meals in €", "Rate"])
def test_a_value_below_its_own_name_or_one_of_the_answer_is_not_astray(name: str) -> None:
    assert not below(name, "€66", HOTELS, MEALS).finding.astray


def test_nothing_is_astray_where_the_sources_give_no_such_value_below_the_name() -> None:
    assert not below("Daily allowance for meals", "€155", HOTELS).finding.astray
    assert not below("Daily allowance for meals", "12 weeks", HOTELS, MEALS, Source(text="Wait.")).finding.astray


@pytest.mark.parametrize(
    "said",
    [
        "In Oslo it is €155.",
        "The allowance is €155.",
        "Daily allowance\n\nFor Oslo you get €155.",
        "City | Sum\nCity: Oslo; Sum: 155",
    ],
)
def test_a_value_that_another_sentence_may_say_below_the_name_is_not_astray(said: str) -> None:
    assert not below("Daily allowance for meals", "€155", HOTELS, MEALS, Source(text=said)).finding.astray


def test_a_sentence_that_calls_a_value_by_another_name_excuses_nothing() -> None:
    said = Source(text="The limit in Munich is €155 a night.")
    assert below("Daily allowance for meals", "€155", HOTELS, MEALS, said, row="Munich").verdict == "not found"


def test_a_name_of_one_word_that_another_table_has_too_is_not_the_same_name() -> None:
    """ "Amount" may be the answer's name for any column."""
    costs = Source(text="Means | Amount\nMeans: Car; Amount: €31\nMeans: Bicycle; Amount: €10")
    assert not below("Amount", "€155", HOTELS, costs).finding.astray


def test_a_table_that_a_sentence_calls_by_the_name_is_not_below_another_one() -> None:
    limits = Source(text=f"4. Hotels\n\nThe daily allowance for meals is added.\n\n{LIMITS}")
    assert not below("Daily allowance for meals", "€155", limits, MEALS).finding.astray


COLUMNS = "Country | Full day | Half day | Owner\nCountry: Spain; Full day: €44; Half day: €22; Owner: Sales desk\n"
ONE = Source(text=f"{COLUMNS}Country: Norway; Full day: €66; Half day: €33; Owner: Fleet desk")


@pytest.mark.parametrize(("column", "said"), [("Full day", "€33"), ("Owner", "€33"), ("Half day", "Fleet desk")])
def test_what_stands_in_another_column_of_a_table_is_not_found_in_a_row_that_it_does_not_name(
    column: str, said: str
) -> None:
    assert below(column, said, ONE).verdict == "not found"


@pytest.mark.parametrize(("column", "said"), [("Half day", "€33"), ("Owner", "Fleet desk"), ("Owner", "the desk")])
def test_what_stands_in_its_column_is_not_astray_whatever_the_row_is_called(column: str, said: str) -> None:
    assert not below(column, said, ONE).finding.astray


def test_words_that_a_sentence_has_too_are_not_astray() -> None:
    assert not below("Half day", "Fleet desk", ONE, Source(text="Half days go to the fleet desk.")).finding.astray


def test_what_another_table_says_of_the_row_below_another_name_is_no_excuse() -> None:
    city = Source(text="City | Full day\nCity: Munich; Full day: €44\nCity: Bonn; Full day: €41", context=TITLE)
    found = below("Full day", "€155", HOTELS, city, row="Munich")
    assert found.verdict == "value differs"
    assert [one.given.text for one in found.finding.differences] == ["€44"]
