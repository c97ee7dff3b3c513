"""What a search reads from the database: which chunks hold the words, how often, and what a passage shows.

Knows rows; no vector and no score but those of words. Documents that wait are not found. Each method is a handful of
statements whatever is asked: at 100 candidates a statement for each would cost more than the search.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray

from retrieval.documents import FOUND, Chunk, Page
from retrieval.filters import Filter
from retrieval.lexical import Frequencies, Scope, TermCounts, best_rows, frequencies
from retrieval.rows import chunk_of, pages_of
from retrieval.schema import COLLECTION_SHIFT, chunks, documents
from retrieval.tongues import STEMMERS
from retrieval.words import Stems

_SCOPE = sa.text(
    f"""
    SELECT number, (
        SELECT max(chunks.number) FROM chunks WHERE chunks.number BETWEEN
            knowledge.number << {COLLECTION_SHIFT} AND ((knowledge.number + 1) << {COLLECTION_SHIFT}) - 1
    ) FROM knowledge WHERE collection_id IN (SELECT value FROM json_each(:collections))
    """  # noqa: S608 (a number of our own)
)
_LANGUAGES = sa.text(
    "SELECT known.value FROM json_each(:languages) AS known WHERE EXISTS (SELECT 1 FROM documents "
    "WHERE language = known.value AND collection_id IN (SELECT value FROM json_each(:collections)))"
)
"""A look into an index for each language: to list those there are would read an entry for each document."""
_NUMBERS = sa.text("SELECT number FROM chunks WHERE chunk_id IN (SELECT value FROM json_each(:chunk_ids))")
_NAMED = sa.text("SELECT chunk_id FROM chunks WHERE document_id IN (SELECT value FROM json_each(:documents))")
_TERMS = sa.text(
    "SELECT number, document_id, terms FROM chunks WHERE number IN (SELECT value FROM json_each(:numbers))"
)
_HITS = sa.text(
    "SELECT number, chunk_id, document_id, terms FROM chunks WHERE number IN (SELECT value FROM json_each(:numbers))"
)
_SHOWN = tuple(column for column in chunks.c if column.name != "terms")
_CHUNKS = sa.select(*_SHOWN).where(chunks.c.number.in_(sa.text("SELECT value FROM json_each(:numbers)")))
_PARTS = sa.select(chunks.c.number).where(
    chunks.c.number.in_(sa.text("SELECT value FROM json_each(:numbers)")), chunks.c.columns != ""
)
_OF_DOCUMENT = tuple(
    documents.c[name] for name in ("document_id", "collection_id", "name", "title", "media_type", "state")
)
_DOCUMENTS = sa.select(*_OF_DOCUMENT).where(
    documents.c.document_id.in_(sa.text("SELECT value FROM json_each(:documents)"))
)
"""Asked for its state SQLite would look through every document there is."""
VERSIONS = sa.text(
    "SELECT document_id, sha256, added FROM documents INDEXED BY documents_versions "
    "WHERE document_id IN (SELECT value FROM json_each(:documents))"
)
"""From the index alone: in the rows themselves the text lies before it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundChunk:
    """A chunk of a document that is found, with what a passage shows of that document."""

    number: int
    collection_id: str
    document: str
    title: str
    media_type: str
    chunk: Chunk


@dataclass(frozen=True, slots=True, kw_only=True)
class LexicalMatches:
    """What a search by words found."""

    common: Frequencies
    numbers: tuple[int, ...]
    """Of the chunks the words fit best."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A chunk that a search came upon: what is needed to score it."""

    number: int
    chunk_id: str
    owner: sa.Row[Any]
    """Its document: id, collection, name, title, media type, state."""
    terms: str
    """With spaces between them."""


class Finder:
    """The reads of a search."""

    def __init__(self, engine: sa.Engine) -> None:
        """Use a database whose migrations have run."""
        self._reading = engine.execution_options(reading=True)  # where the engine tells reads from writes

    def lexical(
        self,
        stems: Stems,
        *,
        collection_ids: Sequence[str],
        limit: int,
        allowed: Sequence[str] | None = None,
    ) -> LexicalMatches:
        """Return how common the terms are in the collections, and up to `limit` chunks that they fit best.

        Args:
            stems: the terms, each with what it is in the languages of the texts.
            collection_ids: where; unknown ones hold nothing.
            limit: of all collections together.
            allowed: ids of the documents whose chunks may be found; None for any.
        """
        with self._reading.connect() as connection:
            asked = {"collections": json.dumps(list(collection_ids))}
            scope = Scope(last_of={n: last for n, last in connection.execute(_SCOPE, asked) if last is not None})
            if not scope.last_of:
                return LexicalMatches(common=Frequencies(rows=0, of_term={}, costs={}), numbers=())
            common = frequencies(connection, stems, scope=scope)
            numbers = best_rows(connection, common, scope=scope, limit=limit, documents=allowed)
        return LexicalMatches(common=common, numbers=tuple(numbers))

    def languages(self, collection_ids: Sequence[str]) -> list[str]:
        """Return the languages, but for English, in which the endings of words are cut in these collections."""
        asked = {"languages": json.dumps(list(STEMMERS)), "collections": json.dumps(list(collection_ids))}
        with self._reading.connect() as connection:
            return list(connection.scalars(_LANGUAGES, asked))

    def documents(self, only: Filter, *, collection_ids: Sequence[str]) -> list[str]:
        """Return the ids of the documents a filter lets through; of the same bytes, the one with the chunks."""
        holder = sa.case((documents.c.same_as != "", documents.c.same_as), else_=documents.c.document_id)
        query = (
            sa.select(holder)
            .distinct()
            .where(documents.c.collection_id.in_(collection_ids), documents.c.state.in_(FOUND))
        )
        if only.name:
            parts = (column.icontains(only.name, autoescape=True) for column in (documents.c.name, documents.c.title))
            query = query.where(sa.or_(*parts))
        if only.kinds:
            query = query.where(documents.c.media_type.in_(only.media_types))
        day = sa.func.substr(documents.c.added, 1, 10)
        if only.after:
            query = query.where(day >= only.after.isoformat())
        if only.before:
            query = query.where(day <= only.before.isoformat())
        with self._reading.connect() as connection:
            return list(connection.scalars(query))

    def chunk_ids(self, document_ids: Collection[str]) -> list[str]:
        """Return the ids of the chunks of these documents."""
        with self._reading.connect() as connection:
            return list(connection.scalars(_NAMED, {"documents": json.dumps(list(document_ids))}))

    def hits(self, chunk_ids: Collection[str], numbers: Collection[int] = ()) -> list[Hit]:
        """Return the chunks with these ids and with these row numbers, of documents that are found, each once."""
        with self._reading.connect() as connection:
            named = connection.scalars(_NUMBERS, {"chunk_ids": json.dumps(list(chunk_ids))})
            rows = connection.execute(_HITS, {"numbers": json.dumps(list({*named, *numbers}))}).all()
            asked = {"documents": json.dumps(list({row.document_id for row in rows}))}
            owners = {row.document_id: row for row in connection.execute(_DOCUMENTS, asked) if row.state in FOUND}
        return [
            Hit(number=number, chunk_id=chunk_id, owner=owners[document_id], terms=terms)
            for number, chunk_id, document_id, terms in rows
            if document_id in owners
        ]

    def found(self, hits: Sequence[Hit]) -> list[FoundChunk]:
        """Return the hits as chunks, in their order; one that was removed a moment ago is left out."""
        with self._reading.connect() as connection:
            asked = {"numbers": json.dumps([hit.number for hit in hits])}
            rows = {row["number"]: row for row in connection.execute(_CHUNKS, asked).mappings()}
        return [_found(rows[hit.number], hit.owner) for hit in hits if hit.number in rows]

    def surroundings(self, query_stems: Stems, hits: Sequence[Hit], *, reach: int) -> TermCounts:
        """Return how often each chunk together with up to `reach` chunks on either side holds the terms.

        The chunks of a document have row numbers that follow each other.
        """
        wanted = _wanted(query_stems)
        held = {hit.number: (hit.owner.document_id, _counted(hit.terms, wanted)) for hit in hits}
        near = {hit.number + step for hit in hits for step in range(-reach, reach + 1)} - held.keys()
        with self._reading.connect() as connection:
            for number, document_id, terms in connection.execute(_TERMS, {"numbers": json.dumps(sorted(near))}):
                held[number] = document_id, _counted(terms, wanted)
        around = [_around(held, hit, reach) for hit in hits]
        return TermCounts.of(around, terms=len(query_stems))

    def around(self, chunk_id: str, *, reach: int) -> list[Chunk]:
        """Return a chunk with up to `reach` of its document on either side, in order; nothing where it is not found."""
        with self._reading.connect() as connection:
            middle = connection.scalar(_NUMBERS, {"chunk_ids": json.dumps([chunk_id])})
            if middle is None:
                return []
            numbers = list(range(middle - reach, middle + reach + 1))
            rows = [chunk_of(row) for row in connection.execute(_CHUNKS, {"numbers": json.dumps(numbers)}).mappings()]
            owner = next(chunk.document_id for chunk in rows if chunk.chunk_id == chunk_id)
            found = connection.execute(_DOCUMENTS, {"documents": json.dumps([owner])}).one().state in FOUND
        return sorted((one for one in rows if found and one.document_id == owner), key=lambda chunk: chunk.ordinal)

    def parts(self, numbers: Collection[int]) -> set[int]:
        """Return which of the chunks with these row numbers hold a later part of a table's row."""
        with self._reading.connect() as connection:
            return set(connection.scalars(_PARTS, {"numbers": json.dumps(list(numbers))}))

    def text(self, document_id: str, start: int, end: int) -> str:
        """Return `Document.text[start:end]` of a stored document; "" when there is none."""
        excerpt = sa.func.substr(documents.c.text, start + 1, end - start)
        with self._reading.connect() as connection:
            return connection.scalar(sa.select(excerpt).where(documents.c.document_id == document_id)) or ""

    def length(self, document_id: str) -> int:
        """Return how many characters the text of a stored document has; 0 when there is none."""
        length = sa.func.length(documents.c.text)
        with self._reading.connect() as connection:
            return connection.scalar(sa.select(length).where(documents.c.document_id == document_id)) or 0

    def versions(self, document_ids: Collection[str]) -> dict[str, tuple[str, str]]:
        """Return document id -> SHA-256 of its file and since when it is here, in ISO 8601."""
        with self._reading.connect() as connection:
            rows = connection.execute(VERSIONS, {"documents": json.dumps(list(document_ids))})
            return {document_id: (sha256, added) for document_id, sha256, added in rows}

    def pages(self, document_id: str, start: int, end: int) -> tuple[Page, ...]:
        """Return the pages that `Document.text[start:end]` of a stored document lies on."""
        with self._reading.connect() as connection:
            written = connection.scalar(sa.select(documents.c.structure).where(documents.c.document_id == document_id))
        return tuple(page for page in pages_of(written) if page.start < end and start < page.end) if written else ()


def counted(query_stems: Stems, hits: Sequence[Hit]) -> TermCounts:
    """Return how often each chunk holds the terms."""
    wanted = _wanted(query_stems)
    return TermCounts.of([_counted(hit.terms, wanted) for hit in hits], terms=len(query_stems))


def _around(held: Mapping[int, tuple[str, NDArray[np.int64]]], hit: Hit, reach: int) -> NDArray[np.int64]:
    """Return the counts of a hit and of the chunks of its document beside it, added up."""
    beside = (held[place] for place in range(hit.number - reach, hit.number + reach + 1) if place in held)
    total = held[hit.number][1] * 0
    for document_id, counts in beside:
        if document_id == hit.owner.document_id:
            total += counts
    return total


def _wanted(query_stems: Stems) -> list[tuple[str, ...]]:
    return [tuple(f" {stem} " for stem in stems) for stems in query_stems.values()]


def _counted(terms: str, wanted: Sequence[Sequence[str]]) -> NDArray[np.int64]:
    """Return how often each term is among a chunk's, its stems given with a space on either side; last, its length."""
    apart = f" {terms.replace(' ', '  ')} "  # so that equal terms beside each other share no space
    found = (apart.count(each[0]) if len(each) == 1 else sum(map(apart.count, each)) for each in wanted)
    return np.array([*found, terms.count(" ") + 1], np.int64)


def _found(row: sa.RowMapping, owner: sa.Row[Any]) -> FoundChunk:
    return FoundChunk(
        number=row["number"],
        collection_id=owner.collection_id,
        document=owner.name,
        title=owner.title,
        media_type=owner.media_type,
        chunk=chunk_of(row),
    )
