"""A question in a conversation becomes a query that can be searched alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.answering.queries import CARRIED_WORDS, standalone
from app.answers import Turn
from app.checks.words import content_words

LEAVE = Turn(question="How much sick leave does the Denver office grant?", answer="240 hours.")


def test_the_first_question_is_searched_as_it_is() -> None:
    assert standalone("And how do I request it?", []) == "And how do I request it?"


@pytest.mark.parametrize(
    "question",
    ["And how do I request it?", "Who approves that?", "What about contractors?", "Why?", "Is there a form?"],
)
def test_a_question_that_leans_on_the_one_before_carries_its_words(question: str) -> None:
    query = standalone(question, [LEAVE])
    assert query.startswith(question)
    assert {"sick", "leave", "Denver"} <= set(query.split())


def test_a_question_that_stands_alone_is_left_alone() -> None:
    question = "What does parking at the Berlin office cost per day?"
    assert standalone(question, [LEAVE]) == question


@pytest.mark.parametrize(
    ("question", "leans_on_it"),
    [
        ("Describe everything that a new employee has to do in the first week.", False),
        ("Which documents that I sign are kept for ten years?", False),
        ("Who approves that request in Berlin?", True),
        ("Does that apply to contractors in Munich?", True),
        ("What does the travel policy say about that in Paris?", True),
    ],
)
def test_a_that_which_only_joins_two_clauses_points_at_nothing(question: str, *, leans_on_it: bool) -> None:
    assert (standalone(question, [LEAVE]) != question) == leans_on_it


def test_the_reply_to_a_question_back_carries_what_was_asked_first() -> None:
    turn = Turn(question="How much does this pass cost?", answer="Which pass do you mean?")
    assert {"pass", "cost"} <= set(standalone("Yearly parking at the Berlin office", [turn]).split())


def test_words_of_the_question_are_not_repeated() -> None:
    assert standalone("Is that sick leave paid?", [LEAVE]).count("sick") == 1


def test_the_newest_questions_words_come_first_and_old_ones_are_forgotten() -> None:
    turns = [
        Turn(question="Tell me about bananas", answer=""),
        Turn(question="Where is parking?", answer=""),
        Turn(question="What does it cost?", answer=""),
    ]
    query = standalone("And on Sundays?", turns)
    assert query.index("cost") < query.index("parking")
    assert "bananas" not in query


@given(st.lists(st.text(alphabet="abcdefgh ", max_size=200), max_size=4), st.text(max_size=30))
def test_only_so_many_words_are_carried(questions: list[str], question: str) -> None:
    turns = [Turn(question=text, answer="") for text in questions]
    query = standalone(question, turns)
    assert len(content_words(query)) <= len(content_words(question)) + CARRIED_WORDS
