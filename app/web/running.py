"""Which answers are being written, by page, so that Stop, a closed tab and the server's end can end them."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Stop(threading.Event):
    """The stop signal of one answer."""

    left = False
    """Whether the page shows something else now, so that nothing more of this answer may be drawn on it."""


class Running:
    """The stop signals of the answers in progress; safe to use from several threads."""

    def __init__(self) -> None:
        """Start with none."""
        self._lock = threading.Lock()
        self._stops: dict[str, set[Stop]] = {}
        self._closing = False

    @contextmanager
    def answer(self, page: str) -> Iterator[Stop]:
        """Hold a stop signal for an answer on a page until the block ends; leaving the block sets it."""
        stop = Stop()
        with self._lock:
            self._stops.setdefault(page, set()).add(stop)
            if self._closing:
                stop.set()
        try:
            yield stop
        finally:
            stop.set()
            with self._lock:
                stops = self._stops.get(page, set())
                stops.discard(stop)
                if not stops:
                    self._stops.pop(page, None)

    def stop(self, page: str) -> None:
        """Stop every answer that is being written on a page."""
        with self._lock:
            for stop in self._stops.get(page, ()):
                stop.set()

    def leave(self, page: str) -> None:
        """Stop every answer on a page that now shows something else, or is closed."""
        with self._lock:
            for stop in self._stops.get(page, ()):
                stop.left = True
                stop.set()

    def close(self) -> None:
        """Stop every answer, and every one that would begin after this."""
        with self._lock:
            self._closing = True
            for stops in self._stops.values():
                for stop in stops:
                    stop.set()

    @property
    def count(self) -> int:
        """How many answers are being written."""
        with self._lock:
            return sum(len(stops) for stops in self._stops.values())
