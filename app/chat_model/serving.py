"""The chat model that answers: loaded when it is needed, replaced while people ask, unloaded when nobody does.

Whoever writes an answer holds the model meanwhile; one that was replaced is closed when its last holder lets go. Knows
how a model is loaded and tried out only as functions.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.answering.writer import Writer
from app.chat_model.resting import NEVER, Rest
from app.errors import AppError
from models.errors import EngineClosedError

if TYPE_CHECKING:
    from models.chat import LocalChat
    from models.isolated import IsolatedEngine

MAKE_WAY_SECONDS = 4.0
"""So long the embedding of documents waits for answers between two passes (of half a second on two cores): both then
go on, the answers at nearly their usual pace, and documents are learned even where somebody asks all day."""
LOOK_SECONDS = 0.25
"""How often who waits for a model is told that it is still being loaded, and may leave."""


class SwitchingError(AppError):
    """The model is being switched already. Try again when that is done."""

    status = 409


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Voice:
    """A loaded chat model with what is built over it."""

    name: str
    """As it was chosen: a name of the catalogue or of an imported file, or a path."""
    engine: "IsolatedEngine"
    chat: "LocalChat"
    writer: Writer


class Serving:
    """The one chat model that answers; every method may be called from any thread."""

    def __init__(
        self,
        name: str,
        *,
        load: Callable[[str], Voice],
        prove: Callable[[Voice], None],
        rest: Rest = NEVER,
    ) -> None:
        """Remember what to load; nothing is loaded yet.

        Args:
            name: the model to begin with.
            load: a name -> that model, loaded.
            prove: raises what keeps a loaded model from answering.
            rest: when a model nobody asks is unloaded until the next question.
        """
        self._name = name
        self._rule = rest
        self._used = 0.0
        self._load = load
        self._prove = prove
        self._voice: Voice | None = None
        self._held: dict[Voice, int] = {}
        self._retired: set[Voice] = set()
        self._unawaited = 0
        """How many hold a model for what nobody waits for."""
        self._changed = threading.Condition()
        self._replacing = threading.Lock()
        self._busy = False
        self._resting = False
        self._closed = False
        self.failure: Exception | None = None
        """What kept the model from being loaded the last time it was tried."""

    @property
    def name(self) -> str:
        """Of the model that answers, or that the next question loads."""
        return self._name

    @property
    def voice(self) -> Voice | None:
        """The model if it is loaded; never waits."""
        return self._voice

    @property
    def engines(self) -> "tuple[IsolatedEngine, ...]":
        """Every engine that runs: the one that answers, and those that finish what they began before; never waits."""
        with self._changed:
            voices = self._retired | ({self._voice} if self._voice else set())
        return tuple(voice.engine for voice in voices)

    @property
    def ready(self) -> bool:
        """Whether a model is loaded; never waits."""
        return self._voice is not None

    @property
    def busy(self) -> bool:
        """Whether an answer is being written, or waits for its turn; never waits."""
        return sum(self._held.values()) > self._unawaited

    def make_way(self) -> None:
        """Wait while answers are being written, for `MAKE_WAY_SECONDS` at most: for work nobody looks at."""
        end = time.monotonic() + MAKE_WAY_SECONDS
        with self._changed:
            while self.busy and (left := end - time.monotonic()) > 0:
                self._changed.wait(left)

    @property
    def resting(self) -> bool:
        """Whether it was unloaded, unasked or for want of memory, and the next question loads it; never waits."""
        return self._resting

    def __call__(self) -> Voice:
        """Return the model, loading it where there is none.

        What loading raises is raised, and the next call tries anew.

        Raises:
            EngineClosedError: after `close`.
        """
        with self._changed:
            self._changed.wait_for(lambda: not self._busy)
            if self._closed:
                raise EngineClosedError
            if self._voice is not None:
                return self._voice
            self._busy, self._resting = True, False
        return self._settle(lambda: self._load(self._name))

    def waking(self) -> Iterator[None]:
        """Yield several times a second until the model is there, so that who waits for it can leave."""
        failed: list[Exception] = []

        def load() -> None:
            try:
                self()
            except Exception as error:  # noqa: BLE001 - it is raised where it is waited for
                failed.append(error)

        if self.ready:
            return
        thread = threading.Thread(target=load, name="loading", daemon=True)
        thread.start()
        while thread.is_alive():
            yield
            thread.join(LOOK_SECONDS)
        if failed:
            raise failed[0]

    @contextmanager
    def hold(self, *, awaited: bool = True) -> Iterator[Voice]:
        """Keep the model that answers now from being closed within the block; `awaited`: somebody waits meanwhile."""
        voice = self._take(awaited=awaited)
        try:
            yield voice
        finally:
            with self._changed:
                self._held[voice] = self._held.get(voice, 1) - 1
                self._unawaited -= not awaited
                self._used = time.monotonic()
                self._changed.notify_all()

    @contextmanager
    def writing(self) -> Iterator[Writer]:
        """Hold the model and let it write."""
        with self.hold() as voice:
            yield voice.writer

    def replace(self, name: str, *, pause: bool, told: Callable[[str], None]) -> None:
        """Let another model answer from now on; answers being written are finished by the one that began them.

        Args:
            name: the other model.
            pause: close the present one first, after its answers; questions wait meanwhile. Otherwise it goes on
                answering until the other one has answered a trial question.
            told: gets a sentence for each step.

        Raises:
            SwitchingError: another switch is going on.
            ModelError: the other one cannot be loaded or does not answer; the present one goes on, with a pause after
                it was loaded again.
        """
        if not self._replacing.acquire(blocking=False):
            raise SwitchingError
        try:
            with self._changed:
                self._changed.wait_for(lambda: not self._busy)
                before = self._voice
                beside = before is not None and not pause
                self._busy = not beside
            if beside:
                told(f"Loading {name}; {self._name} goes on answering.")
                self._take_over(self._proven(name, told))
                return
            self._settle(lambda: self._after_pause(before, name, told))
        finally:
            self._replacing.release()

    def forget(self) -> bool:
        """Let every loaded model forget what it holds and saved; False where none is there, or one cannot."""
        forgotten = [engine.forget() for engine in self.engines]
        return bool(forgotten) and all(forgotten)

    def close(self) -> None:
        """Close every model; harmless when closed already."""
        with self._changed:
            self._closed = True
            voices = self._retired | ({self._voice} if self._voice else set())
            self._voice, self._retired = None, set()
            self._changed.notify_all()
        for voice in voices:
            voice.engine.close()

    def _take(self, *, awaited: bool) -> Voice:
        while True:
            voice = self()
            with self._changed:
                if voice is self._voice:
                    self._held[voice] = self._held.get(voice, 0) + 1
                    self._unawaited += not awaited
                    return voice

    def _settle(self, build: Callable[[], Voice]) -> Voice:
        """Let `build` make the model that answers, while everybody waits for it."""
        try:
            voice = build()
            self._take_over(voice)
        except Exception as error:
            self.failure = None if self._voice or self._resting else error
            raise
        finally:
            with self._changed:
                self._busy = False
                self._changed.notify_all()
        return voice

    def _take_over(self, voice: Voice) -> None:
        """Let a model answer from now on, and close the one before when its last answer is written."""
        with self._changed:
            closed, before = self._closed, self._voice
            if not closed:
                self._voice, self._name, self.failure = voice, voice.name, None
                self._used, self._resting = time.monotonic(), False
                self._retired |= {before} if before else set()
            self._changed.notify_all()
        if closed:
            voice.engine.close()
            raise EngineClosedError
        if before is not None:
            threading.Thread(target=self._close_when_left, args=(before,), name="retiring", daemon=True).start()
        if self._rule != NEVER:
            threading.Thread(target=self._rest, args=(voice,), name="resting", daemon=True).start()

    def _rest(self, voice: Voice) -> None:
        """Unload a model nobody has held for too long; give up when it no longer is the one that answers."""
        with self._changed:
            while self._voice is voice:
                if self._held.get(voice):
                    self._changed.wait()
                elif (wait := self._rule.wait(time.monotonic() - self._used)) == 0:
                    self._voice, self._resting = None, True
                    self._retired.add(voice)
                else:
                    self._changed.wait(wait)
        if voice in self._retired:
            self._close_when_left(voice)

    def _close_when_left(self, voice: Voice) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self._closed or not self._held.get(voice))
            self._held.pop(voice, None)
        voice.engine.close()
        with self._changed:
            self._retired.discard(voice)

    def _proven(self, name: str, told: Callable[[str], None]) -> Voice:
        """Return another model, loaded and tried out."""
        voice = self._load(name)
        try:
            told(f"Asking {name} a trial question.")
            self._prove(voice)
        except BaseException:
            voice.engine.close()
            raise
        return voice

    def _after_pause(self, before: Voice | None, name: str, told: Callable[[str], None]) -> Voice:
        """Close the present model after its answers, then return the other one; where that fails the first again."""
        if before is not None:
            told(f"Waiting for the answers that {before.name} is writing, then closing it.")
            with self._changed:
                self._voice = None
                self._retired.add(before)
            self._close_when_left(before)
        told(f"Loading {name}; questions wait.")
        try:
            return self._proven(name, told)
        except Exception:
            if before is not None:
                told(f"Loading {before.name} again.")
                self._take_over(self._load(before.name))
            raise
