"""Conversations: kept, found again, sealed, and nobody else's."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from app.answers import Actor, Outcome
from app.store.errors import AlreadyFinishedError, NotFoundError
from app.store.history import History
from app.store.ledger import Ledger
from app.store.opening import Store
from tests.app.store.examples import PASSAGE, an_answer


@pytest.fixture
def history(store: Store) -> History:
    return store.history


@pytest.fixture
def conversation_id(history: History, ada: Actor) -> str:
    return history.start(ada, collection_ids=("c1", "c2")).conversation_id


def reopened(store: Store) -> History:
    """The history as another process would see it: no key in memory."""
    return History(store.engine, Ledger(store.ledger_engine, key=store.ledger._key))


def test_finished_turn_is_read_back_as_it_was(store: Store, ada: Actor, conversation_id: str) -> None:
    turn_id = store.history.begin_turn(ada, conversation_id, "What is the zanzibar allowance?")
    store.history.finish_turn(ada, turn_id, an_answer(), passages=[PASSAGE])
    (turn,) = reopened(store).turns(ada, conversation_id)
    assert turn.question == "What is the zanzibar allowance?"
    assert turn.state == "finished"
    assert turn.answer == store.history.answer(ada, "answer-1") == an_answer()
    assert turn.written == an_answer().text
    assert store.history.passages(ada, "answer-1") == (PASSAGE,)


@pytest.mark.parametrize(
    "text", ["", "\0", "\ud800 half", "x" * 200_000, "مرحبا \u202e 你好 👩‍🚀", "'; DROP TABLE turns"]
)
def test_any_text_can_be_asked_and_answered(history: History, ada: Actor, conversation_id: str, text: str) -> None:
    turn_id = history.begin_turn(ada, conversation_id, text)
    history.save_partial(ada, turn_id, text)
    history.finish_turn(ada, turn_id, an_answer(text=text))
    (turn,) = history.turns(ada, conversation_id)
    assert turn.question == text.replace("\ud800", "?")
    assert turn.answer == an_answer(text=text)


def test_question_is_kept_before_it_is_answered(history: History, ada: Actor, conversation_id: str) -> None:
    history.begin_turn(ada, conversation_id, "Where?")
    (turn,) = history.turns(ada, conversation_id)
    assert (turn.question, turn.state, turn.written, turn.answer) == ("Where?", "unfinished", "", None)


def test_turn_of_a_dead_process_is_interrupted_with_what_was_written(
    history: History, ada: Actor, conversation_id: str
) -> None:
    turn_id = history.begin_turn(ada, conversation_id, "Where?")
    history.save_partial(ada, turn_id, "In the")
    history.save_partial(ada, turn_id, "In the north")
    assert history.close_unfinished() == 1
    assert history.close_unfinished() == 0
    (turn,) = history.turns(ada, conversation_id)
    assert (turn.state, turn.written, turn.answer) == ("interrupted", "In the north", None)


@pytest.mark.parametrize("outcome", ["stopped", "failed", "abstained"])
def test_outcome_is_kept(history: History, ada: Actor, conversation_id: str, outcome: Outcome) -> None:
    turn_id = history.begin_turn(ada, conversation_id, "Where?")
    history.finish_turn(ada, turn_id, replace(an_answer(), outcome=outcome))
    assert history.turns(ada, conversation_id)[0].state == outcome


def test_answer_is_never_replaced(history: History, ada: Actor, conversation_id: str) -> None:
    turn_id = history.begin_turn(ada, conversation_id, "Where?")
    history.finish_turn(ada, turn_id, an_answer())
    with pytest.raises(AlreadyFinishedError):
        history.finish_turn(ada, turn_id, an_answer("answer-2"))
    with pytest.raises(AlreadyFinishedError):
        history.save_partial(ada, turn_id, "other")
    assert history.turns(ada, conversation_id)[0].answer == an_answer()


def test_turns_come_in_the_order_they_were_asked(history: History, ada: Actor, conversation_id: str) -> None:
    for number in range(12):
        history.begin_turn(ada, conversation_id, f"{number}")
    assert [turn.question for turn in history.turns(ada, conversation_id)] == [str(number) for number in range(12)]
    assert [turn.question for turn in history.turns(ada, conversation_id, newest=2)] == ["10", "11"]


def test_first_question_gives_the_title(history: History, ada: Actor, conversation_id: str) -> None:
    assert history.conversation(ada, conversation_id).title == ""
    history.begin_turn(ada, conversation_id, "  What is\n the \x1b[31m allowance? " + "x" * 100)
    history.begin_turn(ada, conversation_id, "And then?")
    title = history.conversation(ada, conversation_id).title
    assert title.startswith("What is the [31m allowance? xxx")
    assert title.endswith("…")
    assert len(title) == 80


def test_renamed_conversation_keeps_its_title(store: Store, ada: Actor, conversation_id: str) -> None:
    assert store.history.rename(ada, conversation_id, "Trips").title == "Trips"
    store.history.begin_turn(ada, conversation_id, "Where?")
    assert reopened(store).conversation(ada, conversation_id).title == "Trips"


def test_last_used_conversation_comes_first(history: History, ada: Actor, conversation_id: str) -> None:
    second = history.start(ada).conversation_id
    assert [each.conversation_id for each in history.conversations(ada)] == [second, conversation_id]
    history.begin_turn(ada, conversation_id, "Where?")
    assert [each.conversation_id for each in history.conversations(ada)] == [conversation_id, second]


def test_conversation_remembers_its_collections(history: History, ada: Actor, conversation_id: str) -> None:
    assert history.conversation(ada, conversation_id).collection_ids == ("c1", "c2")
    assert history.choose_collections(ada, conversation_id, ["c3"]).collection_ids == ("c3",)


def test_deleted_conversation_takes_everything_with_it(store: Store, ada: Actor, conversation_id: str) -> None:
    turn_id = store.history.begin_turn(ada, conversation_id, "Where?")
    store.history.finish_turn(ada, turn_id, an_answer())
    store.history.delete(ada, conversation_id)
    assert store.history.conversations(ada) == []
    with pytest.raises(NotFoundError):
        store.history.answer(ada, "answer-1")


def test_answer_to_a_conversation_deleted_meanwhile_is_not_found(
    history: History, ada: Actor, conversation_id: str
) -> None:
    turn_id = history.begin_turn(ada, conversation_id, "Where?")
    history.delete(ada, conversation_id)
    with pytest.raises(NotFoundError):
        history.finish_turn(ada, turn_id, an_answer())


EVERY_DOOR: dict[str, Callable[[History, Actor, str, str], object]] = {
    "conversation": lambda history, actor, conversation, _turn: history.conversation(actor, conversation),
    "rename": lambda history, actor, conversation, _turn: history.rename(actor, conversation, "x"),
    "choose_collections": lambda history, actor, conversation, _turn: history.choose_collections(
        actor, conversation, []
    ),
    "delete": lambda history, actor, conversation, _turn: history.delete(actor, conversation),
    "turns": lambda history, actor, conversation, _turn: history.turns(actor, conversation),
    "begin_turn": lambda history, actor, conversation, _turn: history.begin_turn(actor, conversation, "x"),
    "save_partial": lambda history, actor, _conversation, turn: history.save_partial(actor, turn, "x"),
    "finish_turn": lambda history, actor, _conversation, turn: history.finish_turn(actor, turn, an_answer("x")),
    "answer": lambda history, actor, _conversation, _turn: history.answer(actor, "answer-1"),
    "passages": lambda history, actor, _conversation, _turn: history.passages(actor, "answer-1"),
}
OPEN_TO_ALL = {"start", "conversations", "asked", "close_unfinished"}


def test_every_method_of_history_is_checked_for_owners() -> None:
    methods = {name for name, value in vars(History).items() if callable(value) and not name.startswith("_")}
    assert methods == EVERY_DOOR.keys() | OPEN_TO_ALL


@pytest.mark.parametrize("door", EVERY_DOOR)
def test_stranger_finds_nothing_and_changes_nothing(
    history: History, ada: Actor, mallory: Actor, conversation_id: str, door: str
) -> None:
    turn_id = history.begin_turn(ada, conversation_id, "Where?")
    history.finish_turn(ada, turn_id, an_answer())
    before: tuple[object, ...] = (history.conversation(ada, conversation_id), history.turns(ada, conversation_id))
    with pytest.raises(NotFoundError):
        EVERY_DOOR[door](history, mallory, conversation_id, turn_id)
    assert history.conversations(mallory) == []
    assert history.asked(mallory, newest=10) == []
    assert (history.conversation(ada, conversation_id), history.turns(ada, conversation_id)) == before


@pytest.mark.parametrize("door", EVERY_DOOR)
def test_id_that_never_was_is_not_found(history: History, ada: Actor, door: str) -> None:
    with pytest.raises(NotFoundError):
        EVERY_DOOR[door](history, ada, "no such conversation", "no such turn")
