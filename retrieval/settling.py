"""Bring what is half done to its end: pending documents indexed, noted vectors forgotten, judgements made up for.

Knows states, not files. Every step can be repeated, so whatever was killed anywhere goes on where it stopped.
"""

from collections.abc import Sequence

from retrieval.chunks import ChunkStore
from retrieval.comparing import compare
from retrieval.documents import Chunk
from retrieval.index import VectorIndex
from retrieval.library import Library

BATCH_CHUNKS = 256
"""Embedded at once. More gains nothing (docs/benchmarks.md) and delays the first searchable document."""
FIRST_CHUNKS = 16
"""So few make the first batch, each following one has twice as many: the first document shall be found at once."""


def resume(library: Library, *, collection_id: str) -> int:
    """Finish what a killed ingest or removal left half done; return how many documents it finished."""
    forget_vectors(collection_id, chunks=library.chunks, index=library.index)
    pending = library.chunks.pending(collection_id)
    for stored in pending:
        finish(library, collection_id, library.chunks.chunks_of(stored.document_id))
    if pending:
        forget_vectors(collection_id, chunks=library.chunks, index=library.index)
    return len(pending)


def screen_again(library: Library, *, collection_id: str) -> int:
    """Look at the documents that were stored before this judge; return how many went into quarantine."""
    screening = library.screening
    caught = sum(
        library.quarantine.judged(document_id, screening.examine(document))
        for document_id, document in library.quarantine.unjudged(collection_id, mark=screening.mark)
    )
    if caught:
        forget_vectors(collection_id, chunks=library.chunks, index=library.index)
    return caught


def release_document(document_id: str, *, collection_id: str, library: Library) -> bool:
    """Let a document out of quarantine and index it; returns whether it was waiting there.

    It takes the place of an older document of its name. Goes between two files of an ingest that is running.
    """
    with library.turn.first():
        waited = library.quarantine.release(document_id)
        if waited:
            finish(library, collection_id, library.chunks.chunks_of(document_id))
            forget_vectors(collection_id, chunks=library.chunks, index=library.index)
            library.chunks.relatives.compare(collection_id)
            compare(library, [document_id], collection_id=collection_id)
        return waited


def remove_document(document_id: str, *, collection_id: str, chunks: ChunkStore, index: VectorIndex) -> None:
    """Take a document out of both stores; an unknown one is passed over."""
    chunks.remove_document(document_id)
    forget_vectors(collection_id, chunks=chunks, index=index)


def remove_collection(collection_id: str, *, chunks: ChunkStore, index: VectorIndex) -> None:
    """Take a whole collection out of both stores.

    The vectors go first: a crash in between leaves documents that `rebuild_index` or a second removal deals with,
    never vectors that nobody knows of.
    """
    index.drop(collection_id)
    chunks.remove_collection(collection_id)


def finish(library: Library, collection_id: str, parts: Sequence[Chunk]) -> None:
    """Embed the chunks of pending documents, store their vectors and make the documents indexed."""
    for start in range(0, len(parts), BATCH_CHUNKS):
        batch = parts[start : start + BATCH_CHUNKS]
        vectors = library.embed([part.indexed_text for part in batch])
        library.index.put(collection_id, [part.chunk_id for part in batch], vectors)
    vanished = library.chunks.finish(dict.fromkeys(part.document_id for part in parts))
    orphans = [part.chunk_id for part in parts if part.document_id in vanished]
    if orphans:
        library.index.remove(collection_id, orphans)


def forget_vectors(collection_id: str, *, chunks: ChunkStore, index: VectorIndex) -> None:
    """Take the vectors out of the index that were noted for it."""
    noted = chunks.removals(collection_id)
    if noted:
        index.remove(collection_id, noted)
        chunks.removed(noted)
