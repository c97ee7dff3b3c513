"""Write a document's text piece by piece and note where each block and page lies.

For formats whose text is extracted (HTML, PDF, office files, mail). Knows no format.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise, takewhile

from retrieval.documents import Block, BlockKind, Page
from retrieval.readers import limits, metadata
from retrieval.readers.content import Content
from retrieval.readers.unseen import left_out_sentence, without_unseen
from retrieval.tables import BAR, LONGEST_NAME, named_row, names_row

_SPACES = re.compile(r"[^\S\n]+")
_CONTROLS = re.compile("[\ufffe\uffff\x00-\x08\x0b\x0c\x0e-\x1f]")
UNSEEN = "characters that cannot be seen"
_MOST_HEADS = 4
_LOOKED_AT = 100
"""Rows of a sheet that tell whether its first one names the columns."""


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
        self.notes: list[str] = []
        """As in `Content.notes`."""

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

    def add_table(
        self, rows: Sequence[Sequence[str]], *, named: bool = True, heads: int = 0, sheet: bool = False
    ) -> None:
        """Append a table, one line a row; where the columns have names, every row repeats them (`table_lines`)."""
        tidy: list[list[str]] = []
        for row in rows:
            seen = [without_unseen(cell) for cell in row]
            self.left_out[UNSEEN] += sum(hidden for _, hidden in seen)
            tidy.append([tidy_spaces(cell).replace("\n", " ") for cell, _ in seen])
        titles, lines = _titles_and_lines(tidy, named=named, heads=heads, sheet=sheet)
        for title in titles:
            self.add("paragraph", title)
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

    def note_properties(self, said: Iterable[metadata.Said]) -> None:
        """Note what the file's properties say and the text written so far does not."""
        self.notes += filter(None, [metadata.note(said, text=self.text)])

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
            notes=tuple(self.notes),
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


def table_lines(rows: Sequence[Sequence[str]], *, named: bool = True, heads: int = 0, sheet: bool = False) -> list[str]:
    """Return one line a row. "Name: Ada; Role: engineer" below the names of the columns, else cells joined by " | ".

    Args:
        rows: the cells of each.
        named: the first row may name the columns. It does where the table has more rows and all its cells, perhaps
            but for the first, are filled, short, different from each other and not numbers. Otherwise numbers have to
            stand below words besides.
        heads: so many of the first rows are known to name the columns, whatever they look like.
        sheet: the rows are of a spreadsheet or a table in text, not of a page, which parts columns with tables too:
            names may be long, and some may be missing or there twice.
    """
    return _titles_and_lines(rows, named=named, heads=heads, sheet=sheet)[1]


def _titles_and_lines(
    rows: Sequence[Sequence[str]], *, named: bool, heads: int, sheet: bool
) -> tuple[list[str], list[str]]:
    """Return what stands above all columns alike, and the lines of the table as `table_lines` does."""
    heads = sum(any(cell.strip() for cell in row) for row in rows[:heads])
    filled = [list(row) for row in rows if any(cell.strip() for cell in row)]
    heads = heads or (sheet_heads(filled) if sheet else 0) or int(has_names(filled, named=named, sheet=sheet))
    if not 0 < heads < len(filled):
        return [], [BAR.join(cell for cell in row if cell) for row in filled]
    names, titles = joined_names(filled[:heads])
    return titles, [names_row(names), *(named_row(names, row) for row in filled[heads:])]


def has_names(rows: Sequence[Sequence[str]], *, named: bool, sheet: bool = False) -> bool:
    """Whether the first of these rows, none of them empty, is likely to name the columns; `table_lines` tells how."""
    if len(rows) < 2:  # noqa: PLR2004 (names and one row)
        return False
    plain = _names_columns(rows[0]) and (named or _words_above_numbers(rows))
    return plain or (sheet and _heads_a_sheet(rows))


def joined_names(heads: Sequence[Sequence[str]]) -> tuple[list[str], list[str]]:
    """Return one name for each column from the rows that name them, and lines that stand above all columns alike."""
    above: list[str] = []
    naming: list[Sequence[str]] = []
    for row in heads:
        said = set(row)
        if len(said) == 1 and len(heads) > 1 and len(row) > 1:  # one name over all columns tells none apart
            above += said
        else:
            naming.append(row)
    if not naming:
        return list(heads[-1]), []
    width = max(map(len, naming))
    columns = ([row[place] for row in naming if place < len(row) and row[place]] for place in range(width))
    return [" ".join(dict.fromkeys(column)) for column in columns], above


def sheet_heads(rows: Sequence[Sequence[str]]) -> int:
    """Return how many of the first rows of a sheet name the columns of the numbers below them, 0 where none do.

    A second row of names fills what the first leaves open: that one names groups of columns.
    """
    wordy = list(takewhile(is_wordy, rows[: _MOST_HEADS + 1]))
    if not wordy or len(wordy) > _MOST_HEADS or len(wordy) == len(rows):
        return 0
    for upper, lower in pairwise(wordy):
        if not any(below and not above for above, below in zip(upper, lower, strict=False)):
            return 0
    numbers = [place for place, cell in enumerate(rows[len(wordy)]) if cell and _is_number(cell)]
    named = sum(any(place < len(row) and row[place] for row in wordy) for place in numbers)
    return len(wordy) if len(wordy) > 1 and named == len(numbers) > 0 else 0


def _names_columns(row: Sequence[str]) -> bool:
    header = list(
        row[: max((place for place, cell in enumerate(row, start=1) if cell), default=0)]
    )  # the last may be open
    if not header:
        return False
    # 60 characters: a column name; longer first rows were layout tables in the handbooks looked at.
    fit = all(cell and len(cell) <= 60 and not _is_number(cell) for cell in header[1:])  # noqa: PLR2004
    first = len(header[0]) <= 60 and not _is_number(header[0])  # noqa: PLR2004 (as above); it may be empty
    return fit and first and len(header) > 1 and len(set(header)) == len(header)


def _heads_a_sheet(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first row of a sheet names its columns: words above numbers, or long names, most of them there."""
    header = rows[0]
    names = [cell for cell in header if cell]
    if len(names) < 2 or 3 * len(names) < 2 * len(header) or any(map(_is_number, names)):  # noqa: PLR2004 (two thirds)
        return False
    whole = len(set(names)) == len(header) and max(map(len, names)) <= LONGEST_NAME
    return whole or _words_above_numbers(rows)


def _words_above_numbers(rows: Sequence[Sequence[str]]) -> bool:
    """Whether a column begins with words and has only numbers below."""
    for place, name in enumerate(rows[0]):
        below = [row[place] for row in rows[1 : 1 + _LOOKED_AT] if place < len(row) and row[place]]
        if name and below and not _is_number(name) and all(map(_is_number, below)):
            return True
    return False


def is_wordy(cells: Iterable[str]) -> bool:
    """Whether none of these cells is an amount."""
    return not any(map(_is_number, cells))


def _is_number(cell: str) -> bool:
    """Whether a cell is an amount; a year names a column as often as not."""
    return bool(re.fullmatch(r"[\d\s.,%$€£+-]+", cell)) and not re.fullmatch(r"(?:19|20)\d\d", cell)
