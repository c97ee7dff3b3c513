"""What stops the answers being written: for each person, session and token, as long as somebody writes.

Knows neither answers nor who may ask for them.
"""

import threading
from weakref import WeakSet


class Stops:
    """The events that end running answers, by the id of whoever or whatever they are written for."""

    def __init__(self) -> None:
        """Begin with none."""
        self._held: dict[str, WeakSet[threading.Event]] = {}
        self._lock = threading.Lock()

    def add(self, stop: threading.Event, *keys: str) -> threading.Event:
        """Remember what stops an answer, for as long as its writer holds it; returns it. Empty keys are passed over."""
        with self._lock:
            for gone in [key for key, held in self._held.items() if not held]:
                del self._held[gone]
            for key in filter(None, keys):
                self._held.setdefault(key, WeakSet()).add(stop)
        return stop

    def stop(self, *keys: str) -> None:
        """Stop whatever is being written for these."""
        with self._lock:
            stopping = [stop for key in keys for stop in self._held.pop(key, ())]
        for stop in stopping:
            stop.set()
