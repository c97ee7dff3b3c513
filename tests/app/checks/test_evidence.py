"""Whether the passages hold anything about the query at all."""

import pytest

from app.checks.evidence import COVERAGE_WEIGHT, ENOUGH, MIDDLE, STRONG, chance, evidence
from tests.app.passages import passage

PARKING = "Parking at the office costs 5 euros a day."


def test_a_passage_near_in_meaning_is_enough() -> None:
    assert chance(evidence("Where may I leave my car?", [passage(PARKING, dense=0.6)])) >= ENOUGH


def test_a_passage_with_the_querys_words_is_enough() -> None:
    assert evidence("office parking costs", [passage(PARKING, dense=0.2)]) == pytest.approx(0.2 + COVERAGE_WEIGHT)


def test_a_passage_about_something_else_is_not_enough() -> None:
    assert chance(evidence("Who won the football cup?", [passage(PARKING, dense=0.1)])) < ENOUGH


def test_no_passage_is_not_enough() -> None:
    assert evidence("Anything?", []) == 0.0


def test_a_query_without_content_needs_nearness() -> None:
    assert evidence("What is it?", [passage(PARKING, dense=0.1)]) == pytest.approx(0.1)


def test_a_code_is_held_in_either_spelling() -> None:
    found = passage("Hand in form SF-1012 for sums above 4,711 euros.", dense=0.1)
    assert evidence("SF1012 4711", [found]) == pytest.approx(0.1 + COVERAGE_WEIGHT)


def test_words_that_only_ask_for_a_text_need_not_stand_in_it() -> None:
    found = [passage(PARKING, dense=0.25)]
    assert evidence("Tell me everything about parking in detail.", found) == evidence("parking", found)
    assert evidence("Tell me something about football.", found) == pytest.approx(0.25)


def test_the_chance_grows_with_the_evidence_and_is_even_in_the_middle() -> None:
    chances = [chance(strength) for strength in (-1.0, 0.0, MIDDLE, 1.0, 1.4)]
    assert chances == sorted(chances)
    assert 0 < chances[0] < chances[-1] < 1
    assert chance(MIDDLE) == 0.5


def test_the_limits_are_where_the_handbook_was_measured() -> None:
    assert chance(0.54) < ENOUGH < chance(0.56)
    assert chance(0.74) < STRONG < chance(0.76)


FRIST = "Die Kündigungsfrist beträgt vier Wochen zum Monatsende. Sie ist von beiden Seiten einzuhalten."


def test_words_of_a_passage_in_another_language_are_held_in_their_other_forms() -> None:
    found = passage(FRIST, dense=0.2)
    assert evidence("Wie lang sind die Kündigungsfristen?", [found]) == pytest.approx(0.2 + COVERAGE_WEIGHT / 2)
    assert evidence("Kündigungsfristen", [found]) == pytest.approx(0.2 + COVERAGE_WEIGHT)
    assert evidence("Wer hat die Weltmeisterschaft gewonnen?", [found]) == pytest.approx(0.2)
    assert evidence("Wie ist das?", [found]) == pytest.approx(0.2)
