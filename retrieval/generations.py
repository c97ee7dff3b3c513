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
_HASH = " sha256:"
"""Between the name and the hash in the note."""
_COMPLETE = "complete"


def check_embedder(directory: Path, embedder: str, *, sha256: str = "") -> None:
    """Note which embedder a new index is made with.

    Args:
        directory: of the index.
        embedder: its name, or what `embedder_of` returned of another index.
        sha256: of its file, where more than one file may have this name; "" where it is not known.

    Raises:
        EmbedderChangedError: it was made with another one.
    """
    made_with, made_of = _parted(embedder_of(directory))
    if made_with and made_with != embedder:
        raise EmbedderChangedError(
            f"The index was made with the embedder {made_with}, and the settings name {embedder}. Set it back to "
            f"{made_with} and change over with `inhouse reindex --embedder {embedder}` while Inhouse runs, or run "
            "`inhouse doctor --rebuild-index` now; until that ends passages are found by their words only."
        )
    if made_of and sha256 and made_of != sha256:
        raise EmbedderChangedError(
            f"The index was made with another file called {embedder}. Bring that file back, or run "
            "`inhouse doctor --rebuild-index` now; until that ends passages are found by their words only."
        )
    if not made_with or (sha256 and not made_of):
        directory.mkdir(parents=True, exist_ok=True)
        (directory / _NOTE).write_text(f"{embedder}{_HASH}{sha256}" if sha256 else embedder, encoding="utf-8")


def embedder_of(directory: Path) -> str:
    """Return the embedder an index was made with, and its hash where that is known; "" where nothing is noted."""
    note = directory / _NOTE
    return note.read_text(encoding="utf-8") if note.is_file() else ""


def _parted(noted: str) -> tuple[str, str]:
    """Return the name and the hash that a note holds, "" for each that it does not."""
    name, _, sha256 = noted.partition(_HASH)
    return name, sha256


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
