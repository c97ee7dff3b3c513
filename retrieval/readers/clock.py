"""How long the reading of one file has been going on. Whoever reads many pages or parts asks it between two of them."""

import time
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass

from retrieval.readers import limits


@dataclass(frozen=True, slots=True)
class _Clock:
    begun: float
    alive: Callable[[], None]


_clock: ContextVar[_Clock | None] = ContextVar("clock", default=None)


def begin(alive: Callable[[], None]) -> None:
    """Count the time of a file from now on; `alive` is called when something that takes long is getting on."""
    _clock.set(_Clock(time.monotonic(), alive))


def is_over(seconds: float | None = None) -> bool:
    """Whether the file has taken all the time it may take; by default that of files whose text need only be taken."""
    clock = _clock.get()
    allowed = limits.SECONDS if seconds is None else seconds
    return clock is not None and time.monotonic() - clock.begun > allowed


def sign_of_life() -> None:
    """Tell whoever waits that the file is still being read."""
    if clock := _clock.get():
        clock.alive()
