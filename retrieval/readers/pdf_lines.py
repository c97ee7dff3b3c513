"""The lines of a PDF page with their sizes, places and cells, as PDFium finds them. Knows no paragraph and no table."""

import ctypes
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass

import pypdfium2
from pypdfium2 import raw

from retrieval.readers.building import tidy_spaces

CELL_GAP = 2.5
"""Words farther apart than this many average letters stand in different cells; justified text stays below 2."""
_CUT_WORD = re.compile(r"(?<=[^\W\d_])[\x02\ufffe](?=[^\W\d_])")
"""PDFium's mark for a hyphen at the end of a line."""
_SEMIBOLD = 600
_BOLD_NAME = re.compile(rb"bold|black|heavy", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """Words of a line that stand close together; places in points."""

    text: str
    left: float
    right: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a page. Sizes and places in points; `bottom` grows upwards."""

    cells: tuple[Cell, ...]
    size: float
    """Of its font, as drawn: many programs set a font of size 1 and scale it."""
    bold: bool
    bottom: float

    @property
    def text(self) -> str:
        """The words of all cells."""
        return " ".join(cell.text for cell in self.cells)


def page_lines(text_page: pypdfium2.PdfTextPage) -> list[Line]:
    """Return the lines of a page in reading order."""
    lines: list[Line] = []
    position = 0
    for source in re.split(r"(\r\n|\r|\n)", text_page.get_text_range()):
        words = [(position + match.start(), match.group()) for match in re.finditer(r"\S+", source)]
        cells = tuple(_cells(text_page, words))
        if cells:
            lines.append(_line(text_page, words[0][0], cells))
        position += len(source)
    return lines


def _line(text_page: pypdfium2.PdfTextPage, offset: int, cells: tuple[Cell, ...]) -> Line:
    index = _character(text_page, offset)
    drawn = raw.FS_MATRIX()
    raw.FPDFText_GetMatrix(text_page, index, drawn)
    return Line(
        cells=cells,
        size=round(raw.FPDFText_GetFontSize(text_page, index) * math.hypot(drawn.c, drawn.d), 1),
        bold=_is_bold(text_page, index),
        bottom=_box(text_page, offset)[2],
    )


def _is_bold(text_page: pypdfium2.PdfTextPage, index: int) -> bool:
    """Whether a character is bold, by its weight or, where an embedded font tells none, by the font's name."""
    name = ctypes.create_string_buffer(128)
    raw.FPDFText_GetFontInfo(text_page, index, name, len(name), None)
    return raw.FPDFText_GetFontWeight(text_page, index) >= _SEMIBOLD or bool(_BOLD_NAME.search(name.value))


def _cells(text_page: pypdfium2.PdfTextPage, words: list[tuple[int, str]]) -> Iterator[Cell]:
    """Yield the words joined to cells, parted where the gap is wide."""
    places = [(_box(text_page, offset)[0], _box(text_page, offset + len(word) - 1)[1]) for offset, word in words]
    letters = sum(len(word) for _, word in words)
    gap = CELL_GAP * sum(max(right - left, 0.0) for left, right in places) / max(letters, 1)
    start = 0
    for number in range(1, len(words) + 1):
        if number < len(words) and places[number][0] - places[number - 1][1] <= gap:
            continue
        text = _tidy(" ".join(word for _, word in words[start:number]))
        if text:
            yield Cell(text=text, left=places[start][0], right=places[number - 1][1])
        start = number


def _tidy(text: str) -> str:
    return tidy_spaces(re.sub("[\x02\ufffe]", "-", _CUT_WORD.sub("", text)))


def _character(text_page: pypdfium2.PdfTextPage, offset: int) -> int:
    """Return PDFium's number of the character at an offset of the page's text."""
    return max(int(raw.FPDFText_GetCharIndexFromTextIndex(text_page, offset)), 0)


def _box(text_page: pypdfium2.PdfTextPage, offset: int) -> tuple[float, float, float, float]:
    """Return left, right, bottom and top of a character."""
    left, right, bottom, top = (ctypes.c_double() for _ in range(4))
    raw.FPDFText_GetCharBox(text_page, _character(text_page, offset), left, right, bottom, top)
    return left.value, right.value, bottom.value, top.value
