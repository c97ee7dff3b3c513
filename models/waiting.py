"""Who waits for a slot, in which order, and for how long about.

Knows no slot and no model: generations, persons and seconds.
"""

import bisect
import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from models.generation import Generation

WEIGHT = 0.25
"""How much the latest answer counts in the time one takes; so the last eight make up nine tenths of it."""


@dataclass(slots=True)
class FairQueue:
    """Waiting generations in the order they will be served: nobody waits for more than one of another's at a time.

    Each gets a round number: the round now served, or the one after its person's latest, whichever is later. Rounds
    are served in order, and within a round first come, first served; so a person with ten questions takes one place
    in each of ten rounds, and nobody can be overtaken for ever.

    Source: Goyal, Vin and Cheng, "Start-time Fair Queueing", SIGCOMM 1996, with every request of length one.
    """

    _waiting: list[tuple[int, int, Generation]] = field(default_factory=list)
    _latest: dict[str, int] = field(default_factory=dict)
    _round: int = 0
    _arrivals: int = 0

    def __len__(self) -> int:
        """How many wait."""
        return len(self._waiting)

    def __iter__(self) -> Iterator[Generation]:
        """Yield the waiting generations, the next to be served first."""
        return (generation for _, _, generation in self._waiting)

    def put(self, generation: Generation) -> None:
        """Add a generation at its place."""
        place = max(self._round, self._latest.get(generation.request.person, 0)) + 1
        self._latest[generation.request.person] = place
        self._arrivals += 1
        bisect.insort(self._waiting, (place, self._arrivals, generation), key=lambda entry: entry[:2])

    def take(self) -> Generation:
        """Remove and return the next to be served."""
        self._round, _, generation = self._waiting.pop(0)
        if not self._waiting:
            self._latest.clear()
        return generation

    def put_back(self, generation: Generation) -> None:
        """Add a generation whose turn it was already before all others."""
        self._waiting.insert(0, (self._round, 0, generation))

    def drop_unwanted(self) -> list[Generation]:
        """Remove and return those nobody wants any more; whose they were has used no turn for them."""
        dropped = [generation for generation in self if generation.unwanted]
        if dropped:
            self._waiting = [entry for entry in self._waiting if entry[2] not in dropped]
            self._latest = {generation.request.person: place for place, _, generation in self._waiting}
        return dropped


class WaitingRoom:
    """All who wait: people, and background work, whose turn comes only when no person waits."""

    def __init__(self) -> None:
        """Begin empty."""
        self._people = FairQueue()
        self._background = FairQueue()

    def line(self, generation: Generation) -> FairQueue:
        """Return the queue a generation belongs into."""
        return self._people if generation.request.priority == "person" else self._background

    def __len__(self) -> int:
        """How many wait."""
        return len(self._people) + len(self._background)

    def __iter__(self) -> Iterator[Generation]:
        """Yield those who wait, the next to be served first."""
        yield from self._people
        yield from self._background

    @property
    def person_waits(self) -> bool:
        """Whether the next to be served is a person."""
        return len(self._people) > 0

    def take(self) -> Generation:
        """Remove and return the next to be served."""
        return (self._people or self._background).take()

    def drop_unwanted(self) -> list[Generation]:
        """Remove and return those nobody wants any more."""
        return self._people.drop_unwanted() + self._background.drop_unwanted()


class ServiceTime:
    """How long a slot is taken by one person's answer, judged by the latest."""

    def __init__(self) -> None:
        """Know nothing yet."""
        self.average: float | None = None
        """Seconds; None before the first answer."""

    def note(self, seconds: float) -> None:
        """Take into account how long an answer had its slot."""
        self.average = seconds if self.average is None else self.average + WEIGHT * (seconds - self.average)

    def starts(self, served: Sequence[float], places: int) -> list[float] | None:
        """Return for each place in the queue in how many seconds its turn comes, about; None when nothing is known.

        Args:
            served: for how many seconds each slot has been taken by its answer.
            places: how many wait.
        """
        if self.average is None:
            return None
        free = [max(0.0, self.average - seconds) for seconds in served]
        heapq.heapify(free)
        starts = []
        for _ in range(places):
            starts.append(free[0])
            heapq.heapreplace(free, free[0] + self.average)
        return starts
