"""The engine as the product sees it: in a process of its own, started again when it dies.

A fault inside llama.cpp or a driver ends the answers in flight with a sentence, and nothing else: the next process is
there within seconds. It looks like `models.engine.Engine` to whoever asks it. Knows no tokens' meaning and no person.
"""

import atexit
import threading
import time
from collections.abc import Callable, Sequence
from typing import TypeVar

from models.device import Machine
from models.engine import EngineState
from models.errors import EngineClosedError, EngineCrashedError, EngineRestartingError, ModelError, NotEnoughMemoryError
from models.generation import Generation
from models.loading import in_words
from models.plan import Plan
from models.process import EngineProcess, ModelFacts, Order, refused
from models.protocol import unpack_machine
from models.request import GREEDY, Priority, Request, Sampling
from models.room import without
from models.speed import Speed

Asked = TypeVar("Asked")

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0
"""Seconds between a death and the next start; doubled with every death that follows soon."""
HEALTHY_SECONDS = 60.0
"""A process that lived so long died by accident, and not of the model or the machine."""
MOST_DEATHS = 6
"""After so many in a row it stays down until the product is started again."""
HANG_SECONDS = 120.0
"""A process that has answers to write and makes no step for so long, or twice as long, is killed."""
PATIENCE_SECONDS = 30.0
"""So long a question waits for the next process."""


class IsolatedEngine:
    """An engine in a child process, and its supervisor; every method may be called from any thread."""

    def __init__(self, order: Order, *, tell: Callable[[str], None], first_pause: float = FIRST_PAUSE) -> None:
        """Start the engine and wait until its model is loaded.

        Args:
            order: what is to be loaded.
            tell: gets a sentence whenever something about the engine changes.
            first_pause: seconds between the first death and the next start.

        Raises:
            ModelError: it cannot be loaded, with its sentence.
        """
        self._order = order
        self._tell = tell
        self._first_pause = first_pause
        self._less = 0
        self._deaths = 0
        self._closing = False
        self._failure: ModelError | None = None
        self.restarts = 0
        """How often a process has died and another was to be begun."""
        self._changed = threading.Condition()
        self._beside: list[Callable[[], None]] = []
        self._process: EngineProcess | None = self._start()
        self._latest = self._process
        self._born = time.monotonic()
        self._watch(self._process)
        atexit.register(self.close)

    @property
    def model(self) -> ModelFacts:
        """What is known of the model."""
        return self._latest.model

    @property
    def plan(self) -> Plan:
        """By which plan it is loaded now."""
        return self._latest.plan

    @property
    def speed(self) -> Speed:
        """How fast it is."""
        return self._latest.speed

    @property
    def sentence(self) -> str:
        """Plan and speed in plain words."""
        return in_words(self.plan, self.speed)

    @property
    def context_tokens(self) -> int:
        """What one slot may hold, prompt and answer together."""
        return self._latest.context_tokens

    @property
    def pid(self) -> int:
        """The number of the engine's process."""
        return self._latest.pid

    @property
    def alive(self) -> bool:
        """Whether a process serves right now; never waits."""
        return self._process is not None

    @property
    def failure(self) -> ModelError | None:
        """Why no process is begun any more; None while one serves or is being started."""
        return self._failure

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
        """Put a request into the queue and return its generation at once; see `Engine.submit`.

        Raises:
            EngineRestartingError: the engine is being started again, and that takes long.
            ModelError: what `Engine.submit` raises.
        """
        numbers: list[tuple[EngineProcess, int]] = []

        def cancel(_: Generation) -> None:
            for process, number in numbers:
                process.cancel(number)

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
        generation = Generation(request, on_cancel=cancel)
        numbers.append(self._ask(lambda process: (process, process.submit(generation))))
        return generation

    def tokenize(self, text: str, *, special: bool = False) -> list[int]:
        """Return the tokens of a text; with `special`, marker tokens spelled out count as such (our own text only)."""
        found: list[int] = self._ask(lambda process: process.call("tokenize", text=text, special=special))
        return found

    def count_tokens(self, text: str) -> int:
        """Return how many tokens a text has."""
        return len(self.tokenize(text))

    def describe(self) -> EngineState:
        """Return what the engine is and does right now."""
        return EngineState(**self._ask(lambda process: process.call("describe")))

    def forget(self) -> bool:
        """Destroy what slots and files hold of conversations; False where no process is there to do it.

        Raises:
            NotErasedError: a file is still there.
        """
        process = self._process
        return process is not None and process.forget()

    def look(self) -> Machine:
        """Return what the machine offers now, graphics cards too, which only the engine's process can see."""
        return unpack_machine(self._ask(lambda process: process.call("look")))

    def room(self) -> Machine:
        """Return what there is for a model that answers in place of this one."""
        return without(self.look(), self.plan)

    def close(self) -> None:
        """End every generation and the process; harmless when closed already."""
        with self._changed:
            self._closing = True
            process, self._process = self._process, None
            self._changed.notify_all()
        if process:
            process.close()
        for close in self._beside:
            close()
        atexit.unregister(self.close)

    def when_closed(self, close: Callable[[], None]) -> None:
        """Have something that belongs to this engine closed after it."""
        self._beside.append(close)

    def _ask(self, question: Callable[[EngineProcess], Asked]) -> Asked:
        """Ask the process, and where it dies of that, or has just died, the next one: once, for it may be the cause."""
        process = self._running()
        try:
            return question(process)
        except EngineCrashedError:
            return question(self._running(but=process))

    def _running(self, *, but: EngineProcess | None = None) -> EngineProcess:
        """Return the process (but a dead one), waiting a while for the next one where it has just died."""

        def settled() -> bool:
            return bool((self._process and self._process is not but) or self._closing or self._failure)

        with self._changed:
            self._changed.wait_for(settled, PATIENCE_SECONDS)
            if self._process and self._process is not but:
                return self._process
            if self._closing:
                raise EngineClosedError
            raise self._failure or EngineRestartingError

    def _start(self) -> EngineProcess:
        """Start a process; one that is killed while it loads is tried again with less."""
        while True:
            try:
                return EngineProcess(self._order, less=self._less, tell=self._tell, on_end=self._on_end)
            except NotEnoughMemoryError as error:
                if str(error):  # even the smallest plan is too much
                    raise
                self._less += 1

    def _on_end(self, process: EngineProcess) -> None:
        """Begin the next process; called by the thread that noticed the end of the last one."""
        with self._changed:
            if self._closing or process is not self._process:
                return
            self._process = None
            self.restarts += 1
            self._deaths = 1 if time.monotonic() - self._born > HEALTHY_SECONDS else self._deaths + 1
            self._less += process.short_of_memory
        self._tell("The engine died and is being started again; answers it was writing are marked as failed.")
        self._start_again()

    def _start_again(self) -> None:
        while self._deaths < MOST_DEATHS:
            pause = min(LONGEST_PAUSE, self._first_pause * 2 ** (self._deaths - 1))
            with self._changed:
                if self._changed.wait_for(lambda: self._closing, pause):
                    return
            try:
                process = self._start()
            except ModelError as error:
                self._deaths += 1
                if refused(error):
                    self._give_up(error)
                    return
                continue
            self._take_over(process)
            return
        self._give_up(EngineRestartingError("The engine died again and again. Run `inhouse doctor`, then start anew."))

    def _take_over(self, process: EngineProcess) -> None:
        with self._changed:
            if not self._closing:
                self._process = self._latest = process
                self._born = time.monotonic()
                self._changed.notify_all()
                self._watch(process)
                return
        process.close()

    def _watch(self, process: EngineProcess) -> None:
        """Have the process killed when it has answers to write and does not get on: a driver that hangs, for one."""

        def watch() -> None:
            seen: int | None = -1
            while not self._left(process, HANG_SECONDS):
                now = process.steps(seconds=HANG_SECONDS) if process.busy else None
                if process.busy and now == seen:
                    process.kill()
                    return
                seen = now if process.busy else -1

        threading.Thread(target=watch, name="engine watch", daemon=True).start()

    def _left(self, process: EngineProcess, seconds: float) -> bool:
        """Wait so long; tell whether the process is no longer the one that serves."""
        with self._changed:
            return self._changed.wait_for(lambda: self._process is not process, seconds)

    def _give_up(self, error: ModelError) -> None:
        with self._changed:
            self._failure = error
            self._changed.notify_all()
