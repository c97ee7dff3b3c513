"""The second tier: a model reads the claims the first tier is unsure of, riskiest first, as long as there is time.

Knows claims, windows and a judge as a function; no model, no prompt. By rule the first tier decides "not found" and
"value differs", and only the second one "contradicted". A judge that is late or fails changes nothing: what it did not
get to keeps the first tier's verdict and is told as not judged.
"""

import logging
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from app.answers import Verdict
from app.checks.calibration import UNKNOWN_MODEL, Calibration
from app.checks.claims import NEAR_FROM, SUPPORTED_FROM, Examined
from app.checks.support import Source

log = logging.getLogger(__name__)

SURE = 0.9
"""A claim with this score, and nothing that speaks against it, is not judged again."""
HOPELESS = 0.2
"""Nor is one with less than this score that nothing near speaks of."""
JUDGE_WEIGHT = 0.4
"""What the judge's probability counts beside the first tier's score: from 0.3 to 0.6 it helps on scifact_claims, from
0.5 on it begins to hurt where words tell nearly everything (begin)."""
CONTRADICTED_BELOW, OPPOSED_BELOW = 0.1, 0.5
"""With a probability of support below this, a claim whose window speaks of the same thing is contradicted: the first
where the model alone says so, the second where words too seem to say the opposite. Of 39 contradicted claims of
scifact_claims 11 are called so, of 30 without evidence none, of 36 supported ones 1, of 22 right answers of kb_18f
none; with 0.25 for both it was 14, 2, 3 and 2."""
CLEARED_FROM = 0.75
"""With this probability a suspected opposition was none."""


class Judge(Protocol):
    """How likely a source supports a claim; `models.entailment.ChatEntailment` is one."""

    def __call__(self, source: str, claim: str, *, seconds: float) -> float | None:
        """Return P(supported), 0..1, or None when it cannot be told within so many seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """What became of one claim of an answer in the second tier."""

    place: int
    """Which of the examined sentences it is, from 0."""
    examined: Examined
    """The sentence with its verdict and score as they stand now."""
    probability: float | None
    """What the judge said, calibrated; None where it failed or ran out of time, and the first tier's verdict stands."""


def unsure(examined: Sequence[Examined]) -> list[int]:
    """Return the places of the claims worth a model's time, riskiest first.

    First what a window seems to say the opposite of, then the others by how near their scores are to the threshold.
    """
    grey = [place for place, one in enumerate(examined) if _is_grey(one)]
    return sorted(
        grey, key=lambda place: (not examined[place].finding.opposition, abs(examined[place].score - SUPPORTED_FROM))
    )


def _is_grey(one: Examined) -> bool:
    if one.verdict in {"not examined", "value differs"} or not one.supports:
        return False
    if one.finding.absent or one.finding.unnamed or one.finding.astray:
        return False  # what stands nowhere, or as something else only, is not found, whatever a model thinks
    return one.finding.opposition is not None or HOPELESS <= one.score < SURE


def second_look(
    examined: Sequence[Examined],
    sources: Sequence[Source],
    judge: Judge,
    *,
    seconds: float,
    calibration: Calibration = UNKNOWN_MODEL,
) -> Iterator[Revision]:
    """Yield what the judge makes of each unsure claim, riskiest first, until the time is over.

    Args:
        examined: what the first tier found.
        sources: the same ones.
        judge: reads one claim and one window.
        seconds: how long all of it may take; claims it does not get to are yielded without a probability.
        calibration: what the judge's probabilities mean.
    """
    end = time.monotonic() + seconds
    failed = False
    for place in unsure(examined):
        one, probability = examined[place], None
        left = end - time.monotonic()
        if left > 0 and not failed:
            try:
                probability = judge(read_for(one, sources), one.sentence.text, seconds=left)
            except Exception as error:  # noqa: BLE001 - the judge's door: an answer stands whatever happens to its check
                log.warning("the second tier failed: %s", type(error).__name__)
                failed = True
        if probability is None:
            yield Revision(place=place, examined=one, probability=None)
        else:
            calibrated = calibration(probability)
            yield Revision(place=place, examined=revised(one, calibrated), probability=calibrated)


def read_for(one: Examined, sources: Sequence[Source]) -> str:
    """Return what the judge reads: a claim's nearest window, and the headings above it, which tell what "it" is.

    With 200 characters more on either side the starter judged no better, at half as much again.
    """
    window = one.supports[0].window
    source = sources[window.source]
    return f"{source.context}\n{source.text[window.start : window.end]}".strip()


def revised(one: Examined, probability: float) -> Examined:
    """Return a claim with the verdict and score that both tiers together give it."""
    likely = one.finding.likeness if one.finding.opposition and probability >= CLEARED_FROM else one.score
    score = round((1 - JUDGE_WEIGHT) * likely + JUDGE_WEIGHT * probability, 4)
    return replace(one, verdict=_verdict(one, probability, likely), score=score)


def _verdict(one: Examined, probability: float, likely: float) -> Verdict:
    below = OPPOSED_BELOW if one.finding.opposition else CONTRADICTED_BELOW
    if probability < below and one.finding.wording >= NEAR_FROM:
        return "contradicted"
    if probability >= CLEARED_FROM and one.finding.opposition and likely >= SUPPORTED_FROM:
        return "supported"
    return one.verdict
