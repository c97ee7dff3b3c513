"""The frames a product and its reading process exchange through a pipe, and a document as frames.

Not pickle, and nothing is believed: whoever takes over the reading process through a cunning file must not gain the
product with it. Knows no process and no reader.
"""

import json
import struct
from collections.abc import Iterator
from typing import Any, BinaryIO, get_args

from retrieval.documents import Block, BlockKind, Document, DrawnPage, Mark, Page
from retrieval.readers import limits

_LENGTH = struct.Struct("<I")
_KINDS = frozenset(get_args(BlockKind))
_SHORT = 2_000
"""The longest title, media type, language or warning."""
_WARNINGS = 200
PNG = b"\x89PNG\r\n\x1a\n"
MARKS = 500
"""Of one page; a page has some sixty lines."""
_LARGE = 1_000_000
_SIDES = ("left", "top", "width", "height")


class BrokenFrameError(Exception):
    """What came through the pipe is not what was agreed on."""


def write_frame(stream: BinaryIO, data: bytes) -> None:
    """Write one frame: four bytes of length, then the bytes."""
    stream.write(_LENGTH.pack(len(data)))
    stream.write(data)
    stream.flush()


def read_frame(stream: BinaryIO, *, most: int) -> bytes | None:
    """Return the bytes of the next frame; None where the stream ends, in the middle of a frame too.

    Raises:
        BrokenFrameError: it is longer than `most` bytes.
    """
    head = stream.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    (length,) = _LENGTH.unpack(head)
    if length > most:
        raise BrokenFrameError
    data = stream.read(length)
    return data if len(data) == length else None


def pack(value: dict[str, Any]) -> bytes:
    """Return a JSON object as the bytes of a frame."""
    return json.dumps(value, separators=(",", ":")).encode("ascii")


def unpack(data: bytes) -> dict[str, Any]:
    """Return what `pack` packed.

    Raises:
        BrokenFrameError: it is no JSON object.
    """
    try:
        value = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise BrokenFrameError from error
    if not isinstance(value, dict):
        raise BrokenFrameError
    return value


def pack_document(document: Document) -> tuple[bytes, bytes]:
    """Return everything of a document but its text and name, and its text, as the bytes of two frames."""
    blocks = [(block.kind, block.start, block.end, block.level) for block in document.blocks]
    pages = [(page.number, page.start, page.end) for page in document.pages]
    named = {name: getattr(document, name) for name in ("title", "media_type", "encoding", "language")}
    told = {"warnings": document.warnings, "notes": document.notes}
    return pack({**named, **told, "blocks": blocks, "pages": pages}), document.text.encode()


def unpack_document(head: dict[str, Any], text: bytes, *, name: str, sha256: str) -> Document:
    """Return the document that was packed; what the file is called and is, the product knows itself.

    Raises:
        BrokenFrameError: it is no document, or one that would lead whoever reads it astray.
    """
    try:
        words = text.decode()
        return Document(
            sha256=sha256,
            name=name,
            title=sentence(head["title"]),
            media_type=sentence(head["media_type"]),
            encoding=sentence(head["encoding"]),
            language=sentence(head["language"]),
            text=words,
            blocks=tuple(_blocks(head["blocks"], len(words))),
            pages=tuple(_pages(head["pages"], len(words))),
            warnings=tuple(sentence(warning) for warning in head["warnings"][:_WARNINGS]),
            notes=tuple(sentence(note) for note in head["notes"][:_WARNINGS]),
        )
    except (ValueError, KeyError, TypeError) as error:
        raise BrokenFrameError from error


def pack_page(drawn: DrawnPage) -> tuple[bytes, bytes]:
    """Return everything of a drawn page but the picture, and the picture, as the bytes of two frames."""
    marks = [(mark.left, mark.top, mark.width, mark.height) for mark in drawn.marks]
    sizes = {"width": drawn.width, "height": drawn.height, "pages": drawn.pages}
    return pack({**sizes, "marks": marks, "exact": drawn.exact}), drawn.picture


def unpack_page(head: dict[str, Any], picture: bytes) -> DrawnPage:
    """Return the drawn page that was packed.

    Raises:
        BrokenFrameError: it is none, or no PNG.
    """
    try:
        _check(picture.startswith(PNG))
        _check(all(isinstance(head[name], int) and 0 < head[name] < _LARGE for name in ("width", "height", "pages")))
        marks = [[float(value) for value in row] for row in head["marks"][:MARKS]]
        _check(all(len(row) == len(_SIDES) and all(0 <= value <= 1 for value in row) for row in marks))
        return DrawnPage(
            picture=picture,
            width=head["width"],
            height=head["height"],
            pages=head["pages"],
            marks=tuple(Mark(**dict(zip(_SIDES, row, strict=True))) for row in marks),
            exact=bool(head["exact"]),
        )
    except (ValueError, KeyError, TypeError) as error:
        raise BrokenFrameError from error


def sentence(value: Any) -> str:
    """Return a short text that was packed.

    Raises:
        BrokenFrameError: it is no text.
    """
    if not isinstance(value, str):
        raise BrokenFrameError
    return value.encode("utf-8", "replace").decode()[:_SHORT]


def _blocks(rows: Any, length: int) -> Iterator[Block]:
    last = 0
    for kind, start, end, level in rows:
        _check(kind in _KINDS and _in_order(last, start, end, length) and start < end)
        _check(isinstance(level, int) and 0 <= level <= limits.DEPTH)
        yield Block(kind=kind, start=start, end=end, level=level)
        last = end


def _pages(rows: Any, length: int) -> Iterator[Page]:
    last = 0
    for number, start, end in rows:
        _check(isinstance(number, int) and number > 0 and _in_order(last, start, end, length))
        yield Page(number=number, start=start, end=end)
        last = end


def _in_order(last: int, start: Any, end: Any, length: int) -> bool:
    return isinstance(start, int) and isinstance(end, int) and last <= start <= end <= length


def _check(right: object) -> None:
    if not right:
        raise BrokenFrameError
