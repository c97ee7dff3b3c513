"""What the checks are worth on answers whose support is known: areas, calibration, what the badge promises.

Knows labelled items and numbers; no data set by name, no door. Every figure has its 95 % bootstrap interval.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Column = NDArray[np.float64]
Measure = Callable[[Column, Column], float]
"""Scores and what was true (1 or 0) of some items -> a figure; NaN where it cannot be told."""

Check = Callable[[Sequence[Mapping[str, Any]]], Iterable[Mapping[str, Any]]]
"""Items -> what is found in each, as `app.checks.report.check_items` does."""

ROUNDS = 1000
GROUPS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """An answer, the passages it was given, and what people found about it."""

    item: dict[str, Any]
    """As `app.checks.report.check_item` takes it."""
    supported: bool | None
    """None where they disagreed or found nothing to judge."""
    contradicted: bool
    """Whether the passages say otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What the checks said of a labelled answer."""

    labelled: Labelled
    score: float
    found: bool
    """Whether it would get the badge "all found"."""


def labelled(rows: Sequence[Mapping[str, Any]]) -> Iterator[Labelled]:
    """Yield the items of a set: `{"id", "claim" | "answer", "context" | "passages", "label", "raw_label"?, …}`.

    A label is grounded or ungrounded; any other counts as not known. The context is a text, or a list of texts.
    """
    for row in rows:
        context = row.get("context", row.get("passages", []))
        parts = [context] if isinstance(context, str) else context
        passages = [part if isinstance(part, str) else str(part.get("text", "")) for part in parts]
        answer = row.get("claim") or row.get("answer") or row.get("response") or ""
        item = {"id": row.get("id"), "question": row.get("question") or "", "passages": passages, "answer": answer}
        known = {"grounded": True, "ungrounded": False}.get(str(row.get("label")))
        yield Labelled(item=item, supported=known, contradicted=row.get("raw_label") == "contradicted")


def figures(judged: Sequence[Judged], *, seconds: float) -> dict[str, dict[str, float]]:
    """Return every figure that can be told of a set, by name."""
    known = [one for one in judged if one.labelled.supported is not None]
    scores = np.array([one.score for one in known])
    truth = np.array([float(bool(one.labelled.supported)) for one in known])
    badges = np.array([float(one.found) for one in known])
    told = {
        "auroc": interval(area, scores, truth),
        "calibration_error": interval(miscalibration, scores, truth),
        "brier": interval(brier, scores, truth),
        "badge_right": interval(right, badges, truth),
        "good_answers_with_badge": interval(reached, badges, truth),
    }
    against = np.array([bool(one.labelled.supported) or one.labelled.contradicted for one in known], bool)
    if any(one.labelled.contradicted for one in known):
        told["auroc_supported_against_contradicted"] = interval(area, scores[against], truth[against])
    each = 1000 * seconds / max(len(judged), 1)
    return told | {"milliseconds_an_answer": {"value": round(each, 3), "low": round(each, 3), "high": round(each, 3)}}


def interval(measure: Measure, scores: Column, truth: Column) -> dict[str, float]:
    """Return a figure with the ends of its 95 % bootstrap interval; the same numbers every time."""
    chance = np.random.default_rng(20261122)
    rounds = [measure(scores[drawn], truth[drawn]) for drawn in chance.integers(0, len(scores), (ROUNDS, len(scores)))]
    told = [value for value in rounds if not np.isnan(value)] or [float("nan")]
    low, high = np.percentile(told, [2.5, 97.5])
    return {name: round(float(value), 4) for name, value in
            (("value", measure(scores, truth)), ("low", low), ("high", high))}  # fmt: skip


def area(scores: Column, truth: Column) -> float:
    """Return the area under the curve: how often a supported answer has the higher score, ties counting half."""
    good, bad = int(truth.sum()), int((1 - truth).sum())
    if not (good and bad):
        return float("nan")
    _, places, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[places]
    return float((ranks[truth > 0].sum() - good * (good + 1) / 2) / (good * bad))


def miscalibration(scores: Column, truth: Column) -> float:
    """Return the mean distance between score and frequency over ten groups of equal size (expected error)."""
    groups = np.array_split(np.argsort(scores, kind="stable"), GROUPS)
    return float(
        sum(len(group) * abs(scores[group].mean() - truth[group].mean()) for group in groups if len(group))
        / len(scores)
    )


def brier(scores: Column, truth: Column) -> float:
    """Return the mean squared error of the scores."""
    return float(((scores - truth) ** 2).mean())


def right(badges: Column, truth: Column) -> float:
    """Return the share of good answers among those with the badge."""
    return float(truth[badges > 0].mean()) if badges.any() else float("nan")


def reached(badges: Column, truth: Column) -> float:
    """Return the share of answers with the badge among the good ones."""
    return float(badges[truth > 0].mean()) if truth.any() else float("nan")


def evaluate(rows: Sequence[Mapping[str, Any]], check: Check) -> list[Judged]:
    """Let the checks judge every item of a set."""
    known = list(labelled(rows))
    told = check([one.item for one in known])
    return [
        Judged(labelled=one, score=float(found["score"]), found=bool(found["supported"]))
        for one, found in zip(known, told, strict=True)
    ]


def timed(rows: Sequence[Mapping[str, Any]], check: Check) -> tuple[list[Judged], float]:
    """Return what the checks said of a set, and how many seconds of the processor that took."""
    started = time.process_time()
    judged = evaluate(rows, check)
    return judged, time.process_time() - started
