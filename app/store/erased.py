"""What becomes of the rows of a person who is erased: theirs are destroyed, in everybody's they lose their name.

Used when somebody is erased, and again on every database that is restored. Each package of tables adds its part.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Engine, Table, delete, func, select, update

from app.store.ledger import INSTALLATIONS
from app.store.schema import (
    accounts,
    api_tokens,
    collection_grants,
    collections,
    consents,
    conversations,
    disputes,
    document_versions,
    erasures,
    exports,
    feedback,
    holds,
    shared_turns,
    turns,
    user_keys,
    verified_answers,
    watched_folders,
)

NOBODY = "erased"
"""Stands where a person's id stood in what belongs to everybody."""
TOGETHER = 50
"""Conversations deleted in one transaction: a third of a second where they are long."""
ErasePart = Callable[[Connection, str, float], dict[str, int]]
"""Connection, user id, moment -> what of theirs from until then was destroyed or made nameless, counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tombstone:
    """That a person was erased, and when."""

    user_id: str
    erased: float
    """Seconds since 1970. What is younger belongs to somebody who came back under the same id."""


def tombstones(ledger: Engine) -> list[Tombstone]:
    """Return who was erased, the first one first."""
    with ledger.connect() as connection:
        rows = connection.execute(select(erasures.c.user_id, erasures.c.erased).order_by(erasures.c.erased)).all()
    return [Tombstone(user_id=row.user_id, erased=row.erased) for row in rows]


def people(ledger: Engine) -> set[str]:
    """Return who has a key."""
    with ledger.connect() as connection:
        found = connection.scalars(select(user_keys.c.user_id))
        return {user_id for user_id in found if not user_id.startswith(INSTALLATIONS)}


def count_rows(main: Engine, user_id: str, before: float) -> dict[str, int]:
    """Return what `erase_rows` would destroy or make nameless; nothing is changed."""
    with main.connect() as connection, connection.begin() as transaction:
        mine = _of(user_id, before)
        within = select(conversations.c.conversation_id).where(mine)
        answers = select(turns.c.answer_id).where(turns.c.conversation_id.in_(within))
        counted = {
            "conversations": _count(connection, conversations, mine),
            "questions": _count(connection, turns, turns.c.conversation_id.in_(within)),
            "feedback": _count(connection, feedback, feedback.c.answer_id.in_(answers)),
            "disputes": _count(connection, disputes, disputes.c.answer_id.in_(answers)),
        }
        for part in PARTS:
            counted |= part(connection, user_id, before)
        transaction.rollback()
    return counted


def erase_rows(main: Engine, user_id: str, before: float) -> None:
    """Destroy a person's rows from until a moment, and take their id out of everybody's; can be repeated.

    Turns, feedback and disputes go with their conversation. Nobody waits long for the database meanwhile.
    """
    some = select(conversations.c.conversation_id).where(_of(user_id, before)).limit(TOGETHER)
    left = True
    while left:
        with main.begin() as connection:
            left = bool(
                connection.execute(delete(conversations).where(conversations.c.conversation_id.in_(some))).rowcount
            )
    with main.begin() as connection:
        for part in PARTS:
            part(connection, user_id, before)


def bury(main: Engine, tombs: Iterable[Tombstone]) -> None:
    """Apply tombstones to a database, an older copy of it for instance."""
    for tomb in tombs:
        erase_rows(main, tomb.user_id, tomb.erased)


def drop_unreadable(main: Engine, readers: set[str]) -> int:
    """Delete the conversations of people whose key is not there, which nobody can read; how many people they are."""
    with main.begin() as connection:
        owners = set(connection.scalars(select(conversations.c.user_id).distinct()))
        for user_id in owners - readers:
            connection.execute(delete(conversations).where(conversations.c.user_id == user_id))
    return len(owners - readers)


def _of(user_id: str, before: float) -> ColumnElement[bool]:
    return (conversations.c.user_id == user_id) & (conversations.c.created <= before)


def _exports(connection: Connection, user_id: str, before: float) -> dict[str, int]:
    """Forget the exports that were made for the person, with their passphrases."""
    made = (exports.c.user_id == user_id) & (exports.c.made <= before)
    return {"exports": connection.execute(delete(exports).where(made)).rowcount}


def _shared(connection: Connection, user_id: str, before: float) -> dict[str, int]:
    """Destroy what the person shared with reviewers; where their conversation went before, that went with it."""
    mine = (shared_turns.c.user_id == user_id) & (shared_turns.c.shared <= before)
    return {"answers shared with reviewers": connection.execute(delete(shared_turns).where(mine)).rowcount}


def _consents(connection: Connection, user_id: str, before: float) -> dict[str, int]:
    """Forget which privacy notices the person agreed to."""
    mine = (consents.c.user_id == user_id) & (consents.c.agreed <= before)
    return {"consents": connection.execute(delete(consents).where(mine)).rowcount}


def _account(connection: Connection, user_id: str, before: float) -> dict[str, int]:
    """Destroy the account; groups, links and tokens go with it, and what was granted to the person alone."""
    mine = (accounts.c.user_id == user_id) & (accounts.c.created <= before)
    counted = {
        "tokens": _count(connection, api_tokens, api_tokens.c.user_id.in_(select(accounts.c.user_id).where(mine)))
    }
    counted["accounts"] = connection.execute(delete(accounts).where(mine)).rowcount
    granted = collection_grants.c
    held = (granted.kind == "person") & (granted.holder == user_id) & (granted.granted <= before)
    counted["grants"] = connection.execute(delete(collection_grants).where(held)).rowcount
    return counted


_TRACES: tuple[tuple[str, Column[str], Column[Any] | None], ...] = (
    ("collections made", collections.c.created_by, collections.c.created),
    ("folders watched", watched_folders.c.added_by, None),
    ("documents loaded", document_versions.c.added_by, document_versions.c.added),
    ("answers approved", verified_answers.c.approved_by, verified_answers.c.approved),
    ("accounts made", accounts.c.created_by, accounts.c.created),
    ("grants given", collection_grants.c.granted_by, collection_grants.c.granted),
    ("ratings settled", shared_turns.c.settled_by, shared_turns.c.settled),
    ("holds put", holds.c.set_by, holds.c.set_at),
    ("holds on the person", holds.c.user_id, holds.c.released_at),
    ("holds released", holds.c.released_by, holds.c.released_at),
    ("exports made", exports.c.made_by, exports.c.made),
)
"""Where everybody's things name who made them, and when that was."""


def _traces(connection: Connection, user_id: str, before: float) -> dict[str, int]:
    """Make nameless what stays because it belongs to the company."""
    counted = {}
    for what, who, when in _TRACES:
        mine = (who == user_id) & (when <= before) if when is not None else who == user_id
        done = connection.execute(update(who.table).where(mine).values({who.name: NOBODY}))
        counted[f"{what}, now without a name"] = done.rowcount
    return counted


def _count(connection: Connection, table: Table, which: ColumnElement[bool]) -> int:
    return connection.scalar(select(func.count()).select_from(table).where(which)) or 0


PARTS: list[ErasePart] = [_exports, _shared, _consents, _account, _traces]
"""Run one after the other in one transaction, quickly; whoever owns further tables with people in them adds a part."""
