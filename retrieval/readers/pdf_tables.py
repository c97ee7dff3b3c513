"""Find the tables among the lines of a PDF page: rows of cells that stand below the cells of a first row.

Knows places only. A table must have two lines of several cells; a wrapped cell is put together again. Tables without
a gap between columns, or with cells that reach into the next column, stay ordinary lines.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from retrieval.readers.pdf_lines import Cell, Line

ALIGNED = 6.0
"""Points by which cells of one column may differ at their left or right edge."""
ROW_GAP = 1.6
"""Lines farther apart than this many font sizes are different rows of a table with room between its rows."""
FARTHEST = 4.5
"""A line farther below than this many font sizes is not part of the table."""


def table_end(lines: Sequence[Line], start: int) -> int:
    """Return the place behind the table that begins with the line at `start`, or `start` where none does."""
    header = lines[start]
    if len(header.cells) < 2 or len({cell.text for cell in header.cells}) < len(header.cells):  # noqa: PLR2004
        return start
    end, rows, lowest = start + 1, 1, header.bottom
    for line in lines[start + 1 :]:
        far = lowest - line.bottom > FARTHEST * header.size or line.bottom > header.bottom
        if far or line.table or abs(line.size - header.size) > 1 or None in columns_of(line, header):
            break
        rows += len(line.cells) > 1
        lowest = min(lowest, line.bottom)
        end += 1
    while end > start + 1 and _is_afterword(lines[end - 1], lines[end - 2]):
        end -= 1
    return end if rows > 1 else start


def header_start(lines: Sequence[Line], start: int) -> int:
    """Return where the bold lines begin that name the columns of the table at `start`; `start` where none do."""
    first = start
    while first > 0:
        line, below = lines[first - 1], lines[first]
        near = line.bottom - below.bottom <= FARTHEST * line.size
        if not line.bold or not near or abs(line.size - below.size) > 1 or None in columns_of(line, lines[start]):
            break
        first -= 1
    return first


def _is_afterword(line: Line, above: Line) -> bool:
    """Whether the last line of a table is rather a short paragraph below it: alone, and with a row's distance."""
    return len(line.cells) == 1 and above.bottom - line.bottom > ROW_GAP * line.size


def columns_of(line: Line, header: Line) -> list[int | None]:
    """Return the column of each cell of a line; None where it stands in none or in another cell's."""
    found: list[int | None] = []
    for cell in line.cells:
        column = _column(cell, header.cells)
        found.append(None if column in found else column)
    return found


def _column(cell: Cell, header: Sequence[Cell]) -> int | None:
    for number, name in enumerate(header):
        room = header[number + 1].left if number + 1 < len(header) else float("inf")
        before = header[number - 1].right if number else float("-inf")
        beside = abs(cell.left - name.left) <= ALIGNED or abs(cell.right - name.right) <= ALIGNED
        over = min(cell.right, name.right) - max(cell.left, name.left) > 0
        if (beside or over) and before < cell.left and cell.right < room:
            return number
    return None


def table_rows(lines: Sequence[Line], *, names: Sequence[Line] = (), columns: Line | None = None) -> list[list[str]]:
    """Return the rows of a table given as its lines, below one row of the names of its columns where there are any.

    The first line tells where the columns stand, where no other one does.
    """
    groups = [*([list(names)] if names else []), *_row_groups(lines)]
    return [_row(group, columns or lines[0]) for group in groups]


def _row(group: Sequence[Line], header: Line) -> list[str]:
    row = [""] * len(header.cells)
    for line in sorted(group, key=lambda each: -each.bottom):
        for cell, column in zip(line.cells, columns_of(line, header), strict=True):
            if column is not None:
                row[column] = f"{row[column]} {cell.text}".strip()
    return row


def _row_groups(lines: Sequence[Line]) -> Iterator[list[Line]]:
    """Yield the lines of each row: by the room between rows, or, without any, each line of several cells opens one."""
    full = [line.bottom for line in lines if len(line.cells) > 1]
    tight = min(above - below for above, below in pairwise(full)) <= ROW_GAP * lines[0].size
    ordered = lines if tight else sorted(lines, key=lambda each: -each.bottom)
    group: list[Line] = []
    for line in ordered:
        opens = len(line.cells) > 1 if tight else bool(group) and group[-1].bottom - line.bottom > ROW_GAP * line.size
        if opens and group:
            yield group
            group = []
        group.append(line)
    if group:
        yield group
