"""How large chunks should be: what search finds with each size, on covidqa and on the excerpts of chroma_chunking.

Every size is ingested into stores of its own and searched by the product's Retriever. Printed are nDCG@10 on covidqa
and, on chroma_chunking, how much of the excerpts the first five passages hold (recall) and how much of these is excerpt
(precision), with 95 % bootstrap intervals. The product's chunks do not overlap: what an overlap is for, words said just
before, is done by scoring a chunk together with its neighbours (`retrieval.retriever.REACH`), which costs no second
embedding. With `--overlap 1` each chunk is indexed with the sentence before it as well.
Run: `python -m bench.chunks [--data ../shared/data] [--tokens 80,120,160,200] [--overlap 0,1] [--sample N] SET...` (a
minute or two of processor each; of a sample of documents, only the queries that are answered in it are asked).
"""

import argparse
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from app.settings import Settings
from bench.retrieval import COLLECTION, Bench, fill, score_excerpts
from bench.sets import RetrievalSet, interval, load_set, ndcg
from models.embedder import Embedder
from retrieval import ingest
from retrieval.documents import Chunk, Document
from retrieval.sentences import sentence_spans
from retrieval.sources import bytes_source, collect


@contextmanager
def overlapping(sentences: int) -> Iterator[None]:
    """Let chunks begin so many sentences earlier within the block, where the sentence lies below the same headings."""
    cut = ingest.chunk_document

    def wider(document: Document, **options: Any) -> list[Chunk]:
        parts = cut(document, **options)
        below = [None, *(part.headings for part in parts)]
        return [
            _begun_before(part, document) if part.headings == above else part
            for part, above in zip(parts, below, strict=False)
        ]

    ingest.chunk_document = wider if sentences else cut  # type: ignore[assignment]  # a measure, not the product
    try:
        yield
    finally:
        ingest.chunk_document = cut


def _begun_before(part: Chunk, document: Document) -> Chunk:
    """Return a chunk that begins with the sentence before it."""
    paragraph = document.text.rfind("\n\n", 0, max(part.start - 2, 0)) + 2
    before = [span for span in sentence_spans(document.text, max(paragraph, 0), part.start) if span[1] <= part.start]
    start = before[-1][0] if before else part.start
    return replace(part, start=start, text=document.text[start : part.end])


def score_documents(bench: Bench, data: RetrievalSet) -> None:
    """Print nDCG@10 of the product's ten passages."""
    gains = []
    for query_id, text in data.queries.items():
        passages = bench.retriever.search(text, collection_ids=[COLLECTION], k=10)
        ranked = list(dict.fromkeys(passage.document.removesuffix(".txt") for passage in passages))
        gains.append(ndcg(ranked, data.relevant[query_id]))
    mean, low, high = interval(gains)
    print(f"{data.name}: nDCG@10 {mean:.4f} ({low:.3f}-{high:.3f})", flush=True)


def sampled(data: RetrievalSet, documents: int) -> RetrievalSet:
    """Return a set with its first documents only, and the queries whose right documents are all among them."""
    kept = dict(list(data.documents.items())[:documents])
    queries = {key: text for key, text in data.queries.items() if data.relevant[key].keys() <= kept.keys()}
    return replace(data, documents=kept, queries=queries)


def run(name: str, *, data: Path, embedder: Embedder, tokens: int, sample: int) -> None:
    """Measure one set with chunks of at most so many tokens."""
    print(f"{tokens} tokens:", end=" ", flush=True)
    with tempfile.TemporaryDirectory() as home:
        if name == "chroma_chunking":
            corpora = collect([data / name / "corpora"])
            score_excerpts(fill(Path(home), corpora, embedder=embedder, tokens=tokens), data / name)
            return
        labelled = sampled(load_set(data / name), sample)
        sources = [bytes_source(f"{key}.txt", text.encode()) for key, text in labelled.documents.items()]
        score_documents(fill(Path(home), sources, embedder=embedder, tokens=tokens), labelled)


def main() -> int:
    """Read the command line and measure each set with each size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sets", nargs="*", default=["covidqa", "chroma_chunking"])
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--tokens", default="80,120,160,200")
    parser.add_argument("--overlap", default="0,1", help="sentences")
    parser.add_argument("--sample", type=int, default=10**6, help="documents of covidqa")
    options = parser.parse_args()
    embedder = Embedder.load(Settings().weights / "all-MiniLM-L6-v2")
    for name in options.sets:
        for tokens in options.tokens.split(","):
            for overlap in options.overlap.split(","):
                print(f"{name}: {overlap} sentences of overlap,", end=" ")
                with overlapping(int(overlap)):
                    run(name, data=options.data, embedder=embedder, tokens=int(tokens), sample=options.sample)
    return 0


if __name__ == "__main__":
    sys.exit(main())
