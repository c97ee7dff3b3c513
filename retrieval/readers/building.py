"""Write a document's text piece by piece and note where each block and page lies.

For formats whose text is extracted (HTML, PDF, DOCX). Knows no format.
"""

import re
from collections.abc import Sequence

from retrieval.documents import Block, BlockKind, Page
from retrieval.readers import limits

_SPACES = re.compile(r"[^\S\n]+")
_UNSEEN = re.compile("[\u00ad\u200b\u2060\ufeff\ufffe\uffff\x00-\x08\x0b\x0c\x0e-\x1f]")


class TextBuilder:
    """The text so far, its blocks and pages. Blocks are parted by an empty line, table rows by a line end."""

    def __init__(self) -> None:
        """Begin with an empty text."""
        self._parts: list[str] = []
        self._length = 0
        self._page: tuple[int, int] | None = None
        self.blocks: list[Block] = []
        self.pages: list[Page] = []

    @property
    def full(self) -> bool:
        """Whether the text has reached the most characters a document may have."""
        return self._length >= limits.CHARACTERS

    @property
    def text(self) -> str:
        """Everything added so far."""
        return "".join(self._parts)

    def add(self, kind: BlockKind, text: str, *, level: int = 0) -> None:
        """Append one block, its white space tidied (except in code); one without a visible character is not added."""
        tidy = text.strip("\n") if kind == "code" else tidy_spaces(text)
        if not tidy.strip() or self.full:
            return
        if self._parts:
            self._write("\n\n")
        start = self._length
        self._write(tidy)
        self.blocks.append(Block(kind=kind, start=start, end=self._length, level=level))

    def add_table(self, rows: Sequence[Sequence[str]], *, named: bool = True) -> None:
        """Append a table, one line a row; where the first row may name the columns, every row repeats the names."""
        lines = table_lines([[tidy_spaces(cell).replace("\n", " ") for cell in row] for row in rows], named=named)
        if lines:
            self.add("table", "\n".join(lines))

    def begin_page(self, number: int) -> None:
        """Count what follows as this page."""
        self.end_page()
        self._page = (number, self._length)

    def end_page(self) -> None:
        """Close the page begun last, if any."""
        if self._page is not None:
            number, start = self._page
            self.pages.append(Page(number=number, start=start, end=self._length))
            self._page = None

    def _write(self, text: str) -> None:
        self._parts.append(text)
        self._length += len(text)


def tidy_spaces(text: str) -> str:
    """Return the text without unseen characters, with single spaces, and without spaces around line ends."""
    lines = (_SPACES.sub(" ", line).strip() for line in _UNSEEN.sub("", text).splitlines())
    return "\n".join(lines).strip("\n")


def table_lines(rows: Sequence[Sequence[str]], *, named: bool = True) -> list[str]:
    """Return one line a row. "Name: Ada; Role: engineer" below a header row, else the cells joined with " | ".

    The first row counts as the header when it is `named`, the table has more rows and all its cells, perhaps but for
    the first, are filled, short, different from each other and not numbers.
    """
    filled = [list(row) for row in rows if any(cell.strip() for cell in row)]
    if not filled:
        return []
    header = filled[0]
    if not named or len(filled) < 2 or not _names_columns(header):  # noqa: PLR2004 (a header and one row)
        return [" | ".join(_without_repeats(row)) for row in filled]
    return [" | ".join(name for name in header if name), *(_named_row(header, row) for row in filled[1:])]


def _names_columns(header: Sequence[str]) -> bool:
    # 60 characters: a column name; longer first rows were layout tables in the handbooks looked at.
    fit = all(cell and len(cell) <= 60 and not _is_number(cell) for cell in header[1:])  # noqa: PLR2004
    first = len(header[0]) <= 60 and not _is_number(header[0])  # noqa: PLR2004 (as above); it may be empty
    return fit and first and len(header) > 1 and len(set(header)) == len(header)


def _named_row(header: Sequence[str], row: Sequence[str]) -> str:
    named = [f"{name}: {cell}" if name else cell for name, cell in zip(header, row, strict=False) if cell]
    return "; ".join([*named, *row[len(header) :]])


def _without_repeats(row: Sequence[str]) -> list[str]:
    """Drop empty cells and the repeats that a merged cell leaves in its neighbours."""
    return [cell for index, cell in enumerate(row) if cell and (index == 0 or cell != row[index - 1])]


def _is_number(cell: str) -> bool:
    return bool(re.fullmatch(r"[\d\s.,%$€£+-]+", cell))
