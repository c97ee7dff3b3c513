"""Do database and vector index agree? And build the index again from the database when they do not.

Knows ids and counts. The database is right by definition: it holds the text.
"""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from retrieval.chunks import ChunkStore
from retrieval.documents import Head
from retrieval.index import VectorIndex
from retrieval.ingest import Ingesting
from retrieval.library import Library
from retrieval.settling import BATCH_CHUNKS


@dataclass(frozen=True, slots=True, kw_only=True)
class Disagreement:
    """How far a collection's two stores are apart."""

    collection_id: str
    missing: int
    """Chunks of indexed documents without a vector: they are not found by meaning."""
    unknown: int
    """Vectors without a chunk: they take up room and are never shown."""


def check_agreement(*, chunks: ChunkStore, index: VectorIndex, collection_ids: Sequence[str]) -> list[Disagreement]:
    """Return the collections whose stores disagree; pending documents and noted removals are no disagreement."""
    found: list[Disagreement] = []
    for collection_id in collection_ids:
        stored, vectors = chunks.chunk_ids(collection_id), index.chunk_ids(collection_id)
        expected = stored | chunks.unsettled_ids(collection_id)
        missing, unknown = len(stored - vectors), len(vectors - expected)
        if missing or unknown:
            found.append(Disagreement(collection_id=collection_id, missing=missing, unknown=unknown))
    return found


def rebuild_index(library: Library, *, collection_ids: Sequence[str]) -> Iterator[Ingesting]:
    """Build the vectors of these collections again from the database; meanwhile words alone find passages.

    Nothing is learned or removed meanwhile but between two documents, and then by whoever waits for it.
    """
    turn, done, embedded = library.turn, 0, 0
    total = sum(len(_indexed(library, collection_id)) for collection_id in collection_ids)
    with ExitStack() as holding:
        yield from turn.taken(holding, waiting=Ingesting(name="", done=0, total=total, chunks=0))
        for collection_id in collection_ids:
            library.index.drop(collection_id)
            for head in _indexed(library, collection_id):
                yield Ingesting(name=head.name, done=done, total=total, chunks=embedded)
                embedded += _embed(library, collection_id, head.document_id)
                done += 1
                if turn.wanted:
                    waiting = Ingesting(name="", done=done, total=total, chunks=embedded)
                    yield from turn.passed_on(holding, waiting=waiting)


def _indexed(library: Library, collection_id: str) -> list[Head]:
    return [head for head in library.chunks.heads(collection_id) if head.state == "indexed"]


def _embed(library: Library, collection_id: str, document_id: str) -> int:
    """Put the vectors of a document; returns how many: none of one that was removed meanwhile."""
    parts = library.chunks.chunks_of(document_id)
    for start in range(0, len(parts), BATCH_CHUNKS):
        part = parts[start : start + BATCH_CHUNKS]
        vectors = library.embed([chunk.indexed_text for chunk in part])
        library.index.put(collection_id, [chunk.chunk_id for chunk in part], vectors)
    return len(parts)
