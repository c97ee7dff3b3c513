"""The second tier of the checks: who judges, for how long, at what cost, with what meaning.

The model that answers, at background priority and for a share of what its answers cost; or, where the settings name
one, a checker, which is small and reads a claim in a fraction of that.

Knows models and settings of the checks; the checks know neither.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.answers import Timings
from app.checks.calibration import UNKNOWN_MODEL, Calibration, calibration_of
from app.checks.claims import Examined
from app.checks.judging import Judge, Revision, second_look
from app.checks.support import Source
from models.catalogue import CATALOGUE
from models.entailment import ChatEntailment, messages

if TYPE_CHECKING:
    from app.chat_model.serving import Voice
    from models.checker import Checker

ANSWER_SECONDS = 20.0
"""So long the claims of one answer may be judged; nobody waits for it."""
SHARE = 0.25
"""What judging the claims of answers may cost of what the answers themselves cost the engine."""
MOST_SAVED = 400.0
"""Tokens read that answers without an unsure claim leave for later ones: three claims. Most answers have none, and a
short one cannot pay for the one it has: of six answers of the starter with an unsure claim each, two could."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondTier:
    """A judge with what its probabilities mean; `look` is what the checks take."""

    judge: Judge
    calibration: Calibration
    seconds: float = ANSWER_SECONDS

    def look(self, examined: Sequence[Examined], sources: Sequence[Source]) -> Iterator[Revision]:
        """Yield what becomes of each claim the first tier was unsure of, riskiest first, as it is judged."""
        return second_look(examined, sources, self.judge, seconds=self.seconds, calibration=self.calibration)


class Purse:
    """What judging may still cost, in tokens read: a share of what answers cost, and a little of it saved for later."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._left = 0.0
        self._lock = threading.Lock()

    def earn(self, cost: float) -> None:
        """Take in an answer's share of what it cost; what more there is than could be saved is lost."""
        share = SHARE * cost
        with self._lock:
            self._left = min(self._left + share, max(MOST_SAVED, share))

    def pay(self, cost: float) -> bool:
        """Pay for a judgement; False, and nothing is paid, where there is too little left."""
        with self._lock:
            enough = cost <= self._left
            self._left -= cost if enough else 0.0
        return enough


@dataclass(frozen=True, slots=True, kw_only=True)
class Thrift:
    """A judge that asks another one as long as somebody pays for it."""

    judge: Judge
    cost: Callable[[str, str], float]
    """A source and a claim -> what asking about them costs."""
    pay: Callable[[float], bool]

    def __call__(self, source: str, claim: str, *, seconds: float) -> float | None:
        """Return what the other judge says; None where nobody pays for asking it."""
        if not self.pay(self.cost(source, claim)):
            return None
        return self.judge(source, claim, seconds=seconds)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A judge that asks a checker as long as there is time, and somebody who wants to know."""

    checker: Callable[[str, str], float]
    unwanted: Callable[[], bool]

    def __call__(self, source: str, claim: str, *, seconds: float) -> float | None:
        """Return what the checker says; None where it is too late to ask."""
        return None if seconds <= 0 or self.unwanted() else self.checker(source, claim)


Checks = Callable[["Voice", Callable[[], bool]], Judge]
"""A loaded model, and whether nobody wants to know any more -> what judges in that model's place, or with it."""


def by_file(voice: "Voice", unwanted: Callable[[], bool]) -> Judge:
    """Return a judge that asks a loaded model as MiniCheck is asked."""
    from models.file_checker import FileChecker  # noqa: PLC0415 - few have one

    return FileChecker(voice.chat, unwanted=unwanted)


def by_folder(load: Callable[[], "Checker"]) -> Checks:
    """Return what judges with a CrossEncoder, which is loaded when it is first needed."""
    return lambda _voice, unwanted: Wanted(checker=load(), unwanted=unwanted)


def second_tier(
    voice: "Voice",
    *,
    checker: Checks | None = None,
    pace: float = 1.0,
    seconds: float = ANSWER_SECONDS,
    purse: Purse | None = None,
    unwanted: Callable[[], bool] = lambda: False,
) -> SecondTier:
    """Let a loaded model judge, at background priority; whoever calls holds it (`Serving.hold`).

    Args:
        voice: the model.
        pace: how many times as fast as the model that answers it reads; less is paid for a smaller one.
        checker: makes what judges in place of it; nobody pays for that.
        seconds: how long all claims of an answer may take.
        purse: pays for it; None where somebody waits for all of it.
        unwanted: whether nobody wants to know any more; asked several times a second.
    """
    if checker is not None:
        return SecondTier(judge=checker(voice, unwanted), calibration=UNKNOWN_MODEL, seconds=seconds)
    judge: Judge = ChatEntailment(voice.chat, unwanted=unwanted)
    if purse is not None:
        judge = Thrift(judge=judge, cost=lambda source, claim: _asking(voice, source, claim) / pace, pay=purse.pay)
    known = CATALOGUE.get(voice.name)
    digest = known.files[0].sha256 if known else None
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
