"""What a rotation of the key, a backup and a restore cost, by the size of what is kept.

A data directory with many chunks, their vectors (384 dimensions) and originals of 1 MiB; each act in a process of its own, whose
CPU time and most memory are told. Run: `python -m bench.keeping [CHUNKS] [ORIGINALS]`.
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

import numpy as np

from app.backing_up import Backups
from app.changeover import open_index
from app.restoring import open_backup, restore
from app.rotating import rotate
from app.store.keycard import load_card
from app.store.keys import OpenedKey, open_key
from app.store.opening import open_store
from app.store.places import place_of
from retrieval.chunks import ChunkStore
from retrieval.documents import Chunk, Document
from retrieval.library import Library

DIMENSIONS, BATCH = 384, 1_000
COLLECTION = "c" * 32
TEXT = "Whoever travels for the company receives an allowance for every day of the journey. " * 8


def key_of(home: Path) -> OpenedKey:
    """Return the key of the directory."""
    return open_key(home, source="file", key_file=home.with_name("key"), create=True)


def fill(home: Path, chunks: int, originals: int) -> None:
    """Make the data directory."""
    key = key_of(home)
    noise = np.random.default_rng(1)
    with closing(open_store(home, key)) as store, closing(open_index(home / "index", key.master)) as index:
        kept = ChunkStore(store.engine)
        for start in range(0, chunks, BATCH):
            ids = _add(kept, start, min(BATCH, chunks - start))
            vectors = noise.standard_normal((len(ids), DIMENSIONS)).astype(np.float32)
            index.put(COLLECTION, ids, vectors / np.linalg.norm(vectors, axis=1, keepdims=True))
        for _ in range(originals):
            data = secrets.token_bytes(2**20)
            store.originals.keep(hashlib.sha256(data).hexdigest(), data)


def _add(kept: ChunkStore, start: int, count: int) -> list[str]:
    raise NotImplementedError


def main() -> None:
    """Print what each act costs."""


if __name__ == "__main__":
    main()
