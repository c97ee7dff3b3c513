"""Read files in a process of its own, which is killed and replaced when a file takes too much or makes it fail.

Knows frames and the process; parses nothing itself. One process reads many files, one after the other, because
starting it costs some 0.4 CPU seconds.
"""

import contextlib
import hashlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, Self, cast

import psutil

from retrieval.documents import Document
from retrieval.errors import ReaderMissingError, ReadingStoppedError, UnreadableDocumentError
from retrieval.readers import limits
from retrieval.readers.frames import BrokenFrameError, pack, read_frame, sentence, unpack, unpack_document, write_frame

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


class Reader:
    """Reads one file at a time; may be called from any thread. The process is started with the first file."""

    def __init__(self, *, allowance: Allowance = Allowance(), command: Sequence[str] = ()) -> None:
        """Remember how to start the process; `command` stands in for our own."""
        self._allowance = allowance
        module = [sys.executable, "-m", "retrieval.readers.child", str(allowance.memory_bytes)]
        self._command = list(command) or module
        self._turn = threading.Lock()
        self._child: _Child | None = None
        self._closed = False

    def read(self, data: bytes, *, name: str) -> Document:
        """Return the file as a document, or refuse it, as `retrieval.readers.reading.read_document` does.

        Raises:
            UnreadableDocumentError: with a sentence that says why.
            ReaderMissingError: the process cannot be started.
            ReadingStoppedError: the reader was closed meanwhile.
        """
        with self._turn:
            try:
                return self._read(data, name)
            except BaseException as error:
                if not isinstance(error, UnreadableDocumentError):
                    self._end()  # what it still says belongs to this file, not to the next
                if self._closed:
                    raise ReadingStoppedError from error
                raise

    def close(self) -> None:
        """End the process, also in the middle of a file."""
        self._closed = True
        if child := self._child:
            child.kill()
        with self._turn:  # whoever reads has now got its error
            self._end()

    @property
    def pid(self) -> int | None:
        """The number of the process, None while there is none."""
        return self._child.pid if self._child else None

    def _read(self, data: bytes, name: str) -> Document:
        short = PurePosixPath(name).name
        for _ in range(2):  # one that has retired for want of work is replaced once
            child = self._living_child()
            head, text, reason = child.exchange(data, name, self._allowance)
            if head is not None or reason or not child.retired:
                break
        if head is None or "short" in head:
            self._end()
            raise UnreadableDocumentError(_crashed(short, str(head["short"]) if head else reason, self._allowance))
        try:
            if "refused" in head:
                raise UnreadableDocumentError(sentence(head["refused"]))
            return unpack_document(head, text, name=name, sha256=hashlib.sha256(data).hexdigest())
        except BrokenFrameError as error:
            self._end()
            raise UnreadableDocumentError(_crashed(short, "", self._allowance)) from error

    def _living_child(self) -> "_Child":
        if self._child and self._child.ended:
            self._end()
        if self._child is None:
            self._child = _Child(self._command)
        if self._closed:
            raise ReadingStoppedError
        return self._child

    def _end(self) -> None:
        if self._child:
            self._child.kill()
            self._child.wait()
            self._child = None


class _Child:
    """One life of the process."""

    def __init__(self, command: Sequence[str]) -> None:
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
        return self._process.pid

    @property
    def ended(self) -> bool:
        """Whether it has ended, by itself or by force."""
        return self._process.poll() is not None

    @property
    def retired(self) -> bool:
        """Whether it has ended in good order."""
        return self._process.wait() == 0

    def exchange(self, data: bytes, name: str, allowance: Allowance) -> tuple[dict[str, Any] | None, bytes, str]:
        """Return the head and the text it answers; None for the head where it ended, and why if it was ended."""
        with _Watch(self, allowance) as watch:
            try:
                write_frame(self._in, pack({"name": name}))
                write_frame(self._in, data)
                head = self._head(watch)
                whole = head is not None and not {"short", "refused"} & head.keys()
                text = read_frame(self._out, most=limits.TEXT_BYTES) if whole else b""
            except (OSError, ValueError, BrokenFrameError):
                self.kill()
                return None, b"", watch.reason
        return (None, b"", watch.reason) if text is None else (head, text, watch.reason)

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

    def __init__(self, child: _Child, allowance: Allowance) -> None:
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


def _crashed(short: str, reason: str, allowance: Allowance) -> str:
    if reason == "time":
        return (
            f"{short} took longer to read than one file may take ({allowance.seconds:.0f} s). Split it and try again."
        )
    if reason == "memory":
        megabytes = allowance.memory_bytes // 2**20
        return f"{short} needs more memory than one file may take ({megabytes} MB). Split it and try again."
    if reason == "nesting":
        return f"{short} is nested too deeply to be read. Save or export it again."
    return f"{short} is damaged or made to harm: it made its reader fail. Save or export it again."
