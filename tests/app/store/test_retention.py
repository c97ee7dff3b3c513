"""What is older than it may be goes, and nothing else; a hold keeps it."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from app.answers import LOCAL_ACTOR, Actor, Feedback
from app.custody.retaining import ClockJumpedError, Retaining
from app.store.holds import EVERYBODY, Holds
from app.store.opening import Store
from app.store.retention import DAY_SECONDS, sweep
from tests.app.store.test_audit import fill
from tests.app.store.test_erasure import converse


class Forgotten:
    """Counts how often what the engine made of conversations was destroyed."""

    times = 0

    @contextmanager
    def __call__(self) -> Iterator[None]:
        self.times += 1
        yield


def older(store: Store, conversation_id: str, days: float) -> None:
    """Let a conversation have been used last so many days ago."""
    with store.engine.begin() as connection:
        used = (time.time() - days * DAY_SECONDS, conversation_id)
        connection.exec_driver_sql("UPDATE conversations SET updated = ? WHERE conversation_id = ?", used)


def swept(store: Store, **days: int | None) -> tuple[dict[str, int], int]:
    """Sweep, and return what was deleted and how often the engine forgot."""
    forgotten = Forgotten()
    deleted = sweep(store.engine, days, now=time.time(), held=store.holds.held(), erasing=forgotten)
    return deleted, forgotten.times


def test_conversations_go_when_nobody_used_them_for_so_long(store: Store, ada: Actor) -> None:
    old, young = converse(store, ada), converse(store, ada)
    older(store, old, 31)
    older(store, young, 29)
    assert swept(store, conversations=30) == ({"conversations": 1}, 1)
    assert [one.conversation_id for one in store.history.conversations(ada)] == [young]


def test_nothing_goes_where_everything_is_kept(store: Store, ada: Actor) -> None:
    older(store, converse(store, ada), 10_000)
    assert swept(store, conversations=None, feedback=None) == ({}, 0)
    assert len(store.history.conversations(ada)) == 1


def test_the_engine_forgets_only_when_something_goes(store: Store, ada: Actor) -> None:
    converse(store, ada)
    assert swept(store, conversations=30) == ({"conversations": 0}, 0)


def test_old_feedback_goes_and_its_answer_stays(store: Store, ada: Actor) -> None:
    conversation_id = converse(store, ada)
    (turn,) = store.history.turns(ada, conversation_id)
    assert turn.answer is not None
    store.feedback.record(ada, Feedback(answer_id=turn.answer.answer_id, liked=True))
    with store.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE feedback SET recorded = recorded - ?", (8 * DAY_SECONDS,))
    assert swept(store, feedback=7)[0] == {"feedback": 1}
    assert store.feedback.list(ada) == ()
    assert len(store.history.turns(ada, conversation_id)) == 1


def test_hold_keeps_what_is_due(store: Store, ada: Actor, mallory: Actor) -> None:
    for person in (ada, mallory):
        older(store, converse(store, person), 31)
    hold = store.holds.put(LOCAL_ACTOR, ada.user_id, reason="Case 47")
    assert swept(store, conversations=30)[0] == {"conversations": 1}
    everybody = store.holds.put(LOCAL_ACTOR, EVERYBODY, reason="Audit")
    older(store, converse(store, mallory), 31)
    store.holds.release(LOCAL_ACTOR, hold.hold_id)
    assert swept(store, conversations=30)[0] == {}
    store.holds.release(LOCAL_ACTOR, everybody.hold_id)
    assert swept(store, conversations=30)[0] == {"conversations": 2}


def test_server_sweeps_when_it_begins(store: Store, ada: Actor) -> None:
    older(store, converse(store, ada), 31)
    days = {"conversations": 30, "feedback": None}
    retaining = Retaining(engine=store.engine, holds=store.holds, days=days, erasing=Forgotten(), audit=store.audit)
    retaining.start()
    retaining.close()
    assert retaining.last is not None
    assert retaining.last.deleted == {"conversations": 1}
    (row,) = store.audit.rows()
    assert (row.action, row.object_id, row.door) == ("retention applied", "conversations:1", "product")
    assert store.history.conversations(ada) == []


class Clocks:
    """A calendar that can be set, beside a clock that goes its way."""

    def __init__(self) -> None:
        self.wall, self.steady = time.time(), 5.0

    def later(self, days: float) -> None:
        self.wall += days * DAY_SECONDS
        self.steady += days * DAY_SECONDS

    def pair(self) -> tuple[Callable[[], float], Callable[[], float]]:
        return (lambda: self.wall), (lambda: self.steady)


def retaining(store: Store, clocks: Clocks, **days: int) -> Retaining:
    parts = {"engine": store.engine, "holds": store.holds, "audit": store.audit}
    return Retaining(**parts, days=days, erasing=Forgotten(), clocks=clocks.pair())  # type: ignore[arg-type]


def test_a_clock_that_jumps_deletes_nothing_and_is_believed_the_next_day(store: Store, ada: Actor) -> None:
    converse(store, ada)
    clocks = Clocks()
    retained = retaining(store, clocks, conversations=30)
    clocks.later(1)
    clocks.wall += 400 * DAY_SECONDS
    with pytest.raises(ClockJumpedError):
        retained.sweep()
    clocks.later(1)
    clocks.wall -= 400 * DAY_SECONDS  # somebody set it right
    with pytest.raises(ClockJumpedError):
        retained.sweep()
    assert len(store.history.conversations(ada)) == 1
    clocks.later(1)
    assert retained.sweep().deleted == {"conversations": 0}
    clocks.later(29)
    assert retained.sweep().deleted == {"conversations": 1}


def test_the_audit_log_is_cut_and_a_hold_on_anybody_keeps_all_of_it(store: Store, ada: Actor) -> None:
    fill(store.audit, ada)
    clocks = Clocks()
    retained = retaining(store, clocks, audit=30)
    hold = store.holds.put(ada, "mallory", reason="A dispute")
    clocks.later(31)
    assert "audit" not in retained.sweep().deleted
    assert len(list(store.audit.rows())) == 5
    store.holds.release(ada, hold.hold_id)
    assert retained.sweep().deleted == {"audit": 4}
    assert store.audit.faults() == []


def test_sweeps_go_on_after_a_fault(store: Store, ada: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    older(store, converse(store, ada), 31)
    held, failed, again = store.holds.held, threading.Event(), threading.Event()

    def faulty() -> set[str]:
        if not failed.is_set():
            failed.set()
            raise TimeoutError
        again.set()
        return held()

    monkeypatch.setattr(Holds, "held", lambda _: faulty())
    monkeypatch.setattr("app.custody.retaining.DAY_SECONDS", 0.01)
    sweeping = Retaining(
        engine=store.engine, holds=store.holds, days={"conversations": 30}, erasing=Forgotten(), audit=store.audit
    )
    sweeping.start()
    assert again.wait(20)
    sweeping.close()
    assert store.history.conversations(ada) == []
