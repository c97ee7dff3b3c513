"""What each part of a search is worth: nDCG@10 and milliseconds of processor with one part taken away at a time.

Each set is ingested once and searched by the product's Retriever, whole and without a part; the query's vector is made
once for all, so that the milliseconds are those of the search alone. What is ranked is the documents of ten passages.
The last column is the mean difference to the product, with its 95 % bootstrap interval. What completing a follow-up
question is worth is measured by `bench.followups`.
Run: `python -m bench.ablation [--data ../shared/data] [--queries 300] SET...` (five minutes of processor).
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

from app.settings import Settings
from bench.retrieval import COLLECTION, Bench, fill
from bench.sets import RetrievalSet, interval, load_set, ndcg
from models.embedder import Embedder
from retrieval import retriever as retrieving
from retrieval.finding import LexicalMatches
from retrieval.fusion import reciprocal_rank_fusion
from retrieval.lexical import Frequencies
from retrieval.retriever import Candidate, Retriever
from retrieval.sources import bytes_source

NOTHING = LexicalMatches(common=Frequencies(rows=0, of_term={}, costs={}), numbers=())

GROUPED = retrieving.grouped
OF_A_DOCUMENT = 2


def _no_words(*_: Any, **__: Any) -> LexicalMatches:
    return NOTHING


def _no_vectors(*_: Any, **__: Any) -> dict[str, float]:
    return {}


def _ranks(dense: Sequence[float], lexical: Sequence[float]) -> list[float]:
    return list(reciprocal_rank_fusion(dense, lexical))


def _diverse(candidates: Sequence[Candidate], *, k: int) -> list[list[Candidate]]:
    """Return k groups, at most two of a document as long as there are others."""
    count: dict[str, int] = {}
    first: list[list[Candidate]] = []
    later: list[list[Candidate]] = []
    for group in GROUPED(candidates, k=4 * k):
        document = group[0].found.chunk.document_id
        count[document] = count.get(document, 0) + 1
        (first if count[document] <= OF_A_DOCUMENT else later).append(group)
    return [*first, *later][:k]


@contextmanager
def without(part: str, search: Retriever) -> Iterator[None]:
    """Take a part of the search away within the block."""
    patches = {
        "product": patch.object(retrieving, "REACH", retrieving.REACH),
        "without the words around a chunk": patch.object(retrieving, "REACH", 0),
        "without the cosines of what words found": patch.object(search, "_further", _no_vectors),
        "without joining neighbours": patch.object(retrieving, "MERGED_FROM", 0),
        "with at most two passages of a document": patch.object(retrieving, "grouped", _diverse),
        "rank fusion in place of added scores": patch.object(retrieving, "added_scores", _ranks),
        "without words (dense alone)": patch.object(search._finder, "lexical", _no_words),  # noqa: SLF001 - a measure
        "without vectors (BM25 alone)": patch.object(search, "_nearest", _no_vectors),
    }
    with patches[part]:
        if part == "without vectors (BM25 alone)":
            with patch.object(search, "_further", _no_vectors):
                yield
        else:
            yield


PARTS = (
    "product",
    "without the words around a chunk",
    "without the cosines of what words found",
    "without joining neighbours",
    "with at most two passages of a document",
    "rank fusion in place of added scores",
    "without words (dense alone)",
    "without vectors (BM25 alone)",
)


def measure(bench: Bench, data: RetrievalSet, most: int) -> None:
    """Ask every query in every way, one after the other, and print a line for each."""
    vectors: dict[str, Any] = {}
    search = Retriever(chunks=bench.library.chunks, index=bench.library.index, embed_query=lambda text: vectors[text])
    gains: dict[str, list[float]] = {part: [] for part in PARTS}
    took = dict.fromkeys(PARTS, 0.0)
    queries = list(data.queries.items())[:most]
    for query_id, text in queries:
        vectors[text] = bench.embedder.embed_query(text)
        for part in PARTS:
            with without(part, search):
                begun = time.process_time()
                passages = search.search(text, collection_ids=[COLLECTION], k=10)
                took[part] += time.process_time() - begun
            ranked = list(dict.fromkeys(passage.document.removesuffix(".txt") for passage in passages))
            gains[part].append(ndcg(ranked, data.relevant[query_id]))
    for part in PARTS:
        mean, *_ = interval(gains[part])
        change, low, high = interval([one - whole for one, whole in zip(gains[part], gains["product"], strict=True)])
        milliseconds = took[part] * 1000 / len(queries)
        print(f"{data.name}: {part:40} {mean:.3f}  {milliseconds:5.1f} ms  {change:+.3f} ({low:+.3f} to {high:+.3f})")
    sys.stdout.flush()


def main() -> int:
    """Read the command line and measure each set named."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sets", nargs="*", default=["mtrag_un", "wikiqa", "covidqa"])
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--queries", type=int, default=300)
    options = parser.parse_args()
    embedder = Embedder.load(Settings().weights / "all-MiniLM-L6-v2")
    for name in options.sets:
        data = load_set(options.data / name)
        sources = [bytes_source(f"{key}.txt", text.encode()) for key, text in data.documents.items()]
        with tempfile.TemporaryDirectory() as home:
            tokens = Settings.model_fields["chunk_tokens"].default
            measure(fill(Path(home), sources, embedder=embedder, tokens=tokens), data, options.queries)
    return 0


if __name__ == "__main__":
    sys.exit(main())
