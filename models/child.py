"""A child process that answers each frame with a frame: start it, ask it, notice its end.

Knows neither what is asked nor what the answers mean.
"""

import contextlib
import subprocess
import sys
import threading
from collections.abc import Callable
from typing import Any, BinaryIO, TypeVar, cast

from models.frames import BrokenPipeProtocolError, read_frame, unpack_error, write_frame
from models.process import CLOSE_SECONDS, ROOT

Answer = TypeVar("Answer")


class ChildGoneError(Exception):
    """The process has ended, or was killed because it did not answer in time or not what can be understood."""


class Child:
    """A child process; one thread asks it at a time."""

    def __init__(self, *command: str) -> None:
        """Start `python -m` with these words."""
        self._child = subprocess.Popen(  # noqa: S603 - ourselves
            [sys.executable, "-m", *command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT
        )
        self._in, self._out = cast("BinaryIO", self._child.stdin), cast("BinaryIO", self._child.stdout)

    @property
    def pid(self) -> int:
        """The number of the process."""
        return self._child.pid

    @property
    def alive(self) -> bool:
        """Whether it has not ended."""
        return self._child.poll() is None

    def ask(
        self, frame: dict[str, Any] | None, understand: Callable[[dict[str, Any]], Answer], *, seconds: float
    ) -> Answer:
        """Send a frame, if any, and return what is understood of the next answer.

        Raises:
            ChildGoneError: the process has ended, or has been killed because it answered nothing in so many seconds, or
                what cannot be understood.
            ModelError: what it raised.
        """
        overdue = threading.Timer(seconds, self._child.kill)
        overdue.daemon = True
        overdue.start()
        try:
            if frame is not None:
                with contextlib.suppress(OSError):  # it has ended: there will be no answer
                    write_frame(self._in, frame)
            answer = read_frame(self._out)
            if answer is None:
                raise ChildGoneError
            if "error" in answer:
                raise unpack_error(answer)
            return understand(answer)
        except (BrokenPipeProtocolError, OSError, ValueError, KeyError, TypeError) as error:
            self._child.kill()
            raise ChildGoneError from error
        finally:
            overdue.cancel()

    def close(self) -> int:
        """End the process, by force when it takes too long, and return its exit status."""
        for stream in (self._in, self._out):
            with contextlib.suppress(OSError):
                stream.close()
        try:
            return self._child.wait(CLOSE_SECONDS)
        except subprocess.TimeoutExpired:
            self._child.kill()
            return self._child.wait()
