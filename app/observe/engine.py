"""What the engine does right now, in figures, and what was told about it lately.

Knows counters and sentences about the machine; no question, no answer, no person. Every reader of the figures adds a
sample, so nothing runs while nobody looks.
"""

import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from models.engine import EngineState

WINDOW_SECONDS = 10.0
"""Rates are those of the last seconds: five looks of a page that looks every two."""
LEAST_SECONDS = 0.5
"""Two samples nearer to each other tell nothing."""
MOST_NOTICES = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """Tokens a second, all people together."""

    read: float
    written: float


class Meter:
    """Turns counters that only grow into rates; may be read by several pages at once."""

    def __init__(self) -> None:
        """Begin without a sample."""
        self._samples: deque[tuple[float, int, int]] = deque()

    def note(self, counters: Mapping[str, int], *, now: float | None = None) -> Rates | None:
        """Take a sample and return the rates since the oldest one of the window; None where there is none yet.

        Args:
            counters: of `models.engine.EngineState`.
            now: seconds of a clock that is never set back; None: the system's.
        """
        now = time.monotonic() if now is None else now
        read, written = counters["read_tokens"], counters["written_tokens"]
        samples = self._samples
        if samples and (read < samples[-1][1] or written < samples[-1][2]):
            samples.clear()  # another engine: its counters began anew
        while samples and now - samples[0][0] > WINDOW_SECONDS:
            samples.popleft()
        rates = None
        if samples and (seconds := now - samples[0][0]) >= LEAST_SECONDS:
            rates = Rates(read=(read - samples[0][1]) / seconds, written=(written - samples[0][2]) / seconds)
        if not samples or now - samples[-1][0] >= LEAST_SECONDS:
            samples.append((now, read, written))
        return rates


def cached_share(state: EngineState) -> float | None:
    """Return the share of prompt tokens that needed no reading, since the engine's start; None before the first."""
    cached, read = state.counters["cached_tokens"], state.counters["read_tokens"]
    return cached / (cached + read) if cached + read else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A sentence that was told, and when."""

    time: datetime
    sentence: str


class Notices:
    """The latest sentences about the engine, for those who were not at the terminal when they were told."""

    def __init__(self) -> None:
        """Begin empty."""
        self._latest: deque[Notice] = deque(maxlen=MOST_NOTICES)

    @property
    def latest(self) -> tuple[Notice, ...]:
        """Those that are kept, the newest first."""
        return tuple(reversed(self._latest))

    def telling(self, tell: Callable[[str], None]) -> Callable[[str], None]:
        """Return a `tell` that also keeps what it tells."""

        def keep(sentence: str) -> None:
            self._latest.append(Notice(time=datetime.now(UTC), sentence=sentence))
            tell(sentence)

        return keep
