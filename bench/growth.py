"""Whether memory grows while very many documents are learned, and what grows.

Made-up documents go through the whole ingest (the reading process, chunks, both stores, screening, sealed originals)
with an embedder that costs nothing, in processes of their own: once whole, once with an index that keeps nothing (what
grows then is ours), and the vectors alone go into the index (what grows then is the index). The index is opened anew by
another process, as after a restart. Printed is the private memory, and of the index the bytes of a chunk: those of its
vector, those that hnswlib's layout has besides, and the rest, Chroma's names of the chunks. With `--names 135` the
names are longer, which tells how often each is held.
Run: `python -m bench.growth [--documents 20000] [--ways whole ours index reopened]` (half an hour on two busy cores).
"""

import argparse
import random
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

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
from retrieval.memory import give_back_freed_memory
from retrieval.readers.isolated import Reader
from retrieval.sources import Source

EVERY = 1_000
CHUNKS = 3
"""Of a document."""
BATCH = 256
DIMENSIONS = 384
NAME_CHARACTERS = 35
"""Of a chunk: 32 of its document, a hyphen, its number."""
LINKS = 16
"""Of a vector to others, hnswlib's M as Chroma has it: twice as many on the lowest level, where all of them are."""
MEBIBYTE = 2**20
WAYS = ("whole", "ours", "index", "reopened")
WORDS = (Path(__file__).parent.parent / "docs" / "architecture.md").read_text(encoding="utf-8").split()


def document(number: int) -> bytes:
    """Return a made-up document of some three chunks, always the same."""
    chance = random.Random(number)  # noqa: S311 - made-up text
    parts = [f"# Rule {number}", *(" ".join(chance.choices(WORDS, k=90)) + "." for _ in range(CHUNKS))]
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


class NoIndex(VectorIndex):
    """An index that keeps nothing."""

    def put(self, collection_id: str, chunk_ids: Sequence[str], vectors: FloatMatrix) -> None:
        """Forget the vectors."""

    def neighbours(self, *_: Any, **__: Any) -> dict[str, list[tuple[str, float]]]:
        """Know none."""
        return {}


def learn(home: Path, documents: int, *, way: str) -> None:
    """Learn, and print the memory as it goes."""
    reader = Reader()
    engine = open_database(home / "inhouse.db", key=bytes(32))
    migrate(engine)
    library = Library(
        chunks=ChunkStore(engine),
        index=(VectorIndex if way == "whole" else NoIndex)(home / "index"),
        embed=embed,
        token_offsets=offsets,
        read=reader.read,
        max_tokens=120,
        screening=SCREENING,
    )
    keep = Originals(engine, home / "originals").keep
    sources = [Source(name=f"{n}.md", read=partial(document, n)) for n in range(documents)]
    print(f"{way}: documents   this process   reading process   vectors (MiB)")
    for event in ingest(sources, library=library, collection_id="bench", keep_original=keep):
        if isinstance(event, Ingesting) and event.done and event.done % EVERY == 0:
            vectors = event.chunks * DIMENSIONS * 4 / MEBIBYTE if way == "whole" else 0
            print(f"{event.done:9,} {private():14.0f} {private(reader.pid):17.0f} {vectors:15.0f}", flush=True)
    print(f"{way}: at the end {private():.0f} MiB. {event}")
    reader.close()


def fill(home: Path, chunks: int, *, characters: int) -> None:
    """Put vectors into an index, nothing else, and print what a chunk of the second half takes."""
    index = VectorIndex(home / "index")
    put(index, range(1), characters=characters)
    before, half = private(), chunks // 2
    taken: list[float] = []
    for first, last in ((1, half), (half, chunks)):
        for start in range(first, last, BATCH):
            put(index, range(start, min(start + BATCH, last)), characters=characters)
        kept = private() - before
        give_back_freed_memory()
        taken.append(private() - before)
        print(f"index: {last:,} chunks {kept:.0f} MiB, {taken[-1]:.0f} when freed memory is given back", flush=True)
    report("index, filled", chunks - half, taken[1] - taken[0])
    index.close()


def put(index: VectorIndex, numbers: range, *, characters: int) -> None:
    """Put vectors under made-up names of so many characters."""
    names = [f"{number:09}-".ljust(characters, "x") for number in numbers]
    index.put("bench", names, embed(names))


def reopen(home: Path, chunks: int) -> None:
    """Open a filled index, search it once, and print what a chunk takes."""
    index = VectorIndex(home / "index")
    before = private()
    index.nearest("bench", embed(["query"])[0], limit=5)
    report("index, opened anew", chunks, private() - before)


def report(what: str, chunks: int, more: float) -> None:
    """Print the bytes of a chunk, and of what they are."""
    each = more * MEBIBYTE / chunks
    vector, links = DIMENSIONS * 4, (2 * LINKS + 1) * 4 + 8
    locks = 40 + 8 + 4  # a lock, a pointer and a level of each
    print(
        f"{what}: {more:.0f} MiB for {chunks:,} chunks, {each:.0f} bytes each: vector {vector}, links and label "
        f"{links}, lock, pointer and level {locks}, the rest {each - vector - links - locks:.0f}",
        flush=True,
    )


def main() -> int:
    """Measure each way in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, default=20_000)
    parser.add_argument("--ways", nargs="+", choices=WAYS, default=WAYS)
    parser.add_argument("--names", type=int, default=NAME_CHARACTERS)
    parser.add_argument("--home", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    chunks = CHUNKS * options.documents
    if options.home is None:
        with tempfile.TemporaryDirectory() as home:
            for way in options.ways:  # the index of "index" is the one that is opened anew
                folder = Path(home) / ("index" if way == "reopened" else way)
                command = [sys.executable, "-m", "bench.growth", "--documents", str(options.documents), "--ways", way]
                subprocess.run([*command, "--names", str(options.names), "--home", str(folder)], check=True)
        return 0
    options.home.mkdir(exist_ok=True)
    (way,) = options.ways
    if way == "index":
        fill(options.home, chunks, characters=options.names)
    elif way == "reopened":
        reopen(options.home, chunks)
    else:
        learn(options.home, options.documents, way=way)
    return 0


if __name__ == "__main__":
    sys.exit(main())
