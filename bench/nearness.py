"""What MiniLM's cosine of a claim to its window or its passage adds to the first tier.

For each of the four sets: the area of words alone, of the cosine alone, and of the score with so much of the cosine
added. How much was chosen on one half of every set (the same for all of them) and measured on the other, many times
over. Costs are those of embedding claims and windows or passages, where nobody holds their vectors.
Run: `python -m bench.nearness [--data ../shared/data] [--sets NAME...]`.
"""

import argparse
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from app.checks.calibration import mean_score
from app.checks.claims import Examined
from app.checks.evaluation import Column, area
from app.checks.support import Evidence, Source
from app.settings import Settings
from bench.checks import SETS
from bench.signs import answers_of
from models.embedder import Embedder

SHARES = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.7, 1.0)
"""How much of the cosine is added to a claim's score."""
HALVES = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """A statement: its text, its score by words, its cosine."""

    text: str
    score: float
    cosine: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """The answers of a set."""

    answers: Sequence[Sequence[Stated]]
    truth: Column
    against: Column
    """Whether each counts for supported against contradicted."""

    def scores(self, share: float) -> Column:
        """Return each answer's score with so much of the cosine; 0.5 where nothing is stated."""
        return np.array([_mean(some, lambda one: one.score + share * one.cosine) for some in self.answers])

    def cosines(self) -> Column:
        """Return each answer's cosine."""
        return np.array([_mean(some, lambda one: one.cosine) for some in self.answers])


def _mean(stated: Sequence[Stated], score: Callable[[Stated], float]) -> float:
    return mean_score([(one.text, score(one)) for one in stated]) if stated else 0.5


def measured(folder: Path, embedder: Embedder, *, whole: bool) -> Measured:
    """Return a set's answers with the cosine of each statement to its best window, or to the `whole` passage."""
    known = answers_of(folder)
    pairs = [pair for one, some in known for pair in _pairs(one.item["passages"], some, whole=whole)]
    texts = list(dict.fromkeys(text for pair in pairs for text in pair))
    begun = time.process_time()
    rows = embedder.embed_documents(texts)
    each = 1000 * (time.process_time() - begun) / max(len(texts), 1)
    place = {text: number for number, text in enumerate(texts)}
    cosines = iter([float(rows[place[claim]] @ rows[place[other]]) for claim, other in pairs])
    answers = [
        [Stated(text=each.sentence.text, score=each.score, cosine=next(cosines)) for each in some] for _, some in known
    ]
    print(f"   {len(texts)} texts, {each:.1f} ms of the processor each; {len(pairs) / len(known):.1f} claims an answer")
    return Measured(
        answers=answers,
        truth=np.array([float(bool(one.supported)) for one, _ in known]),
        against=np.array([bool(one.supported) or one.contradicted for one, _ in known]),
    )


def _pairs(passages: Sequence[str], examined: Sequence[Examined], *, whole: bool) -> list[tuple[str, str]]:
    """Return each statement with what it is compared to."""
    evidence = Evidence([Source(text=text) for text in passages])
    windows = [one.supports[0].window if one.supports else None for one in examined]
    others = ["" if one is None else passages[one.source] if whole else evidence.text_of(one) for one in windows]
    return [(one.sentence.text, other) for one, other in zip(examined, others, strict=True)]


def chosen(sets: Mapping[str, Measured]) -> tuple[float, dict[str, tuple[float, float]]]:
    """Return the share chosen most often on halves, and each set's mean area on the other halves, without and with."""
    scores = {name: [one.scores(share) for share in SHARES] for name, one in sets.items()}
    picked: list[int] = []
    areas: dict[str, list[tuple[float, float]]] = {name: [] for name in sets}
    for seed in range(HALVES):
        halves = {name: np.random.default_rng(seed).permutation(len(one.truth)) % 2 > 0 for name, one in sets.items()}
        sums = [
            sum(area(scores[name][place][halves[name]], one.truth[halves[name]]) for name, one in sets.items())
            for place in range(len(SHARES))
        ]
        best = int(np.argmax(sums))
        picked.append(best)
        for name, one in sets.items():
            rest = ~halves[name]
            both = (area(scores[name][place][rest], one.truth[rest]) for place in (0, best))
            areas[name].append((next(both), next(both)))
    means = {name: tuple(float(value) for value in np.mean(some, axis=0)) for name, some in areas.items()}
    return SHARES[int(np.bincount(picked).argmax())], {name: (one[0], one[1]) for name, one in means.items()}


def report(sets: Mapping[str, Measured]) -> None:
    """Print the figures."""
    for name, one in sets.items():
        told = [f"{share}: {area(one.scores(share), one.truth):.3f}" for share in SHARES]
        print(f"{name}: cosine alone {area(one.cosines(), one.truth):.3f}; added", ", ".join(told))
        if not one.against.all() and (one.against & (one.truth == 0)).any():
            some = one.against
            told = [f"{share}: {area(one.scores(share)[some], one.truth[some]):.3f}" for share in SHARES]
            print("   supported against contradicted", ", ".join(told))
    share, areas = chosen(sets)
    print(f"chosen on one half: mostly {share}; on the other half, without and with:")
    for name, (without, with_it) in areas.items():
        print(f"   {name} {without:.3f} {with_it:.3f}")


def main() -> int:
    """Read the command line, examine, embed, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--sets", nargs="*", default=SETS)
    options = parser.parse_args()
    embedder = Embedder.load(Settings().weights / "all-MiniLM-L6-v2")
    for whole in (False, True):
        print("to the passage" if whole else "to the window")
        report({name: measured(options.data / name, embedder, whole=whole) for name in options.sets})
    return 0


if __name__ == "__main__":
    sys.exit(main())
