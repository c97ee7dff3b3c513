"""How much of what answers a question stands in the prompt, with neighbours and without, and how long the prompt is.

chroma_chunking names for each question the excerpts that answer it; counted are the characters of their sentences that
stand whole in the fenced passages, as the product cuts and widens them. Run:
`python -m bench.prompts [--data ../shared/data] [--model small]`.
"""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from statistics import fmean

from app.answering.widening import widened
from app.fencing import CountTokens, fence
from app.sentences import split_sentences
from app.settings import Settings
from bench.retrieval import COLLECTION, Bench, fill
from bench.sets import interval, read_lines
from models.embedder import Embedder
from models.vocabulary import tokenizer_of
from models.weights import find
from retrieval.neighbours import Neighbours
from retrieval.sources import collect

ROOMS = ((5, 600), (5, 1200), (5, 1638), (10, 1638))
"""Passages, and how many tokens they may take together."""


def share(fenced: str, wanted: Sequence[str]) -> float:
    """Return which share of the wanted sentences' characters stands in the passages."""
    return sum(len(one) for one in wanted if one in fenced) / (sum(map(len, wanted)) or 1)


def one_line(text: str) -> str:
    """Return a text without line ends: excerpts were copied with others."""
    return " ".join(text.split())


def compare(bench: Bench, data: Path, *, k: int, tokens: int, count_tokens: CountTokens) -> None:
    """Print both ways for so many passages and tokens."""
    neighbours = Neighbours(bench.library.chunks.finder)
    ways = {"as found": (), "widened": (neighbours.with_next, neighbours.with_previous)}
    shares: dict[str, list[float]] = {name: [] for name in ways}
    lengths: dict[str, list[int]] = {name: [] for name in ways}
    for row in read_lines(data / "queries.jsonl"):
        found = bench.retriever.search(row["text"], collection_ids=[COLLECTION], k=k)
        wanted = [one_line(one.text) for each in row["references"] for one in split_sentences(each["content"])]
        for name, sides in ways.items():
            passages = widened(found, sides, tokens=tokens, count_tokens=count_tokens)
            fenced = fence(passages, row["text"], tokens=tokens, count_tokens=count_tokens)
            shares[name].append(share(one_line(fenced), wanted))
            lengths[name].append(count_tokens(fenced))
    for name, values in shares.items():
        change = interval([one - other for one, other in zip(values, shares["as found"], strict=True)])
        print(
            f"{k:2} passages, {tokens:4} tokens, {name:8}",
            "{:.3f} ({:.3f} to {:.3f})".format(*interval(values)),
            "difference {:+.3f} ({:+.3f} to {:+.3f})".format(*change),
            f"{fmean(lengths[name]):5.0f} tokens",
            flush=True,
        )


def main() -> int:
    """Read the command line, fill the stores, compare."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--model", default="small", help="whose tokens are counted")
    options = parser.parse_args()
    folder = options.data / "chroma_chunking"
    settings = Settings()
    embedder = Embedder.load(settings.weights / "all-MiniLM-L6-v2")
    tokenizer = tokenizer_of(find(options.model, directory=settings.weights))

    @cache
    def count_tokens(text: str) -> int:
        return len(tokenizer.encode(text, add_special_tokens=False).ids)

    with tempfile.TemporaryDirectory() as home:
        bench = fill(Path(home), collect([folder / "corpora"]), embedder=embedder, tokens=settings.chunk_tokens)
        for k, tokens in ROOMS:
            compare(bench, folder, k=k, tokens=tokens, count_tokens=count_tokens)
    return 0


if __name__ == "__main__":
    sys.exit(main())
