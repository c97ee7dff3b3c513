"""How large chunks should be: what search finds with each size, on covidqa and on the excerpts of chroma_chunking.

Every size is ingested into stores of its own and searched by the product's Retriever. Printed are nDCG@10 on covidqa
and, on chroma_chunking, how much of the excerpts the first five passages hold (recall) and how much of these is excerpt
(precision), with 95 % bootstrap intervals. Chunks do not overlap: what an overlap is for, words said just before, is
done by scoring a chunk together with its neighbours (`retrieval.retriever.REACH`), which costs no second embedding.
Run: `python -m bench.chunks [--data ../shared/data] [--tokens 80,120,200] SET...`.
"""

import argparse
import sys
import tempfile
from pathlib import Path

from app.settings import Settings
from bench.retrieval import COLLECTION, Bench, fill, score_excerpts
from bench.sets import RetrievalSet, interval, load_set, ndcg
from models.embedder import Embedder
from retrieval.sources import bytes_source, collect


def score_documents(bench: Bench, data: RetrievalSet) -> None:
    """Print nDCG@10 of the product's ten passages."""
    gains = []
    for query_id, text in data.queries.items():
        passages = bench.retriever.search(text, collection_ids=[COLLECTION], k=10)
        ranked = list(dict.fromkeys(passage.document.removesuffix(".txt") for passage in passages))
        gains.append(ndcg(ranked, data.relevant[query_id]))
    mean, low, high = interval(gains)
    print(f"{data.name}: nDCG@10 {mean:.4f} ({low:.3f}-{high:.3f})", flush=True)


def run(name: str, *, data: Path, embedder: Embedder, tokens: int) -> None:
    """Measure one set with chunks of at most so many tokens."""
    print(f"{tokens} tokens:", end=" ", flush=True)
    with tempfile.TemporaryDirectory() as home:
        if name == "chroma_chunking":
            corpora = collect([data / name / "corpora"])
            score_excerpts(fill(Path(home), corpora, embedder=embedder, tokens=tokens), data / name)
            return
        labelled = load_set(data / name)
        sources = [bytes_source(f"{key}.txt", text.encode()) for key, text in labelled.documents.items()]
        score_documents(fill(Path(home), sources, embedder=embedder, tokens=tokens), labelled)


def main() -> int:
    """Read the command line and measure each set with each size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sets", nargs="*", default=["covidqa", "chroma_chunking"])
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--tokens", default="80,120,200")
    options = parser.parse_args()
    embedder = Embedder.load(Settings().weights / "all-MiniLM-L6-v2")
    for name in options.sets:
        for tokens in options.tokens.split(","):
            run(name, data=options.data, embedder=embedder, tokens=int(tokens))
    return 0


if __name__ == "__main__":
    sys.exit(main())
