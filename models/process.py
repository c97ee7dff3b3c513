"""One engine in a process of its own: start it, ask it, notice its end.

Knows one life of the process; `models.isolated` begins the next.
"""

import contextlib
import itertools
import json
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, BinaryIO, cast

from models.errors import EngineCrashedError, ModelError, NotEnoughMemoryError
from models.frames import BrokenPipeProtocolError, read_frame, unpack_error, write_frame
from models.generation import Generation
from models.plan import Plan, Wish
from models.protocol import pack_place, unpack_event, unpack_plan
from models.saved import Place
from models.speed import Speed

ROOT = Path(__file__).resolve().parent.parent
KILLED = -9
"""How a process ends that the system killed, usually for want of memory."""
CLOSE_SECONDS = 20.0
FORGET_SECONDS = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is to be loaded."""

    path: Path
    adapter: Path | None = None
    """A LoRA adapter to load with it."""
    wish: Wish
    max_waiting: int
    speeds: Path
    """The folder in which measured speeds are remembered."""
    place: Place | None = None
    """Where conversations are saved that leave the memory; None: nowhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFacts:
    """What is known here of the model in the other process."""

    name: str
    begin: int | None
    template: str | None
    special_texts: dict[str, str]
    vocabulary_size: int


def _start_worker(order: Order, less: int) -> "subprocess.Popen[bytes]":
    given = {"path": str(order.path), "wish": asdict(order.wish), "speeds": str(order.speeds), "less": less}
    adapter = str(order.adapter) if order.adapter else None
    argument = json.dumps(given | {"max_waiting": order.max_waiting, "adapter": adapter})
    command = [sys.executable, "-m", "models.worker", argument]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT)  # noqa: S603 - ourselves


class EngineProcess:
    """A child process that holds an engine; every method may be called from any thread."""

    def __init__(
        self,
        order: Order,
        *,
        less: int,
        tell: Callable[[str], None],
        on_end: Callable[["EngineProcess"], None],
    ) -> None:
        """Start the process and wait until its model is loaded.

        Args:
            order: what is to be loaded.
            less: by how many steps the plan is to be smaller than the best one.
            tell: gets sentences about the load.
            on_end: called once when the process has ended by itself.

        Raises:
            NotEnoughMemoryError: it was killed while it loaded, or there is too little memory.
            EngineCrashedError: it died while it loaded.
            ModelError: it refused the model, with its sentence.
        """
        self._child = _start_worker(order, less)
        self._in, self._out = cast("BinaryIO", self._child.stdin), cast("BinaryIO", self._child.stdout)
        self._writing = threading.Lock()
        self._send({"place": pack_place(order.place)})
        self._numbers = itertools.count(1)
        self._calls: dict[int, SimpleQueue[dict[str, Any]]] = {}
        self._generations: dict[int, Generation] = {}
        self._closing = False
        self._ended = False
        self._state = threading.Lock()
        self._on_end = on_end
        self.short_of_memory = False
        """Whether a generation failed for want of memory."""
        ready = self._await_ready(tell)
        names = ("name", "begin", "template", "special_texts", "vocabulary_size")
        self.model = ModelFacts(**{name: ready[name] for name in names})
        self.context_tokens: int = ready["context_tokens"]
        self.plan: Plan = unpack_plan(ready["plan"])
        self.speed = Speed(**ready["speed"])
        threading.Thread(target=self._read, name="engine events", daemon=True).start()

    @property
    def pid(self) -> int:
        """The number of the process."""
        return self._child.pid

    def _await_ready(self, tell: Callable[[str], None]) -> dict[str, Any]:
        """Return what the process says when its model is loaded."""
        last: dict[str, Any] | None = None
        try:
            while (last := read_frame(self._out)) is not None and "told" in last:
                tell(last["told"])
        finally:
            ready = last is not None and "ready" in last
            status = 0 if ready else self._reap(kill=last is not None)
            if not ready:
                self._out.close()
        if last is not None:
            if "ready" not in last:
                raise unpack_error(last)
            return cast("dict[str, Any]", last["ready"])
        if status == KILLED:
            raise NotEnoughMemoryError
        raise EngineCrashedError(
            f"The engine died while it loaded the model (status {status}). "
            "Run `inhouse models verify`, or choose another model."
        )

    @property
    def busy(self) -> bool:
        """Whether it has answers to write."""
        return bool(self._generations)

    def steps(self, *, seconds: float) -> int | None:
        """Return how many steps its engine has made; None where it does not say so within that many seconds."""
        try:
            return int(self._ask(next(self._numbers), "describe", {}, seconds=seconds)["counters"]["steps"])
        except (Empty, EngineCrashedError):
            return None

    def forget(self) -> bool:
        """Have it destroy what it holds and saved of conversations; False where it has ended or does not answer.

        Raises:
            NotErasedError: a file is still there.
        """
        try:
            self._ask(next(self._numbers), "forget", {}, seconds=FORGET_SECONDS)
        except (Empty, EngineCrashedError):
            return False
        return True

    def kill(self) -> None:
        """End the process at once; whoever waits for it is told, and so is `on_end`."""
        self._child.kill()

    def call(self, name: str, **arguments: Any) -> Any:
        """Return what the other process answers.

        Raises:
            EngineCrashedError: it has ended.
            ModelError: what it raised.
        """
        return self._ask(next(self._numbers), name, arguments)

    def submit(self, generation: Generation) -> int:
        """Hand a generation over; its events arrive in its mailbox. Returns the number `cancel` knows it by.

        Raises:
            EngineCrashedError: the process has ended.
            ModelError: what the engine refused it for.
        """
        number = next(self._numbers)
        with self._state:
            self._generations[number] = generation
        try:
            self._ask(number, "submit", asdict(generation.request))
        except BaseException:
            with self._state:
                self._generations.pop(number, None)
            raise
        return number

    def cancel(self, number: int) -> None:
        """Ask for the end of a generation; harmless when it, or the process, is over."""
        with self._state:
            if self._ended or number not in self._generations:
                return
        self._send({"number": next(self._numbers), "call": "cancel", "arguments": {"generation": number}})

    def close(self) -> None:
        """End the process in good order, or by force when it takes too long; what it wrote for others fails."""
        self._closing = True
        self._reap(kill=False)

    def _ask(self, number: int, name: str, arguments: dict[str, Any], *, seconds: float | None = None) -> Any:
        mailbox: SimpleQueue[dict[str, Any]] = SimpleQueue()
        with self._state:
            if self._ended:
                raise EngineCrashedError
            self._calls[number] = mailbox
        self._send({"number": number, "call": name, "arguments": arguments})
        frame = mailbox.get(timeout=seconds)
        if "error" in frame:
            raise unpack_error(frame)
        return frame["result"]

    def _send(self, frame: dict[str, Any]) -> None:
        try:
            with self._writing:
                write_frame(self._in, frame)
        except (OSError, ValueError):
            return  # it has ended: the reader notices, and answers every open call

    def _read(self) -> None:
        """Deliver what the process says until it ends; then whoever waits for it gets an error."""
        try:
            while (frame := read_frame(self._out)) is not None:
                self._deliver(frame)
        except (BrokenPipeProtocolError, OSError, ValueError, KeyError, TypeError):
            self._child.kill()  # what cannot be understood cannot be trusted
        finally:
            self._out.close()
        with self._state:
            self._ended = True
            calls, generations = list(self._calls.values()), list(self._generations.values())
            self._calls.clear()
            self._generations.clear()
        for mailbox in calls:
            mailbox.put({"error": "EngineCrashedError"})
        for generation in generations:
            generation.deliver(EngineCrashedError())
        if not self._closing:
            self._reap(kill=False)
            self._on_end(self)

    def _deliver(self, frame: dict[str, Any]) -> None:
        if "number" in frame:
            with self._state:
                mailbox = self._calls.pop(frame.pop("number"), None)
            if mailbox:
                mailbox.put(frame)
            return
        number = frame.pop("generation")
        event = unpack_event(frame)
        with self._state:
            over = "error" in frame or frame.get("event") == "Finished"
            generation = self._generations.pop(number, None) if over else self._generations.get(number)
        if generation:
            generation.deliver(event)
        if isinstance(event, NotEnoughMemoryError):
            self.short_of_memory = True
            self._child.kill()  # what a failed allocation leaves behind cannot be trusted

    def _reap(self, *, kill: bool) -> int:
        """End the input, wait for the end, and return the exit status."""
        if kill:
            self._child.kill()
        with contextlib.suppress(OSError):
            self._in.close()
        try:
            return self._child.wait(CLOSE_SECONDS)
        except subprocess.TimeoutExpired:
            self._child.kill()
            return self._child.wait()


def refused(error: ModelError) -> bool:
    """Whether another try with the same order would fail in the same way."""
    return not isinstance(error, EngineCrashedError | NotEnoughMemoryError)
