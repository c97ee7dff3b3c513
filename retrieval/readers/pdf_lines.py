"""The lines of a PDF page with their sizes, places and cells, as PDFium finds them. Knows no paragraph.

Of tables it knows those with drawn lines, which `retrieval.readers.pdf_filling` takes the words of.
"""

import ctypes
import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import pypdfium2
from pypdfium2 import raw

from retrieval.readers.building import tidy_spaces
from retrieval.readers.code_lines import is_fixed
from retrieval.readers.pdf_filling import Filling, Part
from retrieval.readers.pdf_ruled import RuledTable
from retrieval.readers.pdf_unseen import PageInk

CELL_GAP = 2.5
"""Words farther apart than this many average letters stand in different cells; justified text stays below 2."""
_CUT_WORD = re.compile(r"(?<=[^\W\d_])[\x02\ufffe](?=[^\W\d_])")
"""PDFium's mark for a hyphen at the end of a line."""
_SEMIBOLD = 600
_FIXED_PITCH = 1
"""Flag of a font. Source: ISO 32000-1, table 123."""
_UPRIGHT = 0.01
"""Of its width a line may rise."""
_LEAST_ADVANCE = 0.5
"""Points; nobody reads narrower letters."""
_MOST_LETTERS = 100
_BOLD_NAME = re.compile(rb"bold|black|heavy", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """Words of a line that stand close together; places in points."""

    text: str
    left: float
    right: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """A line in letters that are all equally wide."""

    text: str
    """Its words, with as many spaces between them as there is room for."""
    left: float
    """Where its first letter begins, in points."""
    bottom: float
    """The same for all letters, whether they go below the line or not."""
    advance: float
    """The width of a letter, in points."""

    def letters(self, points: float) -> int:
        """Return how many letters have room in so many points, at most a hundred: a file may set them as it likes."""
        return max(round(min(points / self.advance, _MOST_LETTERS)), 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a page. Sizes and places in points; `bottom` grows upwards."""

    cells: tuple[Cell, ...]
    size: float
    """Of its font, as drawn: many programs set a font of size 1 and scale it."""
    bold: bool
    bottom: float
    grid: Grid | None = None
    """Where its letters are all equally wide."""
    table: RuledTable | None = None
    """What stands here in place of words: a table with drawn lines."""

    @property
    def text(self) -> str:
        """The words of all cells."""
        return self.table.text if self.table else " ".join(cell.text for cell in self.cells)


class _Word(NamedTuple):
    """A word of a line; a tuple, for a document has hundreds of thousands."""

    text: str
    first: int
    """PDFium's number of its first character."""
    last: int
    left: float
    right: float
    bottom: float
    top: float


def page_lines(
    text_page: pypdfium2.PdfTextPage, ink: PageInk, left_out: Counter[str], filling: Filling
) -> tuple[list[Line], int]:
    """Return the lines of a page in reading order, and how many of its words lie beside the page.

    Words nobody sees are counted in `left_out` instead. A table with drawn lines is one line, where its first word is.
    """
    page = _Page(text_page, ink, filling)
    if page.frames:  # what stands in them may be a cell of a table around them
        page = _Page(text_page, ink, filling.without(page.frames))
    if page.frames:
        page = _Page(text_page, ink, Filling(text_page))
    left_out.update(page.hidden)
    return page.lines, page.outside


class _Page:
    """The lines of a page, read one after the other."""

    def __init__(self, text_page: pypdfium2.PdfTextPage, ink: PageInk, filling: Filling) -> None:
        self.lines: list[Line] = []
        self.hidden: Counter[str] = Counter()
        self.outside = 0
        self.frames: set[int] = set()
        """The grids that are no tables although words stand in them."""
        self._text_page, self._ink, self._filling = text_page, ink, filling
        self._box_of = _Boxes(text_page)
        self._tables: list[tuple[int, int, Line]] = []
        """The grids with words: behind how many lines each begins, its number, and its first word as a line."""
        self._read()

    def _read(self) -> None:
        position = 0
        for source in re.split(r"(\r\n|\r|\n)", self._text_page.get_text_range()):
            words = list(self._words(source, position))
            cells = tuple(_cells(words))
            if cells:
                self.lines.append(_line(self._text_page, words, cells))
            position += len(source)
        for place, number, line in reversed(self._tables):
            table = self._filling.table(number)
            if table is None:
                self.frames.add(number)
            self.lines.insert(place, replace(line, table=table, bold=False, grid=None))

    def _words(self, source: str, position: int) -> Iterator[_Word]:
        """Yield the words of a line that are seen and stand in no grid."""
        for match in re.finditer(r"\S+", source):
            for part in self._filling.parts(match.group(), position + match.start()):
                word = self._word(part)
                box = word.left, word.right, word.bottom, word.top
                if unseen := self._ink.unseen(word.first, box):
                    self.hidden[unseen] += 1
                    continue
                self.outside += self._ink.is_outside(box)
                if part.spot is None:
                    yield word
                elif self._filling.put(part, bold=_typeface(self._text_page, word.first)[0]):
                    self._tables.append((len(self.lines), part.spot[0], _line(self._text_page, [word], ())))

    def _word(self, part: Part) -> _Word:
        first = self._filling.characters.at(part.start)
        last = self._filling.characters.at(part.start + len(part.text) - 1)
        left, right, bottom, top = self._box_of(first)
        if last != first:
            right = self._box_of(last)[1]
        return _Word(part.text, first, last, left, right, bottom, top)


def _line(text_page: pypdfium2.PdfTextPage, words: Sequence[_Word], cells: tuple[Cell, ...]) -> Line:
    word, drawn = words[0], raw.FS_MATRIX()
    raw.FPDFText_GetMatrix(text_page, word.first, drawn)
    bold, fixed = _typeface(text_page, word.first)
    return Line(
        cells=cells,
        size=round(raw.FPDFText_GetFontSize(text_page, word.first) * math.hypot(drawn.c, drawn.d), 1),
        bold=bold,
        bottom=word.bottom,
        grid=_grid(text_page, words) if fixed and abs(drawn.b) < drawn.a * _UPRIGHT else None,
    )


def _typeface(text_page: pypdfium2.PdfTextPage, index: int) -> tuple[bool, bool]:
    """Return whether a character is bold, and whether it is as wide as all others of its font.

    Bold by its weight or, where an embedded font tells none, by the font's name; the other by its name or its flags.
    """
    name, flags = ctypes.create_string_buffer(128), ctypes.c_int()
    raw.FPDFText_GetFontInfo(text_page, index, name, len(name), flags)
    bold = raw.FPDFText_GetFontWeight(text_page, index) >= _SEMIBOLD or bool(_BOLD_NAME.search(name.value))
    return bold, bool(flags.value & _FIXED_PITCH) or is_fixed(name.value.decode("utf-8", "replace"))


def _grid(text_page: pypdfium2.PdfTextPage, words: Sequence[_Word]) -> Grid | None:
    """Return a line whose first letter is as wide as all others with its spaces; None where the last one is not."""
    spans = [(_span(text_page, word.first), _span(text_page, word.last)) for word in words]
    left, right, bottom = spans[0][0]
    measured = all(math.isfinite(side) for span in spans for end in span for side in end)
    if not measured or right - left < _LEAST_ADVANCE or not _typeface(text_page, words[-1].last)[1]:
        return None
    empty = Grid(text="", left=left, bottom=bottom, advance=right - left)
    parts = [_tidy(words[0].text)]
    for (_, behind), (begins, _), word in zip(spans, spans[1:], words[1:], strict=False):
        parts.append(" " * max(empty.letters(begins[0] - behind[1]), 1) + _tidy(word.text))
    return replace(empty, text="".join(parts))


def _span(text_page: pypdfium2.PdfTextPage, index: int) -> tuple[float, float, float]:
    """Return left, right and bottom of a character with the room around its ink."""
    box = raw.FS_RECTF()
    raw.FPDFText_GetLooseCharBox(text_page, index, box)
    return box.left, box.right, box.bottom


def _cells(words: Sequence[_Word]) -> Iterator[Cell]:
    """Yield the words joined to cells, parted where the gap is wide."""
    letters = sum(len(word.text) for word in words)
    gap = CELL_GAP * sum(max(word.right - word.left, 0.0) for word in words) / max(letters, 1)
    start = 0
    for number in range(1, len(words) + 1):
        if number < len(words) and words[number].left - words[number - 1].right <= gap:
            continue
        text = _tidy(" ".join(word.text for word in words[start:number]))
        if text:
            yield Cell(text=text, left=words[start].left, right=words[number - 1].right)
        start = number


def _tidy(text: str) -> str:
    return tidy_spaces(re.sub("[\x02\ufffe]", "-", _CUT_WORD.sub("", text)))


class _Boxes:
    """The boxes of the characters of a page. To make room for each anew took a tenth of the time of a reading."""

    def __init__(self, text_page: pypdfium2.PdfTextPage) -> None:
        self._text_page = text_page
        self._sides = (ctypes.c_double(), ctypes.c_double(), ctypes.c_double(), ctypes.c_double())

    def __call__(self, index: int) -> tuple[float, float, float, float]:
        """Return left, right, bottom and top of a character."""
        left, right, bottom, top = self._sides
        raw.FPDFText_GetCharBox(self._text_page, index, left, right, bottom, top)
        return left.value, right.value, bottom.value, top.value
