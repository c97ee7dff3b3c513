"""Which questions get a question back: those that leave open which of several things they are about."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.answers import Turn
from app.checks.clarity import WEIGHTS, Unclear, ask_back, probability, signs
from retrieval.documents import Passage
from tests.app.passages import passage

LEAVE = Turn(question="How much sick leave is there?", answer="There are 240 hours.")


def alike(*titles: str) -> list[Passage]:
    """Return passages that lie alike near."""
    found = [passage("Something about libraries and cases.", dense=0.5) for _ in range(5)]
    return [replace(one, title=titles[n % len(titles)] if titles else "One") for n, one in enumerate(found)]


def asked(question: str, *turns: Turn, passages: list[Passage] | None = None) -> Unclear | None:
    """Return what is asked back."""
    return ask_back(question, question, turns, alike() if passages is None else passages)


@pytest.mark.parametrize(
    ("question", "thing"),
    [
        ("What does this library offer to the public?", "library"),
        ("In which country is this language officially spoken?", "language"),
        ("Does this animal have antlers?", "animal"),
        ("What is the main purpose of that mission?", "mission"),
    ],
)
def test_a_thing_pointed_at_that_nobody_named_is_asked_for(question: str, thing: str) -> None:
    unclear = asked(question)
    assert unclear is not None
    assert unclear.sentence == f"Which {thing} do you mean?"


@pytest.mark.parametrize(
    "question",
    [
        "What does parking at the Berlin office cost per day?",
        "How many hours of sick leave can I ask for?",
        "Who approves it?",
        "sick leave",
    ],
)
def test_a_clear_question_is_not_asked_back(question: str) -> None:
    assert asked(question, LEAVE) is None


def test_what_was_named_before_may_be_pointed_at() -> None:
    library = Turn(question="When does the town library open?", answer="At nine.")
    assert asked("Who runs this library?", library, passages=[*alike()[:4], passage("Far.", dense=0.1)]) is None


def sign(name: str, question: str, *turns: Turn, passages: list[Passage]) -> float:
    """Return one of the signs."""
    return dict(zip(WEIGHTS, signs(question, question, turns, passages), strict=True))[name]


def test_passages_of_many_documents_leave_more_open_than_those_of_one() -> None:
    many = [replace(one, document=f"{n}.md") for n, one in enumerate(alike())]
    name, question = "share of the passages that are of different documents", "What does the court do?"
    assert sign(name, question, passages=alike()) == pytest.approx(0.2)
    assert sign(name, question, passages=many) == 1
    assert probability(signs(question, question, (), many)) > probability(signs(question, question, (), alike()))


def test_words_that_every_passage_holds_tell_none_apart() -> None:
    name, question = "share of its words in each of them", "Which libraries?"
    one, *others = alike()
    assert sign(name, question, passages=[one, *others]) == 1
    assert sign(name, question, passages=[one, *(replace(each, text="A harbour.") for each in others)]) == 0.2


def test_a_question_that_shares_no_word_with_those_before_has_another_subject() -> None:
    name = "another subject than the questions before"
    assert sign(name, "Can we bring pets?", LEAVE, passages=alike()) == 1
    assert sign(name, "And unpaid leave?", LEAVE, passages=alike()) == 0
    assert sign(name, "Can we bring pets?", passages=alike()) == 0


def test_the_reply_to_a_question_back_is_never_asked_back() -> None:
    turn = Turn(question="What does this library offer?", answer="Which library do you mean?")
    assert asked("What does this museum offer to the public?", turn) is None


def test_nothing_found_is_no_question_back() -> None:
    assert asked("What does this library offer to the public?", passages=[]) is None


def test_choices_are_the_documents_found_each_once_unless_there_is_only_one() -> None:
    several = asked("What does this library offer to the public?", passages=alike("North", "South"))
    assert several is not None
    assert several.choices == ("North", "South")
    one = asked("What does this library offer to the public?")
    assert one is not None
    assert one.choices == ()


@given(st.text(max_size=200), st.lists(st.text(max_size=80), max_size=3))
def test_any_question_has_a_probability(question: str, said: list[str]) -> None:
    found = signs(question, question, [Turn(question=text, answer=text) for text in said], alike())
    assert len(found) == len(WEIGHTS)
    assert 0 <= probability(found) <= 1
