"""Which model server gets the next question: the least busy one that works, and none that has just failed again.

Knows no HTTP: whoever asks a server says how that went. Every method may be called from any thread.
"""

import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from models.errors import InvalidRequestError, ServersDownError

FAILURES = 3
"""So many in a row and a server is left alone for a while."""
FIRST_PAUSE, LONGEST_PAUSE = 5.0, 120.0
"""Seconds a server is left alone; doubled each time its next question fails too."""
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(slots=True, eq=False)
class ModelServer:
    """One OpenAI-compatible server, and how it has been doing."""

    url: str
    """Up to and with `/v1`."""
    busy: int = 0
    """Questions it is answering for us."""
    failures: int = 0
    """In a row."""
    rests_until: float = field(default=0.0, repr=False)
    """On the monotonic clock."""


class Servers:
    """Every model server of this installation."""

    def __init__(self, urls: Iterable[str], *, clock: Callable[[], float] = time.monotonic) -> None:
        """Know the servers; none is called.

        Args:
            urls: their base URLs, up to and with `/v1`.
            clock: seconds that only go forward.

        Raises:
            InvalidRequestError: there is none, or what is asked would travel readable to another machine.
        """
        self.all = [ModelServer(_checked(url)) for url in urls]
        if not self.all:
            raise InvalidRequestError("At least one model server is needed.")
        self._clock = clock
        self._lock = threading.Lock()

    def take(self, *, but: Iterable[ModelServer] = ()) -> ModelServer:
        """Return the least busy server that is not resting, and count a question for it; `give_back` ends that.

        A server whose rest is over gets one question only, until that has gone well.

        Args:
            but: those that have failed this question already.

        Raises:
            ServersDownError: none is left.
        """
        tried = set(but)
        with self._lock:
            working = [server for server in self.all if server not in tried and self._may_try(server)]
            if not working:
                raise ServersDownError
            server = min(working, key=lambda server: (server.busy, server.failures))
            server.busy += 1
            return server

    def give_back(self, server: ModelServer, *, failed: bool) -> None:
        """Note that a question is over, and whether the server failed it."""
        with self._lock:
            server.busy -= 1
            self._note(server, failed=failed)

    def note(self, server: ModelServer, *, failed: bool) -> None:
        """Note how a server did when it was only looked at."""
        with self._lock:
            self._note(server, failed=failed)

    @property
    def working(self) -> int:
        """How many would be asked now."""
        with self._lock:
            return sum(self._clock() >= server.rests_until for server in self.all)

    def _may_try(self, server: ModelServer) -> bool:
        rested = self._clock() >= server.rests_until
        return rested and (server.failures < FAILURES or server.busy == 0)

    def _note(self, server: ModelServer, *, failed: bool) -> None:
        if not failed:
            server.failures, server.rests_until = 0, 0.0
            return
        server.failures += 1
        if server.failures >= FAILURES:
            pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (server.failures - FAILURES))
            server.rests_until = self._clock() + pause


def _checked(url: str) -> str:
    """Return a base URL without its last slash, if questions may be sent there."""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.username:
        raise InvalidRequestError(f"{url!r} is not the base URL of a model server, such as https://models.example/v1.")
    if parts.scheme == "http" and parts.hostname not in LOOPBACK:
        raise InvalidRequestError(
            f"{url!r} would carry questions and passages readable over the network. Use https, or a server on this "
            "machine."
        )
    return url.rstrip("/")
