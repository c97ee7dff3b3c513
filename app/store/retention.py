"""How long each kind of data is kept: what is older goes, except where a legal hold is in force.

Knows no setting and no clock. Each package of tables that keeps something for a time adds its kind.
"""

from collections.abc import Callable, Collection, Mapping
from contextlib import AbstractContextManager

from sqlalchemy import Column, ColumnElement, Connection, Engine, delete, select

from app.store.database import run_alone
from app.store.erased import TOGETHER
from app.store.holds import EVERYBODY
from app.store.schema import conversations, disputes, feedback

DAY_SECONDS = 24 * 3600.0
Sweep = Callable[[Connection, float, Collection[str]], int]
"""Connection, moment, user ids that are held -> how many older ones were deleted, none of these people's.

A call deletes some, quickly; it is repeated until there are none."""


def sweep(
    engine: Engine,
    days: Mapping[str, int | None],
    *,
    now: float,
    held: Collection[str],
    erasing: Callable[[], AbstractContextManager[None]],
) -> dict[str, int]:
    """Delete what is older than it may be; return how many of each kind.

    Args:
        engine: the main database.
        days: how long each kind of KINDS is kept; None or a missing one for ever.
        now: seconds since 1970.
        held: on whom a legal hold is in force; with EVERYBODY among them nothing is deleted.
        erasing: destroys what the engine made of conversations, before and after; used where there is something to do.
    """
    if EVERYBODY in held:
        return {}
    due = {kind: now - kept * DAY_SECONDS for kind, kept in days.items() if kept is not None and kind in KINDS}
    with engine.connect() as connection, connection.begin() as transaction:
        waiting = any(KINDS[kind](connection, before, held) for kind, before in due.items())
        transaction.rollback()
    if not waiting:
        return dict.fromkeys(due, 0)
    deleted = dict.fromkeys(due, 0)
    with erasing():
        for kind, before in due.items():
            while done := _some(engine, kind, before, held):
                deleted[kind] += done
    # Deleted rows were overwritten (secure_delete); the write-ahead log still holds them.
    run_alone(engine, "PRAGMA wal_checkpoint(TRUNCATE)")
    return deleted


def _some(engine: Engine, kind: str, before: float, held: Collection[str]) -> int:
    with engine.begin() as connection:
        return KINDS[kind](connection, before, held)


def _conversations(connection: Connection, before: float, held: Collection[str]) -> int:
    """Delete conversations nobody used since, with their turns, feedback and disputes."""
    return _delete(connection, conversations.c.conversation_id, conversations.c.updated < before, held)


def _feedback(connection: Connection, before: float, held: Collection[str]) -> int:
    """Delete feedback and disputes; the answers stay."""
    return sum(
        _delete(connection, table.c.answer_id, table.c.recorded < before, held) for table in (feedback, disputes)
    )


def _delete(connection: Connection, key: Column[str], old: ColumnElement[bool], held: Collection[str]) -> int:
    """Delete some of a table's old rows of people who are not held, which a key names."""
    which = old & key.table.c.user_id.not_in(held)
    some = select(key).where(which).limit(TOGETHER)
    return connection.execute(delete(key.table).where(key.in_(some), which)).rowcount


KINDS: dict[str, Sweep] = {"conversations": _conversations, "feedback": _feedback}
"""By the name that stands in the setting `keep_…_days`. The audit log has a way of its own, `Audit.shorten`."""
