"""The reading process, `python -m retrieval.readers.child MEMORY`: files in, documents and pictures of pages out.

It ends when its input ends or nothing has come for a while, so it never outlives the product by much. Whatever a
parser prints is thrown away: it could be a line of a document.
"""

import os
import sys
import threading
from typing import Any, BinaryIO

from retrieval.errors import UnreadableDocumentError
from retrieval.readers import limits
from retrieval.readers.confinement import allow_seconds, confine
from retrieval.readers.frames import pack, pack_document, pack_page, read_frame, unpack, write_frame
from retrieval.readers.pdf_pages import draw_page
from retrieval.readers.reading import read_document

NICE = 10
IDLE_SECONDS = 60.0
"""Without a file for so long the process gives its memory (about 45 MB) back; the next file starts another one."""


def main() -> None:
    """Serve until there is nothing more to read."""
    source, sink = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)
    if hasattr(os, "nice"):
        os.nice(NICE)  # answers go first
    confine(memory_bytes=int(sys.argv[1]))
    write_frame(sink, pack({"ready": True}))
    while (request := _next_request(source)) is not None:
        if not _answer(unpack(request), source, sink):
            return


def _next_request(source: BinaryIO) -> bytes | None:
    idle = threading.Timer(IDLE_SECONDS, os._exit, (0,))
    idle.daemon = True
    idle.start()
    try:
        return read_frame(source, most=limits.HEAD_BYTES)
    finally:
        idle.cancel()


def _answer(request: dict[str, Any], source: BinaryIO, sink: BinaryIO) -> bool:
    """Read one file and write what came of it; return whether this process is fit for another one."""
    data = read_frame(source, most=limits.FILE_BYTES)
    if data is None:
        return False
    allow_seconds(int(limits.TOTAL_SECONDS))
    frames: tuple[bytes, ...]
    try:
        frames = _done(request, data, sink)
    except UnreadableDocumentError as error:
        frames = (pack({"refused": str(error)}),)
    except MemoryError:
        write_frame(sink, pack({"short": "memory"}))
        return False
    except RecursionError:
        frames = (pack({"short": "nesting"}),)
    except Exception as error:  # noqa: BLE001 - a door: whatever a parser raises concerns this file alone
        frames = (pack({"short": type(error).__name__}),)
    for frame in frames:
        write_frame(sink, frame)
    return True


def _done(request: dict[str, Any], data: bytes, sink: BinaryIO) -> tuple[bytes, bytes]:
    """Read the file, or draw a page of it where that is asked."""
    if "draw" in request:
        return pack_page(draw_page(data, **request["draw"]))
    name = str(request["name"])
    document = read_document(data, name=name, alive=lambda: write_frame(sink, pack({"alive": True})))
    return pack_document(document)


if __name__ == "__main__":
    main()
