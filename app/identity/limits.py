"""How much one person may ask at once and in a minute, so that nobody's script takes the model from everybody else.

The engine's queue is fair among people; this keeps one of them from filling it. Counts in memory; knows no question.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from app.answers import Actor, Event
from app.errors import AppError

MINUTE = 60.0


class TooManyQuestionsError(AppError):
    """You are asking faster than one person may here. Wait a moment, then ask again."""

    status = 429


class Limits:
    """What everybody is asking; safe to use from several threads."""

    def __init__(self, *, at_once: int, a_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        """Allow so many.

        Args:
            at_once: answers of one person that are being written or wait for it.
            a_minute: questions one person begins within any 60 seconds.
            clock: counts seconds and never goes back.
        """
        self._at_once, self._a_minute, self._clock = at_once, a_minute, clock
        self._lock = threading.Lock()
        self._running: dict[str, int] = {}
        self._begun: dict[str, deque[float]] = {}

    @contextmanager
    def asking(self, actor: Actor) -> Iterator[None]:
        """Count a question of the actor's while the block answers it.

        Raises:
            TooManyQuestionsError: it is one too many; the sentence says when to come back.
        """
        self._begin(actor.user_id)
        try:
            yield
        finally:
            with self._lock:
                self._running[actor.user_id] -= 1
                if not self._running[actor.user_id]:
                    del self._running[actor.user_id]

    def counted(self, actor: Actor, events: Iterator[Event]) -> Iterator[Event]:
        """Pass on what answers a question of the actor's, counting it; the errors of `asking`."""
        with self.asking(actor):
            yield from events

    def _begin(self, user_id: str) -> None:
        now = self._clock()
        with self._lock:
            begun = self._begun.setdefault(user_id, deque())
            while begun and now - begun[0] >= MINUTE:
                begun.popleft()
            running = self._running.get(user_id, 0)
            if running >= self._at_once:
                raise TooManyQuestionsError(
                    f"{running} of your questions are being answered. Ask again when one of them is done."
                )
            if len(begun) >= self._a_minute:
                wait = max(1, round(MINUTE - (now - begun[0])))
                told = "1 second" if wait == 1 else f"{wait} seconds"
                raise TooManyQuestionsError(
                    f"You have asked {len(begun)} questions within a minute. Ask again in {told}."
                )
            begun.append(now)
            self._running[user_id] = running + 1
