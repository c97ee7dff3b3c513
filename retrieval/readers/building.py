"""Write a document's text piece by piece and note where each block and page lies.

For formats whose text is extracted (HTML, PDF, office files, mail). Knows no format.
"""

import re
from collections import Counter
from collections.abc import Sequence

from retrieval.documents import Block, BlockKind, Page
from retrieval.readers import limits
from retrieval.readers.content import Content
from retrieval.readers.unseen import left_out_sentence, without_unseen

_SPACES = re.compile(r"[^\S\n]+")
_CONTROLS = re.compile("[\ufffe\uffff\x00-\x08\x0b\x0c\x0e-\x1f]")
UNSEEN = "characters that cannot be seen"


class TextBuilder:
    """The text so far, its blocks and pages. Blocks are parted by an empty line, table rows by a line end."""

    def __init__(self) -> None:
        """Begin with an empty text."""
        self._parts: list[str] = []
        self._length = 0
        self._page: tuple[int, int] | None = None
        self._cut = False
        self.blocks: list[Block] = []
        self.pages: list[Page] = []
        self.left_out: Counter[str] = Counter()
        """What was not written because nobody who looks at the document sees it: kind -> how often."""

    @property
    def full(self) -> bool:
        """Whether the document has reached the most characters or blocks it may have."""
        return self._length >= limits.CHARACTERS or len(self.blocks) >= limits.BLOCKS

    @property
    def text(self) -> str:
        """Everything added so far."""
        return "".join(self._parts)

    def add(self, kind: BlockKind, text: str, *, level: int = 0) -> None:
        """Append one block, its white space tidied (except in code); one without a visible character is not added."""
        seen, hidden = without_unseen(text)
        self.left_out[UNSEEN] += hidden
        tidy = _CONTROLS.sub("", seen).strip("\n") if kind == "code" else tidy_spaces(seen)
        if not tidy.strip() or self._is_cut():
            return
        start = self._begin()
        self._cut = len(tidy) > limits.CHARACTERS
        self._write(tidy[: limits.CHARACTERS])
        self.blocks.append(Block(kind=kind, start=start, end=self._length, level=level))

    def add_table(self, rows: Sequence[Sequence[str]], *, named: bool = True) -> None:
        """Append a table, one line a row; where the first row may name the columns, every row repeats the names."""
        tidy: list[list[str]] = []
        for row in rows:
            seen = [without_unseen(cell) for cell in row]
            self.left_out[UNSEEN] += sum(hidden for _, hidden in seen)
            tidy.append([tidy_spaces(cell).replace("\n", " ") for cell, _ in seen])
        lines = table_lines(tidy, named=named)
        if lines:
            self.add("table", "\n".join(lines))

    def add_content(self, heading: str, content: Content, *, level: int = 1) -> None:
        """Append what another reader returned, below a heading of this level; its headings go as much deeper."""
        above = len(self.blocks)
        self.add("heading", heading.replace("\n", " "), level=level)
        if self._is_cut() or not content.blocks:
            return
        start = self._begin()
        self._write(content.text)
        for block in content.blocks:
            deeper = min(block.level + level, limits.DEPTH) if block.level else 0
            self.blocks.append(Block(kind=block.kind, start=start + block.start, end=start + block.end, level=deeper))
        first = self.blocks[above].start  # the heading belongs to the first page
        for number, page in enumerate(content.pages):
            begins = start + page.start if number else first
            self.pages.append(Page(number=page.number, start=begins, end=start + page.end))

    def content(
        self, *, title: str = "", warnings: Sequence[str] = (), emptiness: str = "holds no text.", encoding: str = ""
    ) -> Content:
        """Return what was written, with warnings about what was left out."""
        own = [left_out_sentence(self.left_out)]
        if self._cut:
            own.append(f"Only the first {self._length:,} characters were read: the file is too large.")
        return Content(
            text=self.text,
            blocks=tuple(self.blocks),
            title=title,
            pages=tuple(self.pages),
            warnings=(*warnings, *(sentence for sentence in own if sentence)),
            emptiness=emptiness,
            encoding=encoding,
        )

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

    def _is_cut(self) -> bool:
        """Whether there is no room for a block that is to be added; remembered for the warning."""
        self._cut = self._cut or self.full
        return self._cut

    def _begin(self) -> int:
        """Part what follows from what is there; return where it begins."""
        if self._parts:
            self._write("\n\n")
        return self._length

    def _write(self, text: str) -> None:
        self._parts.append(text)
        self._length += len(text)


def tidy_spaces(text: str) -> str:
    """Return the text without unseen characters, with single spaces, and without spaces around line ends."""
    lines = (_SPACES.sub(" ", line).strip() for line in _CONTROLS.sub("", without_unseen(text)[0]).splitlines())
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
    """Whether a cell is an amount; a year names a column as often as not."""
    return bool(re.fullmatch(r"[\d\s.,%$€£+-]+", cell)) and not re.fullmatch(r"(?:19|20)\d\d", cell)
