"""Verdicts of stored answers: revised alone, by nobody but for their owner, and counted without telling whose."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import inspect

from app.answers import Actor, Answer, Claim, Verdict
from app.store.errors import ErasedError, NotFoundError
from app.store.opening import Store
from tests.app.store.examples import PASSAGE, an_answer

LONG_AGO = date(2000, 1, 1)


def stored(store: Store, actor: Actor, answer: Answer | None = None) -> Answer:
    """Store an answer in a conversation of its own."""
    conversation = store.history.start(actor)
    turn_id = store.history.begin_turn(actor, conversation.conversation_id, "Where?")
    kept = replace(answer or an_answer(), answer_id=turn_id)
    store.history.finish_turn(actor, turn_id, kept, passages=[PASSAGE])
    return kept


def contradicted(answer: Answer) -> Claim:
    return replace(answer.claims[0], verdict="contradicted", score=0.1, judged=0.03)


def counted(store: Store, *collections: str) -> dict[Verdict, int]:
    (rate,) = store.rates.since(LONG_AGO, collections or ("c1",))
    return dict(rate.counts)


def test_a_verdict_is_revised_and_nothing_else(store: Store, ada: Actor) -> None:
    answer = stored(store, ada)
    claim = contradicted(answer)
    revised = store.verdicts.revise(ada, answer.answer_id, claim, answer.citations)
    assert revised == store.history.answer(ada, answer.answer_id) == replace(answer, claims=(claim,))


def test_a_citation_can_be_added_behind_the_others(store: Store, ada: Actor) -> None:
    answer = stored(store, ada)
    further = replace(answer.citations[0], n=2, quote="Another sentence.")
    store.verdicts.revise(ada, answer.answer_id, contradicted(answer), (*answer.citations, further))
    assert store.history.answer(ada, answer.answer_id).citations == (*answer.citations, further)
    with pytest.raises(NotFoundError):
        store.verdicts.revise(ada, answer.answer_id, contradicted(answer), (further,))


def test_only_a_statement_of_the_answer_can_be_revised(store: Store, ada: Actor) -> None:
    answer = stored(store, ada)
    for other in (replace(contradicted(answer), text="Something else."), replace(contradicted(answer), start=3)):
        with pytest.raises(NotFoundError):
            store.verdicts.revise(ada, answer.answer_id, other, answer.citations)
    assert store.history.answer(ada, answer.answer_id) == answer


def test_nobody_revises_anothers_answer(store: Store, ada: Actor, mallory: Actor) -> None:
    answer = stored(store, ada)
    assert store.verdicts.there(ada, answer.answer_id)
    assert not store.verdicts.there(mallory, answer.answer_id)
    with pytest.raises(NotFoundError):
        store.verdicts.revise(mallory, answer.answer_id, contradicted(answer), answer.citations)
    assert counted(store) == {"supported": 1}


def test_a_verdict_that_comes_after_the_person_was_erased_makes_no_key(store: Store, ada: Actor) -> None:
    answer = stored(store, ada)
    store.ledger.erase(ada.user_id)
    with pytest.raises(ErasedError):
        store.verdicts.revise(ada, answer.answer_id, contradicted(answer), answer.citations)
    with pytest.raises(ErasedError):
        store.ledger.seal(ada.user_id, b"", place="", make=False)
    assert not store.ledger.erase(ada.user_id)


def test_verdicts_are_counted_by_day_collection_and_model(store: Store, ada: Actor, mallory: Actor) -> None:
    first = stored(store, ada)
    elsewhere = replace(an_answer(), citations=(replace(first.citations[0], collection_id="c2"),), model="other")
    for _ in range(2):
        stored(store, mallory, elsewhere)
    today = datetime.now(UTC).date()
    told = [(rate.day, rate.collection_id, rate.model, rate.counts) for rate in store.rates.since(today, ("c1", "c2"))]
    assert told == [(today, "c1", "starter", {"supported": 1}), (today, "c2", "other", {"supported": 2})]
    assert store.rates.since(today, ("c3",)) == []


def test_a_statement_without_a_citation_counts_for_the_collection_found_first(store: Store, ada: Actor) -> None:
    claim = replace(an_answer().claims[0], verdict="not found", citations=())
    stored(store, ada, replace(an_answer(), claims=(claim,), citations=()))
    assert counted(store, PASSAGE.collection_id) == {"not found": 1}


def test_a_statement_that_was_not_found_counts_for_the_collection_that_comes_nearest(store: Store, ada: Actor) -> None:
    near = replace(an_answer().citations[0], n=0, collection_id="c2")
    claim = replace(an_answer().claims[0], verdict="not found", citations=(), nearest=near)
    stored(store, ada, replace(an_answer(), claims=(claim,), citations=()))
    assert counted(store, "c2") == {"not found": 1}


def test_a_revised_verdict_is_counted_as_what_it_is_now(store: Store, ada: Actor) -> None:
    answer = stored(store, ada)
    stored(store, ada)
    store.verdicts.revise(ada, answer.answer_id, contradicted(answer), answer.citations)
    assert counted(store) == {"supported": 1, "contradicted": 1}


def test_counts_outlive_the_answers_and_go_with_the_collection(store: Store, ada: Actor) -> None:
    stored(store, ada)
    for conversation in store.history.conversations(ada):
        store.history.delete(ada, conversation.conversation_id)
    assert counted(store) == {"supported": 1}
    store.rates.forget("c1")
    assert store.rates.since(LONG_AGO, ("c1",)) == []


def test_what_is_counted_tells_of_nobody(store: Store) -> None:
    columns = {column["name"] for column in inspect(store.engine).get_columns("verdict_counts")}
    assert columns == {"day", "collection_id", "model", "verdict", "count"}
