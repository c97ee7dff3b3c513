"""The collections there are, and who may read or fill them. Their documents belong to `retrieval`."""

import secrets
import time
import unicodedata
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import date
from typing import Any, Literal

from sqlalchemy import Engine, Row, bindparam, delete, insert, literal, select, update
from sqlalchemy.exc import IntegrityError

from app.answers import Actor, Collection, Policy
from app.rights import ForbiddenError, Right, may, require
from app.store.database import reading
from app.store.errors import CollectionExistsError, CollectionNameError, UnknownCollectionError
from app.store.grants import Grant, granted, grants_of, person, put_grant, take_grant, whose
from app.store.schema import collections

LONGEST_NAME = 100
EVERY = select(collections, literal(1).label("curates"))
READABLE = select(collections, granted("curate").label("curates")).where(granted("read"))
BY_NAME = collections.c.folded_name
BY_ID = collections.c.collection_id == bindparam("id")
OF_NAME = bindparam("name") == BY_NAME
QUERIES = {
    every: {
        "list": asked.order_by(BY_NAME),
        "id": asked.where(BY_ID),
        "name": asked.where(OF_NAME),
    }
    for every, asked in ((True, EVERY), (False, READABLE))
}
"""Whether the actor governs every collection -> what is asked of the database."""


class Collections:
    """The collections of the installation. Every call takes the actor, and shows what was granted to that actor."""

    def __init__(self, engine: Engine, *, erasing: Callable[[], AbstractContextManager[None]] = nullcontext) -> None:
        """Use the main database; a grant is taken within `erasing`, which destroys what others made from answers."""
        self._engine = engine
        self._erasing = erasing
        self._reading = reading(engine)

    def create(self, actor: Actor, name: str, description: str = "") -> Collection:
        """Make a collection, which its maker may fill and administrators may; others once it is granted to them.

        Raises:
            ForbiddenError: the actor is no curator.
            CollectionNameError: the name is empty, too long or not on one line.
            CollectionExistsError: there is one of this name; upper and lower case do not count.
        """
        require(actor, Right.CURATE)
        collection = Collection(
            collection_id=secrets.token_hex(16), name=_checked(name), description=description.strip()
        )
        row = {
            "collection_id": collection.collection_id,
            "name": collection.name,
            "folded_name": _folded(collection.name),
            "description": collection.description,
            "created_by": actor.user_id,
            "created": time.time(),
        }
        try:
            with self._engine.begin() as connection:
                connection.execute(insert(collections).values(row))
                put_grant(connection, collection.collection_id, person(actor.user_id, may="curate"), by=actor.user_id)
        except IntegrityError as error:
            raise CollectionExistsError(f"There is a collection {collection.name!r} already.") from error
        return collection

    def list(self, actor: Actor) -> tuple[Collection, ...]:
        """Return the collections the actor may read, by name."""
        return tuple(_collection(row) for row in self._rows(actor, "list"))

    def get(self, actor: Actor, collection_id: str) -> Collection:
        """Return a collection by its id.

        Raises:
            UnknownCollectionError: there is none, or the actor may not read it; nobody can tell which.
        """
        return _collection(self._one(actor, collection_id))

    def curated(self, actor: Actor, collection_id: str) -> Collection:
        """Return a collection whose documents and description the actor may change.

        Raises:
            UnknownCollectionError: there is none the actor may read.
            ForbiddenError: the actor may read it only.
        """
        row = self._one(actor, collection_id)
        require(actor, Right.CURATE)
        if not row.curates:
            raise ForbiddenError("You may read this collection but not change it. Its owner can let you.")
        return _collection(row)

    def may_curate(self, actor: Actor, collection_id: str) -> bool:
        """Whether the actor may change a collection."""
        try:
            self.curated(actor, collection_id)
        except (UnknownCollectionError, ForbiddenError):
            return False
        return True

    def all_curated(self, actor: Actor) -> tuple[Collection, ...]:
        """Return the collections the actor may change, by name."""
        rows = self._rows(actor, "list") if may(actor, Right.CURATE) else ()
        return tuple(_collection(row) for row in rows if row.curates)

    def grants(self, actor: Actor, collection_id: str) -> tuple[Grant, ...]:
        """Return who may read or fill a collection, to whoever may change it."""
        self.curated(actor, collection_id)
        with self._reading.connect() as connection:
            return grants_of(connection, collection_id)

    def grant(self, actor: Actor, collection_id: str, grant: Grant) -> None:
        """Let somebody read or fill a collection; what they held before is replaced."""
        self.curated(actor, collection_id)
        with self._engine.begin() as connection:
            put_grant(connection, collection_id, grant, by=actor.user_id)

    def revoke(self, actor: Actor, collection_id: str, grant: Grant) -> bool:
        """Let somebody read a collection no longer, unless another grant does; whether they held one."""
        if grant.holding not in {one.holding for one in self.grants(actor, collection_id)}:
            return False
        with self._erasing(), self._engine.begin() as connection:
            return take_grant(connection, collection_id, grant)

    def exists(self, collection_id: str) -> bool:
        """Whether there is a collection of this id, whoever may read it."""
        ids = select(collections.c.collection_id).where(collections.c.collection_id == collection_id)
        with self._reading.connect() as connection:
            return connection.scalar(ids) is not None

    def by_name(self, actor: Actor, name: str) -> Collection:
        """Return a collection by its name, in upper or lower case.

        Raises:
            UnknownCollectionError: there is none; the sentence names those there are.
        """
        rows = self._rows(actor, "name", name=_folded(name))
        if not rows:
            names = ", ".join(collection.name for collection in self.list(actor)) or "none yet"
            raise UnknownCollectionError(f"There is no collection {name[:LONGEST_NAME]!r}. There are: {names}.")
        return _collection(rows[0])

    def describe(  # noqa: PLR0913 - the fields of a collection
        self,
        actor: Actor,
        collection_id: str,
        *,
        name: str | None = None,
        description: str | None = None,
        owner: str | None = None,
        review_on: date | Literal[""] | None = None,
        on_unsupported: Policy | None = None,
        double_check: bool | None = None,
    ) -> Collection:
        """Say anew what a collection is, who answers for it, how strict it is; the same errors as `create` and `get`.

        What is None stays; a `review_on` of "" takes the date away.
        """
        known = self.curated(actor, collection_id)
        chosen = known.name if name is None else name
        until = known.review_on if review_on is None else review_on
        values = {
            "name": _checked(chosen),
            "folded_name": _folded(chosen),
            "description": known.description if description is None else description.strip(),
            "owner": known.owner if owner is None else owner.strip(),
            "review_on": until.isoformat() if until else "",
            "on_unsupported": on_unsupported or known.on_unsupported,
            "double_check": known.double_check if double_check is None else double_check,
        }
        try:
            with self._engine.begin() as connection:
                connection.execute(
                    update(collections).where(collections.c.collection_id == collection_id).values(values)
                )
        except IntegrityError as error:
            raise CollectionExistsError(f"There is a collection {values['name']!r} already.") from error
        return self.get(actor, collection_id)

    def delete(self, actor: Actor, collection_id: str) -> None:
        """Forget a collection; remove its documents first (`app.library.knowledge.Knowledge.forget_collection`).

        Raises:
            UnknownCollectionError, ForbiddenError: as `curated`.
        """
        self.curated(actor, collection_id)
        with self._engine.begin() as connection:
            connection.execute(delete(collections).where(collections.c.collection_id == collection_id))

    def _one(self, actor: Actor, collection_id: str) -> Row[Any]:
        rows = self._rows(actor, "id", id=collection_id)
        if not rows:
            raise UnknownCollectionError
        return rows[0]

    def _rows(self, actor: Actor, query: str, **parameters: str) -> Sequence[Row[Any]]:
        """Return the rows a query finds among the collections the actor may read."""
        if not may(actor, Right.ASK):
            return ()
        wanted = QUERIES[may(actor, Right.GOVERN)][query]
        with self._reading.connect() as connection:
            return connection.execute(wanted, parameters | whose(actor)).all()


def _collection(row: Row[Any]) -> Collection:
    return Collection(
        collection_id=row.collection_id,
        name=row.name,
        description=row.description,
        owner=row.owner,
        review_on=date.fromisoformat(row.review_on) if row.review_on else None,
        on_unsupported=row.on_unsupported,
        double_check=row.double_check,
    )


def _checked(name: str) -> str:
    """Return a usable name: composed, without spaces around it or twice inside."""
    plain = unicodedata.normalize("NFC", " ".join(name.split()))
    if not 1 <= len(plain) <= LONGEST_NAME or not plain.isprintable():
        raise CollectionNameError
    return plain


def _folded(name: str) -> str:
    """Return the form in which two names are the same."""
    return unicodedata.normalize("NFC", " ".join(name.split()).casefold())
