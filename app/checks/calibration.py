"""What scores mean: from a score to the share of answers with such a score that were right.

Knows numbers only. Few and round, because curves fitted on three sets missed the fourth by more than none at all
(docs/checks.md): how often answers are right differs more between sets than what a score is worth.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

STEEPNESS, MIDDLE = 4.0, 0.47
"""Of the curve from an answer's score to the chance that all of it is supported."""
GAIN = 0.75
"""How much surer the mean of several claims is than one or two: the steepness grows by this times the logarithm of
their number less one. More of it calibrates better on mtrag_faithfulness (0.10 instead of 0.13) and ranks worse (0.932
instead of 0.938)."""


PLAIN_FROM, PLAIN_LESS = 0.88, 0.16
"""Mean score from which an answer of one statement counts as plainly found, and how much less will do each time there
are twice as many: one statement in other words is right in four of five answers of begin, several nearly always."""


def mean_score(stated: Sequence[tuple[str, float]]) -> float:
    """Return the mean score of statements, long ones counting more; 0 where there are none."""
    length = sum(len(text) for text, _ in stated)
    return math.fsum(len(text) * score for text, score in stated) / length if length else 0.0


def plainly(stated: Sequence[tuple[str, float]]) -> bool:
    """Whether statements that were all found were found so plainly that their answer may be called found as a whole.

    Args:
        stated: each statement's text and score.
    """
    return bool(stated) and mean_score(stated) >= PLAIN_FROM - PLAIN_LESS * math.log2(len(stated))


def chance(score: float, *, claims: int) -> float:
    """Return how likely an answer whose claims score so, on the average, is supported as a whole, 0..1."""
    return _logistic(STEEPNESS * (1 + GAIN * math.log(max(claims - 1, 1))) * (score - MIDDLE))


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """What a judge's probabilities mean: one model's "yes" at 0.35 may be worth what another's is at 0.9."""

    middle: float = 0.0
    """The log-odds at which support is as likely as not."""
    slope: float = 1.0

    def __call__(self, probability: float) -> float:
        """Return the calibrated probability."""
        held = min(max(probability, 1e-6), 1 - 1e-6)
        return _logistic(self.slope * (math.log(held / (1 - held)) - self.middle))


UNKNOWN_MODEL = Calibration()
JUDGES: Mapping[str, Calibration] = {
    # Qwen2.5-Coder-0.5B-Instruct Q4_K_M: never says yes, but leans to it where the source supports the claim
    "1d9614638d18024d0fbb36575a15f1302a3adf044df10345688ec4f6e1c4ff32": Calibration(middle=-0.75, slope=4.0),
    # Qwen2.5-Coder-1.5B-Instruct Q4_K_M
    "cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046": Calibration(middle=0.1, slope=1.6),
}
"""By the SHA-256 of the model's file, fitted by `bench/judging.py` on scifact_claims."""


def calibration_of(digest: str | None) -> Calibration:
    """Return what is known of a model's probabilities; a model nobody measured is taken at its word."""
    return JUDGES.get(digest or "", UNKNOWN_MODEL)


def _logistic(odds: float) -> float:
    return 1 / (1 + math.exp(-odds)) if odds >= 0 else 1 - 1 / (1 + math.exp(odds))
