"""What ingest costs beside the bare embedder, and what a second ingest of unchanged files costs.

The files are learned in groups, and after each group the embedder alone embeds the very same chunks, so both meet the
same load of the machine. Wall and processor seconds are both given: on a busy machine only the second is comparable.
Run: `python -m bench.ingest [FOLDER] [--files N] [--tokens N] [--json]`.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import psutil

from app.settings import Settings
from app.store.database import open_database
from app.store.migrate import migrate
from bench.results import shown
from models.embedder import Embedder
from retrieval.chunks import ChunkStore
from retrieval.documents import FloatMatrix
from retrieval.index import VectorIndex
from retrieval.ingest import IngestReport, ingest
from retrieval.library import Library
from retrieval.readers import read_document
from retrieval.readers.isolated import Reader
from retrieval.sources import Source, collect

COLLECTION = "bench"
GROUP = 40
"""Files learned between two turns of the bare embedder."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """Wall and processor seconds."""

    wall: float = 0.0
    processor: float = 0.0

    def __add__(self, other: "Cost") -> "Cost":
        """Return both together."""
        return Cost(wall=self.wall + other.wall, processor=self.processor + other.processor)

    def line(self, name: str, base: "Cost") -> str:
        """Return a line of the table: the seconds, and how many times the base they are."""
        wall, processor = self.wall / base.wall, self.processor / base.processor
        return f"{name:34} {self.wall:8.2f} s wall ({wall:.3f}x) {self.processor:8.2f} s processor ({processor:.3f}x)"


READER = Reader()


def measured(work: Callable[[], object]) -> Cost:
    """Run the work; return what it cost, in the reading process too."""
    wall, processor = time.perf_counter(), processor_seconds()
    work()
    return Cost(wall=time.perf_counter() - wall, processor=processor_seconds() - processor)


def processor_seconds() -> float:
    """Return what this process and the reading process have used."""
    times = psutil.Process(READER.pid).cpu_times() if READER.pid else None
    return time.process_time() + (times.user + times.system if times else 0.0)


def learn(library: Library, sources: Sequence[Source]) -> IngestReport:
    """Ingest the files and return the report."""
    *_, report = ingest(sources, library=library, collection_id=COLLECTION)
    if not isinstance(report, IngestReport):
        raise TypeError
    return report


def compare(library: Library, sources: Sequence[Source], *, embedder: Embedder) -> tuple[Cost, Cost, int]:
    """Return what ingest cost, what the bare embedder cost for the same chunks, and how many chunks there were."""
    texts: list[str] = []

    def noting(batch: Sequence[str]) -> FloatMatrix:
        texts.extend(batch)
        return embedder.embed_documents(batch)

    noted = replace(library, embed=noting)
    whole, bare, chunks = Cost(), Cost(), 0
    for start in range(0, len(sources), GROUP):
        texts.clear()
        group = sources[start : start + GROUP]
        whole += measured(partial(learn, noted, group))
        bare += measured(lambda: embedder.embed_documents(texts))
        chunks += len(texts)
    return whole, bare, chunks


def results(whole: Cost, bare: Cost, again: Cost) -> list[dict[str, Any]]:
    """Return what ingest costs beside the bare embedder, and the same files again beside the first time."""
    told = []
    for name, one, base in (("ingest", whole, bare), ("second ingest", again, whole)):
        for clock in ("wall", "processor"):
            value, baseline = getattr(one, clock), getattr(base, clock)
            ratio = round(value / baseline, 4) if baseline else None
            told.append(
                {"name": f"{name}, {clock}", "value": round(value, 3), "unit": "s", "baseline": round(baseline, 3)}
                | ({"ratio": ratio} if ratio is not None else {})
            )
    return told


def main() -> int:
    """Read the command line, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=Path("../shared/data/kb_18f/docs"))
    parser.add_argument("--files", type=int, default=None, help="only so many")
    parser.add_argument("--reader", choices=("process", "here"), default="process", help="where files are read")
    parser.add_argument("--tokens", type=int, default=Settings.model_fields["chunk_tokens"].default)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    embedder = Embedder.load(Settings().weights / "all-MiniLM-L6-v2")
    embedder.embed_documents(["The first pass is slower."] * 64)
    if not options.folder.exists():
        sys.exit(f"There is no folder {options.folder}. Name one with documents.")
    sources = collect([options.folder])[: options.files]
    with tempfile.TemporaryDirectory() as home:
        engine = open_database(Path(home) / "inhouse.db", key=bytes(32))
        migrate(engine)
        library = Library(
            chunks=ChunkStore(engine),
            index=VectorIndex(Path(home) / "index"),
            embed=embedder.embed_documents,
            token_offsets=embedder.token_offsets,
            read=READER.read if options.reader == "process" else read_document,
            max_tokens=options.tokens,
        )
        whole, bare, chunks = compare(library, sources, embedder=embedder)
        again = measured(lambda: learn(library, sources))
    READER.close()
    if options.json:
        shown(results(whole, bare, again), model="minilm", as_json=True)
        return 0
    print(f"{len(sources)} files, {chunks} chunks of at most {options.tokens} tokens, {embedder.precision}")
    print(bare.line("bare embedder, the same chunks", bare))
    print(whole.line("ingest", bare))
    print(again.line("second ingest, of the first", whole))
    return 0


if __name__ == "__main__":
    sys.exit(main())
