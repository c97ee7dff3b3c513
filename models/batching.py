"""One step of the engine: which tokens are decoded together, for whom, and what becomes of the result.

A slot is one sequence in the model's memory. Each step decodes one batch: the newest token of every slot that is
writing, and the next piece of the prompts that are being read; so requests join and leave between steps. Knows no
thread and no queue: it is called by the engine's one thread, or by a test, step by step.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from models.generation import Finished, Generation, Reading, Reason, Sampling, Text, TextAssembler

READ_ALONE = 256
"""Prompt tokens a step while nobody writes: reading is no faster with more, and progress shows every second or two."""

READ_SHARED = 64
"""Prompt tokens a step while somebody writes: such a step is the pause a writer notices."""


class Memory(Protocol):
    """What is needed of a llama context; `models.context.Context` has it, and so has the scripted one of the tests."""

    @property
    def slot_tokens(self) -> int:
        """How many tokens a slot can hold."""

    @property
    def slots(self) -> int:
        """How many slots there are."""

    def clear(self) -> None:
        """Begin a new batch."""

    def add(self, slot: int, tokens: Sequence[int], *, position: int, logits: bool) -> int:
        """Append a slot's next tokens; returns the row of the last."""

    def decode(self) -> bool:
        """Compute the batch; False when it was interrupted."""

    def interrupt(self) -> None:
        """Make a running decode return early; may be called from any thread."""

    def sampler(self, sampling: Sampling) -> Any:
        """Return what chooses a request's tokens."""

    def choose(self, row: int, sampler: Any) -> int:
        """Return the next token after a row."""

    def logprob(self, row: int, token: int) -> float:
        """Return the log-probability of a token after a row."""

    def keep(self, slot: int, length: int) -> int:
        """Cut a slot back to its first tokens; returns how many are usable, all or 0."""

    def copy(self, source: int, target: int, length: int) -> int:
        """Give a slot another's first tokens; returns how many it got, all or 0."""

    def piece(self, token: int) -> bytes:
        """Return the bytes of a token."""

    def ends(self, token: int) -> bool:
        """Whether a token says that the answer is complete."""

    def close(self) -> None:
        """Free everything."""


@dataclass(slots=True)
class Slot:
    """One sequence, and the generation that uses it now."""

    number: int
    sequence: list[int] = field(default_factory=list)
    """The prompt and what was written so far; stays after a generation, for the prefix of the next."""
    held: int = 0
    """How many of the sequence's tokens the model's memory holds; the rest is still to be decoded."""
    generation: Generation | None = None
    text: TextAssembler = field(default_factory=TextAssembler)
    sampler: Any = None
    cached: int = 0
    """How much of the prompt needed no reading."""
    written: int = 0
    left: int = 0
    """When its last generation left, in steps."""

    @property
    def remaining(self) -> int:
        """How many tokens are still to be decoded."""
        return len(self.sequence) - self.held

    @property
    def writing(self) -> bool:
        """Whether it decodes one new token a step."""
        return self.written > 0 and self.remaining == 1


@dataclass(slots=True)
class Counters:
    """What the engine has done since it started."""

    steps: int = 0
    read_tokens: int = 0
    """Prompt tokens computed."""
    cached_tokens: int = 0
    """Prompt tokens that needed no computing, because a slot still held them."""
    written_tokens: int = 0
    finished: int = 0
    cancelled: int = 0


class Batching:
    """The slots of one context and the step that advances them all."""

    def __init__(self, memory: Memory) -> None:
        """Begin with every slot empty."""
        self.counters = Counters()
        self._memory = memory
        self._free = [Slot(number) for number in range(memory.slots)]
        self._busy: list[Slot] = []
        """In the order they were admitted, which is the order prompts are read in."""

    @property
    def generations(self) -> list[Generation]:
        """Those being read or written, the earliest first."""
        return [slot.generation for slot in self._busy if slot.generation]

    @property
    def has_free_slot(self) -> bool:
        """Whether one more can be admitted."""
        return bool(self._free)

    def admit(self, generation: Generation) -> None:
        """Give a generation the free slot that holds most of its prompt already, else the one unused for longest."""
        prompt = generation.prompt
        slot = max(self._free, key=lambda slot: (_shared(slot, prompt), -slot.left))
        cached = self._reuse(slot, prompt)
        slot.sequence, slot.held, slot.cached, slot.written = list(prompt), cached, cached, 0
        slot.generation = generation
        slot.text = TextAssembler(generation.stop)
        slot.sampler = self._memory.sampler(generation.sampling)
        self._free.remove(slot)
        self._busy.append(slot)
        self.counters.cached_tokens += cached
        generation.deliver(Reading(cached, len(prompt)))

    def _reuse(self, slot: Slot, prompt: Sequence[int]) -> int:
        """Make the slot hold the longest beginning of the prompt that any slot holds; returns its length.

        The last token of the prompt is always read again: its logits choose the first token of the answer.
        """
        longest = len(prompt) - 1
        own = min(_shared(slot, prompt), longest)
        other = max([*self._busy, *self._free], key=lambda other: _shared(other, prompt))
        theirs = min(_shared(other, prompt), longest)
        if theirs > own and (copied := self._memory.copy(other.number, slot.number, theirs)):
            return copied
        return self._memory.keep(slot.number, own)

    def step(self) -> None:
        """Decode one batch, and give every slot that came to the end of its sequence its next token.

        Raises:
            ModelError: when the batch cannot be computed; no slot has advanced then.
        """
        self._memory.clear()
        fed = self._fill()
        self.counters.steps += 1
        if not self._memory.decode():
            for slot, _, _ in fed:
                slot.held = self._memory.keep(slot.number, slot.held)
            return
        for slot, count, row in fed:
            slot.held += count
            if not slot.written:
                self._tell_reading(slot, count)
            if slot.remaining == 0:
                self._take(slot, row)

    def _fill(self) -> list[tuple[Slot, int, int]]:
        """Put tokens into the batch; returns each slot that takes part, how many tokens, and its last row."""
        fed = []
        room = READ_SHARED if any(slot.writing for slot in self._busy) else READ_ALONE
        for slot in self._busy:
            count = 1 if slot.writing else min(slot.remaining, room)
            if not slot.writing:
                room -= count
            if count:
                tokens = slot.sequence[slot.held : slot.held + count]
                complete = count == slot.remaining
                row = self._memory.add(slot.number, tokens, position=slot.held, logits=complete)
                fed.append((slot, count, row))
        return fed

    def _tell_reading(self, slot: Slot, count: int) -> None:
        self.counters.read_tokens += count
        if slot.generation:
            slot.generation.deliver(Reading(slot.held, len(slot.generation.prompt)))

    def _take(self, slot: Slot, row: int) -> None:
        """Choose the slot's next token and deliver its text, or finish."""
        generation = slot.generation
        if generation is None:
            return
        token = self._memory.choose(row, slot.sampler)
        if self._memory.ends(token):
            self._finish(slot, "stop")
            return
        slot.sequence.append(token)
        slot.written += 1
        self.counters.written_tokens += 1
        text = slot.text.push(self._memory.piece(token))
        if text or generation.sampling.logprobs:
            logprob = self._memory.logprob(row, token) if generation.sampling.logprobs else None
            generation.deliver(Text(text, logprob))
        if slot.text.stopped:
            self._finish(slot, "stop")
        elif slot.written == generation.max_tokens or len(slot.sequence) == self._memory.slot_tokens:
            self._finish(slot, "length")

    def remove_cancelled(self) -> None:
        """Free the slots of generations nobody wants any more; what they hold stays for the next prefix."""
        for slot in [slot for slot in self._busy if slot.generation and slot.generation.cancelled]:
            self._finish(slot, "cancelled")

    def _finish(self, slot: Slot, reason: Reason) -> None:
        generation = slot.generation
        written, cached = slot.written, slot.cached
        rest = slot.text.finish()
        self._release(slot)
        if reason == "cancelled":
            self.counters.cancelled += 1
        else:
            self.counters.finished += 1
        if generation is None:
            return
        if rest and reason != "cancelled":
            generation.deliver(Text(rest))
        generation.deliver(
            Finished(
                reason=reason,
                prompt_tokens=len(generation.prompt),
                completion_tokens=written,
                cached_tokens=cached,
            )
        )

    def _release(self, slot: Slot) -> None:
        if slot.sampler is not None:
            slot.sampler.close()
        del slot.sequence[slot.held :]
        slot.sampler, slot.generation, slot.left = None, None, self.counters.steps
        self._busy.remove(slot)
        self._free.append(slot)

    def fail(self, error: Exception) -> None:
        """End every generation with an error and empty the slots, for what they hold is unknown now."""
        for slot in list(self._busy):
            generation = slot.generation
            self._release(slot)
            slot.sequence, slot.held = [], self._memory.keep(slot.number, 0)
            if generation:
                generation.deliver(error)


def _shared(slot: Slot, prompt: Sequence[int]) -> int:
    """Return how many tokens from the beginning of the prompt the slot's memory holds."""
    pairs = zip(slot.sequence[: slot.held], prompt, strict=False)
    return next((index for index, (held, wanted) in enumerate(pairs) if held != wanted), min(slot.held, len(prompt)))
