"""Read files in a process of its own, which is killed and replaced when a file takes too much or makes it fail.

Knows what is asked of the process and what its answers mean; parses nothing itself. One process reads many files, one
after the other, because starting it costs some 0.4 CPU seconds.
"""

import hashlib
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import PurePosixPath
from typing import Any, TypeVar

from retrieval.documents import Document, DrawnPage
from retrieval.errors import ReadingStoppedError, UnreadableDocumentError
from retrieval.readers.frames import BrokenFrameError, sentence, unpack_document, unpack_page
from retrieval.readers.process import ROOT, Allowance, ReadingProcess

Answer = TypeVar("Answer")
_ORDINARY = Allowance()
_DRAWING = Allowance(seconds=20.0, total_seconds=20.0)
"""For one page: somebody waits for it."""


class Reader:
    """Reads one file at a time; may be called from any thread. The process is started with the first file."""

    def __init__(self, *, allowance: Allowance = _ORDINARY, command: Sequence[str] = ()) -> None:
        """Remember how to start the process; `command` stands in for our own."""
        self._allowance = allowance
        module = [sys.executable, "-m", "retrieval.readers.child", str(allowance.memory_bytes)]
        self._command = list(command) or module
        self._turn = threading.Lock()
        self._child: ReadingProcess | None = None
        self._closed = False

    def read(self, data: bytes, *, name: str) -> Document:
        """Return the file as a document, or refuse it, as `retrieval.readers.reading.read_document` does.

        Raises:
            UnreadableDocumentError: with a sentence that says why.
            ReaderMissingError: the process cannot be started.
            ReadingStoppedError: the reader was closed meanwhile.
        """
        digest = hashlib.sha256(data).hexdigest()
        return self._ask(
            {"name": name},
            data,
            self._allowance,
            lambda head, text: unpack_document(head, text, name=name, sha256=digest),
        )

    def draw(self, data: bytes, *, name: str, page: int, pixels: int, quote: str = "", nth: int = 0) -> DrawnPage:
        """Return a page of a PDF as a picture, with the places of a quote on it.

        Args:
            data: the file's bytes.
            name: said in errors.
            page: its number, from 1.
            pixels: how wide the picture shall be.
            quote: text that stands on the page, as the reader read it; "" marks nothing.
            nth: which of several places that say the same is meant, from 0.

        Raises:
            UnreadableDocumentError, ReaderMissingError, ReadingStoppedError: as for `read`.
        """
        wanted = {"page": page, "pixels": pixels, "quote": quote, "nth": nth}
        return self._ask({"name": name, "draw": wanted}, data, _DRAWING, unpack_page)

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

    def _ask(
        self,
        request: dict[str, Any],
        data: bytes,
        allowance: Allowance,
        unpack: Callable[[dict[str, Any], bytes], Answer],
    ) -> Answer:
        with self._turn:
            try:
                return self._asked(request, data, allowance, unpack)
            except BaseException as error:
                if not isinstance(error, UnreadableDocumentError):
                    self._end()  # what it still says belongs to this file, not to the next
                if self._closed:
                    raise ReadingStoppedError from error
                raise

    def _asked(
        self,
        request: dict[str, Any],
        data: bytes,
        allowance: Allowance,
        unpack: Callable[[dict[str, Any], bytes], Answer],
    ) -> Answer:
        short = PurePosixPath(str(request["name"])).name
        for _ in range(2):  # one that has retired for want of work is replaced once
            child = self._living_child()
            head, body, reason = child.exchange(request, data, allowance)
            if head is not None or reason or not child.retired:
                break
        if head is None or "short" in head:
            self._end()
            raise UnreadableDocumentError(_crashed(short, str(head["short"]) if head else reason, allowance))
        try:
            if "refused" in head:
                raise UnreadableDocumentError(sentence(head["refused"]))
            return unpack(head, body)
        except BrokenFrameError as error:
            self._end()
            raise UnreadableDocumentError(_crashed(short, "", allowance)) from error

    def _living_child(self) -> ReadingProcess:
        if self._child and self._child.ended:
            self._end()
        if self._child is None:
            self._child = ReadingProcess(self._command)
        if self._closed:
            raise ReadingStoppedError
        return self._child

    def _end(self) -> None:
        if self._child:
            self._child.kill()
            self._child.wait()
            self._child = None


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


__all__ = ["ROOT", "Allowance", "Reader"]
