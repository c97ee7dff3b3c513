"""One slot of the context: a sequence in the model's memory, the work that uses it, and its part in a batch.

Knows no other slot but for their order in a batch; which one a prompt gets, `models.slots` decides.
"""

import time
from collections.abc import Iterable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

from models.generation import Generation
from models.lookup import Drafts
from models.memory import Memory
from models.saved import Fetched
from models.text import TextAssembler


@dataclass(slots=True, eq=False, kw_only=True)
class Work:
    """What has been made of a generation so far; goes with it from slot to slot."""

    generation: Generation
    sequence: list[int]
    """The prompt and what was written so far."""
    text: TextAssembler
    sampler: Any
    drafts: Drafts
    cached: int = 0
    """How much of the prompt needed no reading."""
    written: int = 0
    begun: float = field(default_factory=time.monotonic)

    @classmethod
    def begin(cls, generation: Generation, memory: Memory) -> "Work":
        """Return the work on a generation nobody has begun with."""
        return cls(
            generation=generation,
            sequence=list(generation.request.prompt),
            text=TextAssembler(generation.request.stop),
            sampler=memory.sampler(generation.request.sampling),
            drafts=Drafts(len(generation.request.prompt), ends=memory.ends),
        )

    @property
    def background(self) -> bool:
        """Whether nobody waits for it."""
        return self.generation.request.priority == "background"

    def close(self) -> None:
        """Free the sampler."""
        if self.sampler is not None:
            self.sampler.close()
            self.sampler = None


@dataclass(slots=True, eq=False)
class Slot:
    """One sequence in the model's memory, and the work that uses it now."""

    number: int
    sequence: list[int] = field(default_factory=list)
    """That of its work; without work the tokens it still holds, for the prefix of the next."""
    held: int = 0
    """How many of the sequence's tokens the model's memory holds; the rest is still to be decoded."""
    work: Work | None = None
    lasting: int | None = None
    """How much of it later prompts will begin with; None: all."""
    left: int = 0
    """When it last became free, counted in releases."""
    arriving: Future[Fetched | None] | None = None
    """What is being read from a file for its work, which waits for it."""

    @property
    def remaining(self) -> int:
        """How many tokens are still to be decoded."""
        return len(self.sequence) - self.held

    @property
    def writing(self) -> bool:
        """Whether it decodes one new token a step."""
        return self.work is not None and self.work.written > 0 and self.remaining == 1

    def shared(self, prompt: Sequence[int]) -> int:
        """Return how many tokens from the beginning of a prompt the model's memory holds here."""
        return min(self.held, common(self.sequence, prompt))


@dataclass(frozen=True, slots=True)
class Part:
    """What one slot contributes to a batch."""

    slot: Slot
    count: int
    """Tokens of its sequence."""
    drafts: Sequence[int]
    """Guesses behind them."""
    row: int
    """The batch's row of its first logits, when it comes to the end of its sequence."""


def in_order(slots: Iterable[Slot]) -> list[Slot]:
    """Return slots by their numbers, for llama.cpp computes those together that follow each other, but readers apart.

    With the writers, a reader's first token would be computed twice as slowly as the rest of it, and its whole tiles
    would lack one. So those with higher numbers come before the writers and those with lower ones behind.
    """
    known = list(slots)
    first = min((slot.number for slot in known if slot.writing), default=0)
    return sorted(known, key=lambda slot: (slot.number < first, slot.writing, slot.number))


def common(one: Sequence[int], other: Sequence[int]) -> int:
    """Return how many tokens two sequences begin with alike."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (mine, theirs) in pairs if mine != theirs), min(len(one), len(other)))
