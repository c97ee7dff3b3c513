"""How well and how quickly the product finds passages, measured on the public sets and printed as a table.

Each set's documents are ingested as text files into a directory of its own and searched through the product's
Retriever. The lines below "product" take one part away or add one, over the same candidates. Run:
`python -m bench.retrieval [--data ../shared/data] [--tokens N] SET...`, where SET is a folder with qrels
(scifact, covidqa, mtrag_un, wikiqa), kb_18f, or chroma_chunking.
"""

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from app.settings import Settings
from app.store.database import open_database
from app.store.migrate import migrate
from bench.sets import RetrievalSet, counted, interval, load_set, ndcg, read_lines, recall
from models.embedder import Embedder
from retrieval import retriever as retrieving
from retrieval.chunks import ChunkStore
from retrieval.documents import FloatVector
from retrieval.fusion import reciprocal_rank_fusion, standardised
from retrieval.index import VectorIndex
from retrieval.ingest import IngestReport, ingest
from retrieval.library import Library
from retrieval.readers import read_document
from retrieval.retriever import Candidate, Retriever
from retrieval.sentences import sentence_spans
from retrieval.sources import Source, bytes_source, collect

COLLECTION = "bench"
SECOND_LOOK = 10
"""Candidates whose sentences are embedded in the line "+ sentence max-sim"."""

Variant = Callable[[str, FloatVector, Sequence[Candidate]], Sequence[Candidate]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """A filled library and its search."""

    library: Library
    embedder: Embedder
    retriever: Retriever


def fill(home: Path, sources: Sequence[Source], *, embedder: Embedder, tokens: int) -> Bench:
    """Ingest the sources into new stores below a directory."""
    engine = open_database(home / "inhouse.db", key=bytes(32))
    migrate(engine)
    library = Library(
        chunks=ChunkStore(engine),
        index=VectorIndex(home / "index"),
        embed=embedder.embed_documents,
        token_offsets=embedder.token_offsets,
        read=read_document,
        max_tokens=tokens,
    )
    *_, report = ingest(sources, library=library, collection_id=COLLECTION)
    if not isinstance(report, IngestReport):
        raise TypeError
    print(f"{report.added} documents, {report.failed} failed, {report.chunks} chunks, {report.seconds:.0f} s")
    search = Retriever(chunks=library.chunks, index=library.index, embed_query=embedder.embed_query)
    return Bench(library=library, embedder=embedder, retriever=search)


def score_set(bench: Bench, data: RetrievalSet) -> None:
    """Print nDCG@10 and recall@10 of the product and of its variants."""
    variants: dict[str, Variant] = {
        "dense alone": _sorted_by(lambda candidates: [each.dense for each in candidates]),
        "BM25 alone": _sorted_by(lambda candidates: [each.lexical for each in candidates]),
        "rank fusion, k=60": _sorted_by(_rank_fusion),
        "scores added": _sorted_by(lambda candidates: [each.score for each in candidates]),
        "+ sentence max-sim": lambda _, vector, candidates: _max_sim(bench.embedder, vector, candidates),
    }
    rankings: dict[str, list[tuple[str, Sequence[str]]]] = {name: [] for name in ("product", *variants)}
    took: dict[str, list[float]] = {name: [] for name in rankings}
    for query_id, text in data.queries.items():
        begun = time.perf_counter()
        passages = bench.retriever.search(text, collection_ids=[COLLECTION], k=10)
        took["product"].append(time.perf_counter() - begun)
        rankings["product"].append((query_id, _documents(passage.document for passage in passages)))
        vector = bench.embedder.embed_query(text)
        candidates = bench.retriever.candidates(text, vector, collection_ids=[COLLECTION])
        for name, variant in variants.items():
            begun = time.perf_counter()
            groups = retrieving.grouped(variant(text, vector, candidates), k=30)
            took[name].append(time.perf_counter() - begun)
            rankings[name].append((query_id, _documents(group[0].found.document for group in groups)))
    for name, ranked in rankings.items():
        print_line(f"{data.name}: {name}", ranked, data.relevant, took[name])


def print_line(
    name: str,
    ranked: Sequence[tuple[str, Sequence[str]]],
    relevant: Mapping[str, Mapping[str, int]],
    seconds: Sequence[float],
) -> None:
    """Print one line of the table."""
    gain = interval([ndcg(order, relevant[query]) for query, order in ranked])
    found = interval([recall(order, relevant[query]) for query, order in ranked])
    half = statistics.median(seconds) * 1000
    shown = (f"{mean:.4f} ({low:.3f} to {high:.3f})" for mean, low, high in (gain, found))
    print("{:32} nDCG@10 {}  recall@10 {} ".format(name, *shown), f"{half:6.1f} ms")


def _documents(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(name.removesuffix(".txt") for name in names))


def _sorted_by(score: Callable[[Sequence[Candidate]], Sequence[float]]) -> Variant:
    def variant(_: str, __: FloatVector, candidates: Sequence[Candidate]) -> list[Candidate]:
        scores = score(candidates)
        return [candidates[place] for place in np.argsort(-np.asarray(scores), kind="stable")]

    return variant


def _rank_fusion(candidates: Sequence[Candidate]) -> list[float]:
    return reciprocal_rank_fusion([each.dense for each in candidates], [each.lexical for each in candidates])


def _max_sim(embedder: Embedder, vector: FloatVector, candidates: Sequence[Candidate]) -> list[Candidate]:
    head = list(candidates[:SECOND_LOOK])
    sentences = [_sentences(candidate) for candidate in head]
    rows = embedder.embed_documents([sentence for each in sentences for sentence in each]) @ vector
    ends = np.cumsum([len(each) for each in sentences])
    best = [float(part.max()) for part in np.split(rows, ends[:-1])]
    scores = np.asarray([each.score for each in head]) + standardised(best)
    return [*(head[place] for place in np.argsort(-scores, kind="stable")), *candidates[SECOND_LOOK:]]


def _sentences(candidate: Candidate) -> list[str]:
    text = candidate.found.chunk.text
    return [text[start:end] for start, end in sentence_spans(text)]


def score_handbook(bench: Bench, folder: Path) -> None:
    """Print for how many answerable questions the right document is among the first five passages."""
    right = 0
    asked = [item for item in read_lines(folder / "questions.jsonl") if item["answerable"]]
    for item in asked:
        passages = bench.retriever.search(item["text"], collection_ids=[COLLECTION], k=5)
        good = {item["doc"], *item["also_in"]}
        if good & {passage.document for passage in passages}:
            right += 1
        else:
            print(f"missed: {item['_id']} {item['text']} -> {[passage.document for passage in passages]}")
    print(f"kb_18f: right document in the first five passages: {counted(right, len(asked))}")


def score_excerpts(bench: Bench, folder: Path) -> None:
    """Print how much of the exact excerpts the first five chunks hold, and how much of them is excerpt."""
    recalls: list[float] = []
    precisions: list[float] = []
    for item in read_lines(folder / "queries.jsonl"):
        vector = bench.embedder.embed_query(item["text"])
        candidates = bench.retriever.candidates(item["text"], vector, collection_ids=[COLLECTION])[:5]
        wanted = {p for each in item["references"] for p in range(each["start_index"], each["end_index"])}
        chunks = [each.found.chunk for each in candidates if each.found.document == f"{item['corpus']}.md"]
        shown = {place for chunk in chunks for place in range(chunk.start, chunk.end)}
        total = sum(len(each.found.chunk.text) for each in candidates)
        recalls.append(len(wanted & shown) / len(wanted))
        precisions.append(len(wanted & shown) / total)
    for name, values in {"recall": recalls, "precision": precisions}.items():
        mean, low, high = interval(values)
        print(f"chroma_chunking: {name} of characters in 5 chunks {mean:.3f} ({low:.3f}-{high:.3f})")


def run(name: str, *, data: Path, embedder: Embedder, tokens: int) -> None:
    """Measure one set."""
    folder = data / name
    with tempfile.TemporaryDirectory() as home:
        if name == "kb_18f":
            score_handbook(fill(Path(home), collect([folder / "docs"]), embedder=embedder, tokens=tokens), folder)
        elif name == "chroma_chunking":
            score_excerpts(fill(Path(home), collect([folder / "corpora"]), embedder=embedder, tokens=tokens), folder)
        else:
            labelled = load_set(folder)
            sources = [bytes_source(f"{key}.txt", text.encode()) for key, text in labelled.documents.items()]
            score_set(fill(Path(home), sources, embedder=embedder, tokens=tokens), labelled)


def main() -> int:
    """Read the command line and measure each set named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sets", nargs="+")
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--tokens", type=int, default=Settings.model_fields["chunk_tokens"].default)
    options = parser.parse_args()
    embedder = Embedder.load(Settings().weights / "all-MiniLM-L6-v2")
    for name in options.sets:
        run(name, data=options.data, embedder=embedder, tokens=options.tokens)
    return 0


if __name__ == "__main__":
    sys.exit(main())
