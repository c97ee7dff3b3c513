"""Work that nobody waits for, done by one thread, one piece after the other: what may be late and may be lost.

Knows neither answers nor models. What a piece of work raises ends that piece only.
"""

import threading
from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

from app.errors import contained

Piece = TypeVar("Piece")
CLOSE_SECONDS = 5.0
"""How long the end of the product waits for the piece that is being done."""


class OneByOne(Generic[Piece]):
    """The pieces that wait, and the one that is being done; every method may be called from any thread."""

    def __init__(self, work: Callable[[Piece], None], *, name: str, most: int) -> None:
        """Hold the work; no thread runs before the first piece.

        Args:
            work: does one piece.
            name: of the work, for the thread and the log.
            most: how many pieces may wait.
        """
        self._work = work
        self._name = name
        self._most = most
        self._changed = threading.Condition()
        self._waiting: deque[Piece] = deque()
        self._now: list[Piece] = []
        self._thread: threading.Thread | None = None
        self.closing = False
        """Whether nothing more is to be done."""

    def add(self, piece: Piece) -> bool:
        """Let a piece wait for its turn; returns False where too many wait, or nothing more is done."""
        with self._changed:
            if self.closing or len(self._waiting) >= self._most:
                return False
            self._waiting.append(piece)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
                self._thread.start()
            self._changed.notify_all()
            return True

    def known(self) -> list[Piece]:
        """Return the pieces that wait, and the one that is being done."""
        with self._changed:
            return [*self._waiting, *self._now]

    def close(self) -> None:
        """Do no further piece, and wait a moment for the one that is being done; what waits stays undone."""
        with self._changed:
            self.closing = True
            self._changed.notify_all()
            thread = self._thread
        if thread is not None:
            thread.join(CLOSE_SECONDS)

    def _run(self) -> None:
        while self._next():
            with contained(self._name.capitalize()):
                self._work(self._now[0])

    def _next(self) -> bool:
        """Take the next piece as soon as there is one; returns False where nothing more is done."""
        with self._changed:
            self._now.clear()
            self._changed.wait_for(lambda: self._waiting or self.closing)
            if self.closing:
                return False
            self._now.append(self._waiting.popleft())
            return True
