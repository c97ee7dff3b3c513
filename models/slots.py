"""The slots of one context: what each sequence holds, and where the beginning of a prompt is found again.

Decodes nothing: `models.batching` does. Prefixes are compared token by token, so what is reused is what would be read.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from models.generation import Generation
from models.lookup import Drafts
from models.memory import Memory
from models.text import TextAssembler

WORTH_WAITING = 16
"""Tokens: a chat template's first ones, which all prompts share, are sooner read than waited for."""


@dataclass(slots=True, eq=False, kw_only=True)
class Work:
    """What has been made of a generation so far; goes with it from slot to slot."""

    generation: Generation
    sequence: list[int]
    """The prompt and what was written so far."""
    text: TextAssembler
    sampler: Any
    drafts: Drafts = field(default_factory=Drafts)
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
    left: int = 0
    """When it last became free, counted in releases."""

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


class Slots:
    """All slots of one context; each is free or busy."""

    def __init__(self, memory: Memory) -> None:
        """Begin with every slot empty."""
        self._memory = memory
        self.free = [Slot(number) for number in range(memory.slots)]
        self.busy: list[Slot] = []
        """In the order they were taken, which is the order prompts are read in."""
        self._releases = 0

    def take(self, work: Work) -> Slot:
        """Give a work the free slot that holds most of its sequence already, else the one unused for longest."""
        slot = max(self.free, key=lambda slot: (slot.shared(work.sequence), -slot.left))
        slot.held = self._reuse(slot, work.sequence)
        slot.sequence, slot.work = work.sequence, work
        self.free.remove(slot)
        self.busy.append(slot)
        return slot

    def _reuse(self, slot: Slot, wanted: Sequence[int]) -> int:
        """Make the slot hold the longest beginning of the wanted that any slot holds; returns its length.

        The last token is always read again: its logits choose the next one.
        """
        longest = len(wanted) - 1
        own = min(slot.shared(wanted), longest)
        other = max([*self.busy, *self.free], key=lambda other: other.shared(wanted))
        theirs = min(other.shared(wanted), longest)
        if theirs > own and (copied := self._memory.copy(other.number, slot.number, theirs)):
            return copied
        return self._memory.keep(slot.number, own)

    def catch_up(self, slot: Slot, earlier: Sequence[Slot]) -> bool:
        """Copy what an earlier slot meanwhile holds of the slot's prompt, before the slot has read anything itself.

        Args:
            slot: a slot whose prompt is to be read.
            earlier: slots that are read before it.

        Returns:
            False when the slot should wait, because one of them is just reading what it needs too.
        """
        work = slot.work
        if work is None or slot.held > work.cached or work.written or not self._memory.goes_back:
            return True
        best = max(earlier, key=lambda other: common(other.sequence, slot.sequence), default=slot)
        shared = min(common(best.sequence, slot.sequence), len(slot.sequence) - 1)
        if best is slot or shared < slot.held + WORTH_WAITING:
            return True
        if best.held < shared:
            return False
        slot.held = work.cached = self._memory.copy(best.number, slot.number, shared)
        return True

    def release(self, slot: Slot) -> None:
        """Make a slot free; what it holds stays for the next prefix."""
        self._releases += 1
        slot.sequence = slot.sequence[: slot.held]
        slot.work, slot.left = None, self._releases
        self.busy.remove(slot)
        self.free.append(slot)

    def empty(self, slot: Slot) -> None:
        """Make a slot free whose content is not known any more."""
        slot.held = self._memory.keep(slot.number, 0)
        self.release(slot)


def common(one: Sequence[int], other: Sequence[int]) -> int:
    """Return how many tokens two sequences begin with alike."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (mine, theirs) in pairs if mine != theirs), min(len(one), len(other)))
