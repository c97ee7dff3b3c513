"""The collections there are: names and descriptions. Their documents belong to `retrieval`."""

import secrets
import time
import unicodedata
from datetime import date
from typing import Literal

from sqlalchemy import Engine, Row, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from app.answers import Actor, Collection, Policy
from app.store.database import reading
from app.store.errors import CollectionExistsError, CollectionNameError, UnknownCollectionError
from app.store.schema import collections

LONGEST_NAME = 100


class Collections:
    """The collections of the installation. Every call takes the actor; in this version everybody may use them all."""

    def __init__(self, engine: Engine) -> None:
        """Use the main database."""
        self._engine = engine
        self._reading = reading(engine)

    def create(self, actor: Actor, name: str, description: str = "") -> Collection:
        """Make a collection.

        Raises:
            CollectionNameError: the name is empty, too long or not on one line.
            CollectionExistsError: there is one of this name; upper and lower case do not count.
        """
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
        except IntegrityError as error:
            raise CollectionExistsError(f"There is a collection {collection.name!r} already.") from error
        return collection

    def list(self, actor: Actor) -> tuple[Collection, ...]:  # noqa: ARG002 - accounts will need it
        """Return the collections the actor may read, by name."""
        with self._reading.connect() as connection:
            rows = connection.execute(select(collections).order_by(collections.c.folded_name)).all()
        return tuple(_collection(row) for row in rows)

    def get(self, actor: Actor, collection_id: str) -> Collection:  # noqa: ARG002 - accounts will need it
        """Return a collection by its id.

        Raises:
            UnknownCollectionError: there is none.
        """
        with self._reading.connect() as connection:
            row = connection.execute(select(collections).where(collections.c.collection_id == collection_id)).first()
        if row is None:
            raise UnknownCollectionError
        return _collection(row)

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
        with self._reading.connect() as connection:
            row = connection.execute(select(collections).where(collections.c.folded_name == _folded(name))).first()
        if row is None:
            names = ", ".join(collection.name for collection in self.list(actor)) or "none yet"
            raise UnknownCollectionError(f"There is no collection {name[:LONGEST_NAME]!r}. There are: {names}.")
        return _collection(row)

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
    ) -> Collection:
        """Say anew what a collection is, who answers for it, how strict it is; the same errors as `create` and `get`.

        What is None stays; a `review_on` of "" takes the date away.
        """
        known = self.get(actor, collection_id)
        chosen = known.name if name is None else name
        until = known.review_on if review_on is None else review_on
        values = {
            "name": _checked(chosen),
            "folded_name": _folded(chosen),
            "description": known.description if description is None else description.strip(),
            "owner": known.owner if owner is None else owner.strip(),
            "review_on": until.isoformat() if until else "",
            "on_unsupported": on_unsupported or known.on_unsupported,
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
        """Forget a collection; remove its documents first (`retrieval.ingest.remove_collection`).

        Raises:
            UnknownCollectionError: there is none.
        """
        self.get(actor, collection_id)
        with self._engine.begin() as connection:
            connection.execute(delete(collections).where(collections.c.collection_id == collection_id))


def _collection(row: Row[tuple[object, ...]]) -> Collection:
    return Collection(
        collection_id=row.collection_id,
        name=row.name,
        description=row.description,
        owner=row.owner,
        review_on=date.fromisoformat(row.review_on) if row.review_on else None,
        on_unsupported=row.on_unsupported,
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
