"""One life of the reading process: start it, exchange a file for an answer, end it when it takes too much.

Knows frames, pipes and signals; not what is asked of the process nor what its answers mean.
"""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Self, cast

import psutil

from retrieval.errors import ReaderMissingError
from retrieval.readers import limits
from retrieval.readers.frames import BrokenFrameError, pack, read_frame, unpack, write_frame

ROOT = Path(__file__).resolve().parents[2]
_PASSED_ON = ("PATH", "PYTHONPATH", "PYTHONUTF8", "SYSTEMROOT", "TESSDATA_PREFIX")
"""What of the environment the process gets: no key, no passphrase, no address of a proxy."""
_WATCH_SECONDS = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """What one file may cost before its process is killed."""

    seconds: float = limits.SECONDS + 30
    """Without a sign of life; longer than the readers themselves take to give up."""
    total_seconds: float = limits.TOTAL_SECONDS
    memory_bytes: int = limits.MEMORY_BYTES


class ReadingProcess:
    """One life of the process."""

    def __init__(self, command: Sequence[str]) -> None:
        """Start it.

        Raises:
            ReaderMissingError: it cannot be started.
        """
        environment = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
        environment |= {"OMP_THREAD_LIMIT": "1"}  # Tesseract's threads only get in each other's way
        try:
            self._process = subprocess.Popen(  # noqa: S603 - ourselves
                list(command),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                cwd=ROOT,
                env=environment,
                start_new_session=True,  # Ctrl-C is for the product; killed together with what it started
            )
        except OSError as error:
            raise ReaderMissingError from error
        self._in, self._out = cast("BinaryIO", self._process.stdin), cast("BinaryIO", self._process.stdout)
        try:
            ready = read_frame(self._out, most=limits.HEAD_BYTES)
        except BrokenFrameError:
            ready = None
        if ready is None:
            self.kill()
            self.wait()
            raise ReaderMissingError

    @property
    def pid(self) -> int:
        """Its number."""
        return self._process.pid

    @property
    def ended(self) -> bool:
        """Whether it has ended, by itself or by force."""
        return self._process.poll() is not None

    @property
    def retired(self) -> bool:
        """Whether it has ended in good order."""
        return self._process.wait() == 0

    def exchange(
        self, request: dict[str, Any], data: bytes, allowance: Allowance
    ) -> tuple[dict[str, Any] | None, bytes, str]:
        """Return the head and the body it answers; None for the head where it ended, and why if it was ended."""
        with _Watch(self, allowance) as watch:
            try:
                write_frame(self._in, pack(request))
                write_frame(self._in, data)
                head = self._head(watch)
                whole = head is not None and not {"short", "refused"} & head.keys()
                body = read_frame(self._out, most=limits.TEXT_BYTES) if whole else b""
            except (OSError, ValueError, BrokenFrameError):
                self.kill()
                return None, b"", watch.reason
        return (None, b"", watch.reason) if body is None else (head, body, watch.reason)

    def _head(self, watch: "_Watch") -> dict[str, Any] | None:
        while (frame := read_frame(self._out, most=limits.HEAD_BYTES)) is not None:
            head = unpack(frame)
            if "alive" not in head:
                return head
            watch.prolong()
        return None

    def kill(self) -> None:
        """End it at once, and what it started."""
        with contextlib.suppress(OSError):
            if sys.platform == "win32":
                self._process.kill()
            elif self._process.poll() is None:
                os.killpg(self._process.pid, signal.SIGKILL)

    def wait(self) -> None:
        """Wait for its end and let go of the pipes."""
        self._process.wait()
        for stream in (self._in, self._out):
            with contextlib.suppress(OSError):
                stream.close()


class _Watch:
    """Kills a process that takes too long or too much memory with one file."""

    def __init__(self, child: ReadingProcess, allowance: Allowance) -> None:
        self.reason = ""
        self._child = child
        self._allowance = allowance
        self._end = time.monotonic() + allowance.total_seconds
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="reading watch", daemon=True)
        self.prolong()

    def prolong(self) -> None:
        """Count the time without a sign of life from now on; never beyond the whole time of a file."""
        self._deadline = min(time.monotonic() + self._allowance.seconds, self._end)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._done.wait(_WATCH_SECONDS):
            if time.monotonic() > self._deadline:
                self.reason = "time"
            elif _memory(self._child.pid) > self._allowance.memory_bytes:
                self.reason = "memory"
            if self.reason:
                self._child.kill()
                return


def _memory(pid: int) -> int:
    try:
        return int(psutil.Process(pid).memory_info().rss)
    except psutil.Error:
        return 0
