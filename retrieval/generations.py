"""Which embedder an index was made with, and the index that is being made to take its place.

Vectors of two embedders cannot be compared, so an index holds those of one and says of which. The next index is made
beside it and takes its place as a whole: in a running process at once, on the disk at the next start.
"""

import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

from retrieval.errors import EmbedderChangedError
from retrieval.ingest import Ingesting
from retrieval.library import Library
from retrieval.settling import BATCH_CHUNKS

_NOTE = "embedder"
_COMPLETE = "complete"


def check_embedder(directory: Path, embedder: str) -> None:
    """Note which embedder a new index is made with.

    Raises:
        EmbedderChangedError: it was made with another one.
    """
    made_with = embedder_of(directory)
    if not made_with:
        directory.mkdir(parents=True, exist_ok=True)
        (directory / _NOTE).write_text(embedder, encoding="utf-8")
    elif made_with != embedder:
        raise EmbedderChangedError(
            f"The index was made with the embedder {made_with}, and the settings name {embedder}. Set it back to "
            f"{made_with} and change over with `inhouse reindex --embedder {embedder}` while Inhouse runs, or run "
            "`inhouse doctor --rebuild-index` now; until that ends passages are found by their words only."
        )


def embedder_of(directory: Path) -> str:
    """Return the embedder an index was made with; nothing where that is not noted."""
    note = directory / _NOTE
    return note.read_text(encoding="utf-8") if note.is_file() else ""


def next_of(directory: Path) -> Path:
    """Return where the index is made that takes the place of this one."""
    return directory.with_name(directory.name + ".next")


def promote(directory: Path) -> None:
    """Put a next index that is complete in its place, and remove one that is not. Before the index is opened."""
    following = next_of(directory)
    if (following / _COMPLETE).exists():
        shutil.rmtree(directory, ignore_errors=True)
        following.rename(directory)
        (directory / _COMPLETE).unlink()
    elif following.exists():
        shutil.rmtree(following, ignore_errors=True)


def complete(directory: Path) -> None:
    """Say of a next index that it holds everything."""
    (directory / _COMPLETE).touch()


def fill(library: Library, *, collection_ids: Sequence[str]) -> Iterator[Ingesting]:
    """Bring an index up to date with the database: embed what has no vector, forget what has no chunk."""
    for collection_id in collection_ids:
        wanted, there = library.chunks.chunk_ids(collection_id), library.index.chunk_ids(collection_id)
        library.index.remove(collection_id, there - wanted)
        documents = library.chunks.documents(collection_id) if wanted - there else []
        for place, stored in enumerate(documents):
            yield Ingesting(name=stored.name, done=place, total=len(documents), chunks=0)
            parts = library.chunks.chunks_of(stored.document_id)
            missing = [part for part in parts if part.chunk_id in wanted and part.chunk_id not in there]
            for start in range(0, len(missing), BATCH_CHUNKS):
                batch = missing[start : start + BATCH_CHUNKS]
                vectors = library.embed([part.indexed_text for part in batch])
                library.index.put(collection_id, [part.chunk_id for part in batch], vectors)
