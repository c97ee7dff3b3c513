"""Rows of a table that no rule parts: told apart by the lines that cells beside each other begin together.

Knows pieces of text and their places.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from retrieval.readers.building import is_wordy

_LINE = 4.0
"""Points by which words of one line may stand lower, as footnote marks do."""
_LEVEL = 2.0
"""Points by which the lines of cells beside each other may differ."""
_ROOM = 8.0
"""Points that a line must have left besides the word that did not go into it."""
_SHARED, _CELLS = 2 / 3, 3
"""Of the cells of a row, and so many at least, begin a line where a new row begins."""
_LISTS = 3
"""So often two cells begin a line together: rows that cannot be told apart here."""
_LEADER = "...."


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """Words of a cell, in points that grow to the right and down."""

    text: str
    left: float
    right: float
    base: float
    """What its letters stand on."""
    bold: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RowCell:
    """A cell in one of the rows it stands in."""

    pieces: Sequence[Piece]
    column: int
    sides: Sequence[float]
    """Where the columns it reaches over begin, and where the last one ends, in points."""
    rows: int
    """Over how many it reaches."""

    @property
    def text(self) -> str:
        """Its words."""
        return text_of(self.pieces)


def text_of(pieces: Sequence[Piece]) -> str:
    """Return the words of pieces."""
    return " ".join(piece.text for piece in pieces)


def parted(cells: Sequence[RowCell]) -> list[dict[int, str]] | None:
    """Return the texts by column of each row that these cells hold; None where these cannot be told apart."""
    alone = [cell for cell in cells if cell.rows == 1]
    levels: list[list[float]] = []
    for base in sorted(base for cell in alone for base in _begun(cell)):
        if levels and base - levels[-1][0] <= _LEVEL:
            levels[-1].append(base)
        else:
            levels.append([base])
    cuts = [level[0] for level in levels if len(level) >= max(_CELLS, _SHARED * len(alone))]
    if not cuts and sum(len(level) > 1 for level in levels) >= _LISTS:
        return None
    rows: list[dict[int, str]] = [{} for _ in range(len(cuts) + 1)]
    for cell in cells:
        for number, row in enumerate(rows):
            own = [each for each in cell.pieces if cell.rows > 1 or bisect_right(cuts, each.base + _LEVEL) == number]
            if own:
                row[cell.column] = text_of(own)
    return rows


def parted_names(cells: Sequence[RowCell]) -> list[dict[int, str]]:
    """Return the names of columns by column, and in a row above them those of several columns where there are any.

    No rule need part them: of a cell that reaches over several columns the lowest line names these, if it has words in
    each of them.
    """
    above: dict[int, str] = {}
    names: dict[int, str] = {}
    for cell in cells:
        last = max(_lines(cell.pieces), key=lambda line: line[0].base)
        own: dict[int, list[Piece]] = {}
        for piece in last:
            own.setdefault(bisect_right(cell.sides, (piece.left + piece.right) / 2) - 1, []).append(piece)
        if len(own) > 1 and own.keys() == set(range(len(cell.sides) - 1)):
            names |= {cell.column + number: text_of(pieces) for number, pieces in own.items()}
            if group := text_of([piece for piece in cell.pieces if piece not in last]):
                above[cell.column] = group
        else:
            names[cell.column] = cell.text
    return [above, names] if above else [names]


def _begun(cell: RowCell) -> Iterator[float]:
    """Yield where in a cell lines begin although the one above had room, ended in dots, or was an amount like them."""
    width = cell.sides[-1] - cell.sides[0]
    for above, line in pairwise(_lines(cell.pieces)):
        has_room = above[-1].right - above[0].left + line[0].right - line[0].left + _ROOM <= width
        amounts = not is_wordy([text_of(above)]) and not is_wordy([text_of(line)])
        if has_room or amounts or above[-1].text.endswith(_LEADER):
            yield line[0].base


def _lines(pieces: Sequence[Piece]) -> list[list[Piece]]:
    lines: list[list[Piece]] = []
    for piece in pieces:
        if lines and abs(piece.base - lines[-1][0].base) <= _LINE:
            lines[-1].append(piece)
        else:
            lines.append([piece])
    return lines
