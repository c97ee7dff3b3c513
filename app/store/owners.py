"""The one place where it is checked that a row belongs to whoever asks for it."""

from typing import Any

from sqlalchemy import Connection, Row, Table, select

from app.answers import Actor
from app.store.errors import NotFoundError


def own_row(connection: Connection, table: Table, actor: Actor, **id_: str) -> Row[Any]:
    """Return the actor's row with this id, such as `turn_id="4f0c…"`.

    Raises:
        NotFoundError: there is none, or it is somebody else's; nobody can tell which.
    """
    ((name, value),) = id_.items()
    found = connection.execute(select(table).where(table.c[name] == value, table.c.user_id == actor.user_id)).first()
    if found is None:
        raise NotFoundError
    return found
