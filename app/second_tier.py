"""The second tier of the checks over the model that answers: who judges, for how long, at what cost, with what meaning.

Knows models and settings of the checks; the checks know neither.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.answers import Timings
from app.checks.calibration import Calibration, calibration_of
from app.checks.claims import Examined
from app.checks.judging import Judge, Revision, second_look
from app.checks.support import Source
from models.catalogue import CATALOGUE
from models.entailment import ChatEntailment, messages

if TYPE_CHECKING:
    from app.serving import Voice

ANSWER_SECONDS = 20.0
"""So long the claims of one answer may be judged; nobody waits for it."""
SHARE = 0.25
"""What judging an answer's claims may cost of what the answer itself cost the engine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondTier:
    """A judge with what its probabilities mean; `look` is what the checks take."""

    judge: Judge
    calibration: Calibration
    seconds: float = ANSWER_SECONDS

    def look(self, examined: Sequence[Examined], sources: Sequence[Source]) -> Iterator[Revision]:
        """Yield what becomes of each claim the first tier was unsure of, riskiest first, as it is judged."""
        return second_look(examined, sources, self.judge, seconds=self.seconds, calibration=self.calibration)


class Thrift:
    """A judge that asks another one as long as that costs no more than so much together."""

    def __init__(self, judge: Judge, *, cost: Callable[[str, str], float], most: float) -> None:
        """Ask this judge; `cost` tells what a source and a claim cost, in the unit of `most`."""
        self._judge = judge
        self._cost = cost
        self._left = most

    def __call__(self, source: str, claim: str, *, seconds: float) -> float | None:
        """Return what the other judge says; None, at no cost, where there is too little left to ask it."""
        cost = self._cost(source, claim)
        if cost > self._left:
            return None
        self._left -= cost
        return self._judge(source, claim, seconds=seconds)


def second_tier(
    voice: "Voice",
    *,
    seconds: float = ANSWER_SECONDS,
    most: float = math.inf,
    unwanted: Callable[[], bool] = lambda: False,
) -> SecondTier:
    """Let a loaded model judge, at background priority; whoever calls holds it (`Serving.hold`).

    Args:
        voice: the model.
        seconds: how long all claims of an answer may take.
        most: what they may cost together, in tokens read (`cost_of` an answer, times `SHARE`).
        unwanted: whether nobody wants to know any more; asked several times a second.
    """
    judge = ChatEntailment(voice.chat, unwanted=unwanted)
    known = CATALOGUE.get(voice.name)
    digest = known.files[0].sha256 if known else None
    if math.isfinite(most):
        thrifty = Thrift(judge, cost=lambda source, claim: _asking(voice, source, claim), most=most)
        return SecondTier(judge=thrifty, calibration=calibration_of(digest), seconds=seconds)
    return SecondTier(judge=judge, calibration=calibration_of(digest), seconds=seconds)


def cost_of(timings: Timings, voice: "Voice") -> float:
    """Return what an answer cost the engine, in tokens read: a written one counts as many as it takes the time of."""
    return timings.prompt_tokens - timings.cached_tokens + timings.tokens * _read_while_writing(voice)


def _asking(voice: "Voice", source: str, claim: str) -> float:
    """Return what one question to the judge costs at most; of its first lines the engine may hold some already."""
    return voice.chat.count_prompt_tokens(messages(source, claim)) + _read_while_writing(voice)


def _read_while_writing(voice: "Voice") -> float:
    """Return how many tokens the engine reads in the time it writes one."""
    speed = voice.engine.speed
    return speed.read / speed.written
