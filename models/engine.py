"""The engine: many people, one local model, one thread that owns it.

`Engine.submit` puts a request into a fair queue and returns its `Generation`, a mailbox of events; the engine's thread
runs `Engine._run`, the step loop: let the unwanted leave, let the waiting join, decode one batch
(`models.batching.Batching.step`), again. Knows tokens and persons' turns; no message and no document.
"""

import atexit
import threading
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Protocol

from models.batching import Batching
from models.errors import EngineBusyError, EngineClosedError, InvalidRequestError, PromptTooLongError
from models.generation import Generation, Waiting
from models.memory import Memory
from models.request import GREEDY, Priority, Request, Sampling
from models.saved import SavedStates
from models.waiting import WaitingRoom

FAULT_SECONDS = 0.1
"""So long the thread rests after a fault between steps, which may come again at once."""
SAVE_SECONDS = 10.0
"""So long the end of the engine may be put off by saving conversations."""


class Vocabulary(Protocol):
    """What is needed of a model; `models.llama.Model` has it, and so has the scripted one of the tests."""

    @property
    def name(self) -> str:
        """The model's name: its file's, without the suffix."""

    @property
    def begin(self) -> int | None:
        """The token every prompt begins with, for models that want one."""

    @property
    def template(self) -> str | None:
        """The chat template in the model's file."""

    @property
    def special_texts(self) -> dict[str, str]:
        """The names templates know the model's marker tokens by, with their texts."""

    @property
    def vocabulary_size(self) -> int:
        """Tokens are 0 up to this."""

    def tokenize(self, text: str, *, special: bool = False) -> list[int]:
        """Return the tokens of a text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineState:
    """What the engine is and does right now, and what it has done since it started."""

    model: str
    context_tokens: int
    slots: int
    running: int
    waiting: int
    counters: dict[str, int]


class Engine:
    """A loaded model that answers many requests at once.

    Every public method may be called from any thread. Only the engine's own thread computes.
    """

    def __init__(
        self, model: Vocabulary, memory: Memory, *, max_waiting: int = 64, saved: SavedStates | None = None
    ) -> None:
        """Take over a context and, if there is one, a store; start the thread that owns them from now on."""
        self.model = model
        self._memory = memory
        self._saved = saved
        self._batching = Batching(memory, saved)
        self._forgets, self._forgotten = 0, 0
        """How often it was asked to forget, and how often it has."""
        self._max_waiting = max_waiting
        self._queue = WaitingRoom()
        self._changed = threading.Condition()
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="engine", daemon=True)
        self._thread.start()
        atexit.register(self.close)

    def submit(  # noqa: PLR0913 - the fields of a request
        self,
        tokens: Sequence[int],
        *,
        max_tokens: int,
        sampling: Sampling = GREEDY,
        stop: Sequence[str] = (),
        person: str = "",
        priority: Priority = "person",
        deadline: float | None = None,
        lasting: int | None = None,
    ) -> Generation:
        """Put a request into the queue and return its generation at once; `models.request.Request` tells the fields.

        Raises:
            PromptTooLongError: when the prompt leaves no room for an answer, with the numbers.
            EngineBusyError: when too many requests wait already.
            InvalidRequestError: for values or a grammar that cannot be used.
            EngineClosedError: after `close`.
        """
        request = Request(
            prompt=tuple(tokens),
            max_tokens=max_tokens,
            sampling=sampling,
            stop=tuple(stop),
            person=person,
            priority=priority,
            deadline=deadline,
            lasting=lasting,
        )
        self._check_prompt(request.prompt)
        self._memory.check(sampling)
        return self._enqueue(Generation(request, on_cancel=self._on_cancel))

    def _enqueue(self, generation: Generation) -> Generation:
        with self._changed:
            if self._closing:
                raise EngineClosedError
            line = self._queue.line(generation)
            if len(line) >= self._max_waiting:
                raise EngineBusyError(f"{len(line):,} questions are waiting already. Try again in a minute.")
            line.put(generation)
            if generation.request.priority == "person" and self._batching.only_background:
                self._memory.interrupt()
            self._changed.notify_all()
        return generation

    def _check_prompt(self, tokens: Sequence[int]) -> None:
        room = self._memory.slot_tokens - 1
        if len(tokens) > room:
            raise PromptTooLongError(
                f"The prompt has {len(tokens):,} tokens and the model can read {room:,}. Ask for less at once."
            )
        if not tokens or min(tokens) < 0 or max(tokens) >= self.model.vocabulary_size:
            raise InvalidRequestError("The prompt is empty or holds tokens this model does not have.")

    def use_lookup(self, on: bool) -> None:  # noqa: FBT001 - what is set is in the name
        """Turn prompt lookup on or off, where the model allows it at all; it is on, and off only to measure it."""
        self._batching.filling.guessing = on and self._memory.goes_back

    @property
    def context_tokens(self) -> int:
        """What one slot may hold, prompt and answer together."""
        return self._memory.slot_tokens

    def tokenize(self, text: str, *, special: bool = False) -> list[int]:
        """Return the tokens of a text; with `special`, marker tokens spelled out count as such (our own text only)."""
        return self.model.tokenize(text, special=special)

    def count_tokens(self, text: str) -> int:
        """Return how many tokens a text has."""
        return len(self.model.tokenize(text))

    def describe(self) -> EngineState:
        """Return what the engine is and does right now."""
        with self._changed:
            return EngineState(
                model=self.model.name,
                context_tokens=self._memory.slot_tokens,
                slots=self._memory.slots,
                running=len(self._batching.generations),
                waiting=len(self._queue),
                counters=asdict(self._batching.counters),
            )

    def forget(self) -> None:
        """Destroy what slots and files hold of conversations; what is being written now leaves nothing behind either.

        Raises:
            NotErasedError: a file is still there.
        """
        with self._changed:
            self._forgets = mine = self._forgets + 1
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._forgotten >= mine or self._closing)
            closing = self._closing
        if closing:
            self._thread.join()  # what it saves at its end is destroyed with the rest
        if self._saved:
            self._saved.forget()

    def close(self) -> None:
        """End every generation, save conversations, stop the thread, free the model; harmless when closed already."""
        with self._changed:
            self._closing = True
            if self._thread.is_alive():
                self._memory.interrupt()
            self._changed.notify_all()
        self._thread.join()
        atexit.unregister(self.close)

    def _on_cancel(self, generation: Generation) -> None:
        """Wake the thread for a cancelled generation, and interrupt the step when that serves nobody else."""
        with self._changed:
            if self._batching.generations == [generation]:
                self._memory.interrupt()
            self._changed.notify_all()

    def _run(self) -> None:
        """The step loop: prepare (sleeping while there is nothing to do), step, again; until closing."""
        while self._prepared():
            try:
                self._batching.step()
            except Exception as error:  # noqa: BLE001 - the thread's door: whoever waits must hear of it
                self._batching.fail(error)
        for generation in self._queue:
            self._batching.drop(generation, EngineClosedError())
        self._batching.fail(EngineClosedError())
        self._save_and_close()

    def _save_and_close(self) -> None:
        with self._changed:
            self._forget()
        self._batching.save_all(seconds=SAVE_SECONDS)
        self._memory.close()
        if self._saved:
            self._saved.close()

    def _forget(self) -> None:
        """Do what `forget` waits for; also where another process erased something and could not tell this one."""
        evicted = self._saved is not None and self._saved.evicted
        if self._forgotten < self._forgets or evicted:
            self._batching.forget()
            for generation in self._queue:
                generation.fleeting = True
            self._forgotten = self._forgets
            self._changed.notify_all()
        if self._saved and evicted:
            self._saved.move_in()

    def _prepared(self) -> bool:
        """Prepare; what fails ends everybody who has a slot and is tried again."""
        while True:
            try:
                return self._prepare()
            except Exception as error:  # noqa: BLE001 - the thread's door, as above
                self._batching.fail(error)
                time.sleep(FAULT_SECONDS)

    def _prepare(self) -> bool:
        """Let unwanted requests leave and waiting ones join, and wait until there is work; False when closing."""
        with self._changed:
            while not self._closing:
                self._forget()
                self._leave_and_join()
                if self._batching.generations:
                    return True
                self._changed.wait()
            return False

    def _leave_and_join(self) -> None:
        self._batching.remove_unwanted()
        for generation in self._queue.drop_unwanted():
            self._batching.drop(generation)
        while len(self._queue) and (self._batching.has_free_slot or self._make_way()):
            self._admit(self._queue.take())
        places = [
            (place, generation) for place, generation in enumerate(self._queue, 1) if generation.position != place
        ]
        starts = self._batching.starts(len(self._queue)) if places else None
        for place, generation in places:
            generation.position = place
            generation.deliver(Waiting(place, len(self._queue), starts[place - 1] if starts else None))

    def _admit(self, generation: Generation) -> None:
        try:
            self._batching.admit(generation)
        except Exception as error:  # noqa: BLE001 - it has left the queue and has no slot: nobody else could tell it
            self._batching.drop(generation, error)

    def _make_way(self) -> bool:
        """Pause a background generation when a person waits for a slot; False when there is none to pause."""
        paused = self._batching.pause_background() if self._queue.person_waits else None
        if paused:
            paused.position = 0
            self._queue.line(paused).put_back(paused)
        return paused is not None
