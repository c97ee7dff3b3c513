"""Attempts to sign in: after a few that failed each further one has to wait, twice as long every time.

Counted for each name and for each address they come from, in memory. Nobody is locked out for good: the owner of a
name who is being attacked waits a quarter of an hour at most.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from app.errors import AppError

FREE_FAILURES = 5
"""For a name: whoever mistypes waits for nothing."""
FREE_FAILURES_OF_ADDRESS = 30
"""For an address, behind which a whole office may sit."""
LONGEST_WAIT_SECONDS = 900.0
FORGET_SECONDS = 3600.0
MOST_KEYS = 10_000
"""The oldest are forgotten beyond that; whoever asks under so many names at once is slowed by the address."""


class TooManyAttemptsError(AppError):
    """Too many attempts to sign in failed. Try again in a while."""

    status = 429


@dataclass(slots=True)
class _Failures:
    count: int
    last: float


class Attempts:
    """The failed attempts of late; safe to use from several threads."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        """Start with none. `clock` counts seconds and never goes back."""
        self._clock = clock
        self._lock = threading.Lock()
        self._failures: dict[tuple[str, str], _Failures] = {}

    def check(self, name: str, address: str) -> None:
        """Let an attempt pass, unless name or address must wait.

        Raises:
            TooManyAttemptsError: saying for how long.
        """
        with self._lock:
            wait = max((self._wait(key, free) for key, free in _keys(name, address)), default=0.0)
        if wait > 0:
            raise TooManyAttemptsError(f"Too many attempts to sign in failed. Try again in {_in_words(wait)}.")

    def failed(self, name: str, address: str) -> None:
        """Count an attempt that failed."""
        now = self._clock()
        with self._lock:
            for key, _ in _keys(name, address):
                known = self._failures.pop(key, None)
                count = known.count if known and now - known.last < FORGET_SECONDS else 0
                self._failures[key] = _Failures(count + 1, now)
            while len(self._failures) > MOST_KEYS:
                self._failures.pop(next(iter(self._failures)))

    def succeeded(self, name: str) -> None:
        """Forget what failed under a name; its address stays counted, for it may be guessing other names."""
        with self._lock:
            self._failures.pop(("name", name), None)

    def _wait(self, key: tuple[str, str], free: int) -> float:
        known = self._failures.get(key)
        if known is None or known.count < free:
            return 0.0
        pause = min(2.0 ** min(known.count - free, 16), LONGEST_WAIT_SECONDS)
        return known.last + pause - self._clock()


def _keys(name: str, address: str) -> tuple[tuple[tuple[str, str], int], ...]:
    """Return what is counted: a name or an address that is not known is nobody's, and would be everybody's."""
    both = (("name", name), FREE_FAILURES), (("address", address), FREE_FAILURES_OF_ADDRESS)
    return tuple(one for one in both if one[0][1])


def _in_words(seconds: float) -> str:
    whole = max(1, round(seconds))
    minutes = round(whole / 60)
    if minutes < 2:  # noqa: PLR2004 - "1 minute" would be said of 31 to 89 seconds
        return "1 second" if whole == 1 else f"{whole} seconds"
    return f"{minutes} minutes"
