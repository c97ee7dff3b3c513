"""Retention in the background: once when Inhouse begins to serve, and then every day.

One thread of a running server. Knows when; what goes is known to `app.store.retention`.
"""

import threading
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass

from sqlalchemy import Engine

from app.errors import AppError, contained
from app.store.audit import NOBODY, Audit
from app.store.audit_words import PRODUCT, Action, ObjectKind, Result
from app.store.holds import Holds
from app.store.retention import DAY_SECONDS, sweep

AUDIT = "audit"
"""The kind that is cut as a whole, by the log itself: it has to stay provable."""
JUMP_SECONDS = 2 * DAY_SECONDS
"""What sleeps over a weekend may be off by nearly as much where no clock counts through sleep."""
Clocks = tuple[Callable[[], float], Callable[[], float]]
"""The calendar, in seconds since 1970, and a clock that never goes back."""


def steady() -> float:
    """Return seconds that never go back, those in which the machine slept among them where it counts them."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()


class ClockJumpedError(AppError):
    """The machine's clock jumped since the last look. Nothing was deleted for its age; the next day it is."""

    status = 503


@dataclass(frozen=True, slots=True, kw_only=True)
class Swept:
    """What came of the last sweep."""

    at: float
    """Seconds since 1970."""
    deleted: Mapping[str, int]
    """By kind."""
    held: int
    """How many legal holds were in force."""


class Retaining:
    """Deletes what is older than it may be; `start` and `close` belong to the server."""

    def __init__(
        self,
        *,
        engine: Engine,
        holds: Holds,
        days: Mapping[str, int | None],
        erasing: Callable[[], AbstractContextManager[None]],
        audit: Audit,
        clocks: Clocks = (time.time, steady),
    ) -> None:
        """Hold the parts; nothing runs yet."""
        self._engine, self._holds, self._erasing, self._audit = engine, holds, erasing, audit
        self._clocks = clocks
        self._offset = clocks[0]() - clocks[1]()
        self.days = {kind: kept for kind, kept in days.items() if kept is not None}
        """How long each kind is kept; kinds that are kept for ever are not among them."""
        self.last: Swept | None = None
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Sweep now and every day, in a thread of its own; nothing where everything is kept."""
        if self.days and self._thread is None:
            self._thread = threading.Thread(target=self._run, name="retention", daemon=True)
            self._thread.start()

    def close(self) -> None:
        """End it; a sweep that is going on is finished first."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()

    def sweep(self) -> Swept:
        """Delete what is due now. The audit log cannot be cut for some people only, so any hold keeps all of it.

        Raises:
            ClockJumpedError: the calendar is not where it should be; nothing was deleted. The next sweep believes it.
        """
        held, now = self._holds.held(), self._clocks[0]()
        offset, self._offset = self._offset, now - self._clocks[1]()
        if abs(self._offset - offset) > JUMP_SECONDS:
            raise ClockJumpedError
        deleted = sweep(self._engine, self.days, now=now, held=held, erasing=self._erasing)
        if AUDIT in self.days and not held:
            cut = self._audit.shorten(now - self.days[AUDIT] * DAY_SECONDS)
            deleted |= {AUDIT: cut.rows if cut else 0}
        for kind, count in deleted.items():
            if count and kind != AUDIT:  # the log tells of its own cuts
                what = (ObjectKind.INSTALLATION, f"{kind}:{count}", Result.DONE)
                self._audit.record(NOBODY, Action.RETENTION_APPLIED, *what, PRODUCT)
        self.last = Swept(at=now, deleted=deleted, held=len(held))
        return self.last

    def _run(self) -> None:
        while True:
            with contained("Deleting what is older than it may be"):  # a full disk, perhaps: tomorrow is another day
                self.sweep()
            if self._stop.wait(DAY_SECONDS):
                return
