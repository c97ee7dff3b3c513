"""How well `app.checks.evidence` tells questions the documents answer from those they do not.

Every question of wikiqa and mtrag_un that is known to be answerable or not is searched in the product's own stores. The
chance is fitted on four fifths of both sets, each set counting the same, and tried on the last fifth; kb_18f is only
tried. Printed are the area under the curve, the mean squared error of the chance (Brier), how far it is from what
happened (over ten groups), and what is declined or written without an offer to decline.
Run: `python -m bench.evidence [--data ../shared/data]`.
"""

import argparse
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.answering.queries import standalone
from app.checks.evidence import ENOUGH, STRONG, chance, evidence
from app.commands.questions import turns
from app.settings import Settings
from bench.clarity import area, fitted, sources_of
from bench.retrieval import COLLECTION, fill
from bench.sets import interval, read_lines
from models.embedder import Embedder
from retrieval.retriever import Retriever

FITTED = ("wikiqa", "mtrag_un")
GROUPS, FOLDS = 10, 5

Column = NDArray[np.float64]
Judged = tuple[Column, Column]
"""The evidence of each question, and 1 where it is answerable."""


def judged(retriever: Retriever, folder: Path) -> Judged:
    """Return the evidence for each question, and whether it is answerable."""
    handbook = folder / "questions.jsonl"
    strengths: list[float] = []
    answerable: list[float] = []
    for row in read_lines(handbook if handbook.exists() else folder / "queries.jsonl"):
        known = is_answerable(row)
        if known is not None:
            query = standalone(row["text"], turns(row.get("history") or ()))
            strengths.append(evidence(query, retriever.search(query, collection_ids=[COLLECTION], k=5)))
            answerable.append(float(known))
    return np.array(strengths), np.array(answerable)


def is_answerable(row: Mapping[str, Any]) -> bool | None:
    """Return what is known of a question, None where it is neither."""
    said = {"ANSWERABLE": True, "UNANSWERABLE": False}.get(row.get("answerability", ""))
    known: bool | None = row.get("answerable", said)
    return known


def tried(sets: Mapping[str, Judged]) -> dict[str, Column]:
    """Return the chance of each question by a curve fitted without it."""
    folds = {name: np.random.default_rng(1).permutation(len(sets[name][0])) % FOLDS for name in FITTED}
    chances = {name: np.zeros(len(sets[name][0])) for name in FITTED}
    for fold in range(FOLDS):
        slope, constant = curve({name: tuple(part[folds[name] != fold] for part in sets[name]) for name in FITTED})
        for name in FITTED:
            out = folds[name] == fold
            chances[name][out] = 1 / (1 + np.exp(-slope * sets[name][0][out] - constant))
    return chances


def curve(sets: Mapping[str, tuple[Column, ...]]) -> tuple[float, float]:
    """Return slope and constant of the logistic curve over the evidence, each set counting the same."""
    strengths = np.concatenate([each[0] for each in sets.values()])
    happened = np.concatenate([each[1] for each in sets.values()])
    counts = np.concatenate([np.full(len(each[0]), 100 / len(each[0])) for each in sets.values()])
    slope, constant = fitted(strengths[:, None], happened, counts, steady=0.01)
    return float(slope[0]), constant


def miscalibration(chances: Column, happened: Column) -> float:
    """Return the mean distance between chance and frequency over ten groups of equal size."""
    order = np.argsort(chances)
    groups = np.array_split(order, GROUPS)
    return float(sum(len(group) * abs(chances[group].mean() - happened[group].mean()) for group in groups) / len(order))


def report(sets: Mapping[str, Judged]) -> None:
    """Print the figures."""
    chances = tried(sets)
    for name, (strengths, happened) in sets.items():
        likely = chances.get(name, np.array([chance(each) for each in strengths]))
        brier, low, high = interval(((likely - happened) ** 2).tolist())
        print(f"{name}: {len(happened)} questions, {int((happened == 0).sum())} unanswerable; area ", end="")
        print(f"{area(strengths, happened):.3f}, Brier {brier:.3f} ({low:.3f}-{high:.3f}), ", end="")
        print(f"off by {miscalibration(likely, happened):.3f}")
        shipped = np.array([chance(each) for each in strengths])
        for title, chosen in (("answerable", happened > 0), ("unanswerable", happened == 0)):
            declined, offered = (shipped[chosen] < ENOUGH).mean(), (shipped[chosen] < STRONG).mean()
            print(f"  {title}: {declined:.1%} declined unread, {offered:.1%} offered to decline")
    slope, constant = curve({name: sets[name] for name in FITTED})
    print(f"fitted on everything: slope {slope:.3f}, middle {-constant / slope:.3f}")


def main() -> int:
    """Read the command line, search, fit, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    data = parser.parse_args().data
    embedder = Embedder.load(Settings().weights / "all-MiniLM-L6-v2")
    sets = {}
    for name in (*FITTED, "kb_18f"):
        with tempfile.TemporaryDirectory() as home:
            tokens = Settings.model_fields["chunk_tokens"].default
            bench = fill(Path(home), sources_of(data / name), embedder=embedder, tokens=tokens)
            sets[name] = judged(bench.retriever, data / name)
    report(sets)
    return 0


if __name__ == "__main__":
    sys.exit(main())
