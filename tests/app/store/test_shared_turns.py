"""What a rating shares: one turn, with reviewers who may read what it rests on, for as long as the rating stands."""

import time
from dataclasses import asdict, replace

import pytest

from app.answers import LOCAL_ACTOR, Actor, Feedback, FeedbackReason
from app.rights import ForbiddenError
from app.store.errors import HeldError, NotFoundError
from app.store.grants import person
from app.store.opening import Store
from app.store.retention import DAY_SECONDS, sweep
from app.store.shared_turns import Wanted
from tests.app.store.examples import PASSAGE, an_answer

GIVEN = Feedback(answer_id="a1", liked=False, reasons=("wrong", "out of date"), comment="No camel", correction="52 €")
REVIEWER = Actor(user_id="rob", name="Rob", roles=frozenset({"curator"}))
ADMIN = Actor(user_id="amy", name="Amy", roles=frozenset({"admin"}))
AUDITOR = Actor(user_id="aud", name="Aud", roles=frozenset({"auditor"}))


def readable(store: Store) -> str:
    """Return a collection that the reviewer may read."""
    made = store.collections.create(LOCAL_ACTOR, "Travel")
    store.collections.grant(LOCAL_ACTOR, made.collection_id, person(REVIEWER.user_id))
    return made.collection_id


def turn_in(store: Store, actor: Actor, conversation_id: str, answer_id: str, collection_id: str) -> None:
    """Ask and answer a question from one collection."""
    answer = an_answer(answer_id)
    cited = tuple(replace(one, collection_id=collection_id) for one in answer.citations)
    turn_id = store.history.begin_turn(actor, conversation_id, answer.question)
    read = replace(PASSAGE, collection_id=collection_id)
    store.history.finish_turn(actor, turn_id, replace(answer, citations=cited), passages=[read])


@pytest.fixture
def travel(store: Store, ada: Actor) -> str:
    """A collection the reviewer may read, from which Ada was answered."""
    travel = readable(store)
    turn_in(store, ada, store.history.start(ada).conversation_id, "a1", travel)
    return travel


@pytest.mark.usefixtures("travel")
def test_a_rating_shares_its_turn_and_nothing_before_it(store: Store, ada: Actor) -> None:
    store.feedback.record(ada, GIVEN, share=str)
    (review,) = store.feedback.shared.queue(REVIEWER, limit=9)
    turn = review.turn
    assert (turn.question, turn.answer) == (an_answer().question, an_answer().text)
    assert (turn.liked, turn.reasons, turn.comment, turn.correction) == (False, GIVEN.reasons, "No camel", "52 €")
    assert [(one.n, one.quote) for one in turn.sources] == [(1, PASSAGE.text)]
    assert [one.verdict for one in turn.statements] == ["supported"]
    assert (turn.model, turn.prompt_version) == ("starter", "1")
    assert an_answer().query not in asdict(turn).values()  # made standalone, it may repeat earlier turns
    assert "ada" not in review.person.lower()


@pytest.mark.usefixtures("travel")
def test_nothing_is_shared_unless_it_is_asked_for(store: Store, ada: Actor) -> None:
    store.feedback.record(ada, GIVEN)
    assert store.feedback.shared.queue(ADMIN, limit=9) == []
    assert store.feedback.shared.counts(REVIEWER) == (0, 1)


@pytest.mark.usefixtures("travel")
def test_what_is_shared_is_masked_on_its_way(store: Store, ada: Actor) -> None:
    store.feedback.record(ada, GIVEN, share=lambda text: text.replace("camel", "[ANIMAL 1]"))
    (review,) = store.feedback.shared.queue(REVIEWER, limit=9)
    assert review.turn.comment == "No [ANIMAL 1]"
    of_ada = store.feedback.of(ada, "a1")
    assert of_ada is not None
    assert of_ada.comment == "No camel"


@pytest.mark.usefixtures("travel")
def test_only_reviewers_read_it_and_only_what_they_may_read(store: Store, ada: Actor, mallory: Actor) -> None:
    store.feedback.record(ada, GIVEN, share=str)
    (review,) = store.feedback.shared.queue(ADMIN, limit=9)
    stranger = replace(REVIEWER, user_id="sid")
    assert store.feedback.shared.queue(stranger, limit=9) == []
    for attempt in (store.feedback.shared.get, store.feedback.shared.settle):
        with pytest.raises(NotFoundError):
            attempt(stranger, review.review_id)
        for nobody in (mallory, AUDITOR):
            with pytest.raises(ForbiddenError):
                attempt(nobody, review.review_id)


def test_an_answer_after_others_needs_what_those_rest_on(store: Store, ada: Actor) -> None:
    travel, conversation_id = readable(store), store.history.start(ada).conversation_id
    turn_in(store, ada, conversation_id, "a0", "of others")
    turn_in(store, ada, conversation_id, "a1", travel)
    store.feedback.record(ada, GIVEN, share=str)
    assert store.feedback.shared.queue(REVIEWER, limit=9) == []
    assert len(store.feedback.shared.queue(ADMIN, limit=9)) == 1


def test_what_rests_on_no_document_is_for_administrators(store: Store, ada: Actor) -> None:
    readable(store)
    turn_id = store.history.begin_turn(ada, store.history.start(ada).conversation_id, "Where is Zanzibar?")
    store.history.finish_turn(ada, turn_id, replace(an_answer("a1"), citations=(), claims=(), nearest=()))
    store.feedback.record(ada, GIVEN, share=str)
    assert store.feedback.shared.queue(REVIEWER, limit=9) == []
    assert len(store.feedback.shared.queue(ADMIN, limit=9)) == 1


def test_the_queue_is_narrowed_and_paged(store: Store, ada: Actor) -> None:
    travel, conversation_id = readable(store), store.history.start(ada).conversation_id
    reasons: tuple[FeedbackReason, ...] = ("wrong", "incomplete", "wrong")
    for number, reason in enumerate(reasons):
        turn_in(store, ada, conversation_id, f"a{number}", travel)
        store.feedback.record(ada, Feedback(answer_id=f"a{number}", liked=False, reasons=(reason,)), share=str)
    shared = store.feedback.shared
    newest, middle, oldest = shared.queue(REVIEWER, limit=9)
    assert newest.shared > middle.shared > oldest.shared
    assert shared.queue(REVIEWER, Wanted(reason="wrong"), limit=9) == [newest, oldest]
    assert shared.queue(REVIEWER, Wanted(before=newest.shared), limit=1) == [middle]
    settled = shared.settle(REVIEWER, oldest.review_id)
    assert shared.queue(REVIEWER, Wanted(settled=True), limit=9) == [settled]
    assert shared.queue(REVIEWER, Wanted(settled=False), limit=9) == [newest, middle]
    assert shared.queue(REVIEWER, Wanted(liked=True), limit=9) == []


@pytest.mark.usefixtures("travel")
def test_whoever_rated_sees_what_became_of_it(store: Store, ada: Actor, mallory: Actor) -> None:
    store.feedback.record(ada, GIVEN, share=str)
    assert store.feedback.shared.of(ada)["a1"].settled is None
    (review,) = store.feedback.shared.queue(REVIEWER, limit=9)
    store.feedback.shared.settle(REVIEWER, review.review_id, note="Mended, thank you.")
    standing = store.feedback.shared.of(ada)["a1"]
    assert (standing.outcome, standing.note) == ("settled", "Mended, thank you.")
    assert standing.settled is not None
    assert store.feedback.shared.of(mallory) == {}


@pytest.mark.usefixtures("travel")
def test_another_rating_takes_the_place_of_what_was_shared(store: Store, ada: Actor) -> None:
    store.feedback.record(ada, GIVEN, share=str)
    (before,) = store.feedback.shared.queue(REVIEWER, limit=9)
    store.feedback.shared.settle(REVIEWER, before.review_id)
    store.feedback.record(ada, replace(GIVEN, comment="Still no camel"), share=str)
    (after,) = store.feedback.shared.queue(REVIEWER, limit=9)
    assert (after.turn.comment, after.standing.settled) == ("Still no camel", None)
    with pytest.raises(NotFoundError):
        store.feedback.shared.get(REVIEWER, before.review_id)


@pytest.mark.parametrize("how", ["withdrawn", "conversation deleted", "retention", "erased"])
@pytest.mark.usefixtures("travel")
def test_it_goes_with_its_rating(store: Store, ada: Actor, how: str) -> None:
    store.feedback.record(ada, GIVEN, share=str)
    if how == "withdrawn":
        store.feedback.withdraw(ada, "a1")
    elif how == "conversation deleted":
        (conversation,) = store.history.conversations(ada)
        store.history.delete(ada, conversation.conversation_id)
    elif how == "retention":
        later = time.time() + 8 * DAY_SECONDS
        sweep(store.engine, {"feedback": 7}, now=later, held=set(), erasing=store.erasure.forgetting)
    else:
        receipt = store.erasure.erase(LOCAL_ACTOR, ada.user_id)
        assert receipt["destroyed"]["answers shared with reviewers"] == 1
    assert store.feedback.shared.queue(ADMIN, limit=9) == []


@pytest.mark.usefixtures("travel")
def test_without_the_key_of_whoever_rated_nobody_reads_it(store: Store, ada: Actor) -> None:
    store.feedback.record(ada, GIVEN, share=str)
    store.ledger.erase(ada.user_id)  # as in a backup from before an erasure, and while one is under way
    assert store.feedback.shared.queue(ADMIN, limit=9) == []


@pytest.mark.usefixtures("travel")
def test_a_legal_hold_keeps_a_rating_and_what_it_shared(store: Store, ada: Actor) -> None:
    store.feedback.record(ada, GIVEN, share=str)
    store.feedback.disputes.record(ada, "a1", 0)
    store.holds.put(LOCAL_ACTOR, ada.user_id, reason="Case 17")
    with pytest.raises(HeldError):
        store.feedback.withdraw(ada, "a1")
    with pytest.raises(HeldError):
        store.feedback.disputes.withdraw(ada, "a1", 0)
    later = time.time() + 8 * DAY_SECONDS
    sweep(store.engine, {"feedback": 7}, now=later, held=store.holds.held(), erasing=store.erasure.forgetting)
    assert len(store.feedback.shared.queue(REVIEWER, limit=9)) == 1


@pytest.mark.usefixtures("travel")
def test_the_database_holds_none_of_it_readable(store: Store, ada: Actor) -> None:
    store.feedback.record(ada, GIVEN, share=str)
    (review,) = store.feedback.shared.queue(REVIEWER, limit=9)
    store.feedback.shared.settle(REVIEWER, review.review_id, note="A camel in the note")
    with store.engine.connect() as connection:
        (row,) = connection.exec_driver_sql("SELECT * FROM shared_turns").all()
    assert b"camel" not in b"".join(value for value in row if isinstance(value, bytes))
    assert "zanzibar" not in str(row)
