"""The slots of one context: what each sequence holds, and where the beginning of a prompt is found again.

Decodes nothing: `models.batching` does. Prefixes are compared token by token, so what is reused is what would be read.
What a slot loses to another conversation is saved to a file (`models.saved`), and fetched from there.
"""

import time
from collections.abc import Callable, Sequence

from models.memory import Memory
from models.saved import SavedStates
from models.sealed import Bytes
from models.slot import Slot, Work, common

WORTH_WAITING = 16
"""Tokens: a chat template's first ones, which all prompts share, are sooner read than waited for or copied."""
WORTH_SAVING = 48
"""Tokens: the starter model reads so many in a second on two cores, and saves them in a millisecond or two."""
WORTH_FETCHING = 32
"""Tokens more than a slot holds; fetched and put back in two milliseconds."""


class Slots:
    """All slots of one context; each is free or busy."""

    def __init__(self, memory: Memory, saved: SavedStates | None = None) -> None:
        """Begin with every slot empty; without `saved` nothing is saved or fetched."""
        self._memory = memory
        self._saved = saved
        self.free = [Slot(number) for number in range(memory.slots)]
        self.busy: list[Slot] = []
        """In the order they were taken, which is the order prompts are read in."""
        self._releases = 0

    @property
    def ready(self) -> list[Slot]:
        """The busy ones that wait for no file."""
        return [slot for slot in self.busy if slot.arriving is None]

    def take(self, work: Work, *, on_save: Callable[[], None] = lambda: None) -> Slot:
        """Give a work the free slot it goes on from, else the one unused for longest.

        What that one held of another conversation is saved first; `on_save` is called when it is in its file.
        """
        best = max(self.free, key=lambda slot: (slot.shared(work.sequence), -slot.left))
        goes_on = self._goes_on(best, work.sequence)
        slot = self._choose(best, work.sequence, goes_on=goes_on)
        if slot is not best or not goes_on:
            self._save(slot, self._staying(slot, work.sequence), on_save)
        slot.held = self._reuse(slot, work.sequence)
        slot.sequence, slot.work, slot.lasting = work.sequence, work, work.generation.request.lasting
        if self._saved:
            least, whole = slot.held + WORTH_FETCHING, not self._memory.goes_back
            slot.arriving = self._saved.fetch(work.sequence, least=least, whole=whole)
        self.free.remove(slot)
        self.busy.append(slot)
        return slot

    def _choose(self, best: Slot, wanted: Sequence[int], *, goes_on: bool) -> Slot:
        """Return the free slot whose content is worth least to others: all that is needed, or nothing, or old."""
        shared = best.shared(wanted)
        if shared and shared == best.held:
            return best
        empty = min((slot for slot in self.free if not slot.held), key=self._apart, default=None)
        if empty and (self._memory.goes_back or 2 * shared < best.held):
            return empty  # a shared beginning is copied to it; where it cannot be, a later turn stays in its slot
        return best if goes_on else min(self.free, key=lambda slot: slot.left)

    def _apart(self, slot: Slot) -> int:
        """Return how far a slot is from the nearest busy one: llama.cpp computes only neighbours together."""
        return min((abs(slot.number - other.number) for other in self.busy), default=slot.number)

    def _goes_on(self, slot: Slot, wanted: Sequence[int]) -> bool:
        """Whether a prompt is a later turn of what a slot holds, not only alike as all prompts are.

        It is when it shares more with the slot than with anything else that is known.
        """
        shared = slot.shared(wanted)
        others = [other.shared(wanted) for other in [*self.busy, *self.free] if other is not slot and other.held]
        saved = self._saved.shared(wanted) if self._saved else None
        others += [] if saved is None else [saved]
        return shared >= max(others) + WORTH_WAITING if others else 2 * shared >= slot.held

    def _staying(self, slot: Slot, wanted: Sequence[int]) -> int:
        """Return how much of what a slot holds a prompt lets it keep."""
        shared = slot.shared(wanted)
        return shared if self._memory.goes_back or shared == slot.held else 0

    def _save(self, slot: Slot, staying: int, then: Callable[[], None]) -> None:
        """Save what a slot holds and later prompts will want, when much of it is lost that is in no file yet."""
        whole = not self._memory.goes_back
        length = slot.held if slot.lasting is None else min(slot.held, slot.lasting)
        if not self._saved or length - staying < WORTH_SAVING or (whole and length < slot.held):
            return
        tokens = slot.sequence[:length]
        if length - (self._saved.shared(tokens, whole=whole) or 0) >= WORTH_SAVING:
            self._saved.save(tokens, lambda: self._cut_out(slot, length), then=then)

    def _cut_out(self, slot: Slot, length: int) -> Bytes:
        slot.held = self._memory.keep(slot.number, length)
        return self._memory.state(slot.number)

    def receive(self, slot: Slot) -> int:
        """Put what was read from a file into its slot; returns how many tokens it holds now more than before."""
        fetched, slot.arriving = slot.arriving.result() if slot.arriving else None, None
        before = slot.held
        if fetched:
            slot.held = self._memory.restore(slot.number, fetched.state, fetched.length)
            slot.held = slot.held or self._reuse(slot, slot.sequence)
        return slot.held - before

    def save_all(self, *, seconds: float) -> None:
        """Save what the free slots hold, the last used first, for as long as the time allows."""
        deadline = time.monotonic() + seconds
        for slot in sorted(self.free, key=lambda slot: -slot.left):
            if self._saved and time.monotonic() < deadline:
                self._save(slot, 0, lambda: None)
                self._saved.settle()

    def _reuse(self, slot: Slot, wanted: Sequence[int]) -> int:
        """Make the slot hold the longest beginning of the wanted that any slot holds; returns its length.

        The last token is always read again: its logits choose the next one.
        """
        longest = len(wanted) - 1
        own = min(slot.shared(wanted), longest)
        other = max([*self.busy, *self.free], key=lambda other: other.shared(wanted))
        theirs = min(other.shared(wanted), longest)
        if theirs >= own + WORTH_WAITING and (copied := self._memory.copy(other.number, slot.number, theirs)):
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

    def gather(self, together: Sequence[Slot]) -> None:
        """Make the numbers of these slots neighbours, by moving what some of them hold.

        llama.cpp computes the tokens of neighbours as one, and those of others apart, which takes as long again: to
        move a conversation costs less than one step.
        """
        count = len(together)
        numbers = {slot.number for slot in together}
        begins = range(self._memory.slots - count + 1)
        begin = max(begins, key=lambda begin: len(numbers.intersection(range(begin, begin + count))))
        within = range(begin, begin + count)
        others = [slot for slot in [*self.free, *self.busy] if slot.number in within and slot not in together]
        for slot, other in zip((slot for slot in together if slot.number not in within), others, strict=True):
            self._swap(slot, other)

    def _swap(self, one: Slot, other: Slot) -> None:
        """Give each of two slots the other's number, and what it holds there."""
        states = [self._memory.state(slot.number) if slot.held else None for slot in (one, other)]
        one.number, other.number = other.number, one.number
        for slot, state in zip((one, other), states, strict=True):
            if state is None:
                self._memory.keep(slot.number, 0)
            else:
                slot.held = self._memory.restore(slot.number, state, slot.held)

    def release(self, slot: Slot) -> None:
        """Make a slot free; what it holds stays for the next prefix."""
        self._releases += 1
        if slot.work and slot.work.generation.fleeting:
            slot.held = self._memory.keep(slot.number, 0)
        slot.sequence = slot.sequence[: slot.held]
        slot.work, slot.left, slot.arriving = None, self._releases, None
        self.busy.remove(slot)
        self.free.append(slot)

    def empty(self, slot: Slot) -> None:
        """Make a slot free whose content is not known any more."""
        slot.held = self._memory.keep(slot.number, 0)
        self.release(slot)

    def forget(self) -> None:
        """Empty the free slots."""
        for slot in self.free:
            slot.held, slot.sequence = self._memory.keep(slot.number, 0), []
