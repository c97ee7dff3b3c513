"""The second tier of the checks over the model that answers: who judges, for how long, and what its word means.

Knows models and settings of the checks; the checks know neither.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.checks.calibration import Calibration, calibration_of
from app.checks.claims import Examined
from app.checks.judging import Judge, Revision, second_look
from app.checks.support import Source
from models.catalogue import CATALOGUE
from models.entailment import ChatEntailment

if TYPE_CHECKING:
    from app.serving import Voice

ANSWER_SECONDS = 20.0
"""So long the claims of one answer may be judged; nobody waits for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondTier:
    """A judge with what its probabilities mean; `look` is what the checks take."""

    judge: Judge
    calibration: Calibration
    seconds: float = ANSWER_SECONDS

    def look(self, examined: Sequence[Examined], sources: Sequence[Source]) -> Iterator[Revision]:
        """Yield what becomes of each claim the first tier was unsure of, riskiest first, as it is judged."""
        return second_look(examined, sources, self.judge, seconds=self.seconds, calibration=self.calibration)


def second_tier(voice: "Voice", *, seconds: float = ANSWER_SECONDS) -> SecondTier:
    """Let a loaded model judge, at background priority; whoever calls holds it (`Serving.hold`)."""
    known = CATALOGUE.get(voice.name)
    digest = known.files[0].sha256 if known else None
    return SecondTier(judge=ChatEntailment(voice.chat), calibration=calibration_of(digest), seconds=seconds)
