"""Fuse two scorings of the same candidates into one.

Knows numbers only: no text, no index. Adding standardised scores beat rank fusion on every set measured
(docs/benchmarks.md).
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Scores = Sequence[float] | NDArray[np.float64]


def standardised(scores: Scores) -> NDArray[np.float64]:
    """Return the scores with mean 0 and standard deviation 1; all 0 where they do not differ."""
    values = np.asarray(scores, dtype=np.float64)
    spread = float(values.std()) if values.size else 0.0
    return (values - values.mean()) / spread if spread > 0 else np.zeros_like(values)


def added_scores(dense: Scores, lexical: Scores) -> list[float]:
    """Return, for each candidate, its standardised dense score plus its standardised lexical score."""
    return [float(score) for score in standardised(dense) + standardised(lexical)]


def reciprocal_rank_fusion(*scorings: Sequence[float], damping: int = 60) -> list[float]:
    """Return, for each candidate, the sum over scorings of 1 / (damping + rank), rank counted from 1.

    Kept for comparison in bench/retrieval.py.

    Source: Cormack, Clarke and Buettcher, "Reciprocal Rank Fusion", SIGIR 2009.
    """
    totals = np.zeros(len(scorings[0]) if scorings else 0)
    for scores in scorings:
        order = np.argsort(-np.asarray(scores), kind="stable")
        totals[order] += 1.0 / (damping + np.arange(1, len(order) + 1))
    return [float(total) for total in totals]
