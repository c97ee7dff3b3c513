"""Who may read or fill a collection: everyone with an account, a group, or one person.

Knows grants by the ids and folded names they were given to; whether such a person or group exists is not asked.
"""

import time
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, and_, bindparam, delete, exists, insert, or_, select

from app.answers import Actor
from app.store.schema import collection_grants, collections

Kind = Literal["everyone", "group", "person"]
Access = Literal["read", "curate"]
"""Whoever may curate may read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """One holder's access to a collection."""

    kind: Kind
    holder: str
    """A user id, the folded name of a group, or nothing for everyone."""
    may: Access

    @property
    def holding(self) -> tuple[Kind, str]:
        """Return who holds it, whatever it allows: each has one grant of a collection."""
        return self.kind, self.holder


def everyone(*, may: Access = "read") -> Grant:
    """Return the grant to everybody who may ask questions here."""
    return Grant(kind="everyone", holder="", may=may)


def group(folded_name: str, *, may: Access = "read") -> Grant:
    """Return the grant to the members of a group."""
    return Grant(kind="group", holder=folded_name, may=may)


def person(user_id: str, *, may: Access = "read") -> Grant:
    """Return the grant to one person."""
    return Grant(kind="person", holder=user_id, may=may)


def granted(access: Access) -> ColumnElement[bool]:
    """Return the condition that a row of `collections` was granted to somebody; `whose` gives its parameters.

    Built once and not for each request: building costs as much as running it.
    """
    row = collection_grants.c
    held = or_(
        row.kind == "everyone",
        and_(row.kind == "person", row.holder == bindparam("user_id")),
        and_(row.kind == "group", row.holder.in_(bindparam("groups", expanding=True))),
    )
    enough = row.may == "curate" if access == "curate" else row.may.in_(("read", "curate"))
    return exists().where(row.collection_id == collections.c.collection_id, held, enough)


def whose(actor: Actor) -> dict[str, Any]:
    """Return who is meant by `granted`."""
    return {"user_id": actor.user_id, "groups": sorted(actor.groups)}


def grants_of(connection: Connection, collection_id: str) -> tuple[Grant, ...]:
    """Return the grants of a collection: everyone's, groups', persons'."""
    row = collection_grants.c
    found = select(row.kind, row.holder, row.may).where(row.collection_id == collection_id)
    rows = connection.execute(found.order_by(row.kind, row.holder)).all()
    return tuple(Grant(kind=one.kind, holder=one.holder, may=one.may) for one in rows)


def put_grant(connection: Connection, collection_id: str, grant: Grant, *, by: str) -> None:
    """Give a grant, in place of what its holder held."""
    take_grant(connection, collection_id, grant)
    row = {"collection_id": collection_id, "kind": grant.kind, "holder": grant.holder, "may": grant.may}
    connection.execute(insert(collection_grants).values(row | {"granted_by": by, "granted": time.time()}))


def take_grant(connection: Connection, collection_id: str, grant: Grant) -> bool:
    """Take a holder's grant, whatever it allows; whether there was one."""
    row = collection_grants.c
    held = delete(collection_grants).where(
        row.collection_id == collection_id, row.kind == grant.kind, row.holder == grant.holder
    )
    return bool(connection.execute(held).rowcount)
