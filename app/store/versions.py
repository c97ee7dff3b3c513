"""Which versions a document had: since when each was here, who loaded it, when the next took its place. No content."""

import time
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Engine, and_, delete, insert, select, update

from app.store.database import reading
from app.store.schema import document_versions
from retrieval.documents import StoredDocument


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One version of a document. Times in seconds since 1970."""

    document_id: str
    sha256: str
    bytes: int
    added: float
    added_by: str
    """Id of a person, or "folder:" and the folder it was found in."""
    replaced: float | None
    """None for the one that is here."""


class Versions:
    """The versions of all documents; they are forgotten with the document."""

    def __init__(self, engine: Engine) -> None:
        """Use the main database."""
        self._engine = engine
        self._reading = reading(engine)

    def note(self, before: Iterable[StoredDocument], after: Iterable[StoredDocument], *, by: str) -> None:
        """Remember what changed in a collection between two lists of its documents."""
        was = {stored.document_id: stored for stored in before}
        now = {stored.document_id: stored for stored in after}
        names = {stored.name for stored in now.values()}
        gone = [stored for document_id, stored in was.items() if document_id not in now]
        with self._engine.begin() as connection:
            for document_id, stored in now.items():
                if document_id not in was:
                    connection.execute(insert(document_versions).prefix_with("OR IGNORE").values(_row(stored, by)))
                elif was[document_id].name != stored.name:
                    ours = _named(stored.collection_id, was[document_id].name)
                    connection.execute(update(document_versions).where(ours).values(name=stored.name))
            for stored in gone:
                if stored.name in names:
                    ours = document_versions.c.document_id == stored.document_id
                    connection.execute(update(document_versions).where(ours).values(replaced=time.time()))
                else:
                    connection.execute(delete(document_versions).where(_named(stored.collection_id, stored.name)))

    def digest(self, document_id: str) -> str | None:
        """Return the SHA-256 of a document that is or was here; None when that is not known."""
        query = select(document_versions.c.sha256).where(document_versions.c.document_id == document_id)
        with self._reading.connect() as connection:
            found: str | None = connection.scalar(query)
        return found

    def of(self, collection_id: str, name: str) -> list[Version]:
        """Return the versions of a document, newest first."""
        newest = document_versions.c.added.desc()
        query = select(document_versions).where(_named(collection_id, name)).order_by(newest)
        with self._reading.connect() as connection:
            rows = connection.execute(query).all()
        return [Version(**{field: getattr(row, field) for field in Version.__slots__}) for row in rows]

    def forget(self, collection_id: str, names: Collection[str] | None = None) -> None:
        """Forget the versions of these documents, or of the whole collection."""
        with self._engine.begin() as connection:
            if names is None:
                ours = document_versions.c.collection_id == collection_id
                connection.execute(delete(document_versions).where(ours))
            for name in names or ():
                connection.execute(delete(document_versions).where(_named(collection_id, name)))


def _named(collection_id: str, name: str) -> ColumnElement[bool]:
    return and_(document_versions.c.collection_id == collection_id, document_versions.c.name == name)


def _row(stored: StoredDocument, by: str) -> dict[str, object]:
    fields = ("document_id", "collection_id", "name", "sha256", "bytes")
    return {field: getattr(stored, field) for field in fields} | {"added": stored.added.timestamp(), "added_by": by}
