"""What comes back from the engine: the events of one generation, and the mailbox any thread may read them from.

Knows no llama.cpp and no slot.
"""

import queue
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Literal

from models.request import Request

Reason = Literal["stop", "length", "cancelled", "deadline"]


@dataclass(frozen=True, slots=True)
class Waiting:
    """The request is number `position`, from 1, of `waiting` in the queue."""

    position: int
    waiting: int
    seconds: float | None = None
    """How long until it is its turn, about; None until an answer or two have shown how long one takes."""


@dataclass(frozen=True, slots=True)
class Reading:
    """The model has read `done` of the prompt's `total` tokens."""

    done: int
    total: int


@dataclass(frozen=True, slots=True)
class Text:
    """The next piece of the answer; whole characters, never part of a stop string."""

    text: str
    logprob: float | None = None
    compared: Sequence[float] = ()
    """The natural logarithms of the probabilities of `Sampling.compared`, in their order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """The last event of every generation that did not fail."""

    reason: Reason
    prompt_tokens: int
    completion_tokens: int
    cached_tokens: int = 0
    """How many of the prompt's tokens needed no reading, because the slot still held them."""


Event = Waiting | Reading | Text | Finished


class Generation:
    """One request on its way: the mailbox its events arrive in, and the way to cancel it.

    Iterate to receive events; the last is `Finished`, or the engine's error is raised. A mailbox nobody reads holds at
    most an event for each token of its slot, and goes with its generation.
    """

    def __init__(self, request: Request, *, on_cancel: Callable[["Generation"], None]) -> None:
        """Wait for nothing yet; only the engine makes these."""
        self.request = request
        self.cancelled = False
        self.position = 0
        """The place in the queue last told to the caller."""
        self.fleeting = False
        """Whether nothing of it may stay for later prompts, because what it was made from has been erased."""
        # A deadline is counted on a clock that nobody can set.
        self._ends = None if request.deadline is None else monotonic() + request.deadline
        self._on_cancel = on_cancel
        self._mailbox: queue.SimpleQueue[Event | BaseException] = queue.SimpleQueue()
        self._over = False

    def cancel(self) -> None:
        """End the generation within one step of the engine; harmless when it is over."""
        if not self._over:
            self.cancelled = True
            self._on_cancel(self)

    @property
    def unwanted(self) -> Reason | None:
        """Why nobody wants the answer any more, if so."""
        if self.cancelled:
            return "cancelled"
        return "deadline" if self._ends is not None and monotonic() >= self._ends else None

    def deliver(self, event: Event | BaseException) -> None:
        """Put an event, or the error that ends the generation, into the mailbox; called by the engine only."""
        self._mailbox.put(event)

    def next_event(self, *, seconds: float | None = None) -> Event | None:
        """Return the next event, or None when none came within that many seconds.

        Raises:
            ModelError: when the generation failed.
        """
        try:
            event = self._mailbox.get(timeout=seconds)
        except queue.Empty:
            return None
        if isinstance(event, BaseException):
            self._over = True
            raise event
        self._over = isinstance(event, Finished)
        return event

    def __iter__(self) -> Iterator[Event]:
        """Yield the events until `Finished`, that included."""
        while not self._over:
            event = self.next_event()
            if event is not None:
                yield event
