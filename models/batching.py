"""One step of the engine: a batch of tokens is decoded, for many, and each gets what comes of it.

Each step decodes one batch: the newest token of every slot that is writing, with a guess of what follows it where
that pays, and the next piece of the prompts that are being read; so requests join and leave between steps. Knows no
thread and no queue: it is called by the engine's one thread, or by a test, step by step.
"""

import time
from concurrent.futures import FIRST_COMPLETED, wait

from models.counters import Counters
from models.errors import InvalidRequestError
from models.filling import Filling
from models.generation import Finished, Generation, Reading, Reason, Text
from models.memory import Memory
from models.saved import SavedStates
from models.slot import Part, Slot, Work
from models.slots import Slots
from models.waiting import ServiceTime

FILE_SECONDS = 0.05
"""So long a step waits for a file when nobody has anything to decode; Stop is noticed after it."""


class Batching:
    """The step that advances all slots of one context."""

    def __init__(self, memory: Memory, saved: SavedStates | None = None) -> None:
        """Begin with every slot empty; without `saved` conversations that leave their slot are lost."""
        self.counters = Counters()
        self._memory = memory
        self._slots = Slots(memory, saved)
        self.filling = Filling(memory, self._slots, self.counters)
        self._paused: dict[Generation, Work] = {}
        """Background work that made way for a person."""
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
        parts = self.filling.fill()
        if not parts:
            return
        self.counters.steps += 1
        if not self._memory.decode():
            for part in parts:
                part.slot.held = self._memory.keep(part.slot.number, part.slot.held)
            return
        self.filling.note(parts)
        for part in parts:
            self._advance(part)

    def _receive(self) -> None:
        """Put what came from files into the slots it is for."""
        arriving = {slot.arriving: slot for slot in self._slots.busy if slot.arriving}
        if not arriving:
            return
        patience = 0 if self.filling.takes_part else FILE_SECONDS
        for future in wait(arriving, patience, FIRST_COMPLETED).done:
            slot = arriving[future]
            gained, work = self._slots.receive(slot), slot.work
            if gained > 0 and work:
                self.counters.restored += 1
                if not work.written:
                    work.cached = slot.held
                    self.counters.cached_tokens += gained
                    work.generation.deliver(Reading(slot.held, len(work.generation.request.prompt)))

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
