"""Tables with drawn lines: what stands in the cells of a grid, and whether it is a table. Knows no file.

A frame around a picture or a page is none. Where rules stand only after every few rows, `retrieval.readers.pdf_rows`
tells the rows apart.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile

from retrieval.readers.building import sheet_heads
from retrieval.readers.pdf_grids import Grid, Place, has_rows
from retrieval.readers.pdf_rows import Piece, RowCell, parted, parted_names, text_of

_FILLED = 0.4
"""Of its cells a table fills so many; a drawing fewer."""
_LONGEST = 1_000
"""Characters; a cell with more is a part of the page with a frame."""
_ALIGNED = 6.0
"""Points by which a table that goes on on the next page may lie elsewhere."""
_OF_TWO = 2
"""Columns: the first row of a table of two may be a name and a value like all others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuledTable:
    """The text of a table by row and column."""

    rows: tuple[tuple[str, ...], ...]
    heads: int
    """So many of the first rows name the columns; 0 where only the first one may."""
    named: bool
    """Whether the first one may."""
    sides: tuple[float, ...]
    """Where its columns begin, in points."""

    @property
    def text(self) -> str:
        """The words of all cells."""
        return " ".join(cell for row in self.rows for cell in row if cell)

    def goes_on(self, above: "RuledTable") -> bool:
        """Whether its columns stand where those of another table do."""
        beside = zip(self.sides, above.sides, strict=False)
        return len(self.sides) == len(above.sides) and all(abs(one - other) <= _ALIGNED for one, other in beside)


def table_of(grid: Grid, held: Mapping[Place, Sequence[Piece]]) -> RuledTable | None:
    """Return the table that a grid is, None where it is none.

    A cell that reaches over rows stands in each of them; one that reaches over columns in the first, as a name in all.

    Args:
        grid: the cells.
        held: the place where a cell begins -> what stands in it, no empty ones.
    """
    if not _is_table(grid, held):
        return None
    rows_of_cells = _rows(grid, held)
    bold = _bold_rows(rows_of_cells)
    lines: list[tuple[int, dict[int, str]]] = []
    for row, cells in enumerate(rows_of_cells):
        parts = parted_names(cells) if row == 0 else [_texts(cells)] if row < bold else parted(cells)
        if parts is None:
            return None
        lines += [(row, part) for part in parts if part]
    if sum(len(line) > 1 for _, line in lines) < len(lines) / 2:
        return None
    columns = sorted({column for _, line in lines for column in line})
    heads = _heads(grid, bold, lines) or sheet_heads(
        [[line.get(column, "") for column in columns] for _, line in lines]
    )
    rows = [_spread(grid, row, line) if number < heads else line for number, (row, line) in enumerate(lines)]
    return RuledTable(
        rows=tuple(tuple(line.get(column, "") for column in columns) for line in rows),
        heads=heads if heads < len(rows) else 0,
        named=len(columns) > _OF_TWO and not _is_bold_beside(held),
        sides=tuple(grid.columns[column] for column in columns),
    )


def _is_table(grid: Grid, held: Mapping[Place, Sequence[Piece]]) -> bool:
    """Whether enough of the cells hold text, none too much, and two columns and two rows at least have two of these."""
    if len(held) < _FILLED * len(grid.spans) or any(len(text_of(pieces)) > _LONGEST for pieces in held.values()):
        return False
    return has_rows(held.keys())


def _rows(grid: Grid, held: Mapping[Place, Sequence[Piece]]) -> list[list[RowCell]]:
    """Return the filled cells that stand in each row."""
    found: list[list[RowCell]] = [[] for _ in grid.rows[1:]]
    for (row, column), pieces in held.items():
        rows, columns = grid.spans[row, column]
        cell = RowCell(pieces=pieces, column=column, sides=grid.columns[column : column + columns + 1], rows=rows)
        for reached in found[row : row + rows]:
            reached.append(cell)
    return found


def _texts(cells: Iterable[RowCell]) -> dict[int, str]:
    return {cell.column: cell.text for cell in cells}


def _bold_rows(rows: Sequence[Sequence[RowCell]]) -> int:
    """Return how many of the first rows are bold throughout, 0 where all are."""
    filled = list(filter(None, rows))
    bold = sum(1 for _ in takewhile(lambda row: all(cell.pieces[0].bold for cell in row), filled))
    return bold if bold < len(filled) and filled[:bold] == list(rows[:bold]) else 0


def _is_bold_beside(held: Mapping[Place, Sequence[Piece]]) -> bool:
    """Whether only the cells of the first column are bold: these name rows."""
    return all(pieces[0].bold == (column == 0) for (_, column), pieces in held.items())


def _heads(grid: Grid, bold: int, lines: Sequence[tuple[int, Mapping[int, str]]]) -> int:
    """Return how many lines surely name columns: bold ones, or those beside a name that reaches over all of them."""
    first = [span for (row, _), span in grid.spans.items() if row == 0]
    deepest = max((rows for rows, _ in first), default=1)
    grouped = any(columns > 1 for _, columns in first)
    names = deepest if grouped and deepest > 1 else bold if grouped else min(bold, 1)
    two = sum(row == 0 for row, _ in lines) > 1
    return max(names, int(two)) + two


def _spread(grid: Grid, row: int, line: Mapping[int, str]) -> dict[int, str]:
    """Return a row in which what reaches over several columns stands above each of them."""
    spread = dict(line)
    for (first, column), (rows, columns) in grid.spans.items():
        reached = range(column, column + columns)
        if first <= row < first + rows and column in line and not any(other in line for other in reached[1:]):
            spread.update(dict.fromkeys(reached, line[column]))
    return spread
