"""Fit what a model's word on whether the passages answer, and how likely its answer was, are worth beside the evidence.

Reads traces of `bench.refusal_signs`: of questions outside the sample of `bench.refusals`, on which rules of some
signs are fitted and cross-validated, and of others (the sample, kb_18f), on which each is tried as it is. A rule's
limit gives up 9 % of the answerable questions it was fitted on, those declined unread among them; both kinds of
question count the same, and of each kind both sets. Computes seconds, asks no model.
Run: `python -m bench.doubt OTHERS [TRACE ...]`.
"""

import argparse
import json
import math
import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from statistics import fmean
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.checks.claims import FIRM_FROM
from app.checks.evaluation import area
from app.checks.evidence import STRONG
from app.checks.values import values_of
from app.prompts import declines
from bench.clarity import fitted
from retrieval.words import terms

GIVEN_UP = 0.09
"""Share of the answerable questions."""
SUSPECTED = 0.30
"""Share of the answerable questions, those declined unread among them, that are written before they are shown."""
FOLDS, ROUNDS = 10, 20
STEADY = 1.0
RULES: Mapping[str, tuple[str, ...]] = {
    "evidence": ("evidence",),
    "yes": ("before",),
    "likelihood of the refusal": ("refusal",),
    "evidence, yes": ("evidence", "before"),
    "evidence, yes, exactly": ("evidence", "before", "exactly"),
    "evidence, yes, likelihood of the refusal": ("evidence", "before", "refusal"),
    "mean log-probability": ("likelihood",),
    "yes, mean log-probability": ("before", "likelihood"),
    "evidence, yes, mean log-probability": ("evidence", "before", "likelihood"),
    "evidence, yes, log-probability of what is added": ("evidence", "before", "added"),
    "evidence, yes, score of statements": ("evidence", "before", "score"),
    "evidence, yes, score, mean log-probability": ("evidence", "before", "score", "likelihood"),
}
"""Signs that are weighed together; the last six know the answer."""
LOOKS: Mapping[str, tuple[str, ...]] = {
    "evidence, yes": ("evidence", "before"),
    "evidence, exactly": ("evidence", "exactly"),
}
"""Signs by which an answer is suspected."""
SHARES = (0.05, 0.08, 0.10, 0.12, 0.15, 0.20, 0.30)
"""Of answerable questions given up, at which the curve is printed."""

Column = NDArray[np.float64]
Row = Mapping[str, Any]
Rows = Sequence[Row]
Fit = Callable[[Rows], "Rule | TwoLooks | Bands"]


def signs(row: Row) -> dict[str, float]:
    """Return what each sign says of a question whose passages were read, more where they should answer."""
    stated = [one for one in row["examined"] if one[0] != "not examined"]
    asked = {name: odds(said["yes"]) for name, said in row["asked"].items() if said["yes"] is not None}
    if "refusal" in row["asked"]:
        asked["refusal"] = -row["asked"]["refusal"]["logprobs"][0]
    return asked | {
        "evidence": odds(row["chance"]),
        "likelihood": fmean(row["answer"]["logprobs"] or [-1.0]),
        "added": added(row),
        "score": fmean([one[1] for one in stated] or [0.0]),
    }


def added(row: Row) -> float:
    """Return the mean log-probability of an answer's least likely tokens, as many as say what its question does not.

    An answer that repeats its question is likely for that alone.
    """
    asked, words = frozenset(terms(row["question"])), terms(row["answer"]["text"])
    share = sum(word not in asked for word in words) / max(len(words), 1)
    logprobs = sorted(row["answer"]["logprobs"] or [-1.0])
    return fmean(logprobs[: max(round(share * len(logprobs)), 1)])


def read_trace(path: Path) -> list[dict[str, Any]]:
    """Return a trace's questions, each with its signs where its passages were read."""
    rows: list[dict[str, Any]] = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [row | {"signs": signs(row)} if "answer" in row else row for row in rows]


def odds(probability: float) -> float:
    """Return log-odds, of what is almost certain those of 0.9999."""
    held = min(max(probability, 1e-4), 1 - 1e-4)
    return math.log(held / (1 - held))


def unread(row: Row) -> bool:
    """Whether the evidence alone declined."""
    return row["outcome"] == "abstained" and "answer" not in row


class Rule:
    """Signs, weighed; a smaller sum is more doubtful."""

    def __init__(self, names: Sequence[str], rows: Rows, *, given_up: float = GIVEN_UP) -> None:
        """Fit the weights on the questions whose passages were read, and the limit on all."""
        self.names = names
        read = [row for row in rows if "answer" in row]
        columns = np.array([[row["signs"][name] for name in names] for row in read])
        counts = weights(read)
        self.weights, self.constant = fitted(columns, truth(read), counts * len(read) / counts.sum(), steady=STEADY)
        self.limit = limit_of(rows, self, given_up)

    def __call__(self, row: Row) -> float:
        """Return the weighed sum; of a question declined unread less than of all others, of one asked back more."""
        if "answer" not in row:
            return -math.inf if unread(row) else math.inf
        return float(self.weights @ [row["signs"][name] for name in self.names] + self.constant)

    def fails(self, row: Row) -> bool:
        """Whether a question is declined."""
        return self(row) < self.limit

    def knows(self, row: Row) -> bool:
        """Whether a trace told all that is weighed."""
        return "answer" not in row or row["signs"].keys() >= set(self.names)

    def __str__(self) -> str:
        """Return the weights, and the limit of the sum without its constant."""
        weighed = ", ".join(f"{name} {weight:.3f}" for name, weight in zip(self.names, self.weights, strict=True))
        return f"{weighed}, limit {self.limit - self.constant:.3f}"


class TwoLooks:
    """What is suspected before the answer is refused by what is known after it."""

    def __init__(self, names: Sequence[str], rows: Rows) -> None:
        """Fit both; the first gives up more, both together as much as a rule alone."""
        self.first, self.second = Rule(names, rows, given_up=SUSPECTED), Rule([*names, "likelihood"], rows)
        self.limit = self.second.limit = limit_of(rows, self, GIVEN_UP)

    def __call__(self, row: Row) -> float:
        """Return the sum of the second rule; without limit where the first does not suspect."""
        return self.second(row) if self.first.fails(row) else math.inf

    def fails(self, row: Row) -> bool:
        """Whether a question is declined."""
        return self(row) < self.limit

    def knows(self, row: Row) -> bool:
        """Whether a trace told all that is weighed."""
        return self.second.knows(row)

    def __str__(self) -> str:
        """Return the weights and limits of both."""
        return f"suspect {self.first}; refuse {self.second}"


class Bands:
    """What is done with a model nobody measured: what is strong is answered, what is not is offered to be declined."""

    def __call__(self, row: Row) -> float:
        """Return 0 where a question is declined, 1 where not."""
        if "answer" not in row:
            return float(not unread(row))
        took = row["asked"]["offer"]["text"].upper().startswith("NOT")
        return float(not (row["chance"] < STRONG and took and not firm(row)))

    def fails(self, row: Row) -> bool:
        """Whether a question is declined."""
        return not self(row)

    def knows(self, row: Row) -> bool:
        """Whether a trace told whether the offer was taken."""
        return "answer" not in row or "offer" in row["asked"]

    def __str__(self) -> str:
        """Return what it goes by."""
        return f"evidence of {STRONG}, the offer to decline"


def firm(row: Row) -> bool:
    """Whether an answer is shown although the model declined (`app.checks.claims.stands_firm`)."""
    stated = [one for one in row.get("examined", ()) if one[0] != "not examined"]
    found = all(verdict == "supported" and score >= FIRM_FROM for verdict, score, *_ in stated)
    return found and any(values_of(text) for _, _, text, _ in stated)


def limit_of(rows: Rows, score: Callable[[Row], float], given_up: float) -> float:
    """Return the score below which such a share of the answerable questions is."""
    good = sorted((row for row in rows if row["answerable"]), key=score)
    below = np.cumsum(weights(good)) / weights(good).sum()
    return score(good[int(np.searchsorted(below, given_up))])


def truth(rows: Rows) -> Column:
    """Return 1 for each answerable question, 0 for each other."""
    return np.array([float(row["answerable"]) for row in rows])


def weights(rows: Rows) -> Column:
    """Return what each question counts: both kinds the same, and of each kind its sets."""
    counts = Counter((row["set"], row["answerable"]) for row in rows)
    return np.array([1 / counts[row["set"], row["answerable"]] for row in rows])


def cross_validated(fit: Fit, rows: Rows) -> tuple[float, float, float]:
    """Return the shares of unanswerable and answerable questions declined by rules that did not see them, and the area.

    Those declined unread count; the area is of the questions whose passages were read.
    """
    declined, sums = np.zeros(len(rows)), np.zeros(len(rows))
    for number in range(ROUNDS):
        order = np.random.default_rng(number).permutation(len(rows))
        for fold in range(FOLDS):
            out = order[fold::FOLDS]
            rule = fit([rows[place] for place in np.setdiff1d(order, out)])
            declined[out] += [rule.fails(rows[place]) for place in out]
            sums[out] += [min(max(rule(rows[place]), -99), 99) for place in out]
    good, counts = truth(rows) > 0, weights(rows)
    read = np.array(["answer" in row for row in rows])
    shares = [float((declined[kind] * counts[kind]).sum() / counts[kind].sum() / ROUNDS) for kind in (~good, good)]
    return shares[0], shares[1], area(sums[read], truth(rows)[read])


def in_own_words(row: Row) -> bool:
    """Whether the model declined in its own words."""
    return "answer" in row and declines(row["answer"]["text"])


def tried(rule: Rule | TwoLooks | Bands, rows: Rows) -> str:
    """Return what a rule and the model's own words refuse of each kind, and how much of it stands firm."""
    told = []
    for kind, good in (("unanswerable", False), ("answerable", True)):
        some = [row for row in rows if row["answerable"] is good]
        lost = [row for row in some if rule.fails(row) or in_own_words(row)]
        shown = sum(firm(row) and not in_own_words(row) for row in lost)
        told.append(f"{len(lost)} of {len(some)} {kind} = {len(lost) / len(some):.1%} ({shown} stand firm)")
    return ", ".join(told)


def curve(rule: Rule | TwoLooks | Bands, rows: Rows) -> str:
    """Return the shares of unanswerable questions declined where so many answerable ones are."""
    good = sorted(rule(row) for row in rows if row["answerable"])
    bad = [rule(row) for row in rows if not row["answerable"]]
    points = [(share, good[int(share * len(good))]) for share in SHARES]
    return ", ".join(f"{share:.0%}: {fmean([one < limit for one in bad]):.0%}" for share, limit in points)


def report(title: str, fit: Fit, others: Rows, traces: Mapping[str, Rows]) -> None:
    """Print what a rule does on the questions it was fitted on, on such as it did not see, and on each trace."""
    bad, good, under = cross_validated(fit, others)
    rule = fit(others)
    print(f"{title}: area {under:.3f}, declined {bad:.1%} unanswerable, {good:.1%} answerable (cross-validated)")
    print(f"  fitted on all: {rule}; refused {tried(rule, others)}")
    for name, rows in traces.items():
        if all(rule.knows(row) for row in rows):
            print(f"  {name}: refused {tried(rule, rows)}; declined at {curve(rule, rows)}")


def main() -> int:
    """Read the command line and the traces, fit, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("others", type=Path)
    parser.add_argument("tried", type=Path, nargs="*")
    chosen = parser.parse_args()
    others, traces = read_trace(chosen.others), {path.stem: read_trace(path) for path in chosen.tried}
    read = [row for row in others if "answer" in row]
    print(f"{len(others)} others, {len(read)} read, of which {int((1 - truth(read)).sum())} unanswerable")
    report("three bands", lambda _: Bands(), others, traces)
    known = set.intersection(*(set(row["signs"]) for row in read))
    for title, names in RULES.items():
        if known.issuperset(names):
            report(title, partial(Rule, names), others, traces)
    for title, names in LOOKS.items():
        if known.issuperset(names):
            report(f"two looks: {title}", partial(TwoLooks, names), others, traces)
    return 0


if __name__ == "__main__":
    sys.exit(main())
