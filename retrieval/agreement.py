"""Do database and vector index agree? And build the index again from the database when they do not.

Knows ids and counts. The database is right by definition: it holds the text.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from retrieval.chunks import ChunkStore
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
    """Build the vectors of these collections again from the database; meanwhile words alone find passages."""
    for collection_id in collection_ids:
        library.index.drop(collection_id)
        documents = [stored for stored in library.chunks.documents(collection_id) if stored.state == "indexed"]
        embedded = 0
        for place, stored in enumerate(documents):
            yield Ingesting(name=stored.name, done=place, total=len(documents), chunks=embedded)
            parts = library.chunks.chunks_of(stored.document_id)
            for start in range(0, len(parts), BATCH_CHUNKS):
                part = parts[start : start + BATCH_CHUNKS]
                vectors = library.embed([chunk.indexed_text for chunk in part])
                library.index.put(collection_id, [chunk.chunk_id for chunk in part], vectors)
                embedded += len(part)
