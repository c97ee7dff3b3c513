"""One long piece of work on the models at a time, in a thread of its own, that any number of pages may watch.

It goes on when the page that began it is closed. Knows sentences and how far it is; not what is done.
"""

import itertools
import logging
import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, Literal

from app.api.errors import error_object
from app.errors import AppError, explain, where

log = logging.getLogger(__name__)

Kind = Literal["use", "fetch", "verify", "import", "remove", "renew", "rebuild", "embed"]


class WorkingError(AppError):
    """Something else is being done with the models. Wait until that has ended."""

    status = 409


class StoppedWorkError(AppError):
    """Stopped. What was fetched is kept, and the next time it goes on from there."""

    status = 409


@dataclass(slots=True, kw_only=True)
class Told:
    """How far a piece of work is."""

    number: int
    kind: Kind
    model: str
    state: Literal["running", "done", "failed"] = "running"
    sentence: str = ""
    code: str = ""
    """Of the error, where it failed."""
    done: int = 0
    total: int = 0
    """0 where nobody knows."""


class Report:
    """What a piece of work tells of itself."""

    def __init__(self, told: Told, stop: threading.Event) -> None:
        """Write into `told`."""
        self._told = told
        self._stop = stop

    def say(self, sentence: str) -> None:
        """Tell in a sentence what is being done."""
        self._told.sentence = sentence

    def show(self, done: int, total: int) -> None:
        """Tell how far it is.

        Raises:
            StoppedWorkError: somebody wants it to end.
        """
        if self._stop.is_set():
            raise StoppedWorkError
        self._told.done, self._told.total = done, total


class Work:
    """The piece of work that is being done, or was done last."""

    def __init__(self) -> None:
        """Begin with none."""
        self._lock = threading.Lock()
        self._told: Told | None = None
        self._stop = threading.Event()
        self._numbers = itertools.count(1)

    def begin(self, kind: Kind, model: str, do: Callable[[Report], str]) -> dict[str, Any]:
        """Begin a piece of work; returns how it stands.

        Args:
            kind: what is done.
            model: with which model.
            do: does it, and returns the sentence that says that it is done.

        Raises:
            WorkingError: another one has not ended.
        """
        with self._lock:
            if self._told is not None and self._told.state == "running":
                raise WorkingError
            told = self._told = Told(number=next(self._numbers), kind=kind, model=model)
            self._stop = threading.Event()
            report = Report(told, self._stop)
        threading.Thread(target=_do, args=(told, do, report), name="work", daemon=True).start()
        return asdict(told)

    def stop(self) -> None:
        """Ask the work to end; only fetching does."""
        self._stop.set()

    @property
    def state(self) -> dict[str, Any] | None:
        """How it stands; None where nothing was begun since the start."""
        return asdict(self._told) if self._told else None


def _do(told: Told, do: Callable[[Report], str], report: Report) -> None:
    try:
        told.sentence = do(report)
        told.state = "done"
    except Exception as error:  # noqa: BLE001 - this is a door: whoever watches gets the sentence
        log.warning("Work on a model failed: %s at %s", type(error).__name__, where(error))
        told.sentence, told.code = explain(error), error_object(error)["error"]["code"]
        told.state = "failed"
