"""What scores mean: from a score to the share of answers with such a score that were right.

Knows numbers only. Few and round, because how often answers are right differs more between sets than what a score is
worth (docs/checks.md, `bench/calibration.py`).
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

STEEPNESS, MIDDLE = 4.5, 0.44
"""Of the curve from an answer's score to the chance that all of it is supported."""
GAIN = 1.0
"""How much surer the mean of several claims is than one or two: the steepness grows by this times the logarithm of
their number less one."""
BREVITY = 0.7
"""How much less likely an answer is supported, in log-odds, each time its passages are shorter by a factor of e: what a
sentence or two do not say in its words they do not say, while a page may say it in others. Without it a curve fitted on
three sets misses begin, whose passages are such sentences, by 0.18 instead of 0.14."""
SHORT, LONG = 300, 1000
"""Characters of all passages together between which that counts."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """From an answer's score to the chance that all of it is supported."""

    steepness: float = STEEPNESS
    middle: float = MIDDLE
    gain: float = GAIN
    brevity: float = BREVITY

    def __call__(self, score: float, *, claims: int, characters: int) -> float:
        """Return how likely an answer is supported as a whole, 0..1.

        Args:
            score: of its claims, the mean.
            claims: how many there are.
            characters: how long its passages are together.
        """
        steepness = self.steepness * (1 + self.gain * math.log(max(claims - 1, 1)))
        length = math.log(min(max(characters, SHORT), LONG) / LONG)
        return _logistic(steepness * (score - self.middle) + self.brevity * length)


chance = Curve()
"""The curve that is delivered."""


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
