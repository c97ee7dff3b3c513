"""Which tokens the next batch holds: of everybody who writes, and of the prompts that are being read.

Knows slots, and how long steps took; decodes nothing.
"""

from collections.abc import Sequence

from models.counters import Counters
from models.memory import Memory
from models.pace import USUAL, WORTH_A_STEP, Pace
from models.slot import Part, Slot, in_order
from models.slots import Slots


class Filling:
    """Fills a batch after the other."""

    def __init__(self, memory: Memory, slots: Slots, counters: Counters) -> None:
        """Fill the memory's batches with what these slots still have to be decoded."""
        self.guessing = memory.goes_back
        """Whether prompt lookup is used; may be turned off to measure what it is worth."""
        self._memory = memory
        self._slots = slots
        self._counters = counters
        self._pace = Pace()
        self._sparing = False
        """Whether the latest step that read left the writers out."""

    def fill(self) -> list[Part]:
        """Put tokens into the batch; returns what each slot that takes part contributes.

        Background work takes part only in steps that no person takes part in, so it never slows one down.
        """
        slots = self.takes_part
        writers = [slot for slot in slots if slot.writing]
        readers = [slot for slot in slots if not slot.writing]
        if writers:
            self._slots.gather(writers)
        if not readers:
            return self._fill_writing(writers)
        room = self._room(readers, len(writers))
        self._sparing = bool(writers) and self._may_spare(readers, room)
        if self._sparing:
            slots = readers
        counts: dict[Slot, int] = {}
        for place, slot in enumerate(slots):
            if slot.writing:
                counts[slot] = 1
            elif room and self._catch_up(slot, slots[:place]):
                counts[slot] = min(slot.remaining, room)
                ended = counts[slot] == slot.remaining and sum(counts.values()) >= WORTH_A_STEP
                room = 0 if ended else room - counts[slot]
        return [self._add(slot, counts[slot]) for slot in in_order(counts)]

    def _room(self, readers: Sequence[Slot], writers: int) -> int:
        """Return how many prompt tokens the step may read."""
        first = readers[0]
        return self._pace.room(writers=writers, readers=len(readers), long=_is_long(first), place=first.held)

    def _may_spare(self, readers: Sequence[Slot], room: int) -> bool:
        """Whether the writers sit this step out: every other one of those that read, while more prompts wait.

        Writing a few tokens takes llama.cpp nearly as long as writing everybody's, so none of them ends later for it,
        and those who wait for their first word get it sooner.
        """
        if self._sparing or len(readers) == 1 or any(_is_long(slot) for slot in readers):
            return False
        return self._pace.soon_read(min(readers[0].remaining, room))

    @property
    def takes_part(self) -> list[Slot]:
        """Those that can be decoded now: of people, where any has a slot, or they would wait for the others' step.

        Also of people who only wait for a file: it is there within milliseconds, and a step takes seconds.
        """
        people = any(slot.work and not slot.work.background for slot in self._slots.busy)
        return [slot for slot in self._slots.ready if slot.work and not (people and slot.work.background)]

    def _catch_up(self, slot: Slot, earlier: Sequence[Slot]) -> bool:
        """Let a slot take what another has read meanwhile; False when it waits, because another reads it now."""
        held = slot.held
        ready = self._slots.catch_up(slot, earlier)
        self._counters.cached_tokens += max(0, slot.held - held)
        return ready

    def _fill_writing(self, slots: Sequence[Slot]) -> list[Part]:
        """Put everybody's newest token into the batch, with a guess behind it where somebody writes alone."""
        guesses = self.guessing and len(slots) == 1
        return [self._add(slot, 1, self._guess(slot) if guesses else ()) for slot in in_order(slots)]

    def _guess(self, slot: Slot) -> list[int]:
        """Return what may follow the slot's newest token, for as far as the answer may still go."""
        work = slot.work
        if work is None:
            return []
        left = min(work.generation.request.max_tokens - work.written, self._memory.slot_tokens - len(work.sequence))
        return work.drafts.propose(work.sequence, limit=left - 1)

    def _add(self, slot: Slot, count: int, drafts: Sequence[int] = ()) -> Part:
        tokens = [*slot.sequence[slot.held : slot.held + count], *drafts]
        logits = 1 + len(drafts) if count == slot.remaining else 0
        row = self._memory.add(slot.number, tokens, position=slot.held, logits=logits)
        return Part(slot, count, drafts, row)

    def note(self, parts: Sequence[Part]) -> None:
        """Let the pace learn from a step; one with guesses is not like others."""
        if not any(part.drafts for part in parts):
            writers = sum(part.slot.writing for part in parts)
            read = sum(part.count for part in parts if not part.slot.writing)
            self._pace.note(writers=writers, read=read, seconds=self._memory.seconds)


def _is_long(slot: Slot) -> bool:
    """Whether more of a slot's prompt has to be read than a usual one has."""
    return slot.work is not None and len(slot.sequence) - slot.work.cached > USUAL
