"""What is asked of the engine and what comes back: sampling, events, one generation, text from tokens.

Knows no llama.cpp and no slot: plain values, and a mailbox that any thread may read.
"""

import codecs
import math
import queue
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from models.errors import InvalidRequestError
from models.grammar import check_grammar

Reason = Literal["stop", "length", "cancelled"]

STOP_STRINGS = 16
"""More are refused: each is searched for after every token."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampling:
    """How the next token is chosen; the default is greedy, so the same prompt gives the same text."""

    temperature: float = 0.0
    """0: always the most likely token, whatever the other fields say but for penalties and grammar. At most 2."""
    top_k: int = 40
    """Choose among this many most likely tokens; 0: among all."""
    top_p: float = 0.95
    min_p: float = 0.0
    repeat_penalty: float = 1.0
    """1: none. Above 1 tokens of the last 64 become less likely."""
    frequency_penalty: float = 0.0
    """Taken from a token's logit for each time it stands among the last 64."""
    presence_penalty: float = 0.0
    """Taken from a token's logit when it stands among the last 64."""
    seed: int | None = None
    logprobs: bool = False
    """Whether each `Text` carries the natural logarithm of its token's probability; costs 0.5 ms a token."""
    grammar: str | None = None
    """GBNF that the answer obeys from its first character to its last, unless it becomes too long."""

    def __post_init__(self) -> None:
        """Refuse values no sampler can use.

        Raises:
            InvalidRequestError: naming the value and its range.
        """
        self._check("temperature", self.temperature, 0.0, 2.0)
        self._check("top_k", self.top_k, 0, 1_000_000)
        self._check("top_p", self.top_p, 0.001, 1.0)
        self._check("min_p", self.min_p, 0.0, 1.0)
        self._check("repeat_penalty", self.repeat_penalty, 0.5, 2.0)
        self._check("frequency_penalty", self.frequency_penalty, -2.0, 2.0)
        self._check("presence_penalty", self.presence_penalty, -2.0, 2.0)
        self._check("seed", self.seed or 0, 0, 2**32 - 1)
        if self.grammar is not None:
            check_grammar(self.grammar)

    @property
    def plain(self) -> bool:
        """Whether the most likely token is chosen, and nothing weighs on that but a grammar."""
        return (self.temperature, self.repeat_penalty, self.frequency_penalty, self.presence_penalty) == (0, 1, 0, 0)

    @staticmethod
    def _check(name: str, value: float, low: float, high: float) -> None:
        if not (math.isfinite(value) and low <= value <= high):
            raise InvalidRequestError(f"{name} must be between {low:g} and {high:g}, not {value:g}.")


GREEDY = Sampling()


@dataclass(frozen=True, slots=True)
class Waiting:
    """The request is number `position`, from 1, of `waiting` in the queue."""

    position: int
    waiting: int


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
    """One request: what was asked, and the mailbox its events arrive in.

    Iterate to receive events; the last is `Finished`, or the engine's error is raised.
    """

    def __init__(
        self,
        prompt: Sequence[int],
        *,
        max_tokens: int,
        sampling: Sampling,
        stop: Sequence[str],
        person: str,
        on_cancel: Callable[["Generation"], None],
    ) -> None:
        """Check and hold the request; only the engine makes these.

        Raises:
            InvalidRequestError: for a token limit or stop strings that cannot be used.
        """
        if max_tokens < 1:
            raise InvalidRequestError(f"max_tokens must be at least 1, not {max_tokens}.")
        if len(stop) > STOP_STRINGS or not all(stop):
            raise InvalidRequestError(f"At most {STOP_STRINGS} stop strings are possible, and none may be empty.")
        self.prompt = list(prompt)
        self.max_tokens = max_tokens
        self.sampling = sampling
        self.stop = tuple(stop)
        self.person = person
        self.cancelled = False
        self.position = 0
        """The place in the queue last told to the caller."""
        self._on_cancel = on_cancel
        self._mailbox: queue.SimpleQueue[Event | BaseException] = queue.SimpleQueue()
        self._over = False

    def cancel(self) -> None:
        """End the generation within one step of the engine; harmless when it is over."""
        if not self._over:
            self.cancelled = True
            self._on_cancel(self)

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


class TextAssembler:
    """Collects the bytes of tokens and gives out text that is whole and stops where it was told to.

    A character's bytes may be spread over several tokens, and a stop string may begin in one token and end in another;
    text that may be the beginning of a stop string is held back until it is known not to be one.
    """

    def __init__(self, stop: Sequence[str] = ()) -> None:
        """Begin an empty text that ends before the first of the stop strings."""
        self._decode = codecs.getincrementaldecoder("utf-8")(errors="replace").decode
        self._stop = tuple(stop)
        self._held = ""
        self.stopped = False

    def push(self, piece: bytes) -> str:
        """Take a token's bytes and return the text that may now be shown, often empty."""
        return self._release(self._decode(piece))

    def finish(self) -> str:
        """Return what is still held back; bytes that never became a character show as U+FFFD."""
        if self.stopped:
            return ""
        return self._release(self._decode(b"", final=True)) + self._held

    def _release(self, fresh: str) -> str:
        text = self._held + fresh
        found = [at for at in (text.find(stop) for stop in self._stop) if at >= 0]
        if found:
            self.stopped = True
            self._held = ""
            return text[: min(found)]
        keep = max((_overlap(text, stop) for stop in self._stop), default=0)
        self._held = text[len(text) - keep :]
        return text[: len(text) - keep]


def _overlap(text: str, stop: str) -> int:
    """Return the length of the longest end of `text` that is a proper beginning of `stop`."""
    longest = min(len(text), len(stop) - 1)
    return next((size for size in range(longest, 0, -1) if text.endswith(stop[:size])), 0)
