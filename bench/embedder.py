"""An embedding model as a GGUF file beside the same one as a sentence-transformers folder: speed, memory, ranking.

MiniLM's folder is written as GGUF files of three kinds (`tests/models/minilm_file.py`). All embed the same texts group
by group, one after the other, so that they meet the same load of the machine; processor seconds count a model's own
process too. Ranking is by the embeddings alone, over whole texts cut at what the model reads.
Run: `python -m bench.embedder [SET] [--texts N]`.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import numpy as np
import psutil

from app.settings import Settings
from bench.sets import RetrievalSet, interval, load_set, ndcg
from models.device import cores
from models.embedder import Embedder
from models.embedding import Embeds, FloatMatrix
from models.file_embedder import FileEmbedder
from models.weights import find
from tests.models import minilm_file

GROUP = 21
"""Texts that one way embeds before the next one has its turn."""
FOLDER = "folder"
MEGABYTE = 2**20


@dataclass(kw_only=True)
class Measured:
    """What one way of embedding took, and what it made."""

    embedder: Embeds
    wall: float = 0.0
    processor: float = 0.0
    query_seconds: list[float] = field(default_factory=list)
    documents: list[FloatMatrix] = field(default_factory=list)
    queries: list[FloatMatrix] = field(default_factory=list)

    @property
    def process(self) -> psutil.Process | None:
        """The process of its own that it has, if any."""
        pid = self.embedder.pid if isinstance(self.embedder, FileEmbedder) else None
        return None if pid is None else psutil.Process(pid)

    def embed(self, work: Callable[[], FloatMatrix]) -> tuple[FloatMatrix, float, float]:
        """Do the work; return what it made, and its wall and processor seconds."""
        wall, processor = time.perf_counter(), self._processor_seconds()
        made = work()
        return made, time.perf_counter() - wall, self._processor_seconds() - processor

    def _processor_seconds(self) -> float:
        times = self.process.cpu_times() if self.process else None
        return time.process_time() + (times.user + times.system if times else 0.0)


def measure(ways: Mapping[str, Measured], chosen: RetrievalSet) -> None:
    """Let every way embed every document, a group at a time, and every question, one at a time."""
    documents = list(chosen.documents.values())
    for way in ways.values():
        way.embedder.embed_documents(documents[:GROUP])  # the first pass is slower
    for start in range(0, len(documents), GROUP):
        group = documents[start : start + GROUP]
        for way in ways.values():
            made, wall, processor = way.embed(lambda way=way, group=group: way.embedder.embed_documents(group))  # type: ignore[misc]
            way.documents.append(made)
            way.wall += wall
            way.processor += processor
    for text in chosen.queries.values():
        for way in ways.values():
            row, wall, _ = way.embed(lambda way=way, text=text: way.embedder.embed_query(text))  # type: ignore[misc]
            way.queries.append(row)
            way.query_seconds.append(wall)


def scores(way: Measured, chosen: RetrievalSet) -> list[float]:
    """Return nDCG@10 of every question, documents ranked by cosine."""
    names = list(chosen.documents)
    cosines = np.stack(way.queries) @ np.concatenate(way.documents).T
    ranked = np.argsort(-cosines, axis=1)[:, :10]
    return [
        ndcg([names[place] for place in order], chosen.relevant[query])
        for query, order in zip(chosen.queries, ranked, strict=True)
    ]


def report(ways: Mapping[str, Measured], chosen: RetrievalSet) -> None:
    """Print a line for each way."""
    folder = ways[FOLDER]
    tokens = sum(
        min(folder.embedder.count_tokens(text), folder.embedder.max_tokens) for text in chosen.documents.values()
    )
    print(f"{chosen.name}: {len(chosen.documents)} texts, {tokens:,} tokens read, {len(chosen.queries)} questions")
    for name, way in ways.items():
        mean, low, high = interval(scores(way, chosen))
        same = (np.concatenate(way.documents) * np.concatenate(folder.documents)).sum(axis=1)
        held = f"{way.process.memory_info().rss / MEGABYTE:,.0f} MB" if way.process else "with torch"
        print(
            f"{name:8} {tokens / way.processor:7,.0f} tokens a CPU second ({folder.processor / way.processor:.2f}x), "
            f"{tokens / way.wall:7,.0f} a second ({folder.wall / way.wall:.2f}x), "
            f"question {1000 * median(way.query_seconds):.1f} ms, {held}, "
            f"nDCG@10 {mean:.3f} ({low:.3f}-{high:.3f}), cosine to the folder's at least {same.min():.5f}"
        )


def first(whole: RetrievalSet, count: int | None) -> RetrievalSet:
    """Return the first so many documents of a set, with the questions they answer."""
    documents = dict(list(whole.documents.items())[:count])
    relevant = {query: right for query, right in whole.relevant.items() if documents.keys() & right.keys()}
    queries = {query: text for query, text in whole.queries.items() if query in relevant}
    return RetrievalSet(name=whole.name, documents=documents, queries=queries, relevant=relevant)


def ways_of(folder: Path, directory: Path, kinds: Sequence[str]) -> dict[str, Measured]:
    """Return the folder and the files made of it, loaded."""
    made = {FOLDER: Measured(embedder=Embedder.load(folder))}
    for kind in kinds:
        file = minilm_file.write(folder, directory / f"{kind}.gguf", kind=kind)
        made[kind] = Measured(embedder=FileEmbedder(file, threads=cores()))
    return made


def main() -> int:
    """Read the command line, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("set", nargs="?", type=Path, default=Path("../shared/data/wikiqa"))
    parser.add_argument("--texts", type=int, default=None, help="only the first so many, with their questions")
    options = parser.parse_args()
    chosen = first(load_set(options.set), options.texts)
    with tempfile.TemporaryDirectory() as directory, ExitStack() as opened:
        ways = ways_of(find("minilm", directory=Settings().weights), Path(directory), list(minilm_file.KINDS))
        for way in ways.values():
            opened.callback(way.embedder.close)
        measure(ways, chosen)
        report(ways, chosen)
    return 0


if __name__ == "__main__":
    sys.exit(main())
