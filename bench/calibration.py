"""How far scores are from how often answers are right: as delivered, fitted within a set, and on a set never seen.

Within a set: a curve of two numbers fitted on one random half gives the other half its chances, and the other way
round, so that every answer has a chance from a curve that did not see it; a hundred times. On an unseen set: the
delivered form's four numbers, fitted on the three other sets, each set counting alike.

Told are the expected error over ten groups of equal size, which says something even of a perfect curve, because groups
are small (told beside it), and the error over as many equal groups as keep the frequencies in order, which says less
of it. Sources: Naeini, Cooper and Hauskrecht 2015; Roelofs et al. 2022, Mitigating Bias in Calibration Error
Estimation (ECE_sweep). Run: `python -m bench.calibration [--data ../shared/data] [--words]`.
"""

import argparse
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise, product
from pathlib import Path

import numpy as np

from app.checks.calibration import Curve, chance
from app.checks.evaluation import Column, interval, labelled, miscalibration
from app.checks.nearness import Embed
from app.checks.report import check_items
from app.settings import Settings
from app.voices import load_embedder
from bench.checks import SETS
from bench.sets import read_lines

ROUNDS = 100
GRID = tuple(
    Curve(steepness=steepness, gain=gain, middle=middle, brevity=brevity)
    for steepness, gain, middle, brevity in product(
        (3, 3.5, 4, 4.5, 5), (0.5, 0.75, 1, 1.25, 1.5), (0.4, 0.42, 0.44, 0.46, 0.48, 0.5), (0, 0.3, 0.5, 0.7, 0.9)
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """Of a set's answers that state something: chance as delivered, mean score, claims, length of the passages."""

    delivered: Column
    scores: Column
    claims: Column
    characters: Column
    truth: Column

    def by(self, curve: Curve) -> Column:
        """Return their chances by another curve."""
        rows = zip(self.scores, self.claims, self.characters, strict=True)
        return np.array([curve(float(score), claims=int(n), characters=int(length)) for score, n, length in rows])


def answers_of(folder: Path, embed: Embed | None) -> Answers:
    """Examine the answers of a set."""
    known = [one for one in labelled(list(read_lines(folder / "items.jsonl"))) if one.supported is not None]
    rows = []
    for one, found in zip(known, check_items([one.item for one in known], embed=embed), strict=True):
        claims = sum(claim["verdict"] != "not examined" for claim in found["claims"])
        length = sum(map(len, one.item["passages"]))
        if claims:
            rows.append((found["score"], score_behind(found["score"], claims, length), claims, length, one.supported))
    delivered, scores, claims_of, characters, truth = np.array(rows, dtype=float).T
    return Answers(delivered=delivered, scores=scores, claims=claims_of, characters=characters, truth=truth)


def score_behind(likely: float, claims: int, characters: int) -> float:
    """Return the mean score that the delivered curve makes this chance of."""
    low, high = -1.0, 2.0
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if chance(middle, claims=claims, characters=characters) < likely else (low, middle)
    return (low + high) / 2


def swept(scores: Column, truth: Column) -> float:
    """Return the mean distance over as many groups of equal size as keep the frequencies in order."""
    order = np.argsort(scores, kind="stable")
    groups = [order]
    for number in range(2, len(order) + 1):
        finer = np.array_split(order, number)
        heights = [truth[group].mean() for group in finer]
        if any(later < earlier for earlier, later in pairwise(heights)):
            break
        groups = finer
    return float(sum(len(group) * abs(scores[group].mean() - truth[group].mean()) for group in groups) / len(order))


def fitted(scores: Column, truth: Column) -> Column:
    """Return slope and intercept of the logistic curve that makes the truth likeliest (Platt 1999)."""
    table, weights = np.column_stack([scores, np.ones(len(scores))]), np.zeros(2)
    for _ in range(50):
        likely = 1 / (1 + np.exp(-table @ weights))
        curvature = (table * (likely * (1 - likely))[:, None]).T @ table + 1e-3 * np.eye(2)
        weights -= np.linalg.solve(curvature, table.T @ (likely - truth) + 1e-3 * weights)
    return weights


def within(answers: Answers) -> tuple[float, float, float]:
    """Return both errors of halves judged by each other's curves, and what a perfect curve would seem to miss by."""
    draw, scores, truth = np.random.default_rng(20261123), answers.scores, answers.truth
    errors = []
    for _ in range(ROUNDS):
        halves = np.array_split(draw.permutation(len(truth)), 2)
        likely = np.zeros(len(truth))
        for one, other in (halves, halves[::-1]):
            slope, intercept = fitted(scores[one], truth[one])
            likely[other] = 1 / (1 + np.exp(-slope * scores[other] - intercept))
        perfect = (draw.random(len(truth)) < likely).astype(float)
        errors.append((miscalibration(likely, truth), swept(likely, truth), miscalibration(likely, perfect)))
    ten, few, least = np.array(errors).mean(axis=0)
    return float(ten), float(few), float(least)


def surprise(answers: Answers, curve: Curve) -> float:
    """Return the mean negative logarithm of what a curve gave to what was true."""
    likely = np.clip(answers.by(curve), 1e-4, 1 - 1e-4)
    return -float(np.mean(np.log(np.where(answers.truth > 0, likely, 1 - likely))))


def unseen(name: str, surprises: Mapping[str, Sequence[float]]) -> Curve:
    """Return the curve that suits the other sets best."""
    others = np.array([values for other, values in surprises.items() if other != name])
    return GRID[int(others.mean(axis=0).argmin())]


def main() -> int:
    """Read the command line, examine, fit, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--words", action="store_true", help="leave the embedder out")
    options = parser.parse_args()
    embed = None if options.words else load_embedder(Settings()).embed_documents
    sets = {name: answers_of(options.data / name, embed) for name in SETS}
    surprises = {name: [surprise(answers, curve) for curve in GRID] for name, answers in sets.items()}
    for name, answers in sets.items():
        curve = unseen(name, surprises)
        for title, likely in (("delivered", answers.delivered), ("unseen", answers.by(curve))):
            ten = interval(miscalibration, likely, answers.truth)
            few = swept(likely, answers.truth)
            print(f"{name}, {title}: {ten['value']:.3f} ({ten['low']:.3f}-{ten['high']:.3f}), in order {few:.3f}")
        print(f"{name}, within: %.3f, in order %.3f, a perfect curve %.3f; unseen by {curve}" % within(answers))
    return 0


if __name__ == "__main__":
    sys.exit(main())
