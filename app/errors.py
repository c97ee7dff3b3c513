"""The root of the product's errors, and the one sentence a person sees for any of them."""

import logging
import traceback
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

log = logging.getLogger(__name__)


class AppError(Exception):
    """Something went wrong in the product. Try again; if it stays, run `inhouse doctor`."""

    status = 500
    """The HTTP status a door answers with."""


def explain(error: BaseException) -> str:
    """Return the sentence for a person: the error's own, or one that names nothing of its content.

    Errors of the three packages carry their sentence (what happened and the remedy) as their text or, without one,
    as the first line of their docstring. Anything else is a fault of ours: its text may hold a question or a
    passage, so only its kind is named.
    """
    if getattr(type(error), "status", None) is None:
        return f"Inhouse made a mistake ({type(error).__name__}). Run `inhouse doctor`, then try again."
    return str(error) or (type(error).__doc__ or "").strip().splitlines()[0]


def status_of(error: BaseException) -> int:
    """Return the HTTP status for an error: its own where it has one, else 500."""
    status = getattr(type(error), "status", 500)
    return status if isinstance(status, int) else 500


def where(error: BaseException) -> str:
    """Return the places in the code an error came through, innermost first: for a log, which must not hold its text."""
    frames = traceback.extract_tb(error.__traceback__)[-4:]
    return " < ".join(f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in reversed(frames))


@contextmanager
def contained(what: str) -> Generator[None]:
    """Go on behind the block when it fails: what was made before it stands, and the log says what failed and where."""
    try:
        yield
    except Exception as error:  # noqa: BLE001 - a door: what is checked inside must not cost anybody an answer
        log.warning("%s failed: %s at %s", what, type(error).__name__, where(error))
