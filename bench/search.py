"""What a search costs beside the bare query embedding and the bare vector query, at 1,000 to 100,000 chunks.

The texts are sentences of the public sets in random order, so that words are as common as in real text; the vectors
are embeddings of some of them, each moved a little. Both lie in the product's own stores. Every query is asked in
each way before the next one, so all ways meet the same load of the machine. Half of the collections is what a
restricted reader may read; beside that stands the same text in one collection that everybody may read.
Run: `python -m bench.search [--data ../shared/data] [--sizes 1000,10000,100000] [--queries 100] [--json]`.
"""

import argparse
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from app.settings import Settings
from app.store.database import open_database
from app.store.migrate import migrate
from bench.results import shown
from bench.sets import load_set, read_lines
from models.embedder import Embedder
from retrieval.chunks import ChunkStore
from retrieval.documents import FloatMatrix
from retrieval.index import VectorIndex
from retrieval.ingest import Library, ingest
from retrieval.readers import read_document
from retrieval.retriever import Retriever
from retrieval.sentences import sentence_spans
from retrieval.sources import bytes_source

SETS = ("scifact", "covidqa")
POOL = 600
"""Sentences that are really embedded."""
MOVED = 0.7
"""Length of the random vector added to an embedding: a cosine of about 0.82 to where it was."""
DOCUMENT_SENTENCES = 80
CHUNKS_A_DOCUMENT = 29
"""So many chunks of 120 tokens 80 sentences make."""
COLLECTIONS, READABLE = 20, 10
IN_COLLECTIONS = 10_000
"""Chunks of all of them together, as in the second of the sizes."""

Way = Callable[[str], object]


class MadeUp:
    """An endless supply of text and vectors like those of real documents."""

    def __init__(self, sentences: Sequence[str], embedder: Embedder) -> None:
        """Make text of these sentences and vectors of some of their embeddings."""
        self._chance = random.Random(20261122)  # noqa: S311 (for a corpus)
        self._numbers = np.random.default_rng(20261122)
        self._sentences = sentences
        self._pool = embedder.embed_documents(self._chance.sample(list(sentences), POOL))

    def text(self) -> bytes:
        """Return a document."""
        chosen = self._chance.choices(self._sentences, k=DOCUMENT_SENTENCES)
        parts = [" ".join(chosen[place : place + 8]) for place in range(0, len(chosen), 8)]
        return "\n\n".join(parts).encode()

    def embed(self, texts: Sequence[str]) -> FloatMatrix:
        """Return unit vectors, whatever the texts."""
        rows = self._pool[self._numbers.integers(POOL, size=len(texts))]
        moved = self._numbers.standard_normal(rows.shape).astype(np.float32)
        rows = rows + MOVED * moved / np.linalg.norm(moved, axis=1, keepdims=True)
        return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


def sentences_of(data: Path) -> list[str]:
    """Return the sentences of the sets' documents."""
    texts = [text for name in SETS for text in load_set(data / name).documents.values()]
    return [text[start:end] for text in texts for start, end in sentence_spans(text) if end - start > 20]


def queries_of(data: Path, count: int) -> list[str]:
    """Return queries of the sets and questions about the handbook, in random order."""
    queries = [text for name in SETS for text in load_set(data / name).queries.values()]
    queries += [item["text"] for item in read_lines(data / "kb_18f" / "questions.jsonl")] * 10
    random.Random(7).shuffle(queries)  # noqa: S311 (for a sample)
    return queries[:count]


def fill(library: Library, supply: MadeUp, *, collection_id: str, chunks: int) -> int:
    """Ingest documents until there are about so many chunks; return how many there are."""
    sources = [bytes_source(f"{n}.txt", supply.text()) for n in range(max(1, chunks // CHUNKS_A_DOCUMENT))]
    for _ in ingest(sources, library=library, collection_id=collection_id):
        pass
    return library.index.count(collection_id)


@dataclass(frozen=True, slots=True)
class Took:
    """Milliseconds of each query; on a busy machine only those of the processor can be compared."""

    wall: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)


def interleaved(ways: Mapping[str, Way], queries: Sequence[str]) -> dict[str, Took]:
    """Return what each way took for each query, asked one way after the other."""
    took = {name: Took() for name in ways}
    for way in ways.values():
        for query in queries[:5]:
            way(query)
    for number, query in enumerate(queries):
        names = list(ways)[number % len(ways) :] + list(ways)[: number % len(ways)]
        for name in names:
            wall, processor = time.perf_counter(), time.process_time()
            ways[name](query)
            took[name].wall.append((time.perf_counter() - wall) * 1000)
            took[name].processor.append((time.process_time() - processor) * 1000)
    return took


def ways_of(library: Library, embedder: Embedder, sizes: Mapping[str, int]) -> dict[str, Way]:
    """Return the ways of searching that are compared."""
    search = Retriever(chunks=library.chunks, index=library.index, embed_query=embedder.embed_query)
    several = [f"part-{number}" for number in range(COLLECTIONS)]

    def bare(name: str) -> Way:
        return lambda query: library.index.nearest(name, embedder.embed_query(query), limit=10)

    def hybrid(*names: str) -> Way:
        return lambda query: search.search(query, collection_ids=names)

    ways: dict[str, Way] = {}
    for name in sizes:
        ways |= {f"bare {name}": bare(name), f"hybrid {name}": hybrid(name)}
    return ways | {"all collections": hybrid(*several), "half of them": hybrid(*several[:READABLE])}


def p95(values: Sequence[float]) -> float:
    """Return the value that one in twenty exceeds."""
    return statistics.quantiles(values, n=20)[-1]


def report(took: Mapping[str, Took], sizes: Mapping[str, int]) -> None:
    """Print the table, once in seconds of the wall clock and once in those of the processor."""
    for clock in ("wall", "processor"):
        values = {name: getattr(each, clock) for name, each in took.items()}
        half = {name: statistics.median(each) for name, each in values.items()}
        last = {name: p95(each) for name, each in values.items()}
        for name, chunks in sizes.items():
            bare, hybrid = half[f"bare {name}"], half[f"hybrid {name}"]
            tail = f"p95 {last[f'bare {name}']:.1f} and {last[f'hybrid {name}']:.1f} ms"
            print(
                f"{clock}: {chunks:7} chunks: bare {bare:.1f} ms, hybrid {hybrid:.1f} ms, {hybrid / bare:.2f}x; {tail}"
            )
        names = list(sizes)
        growth = last[f"hybrid {names[-1]}"] / last[f"hybrid {names[0]}"]
        print(f"{clock}: p95 grows {growth:.2f}x from the smallest to the largest")
        everything, restricted = half["all collections"], half["half of them"]
        print(
            f"{clock}: {COLLECTIONS} collections {everything:.1f} ms, {READABLE} of them {restricted:.1f} ms: ", end=""
        )
        print(f"{restricted / everything:.2f}x")


def results(took: Mapping[str, Took], sizes: Mapping[str, int]) -> list[dict[str, Any]]:
    """Return the medians of hybrid searches beside those of the bare queries, and of restricted readers' searches."""

    def line(name: str, one: str, base: str, clock: str) -> dict[str, Any]:
        value, baseline = (statistics.median(getattr(took[each], clock)) for each in (one, base))
        figures = {"value": value, "baseline": baseline, "ratio": value / baseline}
        return {"name": f"{name}, {clock}", "unit": "ms"} | {key: round(each, 4) for key, each in figures.items()}

    told = []
    for clock in ("wall", "processor"):
        told += [
            line(f"hybrid, {chunks} chunks", f"hybrid {name}", f"bare {name}", clock) for name, chunks in sizes.items()
        ]
        told.append(line("a restricted reader", "half of them", "all collections", clock))
    return told


def main() -> int:
    """Read the command line, fill the stores, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--sizes", default="1000,10000,100000")
    parser.add_argument("--queries", type=int, default=100)
    parser.add_argument("--home", type=Path, default=None, help="stores that are kept, and used again")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if not (options.data / SETS[0]).is_dir():
        sys.exit(f"There is no set {SETS[0]} in {options.data}. Name the folder of the public sets with --data.")
    embedder = Embedder.load(Settings().weights / "all-MiniLM-L6-v2")
    supply = MadeUp(sentences_of(options.data), embedder)
    with tempfile.TemporaryDirectory() as fresh:
        home = options.home or Path(fresh)
        engine = open_database(home / "inhouse.db", key=bytes(32))
        migrate(engine)
        library = Library(
            chunks=ChunkStore(engine),
            index=VectorIndex(home / "index"),
            embed=supply.embed,
            token_offsets=embedder.token_offsets,
            read=read_document,
            max_tokens=Settings.model_fields["chunk_tokens"].default,
        )
        wanted = [int(size) for size in options.sizes.split(",")]
        parts = {f"part-{number}": IN_COLLECTIONS // COLLECTIONS for number in range(COLLECTIONS)}
        counts = {}
        for name, chunks in ({f"one-{size}": size for size in wanted} | parts).items():
            counts[name] = library.index.count(name) or fill(library, supply, collection_id=name, chunks=chunks)
        sizes = {name: count for name, count in counts.items() if name.startswith("one-")}
        took = interleaved(ways_of(library, embedder, sizes), queries_of(options.data, options.queries))
        if options.json:
            shown(results(took, sizes), model="minilm", as_json=True)
        else:
            report(took, sizes)
    return 0


if __name__ == "__main__":
    sys.exit(main())
