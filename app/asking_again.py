"""Answers whose question is asked again unasked, because a collection they rest on has every answer double-checked.

One thread for all answers, one question after the other, at background priority and each for so many seconds after its
answer was stored: people, and what the model judges of their answers, come first. What came of it is stored with the
answer and shown there; so is that there was no time.
"""

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from app.again import DoubleCheck
from app.answering.doubling import LOOK_SECONDS, TIMES_UNASKED, Asking, NoSecondAnswerError, double_check
from app.answering.policies import asked_again
from app.answers import Actor, Answer, Collection
from app.errors import AppError
from app.examining import examinable
from app.one_by_one import OneByOne

if TYPE_CHECKING:
    from app.chat_model.serving import Serving
    from app.guard.privacy import Rule
    from retrieval.documents import Passage

MOST_WAITING = 20
"""More answers than this wait for no model: their seconds would be over before their turn."""
NO_TIME = DoubleCheck(asked=0, groups=())


class Kept(Protocol):
    """What is needed of the store."""

    def there(self, actor: Actor, answer_id: str, /) -> bool:
        """Whether an answer of the actor is still stored."""

    def keep_double_check(self, actor: Actor, answer_id: str, found: DoubleCheck, /) -> Answer:
        """Keep with a stored answer what came of asking again."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Doubted:
    """An answer whose question is to be asked again."""

    actor: Actor
    answer: Answer
    passages: Sequence["Passage"]
    end: float
    """When its time is over, on the monotonic clock."""


class AskingAgain:
    """The answers that wait for it, and the one whose question is being asked; every method from any thread."""

    def __init__(
        self,
        serving: "Serving",
        kept: Kept,
        *,
        collections: Callable[[Actor], Sequence[Collection]],
        left: Callable[[str], int],
        seconds: float,
        rule: "Rule" = "allow",
    ) -> None:
        """Ask the model that answers; no thread runs before the first answer of such a collection.

        Args:
            serving: the model.
            kept: answers that are stored.
            collections: an actor -> the collections it may read.
            left: an answer's id -> how many of its statements a model is still to judge, which comes first.
            seconds: how long after an answer was stored its question may be asked again; 0: never.
            rule: that on personal data.
        """
        self._serving = serving
        self._kept = kept
        self._collections = collections
        self._left = left
        self._seconds = seconds
        self._rule = rule
        self._line = OneByOne(self._ask, name="asking a question again", most=MOST_WAITING)

    def begin(self, actor: Actor, answer: Answer, passages: Sequence["Passage"]) -> None:
        """Ask the question of a stored answer again where a collection says so; returns at once."""
        if not self._seconds or not examinable(answer, passages):
            return
        if not asked_again(self._collections(actor), passages):
            return
        one = Doubted(actor=actor, answer=answer, passages=passages, end=time.monotonic() + self._seconds)
        if not self._line.add(one):
            self._keep(one, NO_TIME)

    def pending(self, answer_id: str) -> bool:
        """Whether an answer is still to be double-checked."""
        return any(one.answer.answer_id == answer_id for one in self._line.known())

    def close(self) -> None:
        """End what is being asked and all that waits; their answers stay as they are."""
        self._line.close()

    def _ask(self, one: Doubted) -> None:
        """Ask one answer's question again, as soon as its statements are judged, and keep what comes of it."""
        while self._left(one.answer.answer_id) and time.monotonic() < one.end and not self._line.closing:
            time.sleep(LOOK_SECONDS)
        self._keep(one, self._found(one))

    def _found(self, one: Doubted) -> DoubleCheck:
        """Return what comes of asking again in the time that is left."""
        if not self._serving.ready:
            return NO_TIME  # nobody asks any more: no model is loaded for this
        with self._serving.hold(awaited=False) as voice:

            def unwanted() -> bool:
                gone = self._line.closing or self._serving.voice is not voice
                return gone or not self._kept.there(one.actor, one.answer.answer_id)

            seconds = max(one.end - time.monotonic(), 0.0)
            asking = Asking(times=TIMES_UNASKED, at_once=1, seconds=seconds, background=True, rule=self._rule)
            try:
                return double_check(voice.writer, one.actor, one.answer, one.passages, asking, unwanted=unwanted)
            except NoSecondAnswerError:
                return NO_TIME

    def _keep(self, one: Doubted, found: DoubleCheck) -> None:
        """Store what came of it; nothing where the answer is gone by now, or Inhouse ends."""
        with suppress(AppError):
            if not self._line.closing:
                self._kept.keep_double_check(one.actor, one.answer.answer_id, found)
