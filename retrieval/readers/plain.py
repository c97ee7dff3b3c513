"""Plain text: paragraphs between empty lines. The text is the decoded file, unchanged."""

import codecs
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from retrieval.documents import Block
from retrieval.readers import limits
from retrieval.readers.building import UNSEEN
from retrieval.readers.content import Content
from retrieval.readers.encodings import decode_text
from retrieval.readers.unseen import left_out_sentence, without_unseen

_PARAGRAPH = re.compile(r"\S(?:.|\n(?![^\S\n]*\r?\n))*")
TITLE_CHARACTERS = 200
"""The longest titles of the 5,183 articles of scifact."""
_NAMES = {"cp1252": "Windows-1252"}


def read(data: bytes) -> Content:
    """Return the text of the file and its paragraphs."""
    decoded = decode(data)
    blocks = tuple(_paragraphs(decoded.text))
    return decoded.content(blocks, title=_title(decoded.text, blocks))


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """The text of a file, how it was written, and what was doubtful about it."""

    text: str
    encoding: str
    warnings: tuple[str, ...]

    def content(self, blocks: tuple[Block, ...], *, title: str) -> Content:
        """Return it as what a reader returns."""
        return Content(text=self.text, blocks=blocks, title=title, encoding=self.encoding, warnings=self.warnings)


def decode(data: bytes, *, declared: str = "") -> Decoded:
    """Return the text of the bytes: unchanged, but for characters nobody sees, which are left out."""
    text, encoding = decode_text(data, declared=declared)
    mark = "\ufeff" if data.startswith(codecs.BOM_UTF8) else ""
    text, hidden = without_unseen(text)
    warnings = [left_out_sentence(Counter({UNSEEN: hidden}))]
    if encoding not in {"utf-8", "utf-8-sig", "utf-16", "utf-32", declared and codecs.lookup(encoding).name}:
        name = _NAMES.get(encoding, encoding)
        warnings.append(f"The file is not UTF-8; it was read as {name}, so some characters may be wrong.")
    if len(text) > limits.CHARACTERS:
        text = text[: limits.CHARACTERS]
        warnings.append(f"Only the first {limits.CHARACTERS:,} characters were read.")
    # SQLite ends a text at NUL; the stand-in is as long, so offsets stay those of the file.
    whole = mark + text.replace("\x00", "\ufffd")
    return Decoded(text=whole, encoding=encoding, warnings=tuple(filter(None, warnings)))


def paragraphs(text: str) -> Iterator[str]:
    """Yield the texts between empty lines."""
    return (text[block.start : block.end] for block in _paragraphs(text))


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
