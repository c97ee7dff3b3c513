"""People find what they asked and were answered, and nothing of anybody else's."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.answers import LOCAL_ACTOR, Actor
from app.store.looking_back import PAGE_ROWS, excerpt, folded, has_all
from app.store.opening import Store
from tests.app.store.examples import an_answer
from tests.app.store.test_erasure import converse


def titles(store: Store, person: Actor, text: str, limit: int = 50) -> list[str]:
    """Return the titles that are found."""
    return [one.title for one in store.looking_back.find(person, text, limit=limit)]


@pytest.mark.parametrize("text", ["quokkas", "QUOKKAS", "sleep quokkas", "quok", "quökkas"])
def test_question_is_found_by_its_words(store: Store, ada: Actor, text: str) -> None:
    conversation_id = converse(store, ada, question="Where do the quokkas sleep?")
    store.history.rename(ada, conversation_id, "Animals")
    converse(store, ada, question="Who feeds the cat?")
    (found,) = store.looking_back.find(ada, text)
    assert (found.conversation_id, found.title, found.kind) == (conversation_id, "Animals", "question")
    assert "quokkas" in found.excerpt


def test_answer_and_half_written_answer_are_found(store: Store, ada: Actor) -> None:
    finished, broken = converse(store, ada), store.history.start(ada).conversation_id
    (turn,) = store.history.turns(ada, finished)
    assert turn.answer is not None
    word = turn.answer.text.split()[0]
    store.history.save_partial(ada, store.history.begin_turn(ada, broken, "And cats?"), "Cats sleep on zeppelins")
    assert [(one.conversation_id, one.kind) for one in store.looking_back.find(ada, "zeppelins")] == [
        (broken, "answer")
    ]
    assert finished in [one.conversation_id for one in store.looking_back.find(ada, word)]


def test_title_comes_first_and_each_conversation_once(store: Store, ada: Actor) -> None:
    asked, named = converse(store, ada, question="Where do camels sleep?"), converse(store, ada, question="Cats?")
    store.history.rename(ada, asked, "Animals")
    store.history.rename(ada, named, "On camels")
    store.history.begin_turn(ada, asked, "And where do camels eat?")
    found = store.looking_back.find(ada, "camels")
    assert [(one.conversation_id, one.kind) for one in found] == [(named, "title"), (asked, "question")]
    assert "eat" in found[1].excerpt


def test_nobody_finds_anything_of_somebody_else(store: Store, ada: Actor, mallory: Actor) -> None:
    converse(store, ada)
    assert titles(store, mallory, "llamas") == titles(store, LOCAL_ACTOR, "llamas") == []


@pytest.mark.parametrize("text", ["", "   ", "llamas camels", "%", "_", "' OR 1=1"])
def test_words_that_are_not_there_find_nothing(store: Store, ada: Actor, text: str) -> None:
    converse(store, ada)
    assert titles(store, ada, text) == []


def test_history_longer_than_a_page_is_searched_to_its_end(store: Store, ada: Actor) -> None:
    oldest = converse(store, ada, question="What did the walrus say?")
    conversation_id = store.history.start(ada).conversation_id
    for number in range(2 * PAGE_ROWS + 1):
        turn_id = store.history.begin_turn(ada, conversation_id, f"Question {number}")
        if number % 50 == 0:
            store.history.finish_turn(ada, turn_id, an_answer(f"{number}"))
    with store.engine.begin() as connection:  # as if many had come in the same moment
        connection.exec_driver_sql("UPDATE turns SET begun = 1700000000 WHERE conversation_id = ?", (conversation_id,))
        connection.exec_driver_sql("UPDATE turns SET begun = 1600000000 WHERE conversation_id = ?", (oldest,))
    assert [one.conversation_id for one in store.looking_back.find(ada, "walrus")] == [oldest]


def test_limit_keeps_the_newest(store: Store, ada: Actor) -> None:
    ids = [converse(store, ada, question=f"Number {number} of the llamas?") for number in range(5)]
    for conversation_id in ids:
        store.history.rename(ada, conversation_id, "Animals")
    found = [one.conversation_id for one in store.looking_back.find(ada, "llamas number", limit=2)]
    assert found == ids[:-3:-1]


@given(st.text(), st.text(min_size=1))
def test_what_contains_a_text_is_found_by_it(before: str, text: str) -> None:
    words = folded(text).split()
    assert has_all(f"{before} {text}", words)
    if words:
        assert len(excerpt(f"{before} {text}", words)) <= 122 + len(words[0])
