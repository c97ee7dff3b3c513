"""Whether the passages hold anything about the query at all."""

from app.checks.evidence import enough
from tests.app.passages import passage

PARKING = "Parking at the office costs 5 euros a day."


def test_a_passage_near_in_meaning_is_enough() -> None:
    assert enough("Where may I leave my car?", [passage(PARKING, dense=0.6)])


def test_a_passage_with_the_querys_words_is_enough() -> None:
    assert enough("office parking costs", [passage(PARKING, dense=0.2)])


def test_a_passage_about_something_else_is_not_enough() -> None:
    assert not enough("Who won the football cup?", [passage(PARKING, dense=0.1)])


def test_no_passage_is_not_enough() -> None:
    assert not enough("Anything?", [])


def test_a_query_without_content_needs_nearness() -> None:
    assert not enough("What is it?", [passage(PARKING, dense=0.1)])
