"""How long each kind of data is kept: what is older goes, except where a legal hold is in force.

Knows no setting and no clock. Each package of tables that keeps something for a time adds its kind.
"""

from collections.abc import Callable, Collection, Mapping
from contextlib import AbstractContextManager

from sqlalchemy import ColumnElement, Connection, Engine, Table, delete

from app.store.database import run_alone
from app.store.holds import EVERYBODY
from app.store.schema import conversations, disputes, feedback

DAY_SECONDS = 24 * 3600.0
Sweep = Callable[[Connection, float, Collection[str]], int]
"""Connection, moment, user ids that are held -> how many older ones were deleted, none of these people's."""


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
        waiting = {kind: KINDS[kind](connection, before, held) for kind, before in due.items()}
        transaction.rollback()
    if not any(waiting.values()):
        return waiting
    with erasing(), engine.begin() as connection:
        deleted = {kind: KINDS[kind](connection, before, held) for kind, before in due.items()}
    # Deleted rows were overwritten (secure_delete); the write-ahead log still holds them.
    run_alone(engine, "PRAGMA wal_checkpoint(TRUNCATE)")
    return deleted


def _conversations(connection: Connection, before: float, held: Collection[str]) -> int:
    """Delete conversations nobody used since, with their turns, feedback and disputes."""
    old = (conversations.c.updated < before) & conversations.c.user_id.not_in(held)
    return _delete(connection, conversations, old)


def _feedback(connection: Connection, before: float, held: Collection[str]) -> int:
    """Delete feedback and disputes; the answers stay."""
    return sum(
        _delete(connection, table, (table.c.recorded < before) & table.c.user_id.not_in(held))
        for table in (feedback, disputes)
    )


def _delete(connection: Connection, table: Table, which: ColumnElement[bool]) -> int:
    return connection.execute(delete(table).where(which)).rowcount


KINDS: dict[str, Sweep] = {"conversations": _conversations, "feedback": _feedback}
"""By the name that stands in the setting `keep_…_days`."""
