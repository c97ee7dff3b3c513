"""How many underspecified questions get a question back, and how many clear ones do by mistake.

The signs of `app.checks.clarity` are taken of every task of mtrag_un, searched in the product's own stores, and the
weights are fitted on four fifths of the tasks and tried on the last, six times over. Printed are the area under the
curve, the share recognised where 5 % of the clear ones are asked back, the same for the weights the product has, the
questions of wikiqa and kb_18f that are asked back by mistake, and weights fitted on everything.
Run: `python -m bench.clarity [--data ../shared/data]`.
"""

import argparse
import random
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.answering.queries import standalone
from app.checks.clarity import ASKED_BACK, WEIGHTS, score, signs
from app.commands.questions import turns
from app.settings import Settings
from bench.retrieval import COLLECTION, fill
from bench.sets import counted, interval, load_set, read_lines
from models.embedder import Embedder
from retrieval.retriever import Retriever
from retrieval.sources import Source, bytes_source, collect

Rows = NDArray[np.float64]
FOLDS, ROUNDS = 5, 6
STEADY = 10.0
"""Strength of the ridge: the same as C = 0.1."""
OTHERS = 300
"""Questions of wikiqa that are fitted too, as clear ones, each counting 0.3: they come without a conversation."""


def sources_of(folder: Path) -> list[Source]:
    """Return the documents of a set."""
    if (folder / "docs").exists():
        return collect([folder / "docs"])
    return [bytes_source(f"{key}.txt", text.encode()) for key, text in load_set(folder).documents.items()]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A question, its signs, and the product's score, which is 0 where it declines rather than asks back."""

    row: dict[str, Any]
    signs: list[float]
    score: float


def examined(retriever: Retriever, folder: Path) -> Iterator[Seen]:
    """Yield each question with its signs."""
    handbook = folder / "questions.jsonl"
    for row in read_lines(handbook if handbook.exists() else folder / "queries.jsonl"):
        history = turns(row.get("history") or ())
        query = standalone(row["text"], history)
        passages = retriever.search(query, collection_ids=[COLLECTION], k=5)
        asked = (row["text"], query, history, passages)
        yield Seen(row=row, signs=signs(*asked), score=score(*asked))


def fitted(rows: Rows, unclear: Rows, counts: Rows, *, steady: float = STEADY) -> tuple[Rows, float]:
    """Return weights and constant of a logistic regression with a ridge over standardised signs."""
    mean, spread = rows.mean(0), rows.std(0) + 1e-9
    known = np.hstack([(rows - mean) / spread, np.ones((len(rows), 1))])
    ridge = np.diag([steady] * rows.shape[1] + [0.0])
    weights = np.zeros(known.shape[1])
    for _ in range(30):  # Newton's steps
        likely = 1 / (1 + np.exp(-known @ weights))
        slope = known.T @ (counts * (likely - unclear)) + ridge @ weights
        weights -= np.linalg.solve((known.T * (counts * likely * (1 - likely))) @ known + ridge, slope)
    scaled = weights[:-1] / spread
    return scaled, float(weights[-1] - scaled @ mean)


def area(scores: Rows, unclear: Rows) -> float:
    """Return the share of pairs of an unclear and a clear question in which the unclear one scores higher."""
    pairs = scores[unclear > 0][:, None] - scores[unclear == 0][None]
    return float((pairs > 0).mean() + (pairs == 0).mean() / 2)


def recognised(scores: Rows, unclear: Rows, *, mistaken: float) -> tuple[float, float]:
    """Return the share of unclear questions above the score that so many clear ones exceed, and that score."""
    clear = np.sort(scores[unclear == 0])[::-1]
    limit = float(clear[int(mistaken * len(clear))])
    return float((scores[unclear > 0] > limit).mean()), limit


def cross_validate(rows: Rows, unclear: Rows, others: Rows, open_to_it: Rows) -> None:
    """Print what weights fitted on other tasks recognise."""
    areas, shares, limits = [], [], []
    caught = np.zeros(len(rows))
    for seed in range(ROUNDS):
        order = np.random.default_rng(seed).permutation(len(rows))
        scores = np.zeros(len(rows))
        for fold in range(FOLDS):
            tried = order[fold::FOLDS]
            rest = np.setdiff1d(order, tried)
            known = np.vstack([rows[rest], others])
            counts = np.r_[np.ones(len(rest)), np.full(len(others), 0.3)]
            weights, constant = fitted(known, np.r_[unclear[rest], np.zeros(len(others))], counts)
            scores[tried] = 1 / (1 + np.exp(-rows[tried] @ weights - constant))
        scores *= open_to_it
        share, limit = recognised(scores, unclear, mistaken=0.05)
        caught += scores > limit
        areas, shares, limits = [*areas, area(scores, unclear)], [*shares, share], [*limits, limit]
    print(f"cross-validated: area {np.mean(areas):.3f}; {np.mean(shares):.3f} recognised at 5 % of the clear ones")
    print(f"  from a probability of {np.mean(limits):.2f}; {min(shares):.2f} to {max(shares):.2f} over {ROUNDS} rounds")
    mean, low, high = interval((caught[unclear > 0] / ROUNDS).tolist())
    print(f"  over the underspecified tasks {mean:.3f} ({low:.3f} to {high:.3f})")


def asked_back(seen: Sequence[Seen]) -> str:
    """Return how many of these the product asks back."""
    return counted(sum(one.score >= ASKED_BACK for one in seen), len(seen))


def report(found: dict[str, list[Seen]]) -> None:
    """Print the figures."""
    tasks = found["mtrag_un"]
    vague = [one for one in tasks if one.row["answerability"] == "UNDERSPECIFIED"]
    unclear = np.array([float(one in vague) for one in tasks])
    rows = np.array([one.signs for one in tasks])
    others = [one.signs for one in found["wikiqa"]]
    random.Random(1).shuffle(others)  # noqa: S311 (for a sample)
    cross_validate(rows, unclear, np.array(others[:OTHERS]), np.array([float(one.score > 0) for one in tasks]))
    print(f"the product: {asked_back(vague)} of the underspecified,")
    print(f"  {asked_back([one for one in tasks if one not in vague])} of the others; by mistake", end=" ")
    print(f"{asked_back(found['wikiqa'])} of wikiqa and {asked_back(found['kb_18f'])} of kb_18f")
    counts = np.r_[np.ones(len(rows)), np.full(OTHERS, 0.3)]
    weights, constant = fitted(np.vstack([rows, others[:OTHERS]]), np.r_[unclear, np.zeros(OTHERS)], counts)
    print("fitted on everything:", dict(zip(WEIGHTS, weights.round(2).tolist(), strict=True)), round(constant, 2))


def main() -> int:
    """Read the command line, search, fit, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    data = parser.parse_args().data
    embedder = Embedder.load(Settings().weights / "all-MiniLM-L6-v2")
    found = {}
    for name in ("mtrag_un", "wikiqa", "kb_18f"):
        with tempfile.TemporaryDirectory() as home:
            tokens = Settings.model_fields["chunk_tokens"].default
            bench = fill(Path(home), sources_of(data / name), embedder=embedder, tokens=tokens)
            found[name] = list(examined(bench.retriever, data / name))
    report(found)
    return 0


if __name__ == "__main__":
    sys.exit(main())
