"""What a rotation of the key, a backup and a restore cost, by the size of what is kept.

A data directory with many chunks, their vectors (384 dimensions) and originals of 1 MiB. Each act runs in a process of
its own, whose CPU time and most memory are told. Run: `python -m bench.keeping [CHUNKS] [ORIGINALS]`.
"""

import hashlib
import multiprocessing
import resource
import secrets
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np

from app.custody.backing_up import Backups
from app.custody.restoring import open_backup, restore
from app.custody.rotating import rotate
from app.library.changeover import open_index
from app.store.keycard import load_card
from app.store.keys import OpenedKey, open_key
from app.store.opening import open_store
from app.store.places import place_of
from retrieval.chunks import ChunkStore
from retrieval.documents import Chunk
from retrieval.generations import check_embedder
from retrieval.library import Library
from retrieval.readers import read_document

DIMENSIONS, BATCH = 384, 1_000
COLLECTION = "c" * 32
SENTENCE = "Whoever travels for the company receives an allowance for every day of the journey. "
LINE = SENTENCE * 6 + "\n\n"


def key_of(home: Path) -> OpenedKey:
    """Return the key of the directory."""
    return open_key(home, source="file", key_file=home.with_name("key"), create=True)


def fill(home: Path, chunks: int, originals: int) -> None:
    """Make the data directory."""
    key, noise = key_of(home), np.random.default_rng(1)
    with closing(open_store(home, key)) as store, closing(open_index(home / "index", key.master)) as index:
        check_embedder(home / "index", "minilm")
        kept = ChunkStore(store.engine)
        for start in range(0, chunks, BATCH):
            ids = add_document(kept, start // BATCH, min(BATCH, chunks - start))
            vectors = noise.standard_normal((len(ids), DIMENSIONS)).astype(np.float32)
            index.put(COLLECTION, ids, vectors / np.linalg.norm(vectors, axis=1, keepdims=True))
        for _ in range(originals):
            data = secrets.token_bytes(2**20)
            store.originals.keep(hashlib.sha256(data).hexdigest(), data)


def add_document(kept: ChunkStore, number: int, count: int) -> list[str]:
    """Store a document of so many chunks and return their ids."""
    document = read_document((f"{number}. " + LINE * count).encode(), name=f"document-{number}.txt")
    document_id = hashlib.sha256(document.name.encode()).hexdigest()
    size = len(document.text) // count
    parts = [
        Chunk(
            chunk_id=f"{document_id[:32]}{place:08}",
            document_id=document_id,
            ordinal=place,
            start=place * size,
            end=(place + 1) * size,
            page=None,
            headings=(),
            text=document.text[place * size : (place + 1) * size],
        )
        for place in range(count)
    ]
    kept.add_pending(document, parts, collection_id=COLLECTION, size=len(document.text), recipe="bench")
    kept.finish([document_id])
    return [part.chunk_id for part in parts]


def rotation(home: Path) -> None:
    """Rotate the key."""
    card = load_card(home)
    assert card is not None
    place = place_of(home, card, "file", home.with_name("key"), None, None)
    for _ in rotate(home, key_of(home), place, show=lambda _key: None):
        pass


def backup(home: Path) -> None:
    """Write a backup."""
    key, nothing = key_of(home), Any
    with closing(open_store(home, key)) as store, closing(open_index(home / "index", key.master)) as index:

        def library() -> Library:
            return Library(
                chunks=ChunkStore(store.engine),
                index=index,
                embed=nothing,
                token_offsets=nothing,
                read=nothing,
                max_tokens=1,
            )

        for _ in Backups(home=home, key=key, store=store, library=library).write(home.with_name("all")):
            pass


def restoring(home: Path) -> None:
    """Put the backup back."""
    master = key_of(home).master
    for _ in restore(home, open_backup(home.with_name("all"), masters={"the key": master}), master=master):
        pass


def measured(act: Callable[[Path], None], home: Path) -> tuple[float, float, float]:
    """Return seconds, CPU seconds and megabytes of memory of an act in a process of its own."""
    context = multiprocessing.get_context("spawn")
    answers = context.Queue()
    process = context.Process(target=_run, args=(act, home, answers))
    process.start()
    found: tuple[float, float, float] = answers.get()
    process.join()
    return found


def _run(act: Callable[[Path], None], home: Path, answers: Any) -> None:
    begun, before = time.monotonic(), time.process_time()
    act(home)
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    answers.put((time.monotonic() - begun, time.process_time() - before, most))


def main(chunks: int, originals: int) -> None:
    """Print what each act costs."""
    folder = Path(tempfile.mkdtemp(prefix="inhouse-bench-"))
    home = folder / "home"
    try:
        home.mkdir(mode=0o700)
        fill(home, chunks, originals)
        for name in ("inhouse.db", "index", "originals"):
            files = [home / name] if (home / name).is_file() else list((home / name).rglob("*"))
            print(f"{name}: {sum(file.stat().st_size for file in files if file.is_file()) / 1e6:.0f} MB")
        for act in (backup, restoring, rotation):
            wall, spent, memory = measured(act, home)
            print(f"{act.__name__}: {wall:.1f} s, {spent:.1f} s of CPU, {memory:.0f} MB of memory at most")
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main(*(int(word) for word in [*sys.argv[1:], "20000", "100"][:2]))
