"""What many do at once and nobody may change meanwhile: searches, and the index and embedder they go by.

Knows neither. Whoever changes them waits until all that are under way have ended; those that come meanwhile wait for
the moment the change takes.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Crossing:
    """Lets many pass at once, or one alone."""

    def __init__(self) -> None:
        """Nobody is under way."""
        self._changed = threading.Condition()
        self._under_way = 0
        self._waiting = 0
        self._alone = False

    @contextmanager
    def under_way(self) -> Iterator[None]:
        """Pass beside others; nobody is alone meanwhile. Not within itself."""
        with self._changed:
            self._changed.wait_for(lambda: not self._alone and not self._waiting)
            self._under_way += 1
        try:
            yield
        finally:
            with self._changed:
                self._under_way -= 1
                self._changed.notify_all()

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Pass when nobody is under way, before those who come later."""
        with self._changed:
            self._waiting += 1
            try:
                self._changed.wait_for(lambda: not self._alone and not self._under_way)
            finally:
                self._waiting -= 1
            self._alone = True
        try:
            yield
        finally:
            with self._changed:
                self._alone = False
                self._changed.notify_all()
