"""One step of the engine: which tokens are decoded together, for whom, and what becomes of the result.

Each step decodes one batch: the newest token of every slot that is writing, with a guess of what follows it where
that pays, and the next piece of the prompts that are being read; so requests join and leave between steps. Knows no
thread and no queue: it is called by the engine's one thread, or by a test, step by step.
"""

import time
from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, wait

from models.counters import Counters
from models.errors import InvalidRequestError
from models.generation import Finished, Generation, Reading, Reason, Text
from models.memory import Memory
from models.pace import USUAL, WORTH_A_STEP, Pace
from models.saved import SavedStates
from models.slot import Part, Slot, Work, in_order
from models.slots import Slots
from models.waiting import ServiceTime

FILE_SECONDS = 0.05
"""So long a step waits for a file when nobody has anything to decode; Stop is noticed after it."""


class Batching:
    """The step that advances all slots of one context."""

    def __init__(self, memory: Memory, saved: SavedStates | None = None) -> None:
        """Begin with every slot empty; without `saved` conversations that leave their slot are lost."""
        self.counters = Counters()
        self.guessing = memory.goes_back
        """Whether prompt lookup is used; may be turned off to measure what it is worth."""
        self._memory = memory
        self._slots = Slots(memory, saved)
        self._paused: dict[Generation, Work] = {}
        """Background work that made way for a person."""
        self._pace = Pace()
        self._sparing = False
        """Whether the latest step that read left the writers out."""
        self._service = ServiceTime()

    @property
    def generations(self) -> list[Generation]:
        """Those being read or written, the earliest first."""
        return [slot.work.generation for slot in self._slots.busy if slot.work]

    @property
    def has_free_slot(self) -> bool:
        """Whether one more can be admitted."""
        return bool(self._slots.free)

    @property
    def only_background(self) -> bool:
        """Whether somebody has a slot, but no person."""
        works = [slot.work for slot in self._slots.busy if slot.work]
        return bool(works) and all(work.background for work in works)

    def starts(self, places: int) -> list[float] | None:
        """Return for each place in the queue in how many seconds its turn comes, about; None when nothing is known."""
        now = time.monotonic()
        return self._service.starts([now - slot.work.begun for slot in self._slots.busy if slot.work], places)

    def admit(self, generation: Generation) -> None:
        """Give a generation a free slot, to begin or to go on."""
        work = self._paused.pop(generation, None)
        if work:
            self._slots.take(work, on_save=self._note_saved)
            return
        work = Work.begin(generation, self._memory)
        work.cached = self._slots.take(work, on_save=self._note_saved).held
        self.counters.cached_tokens += work.cached
        generation.deliver(Reading(work.cached, len(generation.request.prompt)))

    def _note_saved(self) -> None:
        self.counters.saved += 1

    def pause_background(self) -> Generation | None:
        """Free the slot of the newest background generation, so that it goes on when it is admitted again."""
        slot = next((slot for slot in reversed(self._slots.busy) if slot.work and slot.work.background), None)
        if slot is None or slot.work is None:
            return None
        work = slot.work
        self._slots.release(slot)
        self._paused[work.generation] = work
        return work.generation

    def step(self) -> None:
        """Decode one batch, and give every slot that came to the end of its sequence its next tokens.

        Where everybody waits for a file, it waits a little for one of them instead.

        Raises:
            ModelError: when the batch cannot be computed; no slot has advanced then.
        """
        self._receive()
        self._memory.clear()
        parts = self._fill()
        if not parts:
            return
        self.counters.steps += 1
        if not self._memory.decode():
            for part in parts:
                part.slot.held = self._memory.keep(part.slot.number, part.slot.held)
            return
        self._note_pace(parts)
        for part in parts:
            self._advance(part)

    def _receive(self) -> None:
        """Put what came from files into the slots it is for."""
        arriving = {slot.arriving: slot for slot in self._slots.busy if slot.arriving}
        if not arriving:
            return
        patience = 0 if self._takes_part else FILE_SECONDS
        for future in wait(arriving, patience, FIRST_COMPLETED).done:
            slot = arriving[future]
            gained, work = self._slots.receive(slot), slot.work
            if gained > 0 and work:
                self.counters.restored += 1
                if not work.written:
                    work.cached = slot.held
                    self.counters.cached_tokens += gained
                    work.generation.deliver(Reading(slot.held, len(work.generation.request.prompt)))

    def _note_pace(self, parts: Sequence[Part]) -> None:
        """Let the pace learn from a step; one with guesses is not like others."""
        if not any(part.drafts for part in parts):
            writers = sum(part.slot.writing for part in parts)
            read = sum(part.count for part in parts if not part.slot.writing)
            self._pace.note(writers=writers, read=read, seconds=self._memory.seconds)

    def _fill(self) -> list[Part]:
        """Put tokens into the batch; returns what each slot that takes part contributes.

        Background work takes part only in steps that no person takes part in, so it never slows one down.
        """
        slots = self._takes_part
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
    def _takes_part(self) -> list[Slot]:
        """Those that can be decoded now: of people, where any has a slot, or they would wait for the others' step.

        Also of people who only wait for a file: it is there within milliseconds, and a step takes seconds.
        """
        people = any(slot.work and not slot.work.background for slot in self._slots.busy)
        return [slot for slot in self._slots.ready if slot.work and not (people and slot.work.background)]

    def _catch_up(self, slot: Slot, earlier: Sequence[Slot]) -> bool:
        """Let a slot take what another has read meanwhile; False when it waits, because another reads it now."""
        held = slot.held
        ready = self._slots.catch_up(slot, earlier)
        self.counters.cached_tokens += max(0, slot.held - held)
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

    def _advance(self, part: Part) -> None:
        """Note what the slot's memory holds now, and let it write when it came to the end of its sequence."""
        slot, work = part.slot, part.slot.work
        if work is None:
            return
        slot.held += part.count
        if not work.written:
            self.counters.read_tokens += part.count
            work.generation.deliver(Reading(slot.held, len(work.generation.request.prompt)))
        if slot.remaining == 0:
            try:
                reason = self._write_all(part, work)
            except InvalidRequestError as error:
                self._fail(slot, work, error)
                return
            if reason:
                self._finish(slot, work, reason)

    def _write_all(self, part: Part, work: Work) -> Reason | None:
        """Write the next token, and those after it for as long as the guesses were right; returns why it ended, if so.

        Every token is the model's own choice, made once and in order, so a guess changes nothing but the time.
        """
        slot, right = part.slot, 0
        for row, draft in enumerate([*part.drafts, None], part.row):
            token = self._memory.choose(row, work.sampler)
            reason = self._write(work, token, row)
            if reason or token != draft:
                break
            slot.held += 1
            right += 1
        if right < len(part.drafts):
            slot.held = self._memory.keep(slot.number, slot.held)
        work.drafts.note(len(part.drafts), right)
        self.counters.drafted_tokens += len(part.drafts)
        self.counters.accepted_tokens += right
        return reason

    def _write(self, work: Work, token: int, row: int) -> Reason | None:
        """Deliver a chosen token's text; returns why the answer ends with it, if it does."""
        if self._memory.ends(token):
            return "stop"
        request = work.generation.request
        work.sequence.append(token)
        work.written += 1
        self.counters.written_tokens += 1
        text = work.text.push(self._memory.piece(token))
        sampling = request.sampling
        if text or sampling.logprobs or sampling.compared:
            logprob = self._memory.logprob(row, token) if sampling.logprobs else None
            compared = [self._memory.logprob(row, other) for other in sampling.compared]
            work.generation.deliver(Text(text, logprob, compared))
        if work.text.stopped:
            return "stop"
        full = work.written == request.max_tokens or len(work.sequence) == self._memory.slot_tokens
        return "length" if full else None

    def remove_unwanted(self) -> None:
        """Free the slots of generations nobody wants any more; what they hold stays for the next prefix."""
        for slot in list(self._slots.busy):
            if slot.work and (reason := slot.work.generation.unwanted):
                self._finish(slot, slot.work, reason)

    def _finish(self, slot: Slot, work: Work, reason: Reason) -> None:
        self._slots.release(slot)
        work.close()
        rest = work.text.finish()
        if rest and reason != "cancelled":
            work.generation.deliver(Text(rest))
        if reason in ("stop", "length") and not work.background:
            self._service.note(time.monotonic() - work.begun)
        self._tell_end(work.generation, reason, work)

    def _tell_end(self, generation: Generation, reason: Reason, work: Work | None) -> None:
        if reason == "cancelled":
            self.counters.cancelled += 1
        else:
            self.counters.finished += 1
        generation.deliver(
            Finished(
                reason=reason,
                prompt_tokens=len(generation.request.prompt),
                completion_tokens=work.written if work else 0,
                cached_tokens=work.cached if work else 0,
            )
        )

    def drop(self, generation: Generation, error: Exception | None = None) -> None:
        """End a generation that has no slot: with an error, or because nobody wants it any more."""
        work = self._paused.pop(generation, None)
        if work:
            work.close()
        if error:
            generation.deliver(error)
        else:
            self._tell_end(generation, generation.unwanted or "cancelled", work)

    def fail(self, error: Exception) -> None:
        """End every generation that has a slot with an error and empty the slots: what they hold is unknown now."""
        for slot in list(self._slots.busy):
            if slot.work:
                self._fail(slot, slot.work, error)

    def forget(self) -> None:
        """Let nothing of what was read until now stay: free slots are emptied, the others when they become free."""
        for generation in [*self.generations, *self._paused]:
            generation.fleeting = True
        self._slots.forget()

    def save_all(self, *, seconds: float) -> None:
        """Save what the free slots hold, for as long as the time allows."""
        self._slots.save_all(seconds=seconds)

    def _fail(self, slot: Slot, work: Work, error: Exception) -> None:
        self._slots.empty(slot)
        work.close()
        work.generation.deliver(error)


def _is_long(slot: Slot) -> bool:
    """Whether more of a slot's prompt has to be read than a usual one has."""
    return slot.work is not None and len(slot.sequence) - slot.work.cached > USUAL
