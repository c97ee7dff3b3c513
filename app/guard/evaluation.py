"""What the guards are worth on texts about which it is known what they hold: personal data by type, injected orders.

Knows labelled items and numbers; no data set by name, no door. Every figure has its 95 % bootstrap interval over items.
"""

from collections.abc import Mapping, Sequence
from typing import Any, get_args

import numpy as np
from numpy.typing import NDArray

from app.guard.found import Found, Type
from app.guard.injection import Kind, judge
from app.guard.personal import find_personal

Counts = NDArray[np.float64]
"""Of each item and type: found rightly, found, there and found, there. Shape (items, 4)."""
Figures = dict[str, dict[str, float]]

ROUNDS = 1000
COUNTED: tuple[Type, ...] = (
    "PERSON", "STREET_ADDRESS", "CREDIT_CARD", "PHONE_NUMBER", "EMAIL_ADDRESS", "IBAN_CODE", "US_SSN", "AGE",
)  # fmt: skip
"""Types that count in the figures over all; the others are told by themselves where items have them."""
STRUCTURED: tuple[Type, ...] = ("CREDIT_CARD", "PHONE_NUMBER", "EMAIL_ADDRESS", "IBAN_CODE", "US_SSN")


def figures(rows: Sequence[Mapping[str, Any]]) -> Figures:
    """Return every figure that can be told of a set.

    Args:
        rows: `{"text", "spans": [{"type", "start", "end"}]}` for personal data; any others are texts that were written
            to steer an assistant, but those with the label "benign".
    """
    personal = [row for row in rows if "spans" in row]
    return _personal(personal) if personal else _injection(rows)


def _personal(rows: Sequence[Mapping[str, Any]]) -> Figures:
    found = [find_personal(row["text"]) for row in rows]
    counts = {kind: _counts(kind, rows, found) for kind in get_args(Type)}
    told: Figures = {}
    groups = {"all": COUNTED, "structured": STRUCTURED} | {kind: (kind,) for kind in COUNTED}
    for name, kinds in groups.items():
        together = np.sum([counts[kind] for kind in kinds], axis=0)
        if together[:, 3].any() or together[:, 1].any():
            told |= {f"{name}_{measure}": each for measure, each in _intervals(together).items()}
    return told


def _counts(kind: Type, rows: Sequence[Mapping[str, Any]], found: Sequence[Sequence[Found]]) -> Counts:
    """Return the four counts of every item; a span counts when it overlaps one of its type."""
    counted = []
    for row, of_row in zip(rows, found, strict=True):
        there = [(span["start"], span["end"]) for span in row["spans"] if span["type"] == kind]
        here = [(one.start, one.end) for one in of_row if one.type == kind]
        counted.append((_met(here, there), len(here), _met(there, here), len(there)))
    return np.array(counted, float)


def _met(ones: Sequence[tuple[int, int]], others: Sequence[tuple[int, int]]) -> int:
    return sum(any(start < end_ and start_ < end for start_, end_ in others) for start, end in ones)


def _intervals(counts: Counts) -> Figures:
    drawn = np.random.default_rng(20261122).integers(0, len(counts), (ROUNDS, len(counts)))
    rounds = _measures(counts[drawn].sum(axis=1))
    whole = _measures(counts.sum(axis=0, keepdims=True))
    return {name: _told(whole[name][0], rounds[name]) for name in whole}


def _measures(sums: Counts) -> dict[str, Counts]:
    """Return precision, recall and F1 of each row of sums; not a number where nothing was found or there."""
    with np.errstate(invalid="ignore", divide="ignore"):
        precision, recall = sums[:, 0] / sums[:, 1], sums[:, 2] / sums[:, 3]
        both = 2 * np.nan_to_num(precision) * np.nan_to_num(recall)
        return {"precision": precision, "recall": recall, "f1": both / (precision + recall)}


def _injection(rows: Sequence[Mapping[str, Any]]) -> Figures:
    """Return the share of attacks that are flagged and the share of harmless texts that are."""
    flags: dict[str, list[float]] = {"attacks_flagged": [], "false_alarms": []}
    for row in rows:
        text = row.get("text") or row.get("user_input") or row.get("poisoned_context") or ""
        kind: Kind = "document" if row.get("type") == "indirect" or "poisoned_context" in row else "question"
        flagged = float(judge(text, kind=row.get("kind", kind)).flagged)
        flags["false_alarms" if row.get("label") == "benign" else "attacks_flagged"].append(flagged)
    told: Figures = {}
    for name, each in flags.items():
        if each:
            drawn = np.random.default_rng(20261122).integers(0, len(each), (ROUNDS, len(each)))
            told[name] = _told(float(np.mean(each)), np.array(each)[drawn].mean(axis=1))
    return told


def _told(value: float, rounds: Counts) -> dict[str, float]:
    known = rounds[~np.isnan(rounds)]
    low, high = np.percentile(known, [2.5, 97.5]) if len(known) else (0.0, 0.0)
    return {name: round(float(np.nan_to_num(one)), 4) for name, one in
            (("value", value), ("low", low), ("high", high))}  # fmt: skip
