"""Plain text: paragraphs between empty lines. The text is the decoded file, unchanged."""

import re
from collections.abc import Iterator, Sequence

from retrieval.documents import Block
from retrieval.readers import limits
from retrieval.readers.content import Content

_PARAGRAPH = re.compile(r"\S(?:.|\n(?![^\S\n]*\r?\n))*")
TITLE_CHARACTERS = 200
"""The longest titles of the 5,183 articles of scifact."""
_BYTE_ORDER_MARKS = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}


def read(data: bytes) -> Content:
    """Return the text of the file and its paragraphs."""
    text, warnings = decode(data)
    blocks = tuple(_paragraphs(text))
    return Content(text=text, blocks=blocks, title=_title(text, blocks), warnings=warnings)


def decode(data: bytes) -> tuple[str, tuple[str, ...]]:
    """Return the text of the bytes (UTF-8, UTF-16 with its mark, else Windows-1252) and what was doubtful about it."""
    encoding = _BYTE_ORDER_MARKS.get(data[:2], "utf-8")
    warnings: list[str] = []
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        text = data.decode("cp1252", errors="replace")
        warnings.append("The file is not UTF-8; it was read as Windows-1252, so some characters may be wrong.")
    if len(text) > limits.CHARACTERS:
        text = text[: limits.CHARACTERS]
        warnings.append(f"Only the first {limits.CHARACTERS:,} characters were read.")
    # SQLite ends a text at NUL; the stand-in is as long, so offsets stay those of the file.
    return text.replace("\x00", "\ufffd"), tuple(warnings)


def _title(text: str, blocks: Sequence[Block]) -> str:
    """Return the first line where it stands alone above the rest and is short enough for a title, else ""."""
    if len(blocks) < 2:  # noqa: PLR2004 (a title and something below it)
        return ""
    line = text[blocks[0].start : blocks[0].end]
    return line if len(line) <= TITLE_CHARACTERS and "\n" not in line else ""


def _paragraphs(text: str) -> Iterator[Block]:
    for match in _PARAGRAPH.finditer(text):
        end = match.start() + len(match.group().rstrip())
        yield Block(kind="paragraph", start=match.start(), end=end)
