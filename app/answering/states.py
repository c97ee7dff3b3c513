"""What the engine keeps of conversations so that it need not read them again: its memory, and the sealed files.

It is made from questions, answers and passages, so it is destroyed with whatever of these is erased: all of it, for it
is only a cache. Knows no conversation and no document.
"""

from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from models.saved import destroy

STATES_FOLDER = "states"
"""Of a data directory."""


class Forgets(Protocol):
    """What is needed of an engine; `models.isolated.IsolatedEngine` has it."""

    def forget(self) -> bool:
        """Destroy what it holds and saved; False where it cannot."""


class EngineStates:
    """The states of a data directory."""

    def __init__(self, folder: Path) -> None:
        """Use a folder that may not exist; no engine runs yet."""
        self._folder = folder
        self.engine: Callable[[], Forgets | None] = lambda: None
        """Returns the engine, where it runs."""
        self.others: Sequence[Forgets] = ()
        """Engines that save nothing."""

    def forget(self) -> None:
        """Destroy everything, in the engine's memory and on the disk.

        Raises:
            NotErasedError: a file is still there.
        """
        for other in self.others:
            other.forget()
        engine = self.engine()
        if engine is None or not engine.forget():
            destroy(self._folder)

    @contextmanager
    def forgotten(self) -> Generator[None]:
        """Destroy everything before something is erased and again after it.

        Before, because a process that is killed in between must leave nothing; after, because of what was asked then,
        and also where the erasing failed: some of it may be done.

        Raises:
            NotErasedError: a file is still there; before, nothing has been erased then.
        """
        self.forget()
        try:
            yield
        finally:
            self.forget()
