"""Whether memory grows while very many documents are learned.

Made-up documents go through the whole ingest (the reading process, chunks, both stores, screening, sealed originals)
with an embedder that costs nothing. Printed are the private memory of this process and of the reading process after
every thousand, and the bytes of the vectors, which the index holds in memory.
Run: `python -m bench.growth [--documents 20000]` (10 minutes).
"""

import argparse
import random
import sys
import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np
import psutil

from app.guard.injection import SCREENING
from app.store.database import open_database
from app.store.migrate import migrate
from app.store.originals import Originals
from retrieval.chunks import ChunkStore
from retrieval.documents import FloatMatrix
from retrieval.index import VectorIndex
from retrieval.ingest import Ingesting, ingest
from retrieval.library import Library
from retrieval.readers.isolated import Reader
from retrieval.sources import Source

EVERY = 1_000
DIMENSIONS = 384
MEBIBYTE = 2**20
WORDS = (Path(__file__).parent.parent / "docs" / "architecture.md").read_text(encoding="utf-8").split()


def document(number: int) -> bytes:
    """Return a made-up document of some three chunks, always the same."""
    chance = random.Random(number)  # noqa: S311 - made-up text
    parts = [f"# Rule {number}", *(" ".join(chance.choices(WORDS, k=90)) + "." for _ in range(3))]
    return "\n\n".join(parts).encode()


def embed(texts: Sequence[str]) -> FloatMatrix:
    """Return unit vectors that cost nothing."""
    vectors = np.random.default_rng(len(texts)).standard_normal((len(texts), DIMENSIONS), dtype=np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def offsets(text: str) -> list[tuple[int, int]]:
    """Return where each word stands, as if it were a token."""
    places, at = [], 0
    for word in text.split():
        start = text.index(word, at)
        at = start + len(word)
        places.append((start, at))
    return places


def private(pid: int | None = None) -> float:
    """Return the private memory of a process, in MiB."""
    held = psutil.Process(pid).memory_full_info().uss
    return held / MEBIBYTE


def main() -> int:
    """Learn, and print the memory as it goes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, default=20_000)
    options = parser.parse_args()
    reader = Reader()
    with tempfile.TemporaryDirectory() as home:
        engine = open_database(Path(home) / "inhouse.db", key=bytes(32))
        migrate(engine)
        library = Library(
            chunks=ChunkStore(engine),
            index=VectorIndex(Path(home) / "index"),
            embed=embed,
            token_offsets=offsets,
            read=reader.read,
            max_tokens=120,
            screening=SCREENING,
        )
        keep = Originals(engine, Path(home) / "originals").keep
        sources = [Source(name=f"{n}.md", read=partial(document, n)) for n in range(options.documents)]
        print("documents   this process   reading process   vectors (MiB)")
        for event in ingest(sources, library=library, collection_id="bench", keep_original=keep):
            if isinstance(event, Ingesting) and event.done and event.done % EVERY == 0:
                vectors = event.chunks * DIMENSIONS * 4 / MEBIBYTE
                print(f"{event.done:9,} {private():14.0f} {private(reader.pid):17.0f} {vectors:15.0f}", flush=True)
        print(event)
    reader.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
