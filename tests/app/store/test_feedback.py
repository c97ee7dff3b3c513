"""Feedback: kept, tied to its answer, and nobody else's."""

import pytest

from app.answers import Actor, Feedback
from app.store.errors import NotFoundError
from app.store.opening import Store
from tests.app.store.examples import PASSAGE, an_answer

GIVEN = Feedback(
    answer_id="answer-1",
    liked=False,
    reasons=("wrong", "out of date"),
    comment="It is zebra now.",
    correction="52 € a day",
)


@pytest.fixture
def conversation_id(store: Store, ada: Actor) -> str:
    conversation_id = store.history.start(ada).conversation_id
    turn_id = store.history.begin_turn(ada, conversation_id, "What is the zanzibar allowance?")
    store.history.finish_turn(ada, turn_id, an_answer(), passages=[PASSAGE])
    return conversation_id


@pytest.mark.usefixtures("conversation_id")
def test_feedback_is_kept_with_its_answer_passages_model_and_prompt(store: Store, ada: Actor) -> None:
    store.feedback.record(ada, GIVEN)
    (recorded,) = store.feedback.list(ada)
    assert recorded.feedback == store.feedback.of(ada, "answer-1") == GIVEN
    assert recorded.answer == an_answer()
    assert (recorded.answer.model, recorded.answer.prompt_version) == ("starter", "1")
    assert recorded.passages == (PASSAGE,)


def test_feedback_is_shown_with_its_turn(store: Store, ada: Actor, conversation_id: str) -> None:
    assert store.history.turns(ada, conversation_id)[0].feedback is None
    store.feedback.record(ada, GIVEN)
    assert store.history.turns(ada, conversation_id)[0].feedback == GIVEN


@pytest.mark.usefixtures("conversation_id")
def test_last_word_counts(store: Store, ada: Actor) -> None:
    store.feedback.record(ada, GIVEN)
    store.feedback.record(ada, Feedback(answer_id="answer-1", liked=True))
    assert [each.feedback.liked for each in store.feedback.list(ada)] == [True]


@pytest.mark.usefixtures("conversation_id")
def test_feedback_can_be_withdrawn(store: Store, ada: Actor) -> None:
    store.feedback.record(ada, GIVEN)
    store.feedback.withdraw(ada, "answer-1")
    assert store.feedback.of(ada, "answer-1") is None
    with pytest.raises(NotFoundError):
        store.feedback.withdraw(ada, "answer-1")


def test_feedback_goes_with_its_conversation(store: Store, ada: Actor, conversation_id: str) -> None:
    store.feedback.record(ada, GIVEN)
    store.history.delete(ada, conversation_id)
    assert store.feedback.list(ada) == ()


@pytest.mark.usefixtures("conversation_id")
def test_stranger_can_neither_give_nor_see_nor_withdraw(store: Store, ada: Actor, mallory: Actor) -> None:
    store.feedback.record(ada, GIVEN)
    with pytest.raises(NotFoundError):
        store.feedback.record(mallory, GIVEN)
    with pytest.raises(NotFoundError):
        store.feedback.of(mallory, "answer-1")
    with pytest.raises(NotFoundError):
        store.feedback.withdraw(mallory, "answer-1")
    assert store.feedback.list(mallory) == ()
    assert store.feedback.of(ada, "answer-1") == GIVEN


def test_feedback_on_an_answer_that_never_was_is_not_found(store: Store, ada: Actor) -> None:
    with pytest.raises(NotFoundError):
        store.feedback.record(ada, GIVEN)
