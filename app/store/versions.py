"""Which versions a document had: since when each was here, who loaded it, when the next took its place. No content."""

import time
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace

from sqlalchemy import ColumnElement, Connection, Engine, and_, delete, insert, select, update

from app.store.database import reading
from app.store.schema import document_versions
from retrieval.documents import Head, StoredDocument


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

    def note(
        self,
        collection_id: str,
        before: Iterable[Head],
        after: Iterable[Head],
        *,
        by: str,
        summary: Callable[[str], StoredDocument | None],
    ) -> None:
        """Remember what changed in a collection between two lists of its documents.

        What was only read or cut anew keeps who loaded it and when.

        Args:
            collection_id: the collection.
            before: its documents then.
            after: its documents now.
            by: who changed it.
            summary: a document id -> what is to be noted of a new one.
        """
        was = {head.document_id: head for head in before}
        now = {head.document_id: head for head in after}
        same = {(head.name, head.sha256): head.document_id for head in was.values()}
        new = [stored for document_id in now.keys() - was.keys() if (stored := summary(document_id))]
        renamed = [(was[one], now[one]) for one in now.keys() & was.keys() if was[one].name != now[one].name]
        gone = [was[one] for one in was.keys() - now.keys()]
        names = {head.name for head in now.values()}
        with self._engine.begin() as connection:
            for stored in new:
                earlier = same.get((stored.name, stored.sha256))
                row = _row(stored, by) if earlier is None else _row(stored, "") | _loaded(connection, earlier)
                connection.execute(insert(document_versions).prefix_with("OR IGNORE").values(row))
            for old, head in renamed:
                ours = _named(collection_id, old.name)
                connection.execute(update(document_versions).where(ours).values(name=head.name))
            for head in gone:
                if head.name in names:
                    ours = document_versions.c.document_id == head.document_id
                    connection.execute(update(document_versions).where(ours).values(replaced=time.time()))
                else:
                    connection.execute(delete(document_versions).where(_named(collection_id, head.name)))

    def digest(self, document_id: str) -> str | None:
        """Return the SHA-256 of a document that is or was here; None when that is not known."""
        query = select(document_versions.c.sha256).where(document_versions.c.document_id == document_id)
        with self._reading.connect() as connection:
            found: str | None = connection.scalar(query)
        return found

    def of(self, collection_id: str, name: str) -> list[Version]:
        """Return the versions of a document, newest first.

        The same bytes, read or cut anew, are one version; none that was replaced has the bytes of one that is here.
        """
        column = document_versions.c
        newest = (column.added.desc(), column.replaced.is_not(None), column.replaced.desc())
        query = select(document_versions).where(_named(collection_id, name)).order_by(*newest)
        with self._reading.connect() as connection:
            rows = connection.execute(query).all()
        known = _told_apart([Version(**{field: getattr(row, field) for field in Version.__slots__}) for row in rows])
        here = {one.sha256 for one in known if one.replaced is None}
        return [one for one in known if one.replaced is None or one.sha256 not in here]

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


def _told_apart(rows: Iterable[Version]) -> list[Version]:
    """Return rows, newest first, with those of the same bytes one after the other made one: the newest, loaded then."""
    told: list[Version] = []
    for one in rows:
        if told and told[-1].sha256 == one.sha256:
            told[-1] = replace(told[-1], added=one.added, added_by=one.added_by)
        else:
            told.append(one)
    return told


def _loaded(connection: Connection, document_id: str) -> dict[str, object]:
    """Return who loaded a document and when, as its row has it; nothing where that was never noted."""
    query = select(document_versions.c.added, document_versions.c.added_by)
    found = connection.execute(query.where(document_versions.c.document_id == document_id)).one_or_none()
    return {} if found is None else {"added": found.added, "added_by": found.added_by}


def _row(stored: StoredDocument, by: str) -> dict[str, object]:
    fields = ("document_id", "collection_id", "name", "sha256", "bytes")
    return {field: getattr(stored, field) for field in fields} | {"added": stored.added.timestamp(), "added_by": by}
