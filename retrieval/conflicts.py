"""Places of two documents of a collection that say different things of the same thing, and where that is kept.

Knows rows. Who tells what is different is the product's (`app.checks.conflicts`); which places are held against each
other is `retrieval.comparing`'s. A pair goes with either of its documents.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import sqlalchemy as sa

from retrieval.documents import Chunk, Page
from retrieval.rows import chunk_of, pages_of
from retrieval.schema import chunks, conflicts, documents, likenesses
from retrieval.series import BEGINNING, Member, pattern_of

DifferenceKind = Literal["value", "date", "negation"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Two sentences that say different things; places count in the text of their documents."""

    kind: DifferenceKind
    start: int
    end: int
    other_start: int
    other_end: int


Judging = Callable[[Chunk, Chunk], Iterable[Difference]]
"""A chunk of the document whose turn it is, and one of another -> what they state differently."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparing:
    """Who tells what two chunks state differently."""

    version: str
    """Raised whenever that may come out differently; documents are then compared again. "" compares nothing."""
    judge: Callable[[], Judging]
    """Called for each document; what it returns may remember what it read until the document is compared."""


UNCOMPARED = Comparing(version="", judge=lambda: lambda _one, _other: ())


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A sentence of a document."""

    document_id: str
    collection_id: str
    document: str
    """The document's name."""
    title: str
    added: datetime
    page: int | None
    start: int
    end: int
    quote: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """Two documents that say different things of the same thing."""

    kind: DifferenceKind
    one: Place
    other: Place
    order: int
    """-1: `one` is of an older version of the document of `other`; 1: of a newer one; 0: nobody can tell."""

    def turned(self) -> "Conflict":
        """Return the same, seen from the other side."""
        return Conflict(kind=self.kind, one=self.other, other=self.one, order=-self.order)


class Conflicts:
    """The conflicts of every collection."""

    def __init__(self, engine: sa.Engine) -> None:
        """Use a database whose migrations have run."""
        self._engine = engine
        self._reading = engine.execution_options(reading=True)

    def of(self, collection_id: str, *, limit: int | None = None) -> list[Conflict]:
        """Return the conflicts of a collection, by the names of the documents, at most `limit`."""
        of_collection = sa.select(documents.c.document_id).where(documents.c.collection_id == collection_id)
        return self._read(conflicts.c.document_id.in_(of_collection), limit=limit)

    def touching(self, document_ids: Iterable[str]) -> list[Conflict]:
        """Return the conflicts of these documents, each seen from every one of them that it is about."""
        ids = set(document_ids)
        found = self._read(conflicts.c.document_id.in_(ids) | conflicts.c.other_id.in_(ids)) if ids else []
        own = [each for each in found if each.one.document_id in ids]
        return own + [each.turned() for each in found if each.other.document_id in ids]

    def waiting(self, collection_id: str, *, version: str) -> list[str]:
        """Return the indexed documents with chunks of their own that nobody has compared in this version."""
        query = sa.select(documents.c.document_id).where(
            documents.c.collection_id == collection_id,
            documents.c.state == "indexed",
            documents.c.same_as == "",
            documents.c.compared != version,
        )
        with self._reading.connect() as connection:
            return list(connection.scalars(query.order_by(documents.c.added)))

    def chunks(self, chunk_ids: Iterable[str]) -> list[Chunk]:
        """Return those of these chunks that are of indexed documents."""
        asked = {"chunk_ids": json.dumps(list(chunk_ids))}  # of a long document more than a statement takes one by one
        query = (
            sa.select(chunks)
            .join(documents, documents.c.document_id == chunks.c.document_id)
            .where(chunks.c.chunk_id.in_(_NAMED), _INDEXED)
        )
        with self._reading.connect() as connection:
            return [chunk_of(row) for row in connection.execute(query, asked).mappings()]

    def text(self, document_id: str) -> str:
        """Return the text of a document; "" where it is gone."""
        query = sa.select(documents.c.text).where(documents.c.document_id == document_id)
        with self._reading.connect() as connection:
            return connection.scalar(query) or ""

    def beginning(self, document_id: str, *, characters: int) -> str:
        """Return how the text of a document begins; "" where it is gone."""
        begin = sa.func.substr(documents.c.text, 1, characters)
        with self._reading.connect() as connection:
            return connection.scalar(sa.select(begin).where(documents.c.document_id == document_id)) or ""

    def member(self, document_id: str) -> Member | None:
        """Return a document as a series knows it; None where it is gone."""
        with self._reading.connect() as connection:
            row = connection.execute(_MEMBERS.where(documents.c.document_id == document_id)).mappings().one_or_none()
        return Member(**row) if row else None

    def members(self, collection_id: str, kinds: Iterable[str]) -> list[Member]:
        """Return the indexed documents of a collection whose names or titles may be of one of these kinds."""
        patterns = [pattern_of(kind) for kind in kinds]
        alike = [column.like(pattern, escape="\\") for column in _NAMES for pattern in patterns]
        here = _MEMBERS.where(documents.c.collection_id == collection_id, documents.c.state == "indexed")
        with self._reading.connect() as connection:
            return [Member(**row) for row in connection.execute(here.where(sa.or_(*alike))).mappings()]

    def among(self, document_ids: Iterable[str]) -> list[Conflict]:
        """Return the conflicts between any two of these documents."""
        ids = set(document_ids)
        return self._read(conflicts.c.document_id.in_(ids) & conflicts.c.other_id.in_(ids)) if ids else []

    def forget(self, conflict: Conflict) -> None:
        """Drop a conflict, from whichever side it was found."""
        sides = (conflict, conflict.turned())
        pairs = [
            sa.and_(
                conflicts.c.document_id == each.one.document_id,
                conflicts.c.start == each.one.start,
                conflicts.c.other_id == each.other.document_id,
                conflicts.c.other_start == each.other.start,
            )
            for each in sides
        ]
        with self._engine.begin() as connection:
            connection.execute(conflicts.delete().where(sa.or_(*pairs)))

    def note(self, document_id: str, found: Sequence[tuple[str, Difference, str, str]], *, version: str) -> None:
        """Keep what was found when a document was compared, in the place of what was found for it before.

        What was found for another stays, also where it is about this one: this one's nearest may not hold that other.

        Args:
            document_id: of the one.
            found: the id of the other, the difference, the words of the one and of the other.
            version: of who told.
        """
        here = documents.c.document_id == document_id
        with self._engine.begin() as connection:
            connection.execute(conflicts.delete().where(conflicts.c.document_id == document_id))
            there = set(
                connection.scalars(
                    sa.select(documents.c.document_id).where(
                        documents.c.document_id.in_({document_id, *(other for other, *_ in found)})
                    )
                )
            )
            rows = [_row(document_id, *each) for each in found if {document_id, each[0]} <= there]
            if rows:
                connection.execute(conflicts.insert().prefix_with("OR IGNORE"), rows)
            connection.execute(documents.update().where(here).values(compared=version))

    def _read(self, which: sa.ColumnElement[bool], *, limit: int | None = None) -> list[Conflict]:
        one, other = documents.alias("one"), documents.alias("other")
        older = sa.and_(likenesses.c.older, likenesses.c.document_id == one.c.document_id)
        older = sa.and_(older, likenesses.c.other_id == other.c.document_id)
        newer = sa.and_(likenesses.c.older, likenesses.c.document_id == other.c.document_id)
        newer = sa.and_(newer, likenesses.c.other_id == one.c.document_id)
        shown = ("document_id", "collection_id", "name", "title", "added")
        query = (
            sa.select(
                conflicts,
                *(one.c[name].label(f"one_{name}") for name in shown),
                *(other.c[name].label(f"other_{name}") for name in shown),
                sa.exists().where(older).label("is_older"),
                sa.exists().where(newer).label("is_newer"),
            )
            .join(one, one.c.document_id == conflicts.c.document_id)
            .join(other, other.c.document_id == conflicts.c.other_id)
            .where(which, _ONCE, one.c.state == "indexed", other.c.state == "indexed")
            .order_by(one.c.name, conflicts.c.start, other.c.name, conflicts.c.other_start)
            .limit(limit)
        )
        with self._reading.connect() as connection:
            rows = connection.execute(query).mappings().all()
            named = {row[f"{side}document_id"] for row in rows for side in ("one_", "other_")}
            pages = {document_id: _pages(connection, document_id) for document_id in named}
        return [_conflict(row, pages) for row in rows]


_NAMED = sa.text("SELECT value FROM json_each(:chunk_ids)")
_INDEXED = sa.literal_column("+documents.state") == "indexed"
"""The plus keeps SQLite from looking through every document that is."""
_NAMES = (documents.c.name, documents.c.title)
_MEMBERS = sa.select(
    documents.c.document_id, *_NAMES, sa.func.substr(documents.c.text, 1, BEGINNING).label("beginning")
)
_turned = conflicts.alias("turned")
_ONCE = (conflicts.c.document_id < conflicts.c.other_id) | ~sa.exists().where(
    _turned.c.document_id == conflicts.c.other_id,
    _turned.c.start == conflicts.c.other_start,
    _turned.c.other_id == conflicts.c.document_id,
    _turned.c.other_start == conflicts.c.start,
)
"""Of a pair that was found from both sides, one."""


def _row(document_id: str, other_id: str, difference: Difference, quote: str, other_quote: str) -> dict[str, object]:
    return {
        "document_id": document_id,
        "start": difference.start,
        "end": difference.end,
        "quote": quote,
        "other_id": other_id,
        "other_start": difference.other_start,
        "other_end": difference.other_end,
        "other_quote": other_quote,
        "kind": difference.kind,
    }


def _pages(connection: sa.Connection, document_id: str) -> tuple[Page, ...]:
    """Return the pages of a document; read once for all its conflicts, for it may have hundreds of both."""
    structure = sa.select(documents.c.structure).where(documents.c.document_id == document_id)
    found = connection.scalar(structure)
    return pages_of(found) if found else ()  # it was removed a moment ago


def _conflict(row: sa.RowMapping, pages: Mapping[str, Sequence[Page]]) -> Conflict:
    order = int(row["is_newer"]) - int(row["is_older"])
    one = _place(row, "one_", "", pages)
    other = _place(row, "other_", "other_", pages)
    return Conflict(kind=row["kind"], one=one, other=other, order=order)


def _place(row: sa.RowMapping, side: str, column: str, pages: Mapping[str, Sequence[Page]]) -> Place:
    document_id, start = row[f"{side}document_id"], row[f"{column}start"]
    return Place(
        document_id=document_id,
        collection_id=row[f"{side}collection_id"],
        document=row[f"{side}name"],
        title=row[f"{side}title"],
        added=datetime.fromisoformat(row[f"{side}added"]),
        page=next((page.number for page in reversed(pages[document_id]) if page.start <= start), None),
        start=start,
        end=row[f"{column}end"],
        quote=row[f"{column}quote"],
    )
