"""Put the words of a PDF page into the cells of its grids; words without a gap between them are cut at the rule.

Knows characters and places; what makes a table of them is `retrieval.readers.pdf_ruled`.
"""

import ctypes
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import NamedTuple

import pypdfium2
from pypdfium2 import raw

from retrieval.readers.pdf_grids import Box, Grid, Place
from retrieval.readers.pdf_rows import Piece
from retrieval.readers.pdf_ruled import RuledTable, table_of

_OVER = 1.5
"""Points by which a letter may reach over the rule at which its word is cut; what reaches further was not meant so."""

Spot = tuple[int, Place]
"""A grid by its number, and where in it a cell begins."""


class Part(NamedTuple):
    """Letters of a word, where in the page's text they begin, and the cell they stand in, if any."""

    text: str
    start: int
    spot: Spot | None = None
    left: float = 0.0
    right: float = 0.0
    """Where they begin and end on the page as it is seen, if they stand in a cell."""


class Filling:
    """The cells of the grids of a page, filled with its words one after the other."""

    def __init__(
        self,
        text_page: pypdfium2.PdfTextPage,
        grids: Sequence[Grid] = (),
        matrix: pypdfium2.PdfMatrix | None = None,
    ) -> None:
        """Begin with empty cells; the matrix makes of a place in the file one on the page as it is seen."""
        self._text_page = text_page
        self._grids = grids
        self._matrix = matrix or pypdfium2.PdfMatrix()
        self.characters = Characters(text_page)
        """Of the page."""
        self._held: list[dict[Place, list[Piece]]] = [{} for _ in grids]
        self._sides = (ctypes.c_double(), ctypes.c_double(), ctypes.c_double(), ctypes.c_double())

    def parts(self, word: str, start: int) -> Iterable[Part]:
        """Return the parts of a word that stand in different cells, mostly the word itself."""
        return self._parts(word, start) if self._grids else (Part(word, start),)

    def _parts(self, word: str, start: int) -> Iterator[Part]:
        first = before = self._box(start)
        last = self._box(start + len(word) - 1) if len(word) > 1 else first
        spot, begin = self._spot(first), 0
        if spot != self._spot(last):
            for number in range(1, len(word)):
                box = self._box(start + number)
                here = self._spot(box)
                if here != spot and box[2] > box[0] and self._is_parted(before, box, here or spot):
                    yield Part(word[begin:number], start + begin, spot, first[0], before[2])
                    spot, begin, first = here, number, box
                before = box
        yield Part(word[begin:], start + begin, spot, first[0], last[2])

    def put(self, part: Part, *, bold: bool) -> bool:
        """Put letters into their cell; return whether they are the first ones of its grid."""
        if part.spot is None:
            return False
        number, place = part.spot
        x, y = self._sides[:2]
        raw.FPDFText_GetCharOrigin(self._text_page, self.characters.at(part.start), x, y)
        _, base = self._matrix.on_point(x.value, y.value)
        is_first = not self._held[number]
        pieces = self._held[number].setdefault(place, [])
        pieces.append(Piece(text=part.text, left=part.left, right=part.right, base=base, bold=bold))
        return is_first

    def table(self, number: int) -> RuledTable | None:
        """Return what a grid is."""
        return table_of(self._grids[number], self._held[number])

    def without(self, frames: Collection[int]) -> "Filling":
        """Return empty cells of the other grids."""
        others = [grid for number, grid in enumerate(self._grids) if number not in frames]
        return Filling(self._text_page, others, self._matrix)

    def _box(self, place: int) -> Box:
        """Return the box of a character on the page as it is seen."""
        left, right, bottom, top = self._sides
        raw.FPDFText_GetCharBox(self._text_page, self.characters.at(place), left, right, bottom, top)
        one = self._matrix.on_point(left.value, bottom.value)
        other = self._matrix.on_point(right.value, top.value)
        return min(one[0], other[0]), min(one[1], other[1]), max(one[0], other[0]), max(one[1], other[1])

    def _spot(self, box: Box) -> Spot | None:
        """Return the cell a character stands in: of grids within grids the smallest one's, which comes first."""
        x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
        for number, grid in enumerate(self._grids):
            place = grid.cell_at(x, y)
            if place is not None:
                return number, place
        return None

    def _is_parted(self, before: Box, box: Box, spot: Spot | None) -> bool:
        """Whether a rule stands between two characters, or they are on different lines."""
        if box[1] > before[3] or box[3] < before[1]:
            return True
        sides = self._grids[spot[0]].columns if spot else ()
        return any(before[2] - _OVER <= side <= box[0] + _OVER for side in sides)


class Characters:
    """PDFium's numbers of the characters of a page, which leave places out where some are not in its text."""

    def __init__(self, text_page: pypdfium2.PdfTextPage) -> None:
        """Look whether any are left out: mostly none, and then nobody has to be asked for each."""
        self._text_page = text_page
        last = text_page.count_chars() - 1
        self._alike = last + 1 if raw.FPDFText_GetTextIndexFromCharIndex(text_page, last) == last else 0

    def at(self, place: int) -> int:
        """Return the number of the character at a place of the page's text."""
        if place < self._alike:
            return place
        return max(int(raw.FPDFText_GetCharIndexFromTextIndex(self._text_page, place)), 0)
