"""The engine: many people, one local model, one thread that owns it.

`Engine.submit` puts a request into a fair queue and returns its `Generation`, a mailbox of events; the engine's thread
runs `Engine._run`, the step loop: let the cancelled leave, let the waiting join, decode one batch
(`models.batching.Batching.step`), again. Knows tokens and persons' turns; no message and no document.
"""

import atexit
import bisect
import threading
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import Protocol

from models.batching import Batching
from models.errors import EngineBusyError, EngineClosedError, InvalidRequestError, PromptTooLongError
from models.generation import GREEDY, Finished, Generation, Sampling, Waiting
from models.memory import Memory


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

    def __init__(self, model: Vocabulary, memory: Memory, *, max_waiting: int = 64) -> None:
        """Take over a context, and start the thread that owns it from now on."""
        self.model = model
        self._memory = memory
        self._batching = Batching(memory)
        self._max_waiting = max_waiting
        self._queue = FairQueue()
        self._changed = threading.Condition()
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="engine", daemon=True)
        self._thread.start()
        atexit.register(self.close)

    def submit(
        self,
        tokens: Sequence[int],
        *,
        max_tokens: int,
        sampling: Sampling = GREEDY,
        stop: Sequence[str] = (),
        person: str = "",
    ) -> Generation:
        """Put a request into the queue and return its generation at once.

        Args:
            tokens: the prompt.
            max_tokens: how long the answer may be; it also ends when the slot is full.
            sampling: how tokens are chosen.
            stop: strings that end the answer, themselves left out.
            person: whose turn it uses in the fair queue.

        Raises:
            PromptTooLongError: when the prompt leaves no room for an answer, with the numbers.
            EngineBusyError: when too many requests wait already.
            InvalidRequestError: for values or a grammar that cannot be used.
            EngineClosedError: after `close`.
        """
        self._check_prompt(tokens)
        self._memory.check(sampling)
        generation = Generation(
            tokens, max_tokens=max_tokens, sampling=sampling, stop=stop, person=person, on_cancel=self._on_cancel
        )
        with self._changed:
            if self._closing:
                raise EngineClosedError
            if len(self._queue) >= self._max_waiting:
                raise EngineBusyError(f"{len(self._queue):,} questions are waiting already. Try again in a minute.")
            self._queue.put(generation)
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

    def close(self) -> None:
        """End every generation, stop the thread and free the model; harmless when closed already."""
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
        while self._prepare():
            try:
                self._batching.step()
            except Exception as error:  # noqa: BLE001 - the thread's door: whoever waits must hear of it
                self._batching.fail(error)
        for generation in [*self._batching.generations, *self._queue]:
            generation.deliver(EngineClosedError())
        self._memory.close()

    def _prepare(self) -> bool:
        """Let cancelled requests leave and waiting ones join, and wait until there is work; False when closing."""
        with self._changed:
            while not self._closing:
                self._leave_and_join()
                if self._batching.generations:
                    return True
                self._changed.wait()
            return False

    def _leave_and_join(self) -> None:
        self._batching.remove_cancelled()
        for generation in self._queue.drop_cancelled():
            generation.deliver(Finished(reason="cancelled", prompt_tokens=len(generation.prompt), completion_tokens=0))
        while len(self._queue) and self._batching.has_free_slot:
            self._batching.admit(self._queue.take())
        for position, generation in enumerate(self._queue, 1):
            if generation.position != position:
                generation.position = position
                generation.deliver(Waiting(position, len(self._queue)))


@dataclass(slots=True)
class FairQueue:
    """Waiting generations in the order they will be served: nobody waits for more than one of another's at a time.

    Each gets a round number: the round now served, or the one after its person's latest, whichever is later. Rounds
    are served in order, and within a round first come, first served; so a person with ten questions takes one place
    in each of ten rounds, and nobody can be overtaken for ever.

    Source: Goyal, Vin and Cheng, "Start-time Fair Queueing", SIGCOMM 1996, with every request of length one.
    """

    _waiting: list[tuple[int, int, Generation]] = field(default_factory=list)
    _latest: dict[str, int] = field(default_factory=dict)
    _round: int = 0
    _arrivals: int = 0

    def __len__(self) -> int:
        """How many wait."""
        return len(self._waiting)

    def __iter__(self) -> Iterator[Generation]:
        """Yield the waiting generations, the next to be served first."""
        return (generation for _, _, generation in self._waiting)

    def put(self, generation: Generation) -> None:
        """Add a generation at its place."""
        place = max(self._round, self._latest.get(generation.person, 0)) + 1
        self._latest[generation.person] = place
        self._arrivals += 1
        bisect.insort(self._waiting, (place, self._arrivals, generation), key=lambda entry: entry[:2])

    def take(self) -> Generation:
        """Remove and return the next to be served."""
        self._round, _, generation = self._waiting.pop(0)
        if not self._waiting:
            self._latest.clear()
        return generation

    def drop_cancelled(self) -> list[Generation]:
        """Remove and return those whose person no longer wants them."""
        dropped = [entry[2] for entry in self._waiting if entry[2].cancelled]
        if dropped:
            self._waiting = [entry for entry in self._waiting if not entry[2].cancelled]
        return dropped
