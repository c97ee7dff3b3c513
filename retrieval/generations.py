"""Which embedder an index was made with, and the index that is being made to take its place.

Vectors of two embedders cannot be compared, so an index holds those of one and says of which. The next index is made
beside it and takes its place as a whole: in a running process at once, on the disk at the next start. There are two
places for it, so that the one that has become the index can be followed by another before the next start.
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


def followers_of(directory: Path) -> tuple[Path, Path]:
    """Return the two places where an index may lie that takes the place of this one, or has done so."""
    return directory.with_name(directory.name + ".next"), directory.with_name(directory.name + ".after")


def next_of(directory: Path, *, serving: Path) -> Path:
    """Return where the next index is made, while the one in `serving` serves; nothing that is needed is there."""
    return next(one for one in followers_of(directory) if one != serving)


def promote(directory: Path) -> None:
    """Put the newest next index that is complete in its place, and remove any other. Before the index is opened."""
    followers = sorted(followers_of(directory), key=_made_as, reverse=True)
    if _made_as(followers[0]):
        shutil.rmtree(directory, ignore_errors=True)
        followers[0].rename(directory)
        (directory / _COMPLETE).unlink()
    for following in followers:
        shutil.rmtree(following, ignore_errors=True)


def complete(directory: Path, *, of: Path) -> None:
    """Say of a next index of `of` that it holds everything, and is the newest."""
    number = 1 + max(map(_made_as, followers_of(of)))
    (directory / _COMPLETE).write_text(str(number), encoding="utf-8")


def _made_as(directory: Path) -> int:
    """Return as the how manyth an index was completed; 0 for one that is not complete or not there."""
    note = directory / _COMPLETE
    written = note.read_text(encoding="utf-8").strip() if note.is_file() else "0"
    return int(written) if written.isdigit() else 1  # an older version wrote nothing into it


def fill(library: Library, *, collection_ids: Sequence[str]) -> Iterator[Ingesting]:
    """Bring an index up to date with the database: embed what has no vector, forget what has no chunk."""
    missing = prune(library, collection_ids=collection_ids)
    heads = [(one, head) for one in collection_ids if missing[one] for head in library.chunks.heads(one)]
    for place, (collection_id, head) in enumerate(heads):
        yield Ingesting(name=head.name, done=place, total=len(heads), chunks=0)
        parts = library.chunks.chunks_of(head.document_id)
        lacking = [part for part in parts if part.chunk_id in missing[collection_id]]
        for start in range(0, len(lacking), BATCH_CHUNKS):
            batch = lacking[start : start + BATCH_CHUNKS]
            vectors = library.embed([part.indexed_text for part in batch])
            library.index.put(collection_id, [part.chunk_id for part in batch], vectors)


def prune(library: Library, *, collection_ids: Sequence[str]) -> dict[str, set[str]]:
    """Forget the vectors of chunks that are gone; return collection id -> the chunks that have no vector yet."""
    missing: dict[str, set[str]] = {}
    for collection_id in collection_ids:
        wanted, there = library.chunks.chunk_ids(collection_id), library.index.chunk_ids(collection_id)
        library.index.remove(collection_id, there - wanted)
        missing[collection_id] = wanted - there
    return missing
