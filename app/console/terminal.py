"""A person's terminal: what is read from it, and how results look on it.

Results go to standard output, everything else to standard error. Knows the shapes of results, not how they came
about.
"""

import contextlib
import signal
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from types import FrameType
from typing import Any

from app.console.document_printing import DOCUMENT_PRINTERS
from app.console.people_printing import PEOPLE_PRINTERS
from app.console.printing import PRINTERS, print_sentence, print_sources
from app.console.showing import plain, show, show_json
from app.errors import AppError

QUIET_SECONDS = 2.0
"""Where standard error is no terminal, progress is a line at most this often."""


class OutputError(AppError):
    """The result cannot be written to standard output."""

    status = 507


def say(sentence: str) -> None:
    """Print a sentence on standard error."""
    show(sentence, to=sys.stderr)


@contextlib.contextmanager
def interruptible() -> Iterator[threading.Event]:
    """Within the block the first Ctrl-C or SIGTERM sets the event, so that all ends properly; a second breaks off."""
    stop = threading.Event()

    def ask_to_stop(_signal: int, _frame: FrameType | None) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()

    if threading.current_thread() is not threading.main_thread():  # Python sends signals to the main thread alone
        yield stop
        return
    before = {number: signal.signal(number, ask_to_stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class ProgressLine:
    """The line of progress on standard error: rewritten in place on a terminal, now and then a new one elsewhere."""

    def __init__(self) -> None:
        """Start with nothing shown."""
        self._open = False
        self._last = time.monotonic()
        self._said = ""

    def show(self, text: str, done: int = 0, total: int = 0) -> None:
        """Show how far a step is; `total` 0 where nobody knows."""
        line = f"{text} ({done:,} of {total:,})" if total else text
        if sys.stderr.isatty():
            _rewrite(plain(line)[:100])
            self._open = True
        elif line != self._said and time.monotonic() - self._last >= QUIET_SECONDS:
            say(line)
            self._last, self._said = time.monotonic(), line

    def clear(self) -> None:
        """Make room for something else."""
        if self._open:
            _rewrite("")
            self._open = False


def _rewrite(line: str) -> None:
    """Put a line in the place of the one that is shown."""
    print(f"\r\033[K{line}", end="", file=sys.stderr, flush=True)  # noqa: T201 - the signs that steer are ours


def print_items(items: Iterable[dict[str, Any]], *, command: str, as_json: bool) -> int:
    """Print what a command yields as it comes and return the exit status: 1 when a result says that it failed."""
    line = ProgressLine()
    status, written = 0, False
    for item in items:
        if item["kind"] == "progress":
            line.show(item["text"], item["done"], item["total"])
            continue
        line.clear()
        if item["kind"] == "note":
            say(item["text"])
        elif item["kind"] == "delta" and not as_json:
            with _output():
                show(item["text"], end="")
            written = True
        elif item["kind"] == "result":
            print_value(item["value"], command=command, as_json=as_json, written=written)
            status = max(status, int(item["failed"]))
            written = False
    line.clear()
    return status


def print_value(value: dict[str, Any], *, command: str, as_json: bool, written: bool = False) -> None:
    """Print one result: as JSON on one line, or for a person to read.

    Args:
        value: the result.
        command: whose it is.
        as_json: print nothing but the JSON.
        written: whether the text of an answer is on the screen already.
    """
    with _output():
        if as_json:
            show_json(value)
        elif "error" in value:  # its sentence was said as it came
            return
        elif command == "ask":
            show("" if written else value["answer"])
            print_sources(value)
        else:
            (PRINTERS | DOCUMENT_PRINTERS | PEOPLE_PRINTERS).get(command, print_sentence)(value)


@contextlib.contextmanager
def _output() -> Iterator[None]:
    """Turn a fault of standard output into ours; whoever reads no further is no fault."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise OutputError(f"The result cannot be written to standard output: {error.strerror}.") from error
