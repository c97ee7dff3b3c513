"""Whose turn it is to change what is stored: one at a time.

Whoever learns many files lets others in between two of them: who removes something or approves an answer at once, who
learns something else only where the many are learned in the background.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from types import TracebackType
from typing import TypeVar

Sign = TypeVar("Sign")
WAIT_SECONDS = 0.5
"""How often one that waits says so."""
_ROOM_SECONDS = 0.05
"""For one that waits to take the turn that was let go for it."""


class Turn:
    """A lock that knows whether somebody waits for it; also a context manager."""

    def __init__(self) -> None:
        """Nobody has it."""
        self._lock = threading.Lock()
        self._counting = threading.Lock()
        self._waiting = 0
        self._first = 0

    @property
    def wanted(self) -> bool:
        """Whether somebody waits for it right now."""
        return self._waiting > 0

    def calls(self, *, background: bool) -> bool:
        """Whether somebody waits for whom it should be let go between two files."""
        return self._first > 0 or (background and self.wanted)

    @contextmanager
    def first(self) -> Iterator[None]:
        """Take it, before whoever has it learns another file."""
        self.acquire(first=True)
        try:
            yield
        finally:
            self.release()

    def acquire(self, *, timeout: float = -1, first: bool = False) -> bool:
        """Take it, `first` as `first()` does; False where that is not possible in time."""
        self._count(1, first=int(first))
        try:
            return self._lock.acquire(timeout=timeout)
        finally:
            self._count(-1, first=-int(first))

    def release(self) -> None:
        """Let it go."""
        self._lock.release()

    def taken(self, holding: ExitStack, *, waiting: Sign, first: bool = False) -> Iterator[Sign]:
        """Take it until `holding` ends, yielding `waiting` now and then until it is had."""
        while not self.acquire(timeout=WAIT_SECONDS, first=first):
            yield waiting
        holding.callback(self.release)

    def passed_on(self, holding: ExitStack, *, waiting: Sign) -> Iterator[Sign]:
        """Let it go, with time enough for one that waits to take it, and take it again as `taken` does."""
        holding.close()
        time.sleep(_ROOM_SECONDS)
        yield from self.taken(holding, waiting=waiting)

    def _count(self, more: int, *, first: int = 0) -> None:
        with self._counting:
            self._waiting += more
            self._first += first

    def __enter__(self) -> None:
        """Take it."""
        self.acquire()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let it go."""
        self.release()
