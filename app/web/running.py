"""Which answers are being written, by page, so that Stop, a closed tab and the server's end can end them.

An answer goes on when its page shows another conversation, and is drawn again when the page comes back to it.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Stop(threading.Event):
    """The stop signal of one answer, and whether its page shows it."""

    def __init__(self, conversation_id: str | None) -> None:
        """Belong to an answer in this conversation, which its page shows; None until it is begun."""
        super().__init__()
        self.conversation_id = conversation_id
        self.left = False
        """Whether the page shows something else now, so that nothing of this answer may be drawn on it."""
        self.anew = False
        """Whether all of it has to be drawn again, because the page has come back to it."""
        self.ended = False
        """Whether the answer is stored and its last sign on the way to the page."""


class Running:
    """The stop signals of the answers in progress; safe to use from several threads."""

    def __init__(self) -> None:
        """Start with none."""
        self._lock = threading.Lock()
        self._stops: dict[str, set[Stop]] = {}
        self._shown: dict[str, str | None] = {}
        """Page -> the conversation whose answer it is about to draw again."""
        self._closing = False

    @contextmanager
    def answer(self, page: str, conversation_id: str | None) -> Iterator[Stop | None]:
        """Hold a stop signal for an answer a page shows until the block ends; leaving the block sets it.

        None when the page shows an answer being written already: Enter was pressed twice.
        """
        if (stop := self._begin(page, conversation_id)) is None:
            yield None
            return
        try:
            yield stop
        finally:
            stop.set()
            with self._lock:
                stops = self._stops.get(page, set())
                stops.discard(stop)
                if not stops:
                    self._stops.pop(page, None)

    def _begin(self, page: str, conversation_id: str | None) -> Stop | None:
        with self._lock:
            stops = self._stops.setdefault(page, set())
            if any(not stop.left for stop in stops):
                return None
            stop = Stop(conversation_id)
            stops.add(stop)
            if self._closing:
                stop.set()
            return stop

    def shown(self, page: str) -> Stop | None:
        """Return the stop signal of the answer that is being written before the eyes of a page's reader, if any."""
        with self._lock:
            return next((stop for stop in self._stops.get(page, ()) if not stop.left), None)

    def show(self, page: str, conversation_id: str | None) -> bool:
        """Note which conversation a page is about to show; returns whether an answer is being written there.

        The answers of all others go on unseen, and so does this one until `come_back`.
        """
        with self._lock:
            stops = self._stops.get(page, set())
            for stop in stops:
                stop.left = True
            writing = any(stop.conversation_id == conversation_id for stop in stops)
            self._shown[page] = conversation_id if writing else None
            return writing

    def come_back(self, page: str, conversation_id: str) -> bool:
        """Let the answer of a conversation that is shown by now be drawn again, unless the page has moved on.

        Returns whether that answer has ended in between, so that nobody else will draw its end.
        """
        with self._lock:
            if self._shown.get(page) != conversation_id:
                return False
            self._shown[page] = None
            for stop in self._stops.get(page, ()):
                if stop.conversation_id == conversation_id:
                    stop.left, stop.anew = False, True
                    return stop.ended
            return True

    def stop(self, page: str) -> None:
        """Stop the answer that a page shows."""
        if stop := self.shown(page):
            stop.set()

    def leave(self, page: str) -> None:
        """Stop every answer of a page that is closed."""
        with self._lock:
            self._shown.pop(page, None)
            for stop in self._stops.get(page, ()):
                stop.left = True
                stop.set()

    def drop(self, conversation_id: str) -> None:
        """Stop every answer in a conversation that is being deleted, whatever page it is on."""
        with self._lock:
            for stop in (stop for stops in self._stops.values() for stop in stops):
                if stop.conversation_id == conversation_id:
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
