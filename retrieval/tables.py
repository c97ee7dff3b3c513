"""How a table is written as text: a line with the names of its columns, and rows that say in each cell its column's.

Knows lines; no format and no size. "Name: Ada; Role: engineer" stands below "Name | Role"; in Markdown the same stands
between bars. Where nothing names the columns, the cells of a row are only parted.
"""

import re
from collections.abc import Collection, Sequence
from itertools import zip_longest

LONGEST_NAME = 200
"""Characters of a column's name that every row repeats; only the line of names has the rest."""
BORDER, BAR = "; ", " | "
_COLONS = 3
"""In a column's name, at most."""
_BAR = re.compile(r"(?<!\\)\|")
_FRAMED = "|"


def repeated(name: str) -> str:
    """Return a column's name as rows repeat it."""
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1].rstrip()}…"


def named(name: str, cell: str) -> str:
    """Return a cell with its column's name, where both say something."""
    return f"{name}: {cell}" if name and cell else cell


def names_row(names: Sequence[str]) -> str:
    """Return the line with the names of the columns."""
    return BAR.join(name for name in names if name)


def named_row(names: Sequence[str], row: Sequence[str]) -> str:
    """Return a row of a table whose columns have names; empty cells are left out, cells without a column stay last."""
    cells = [named(repeated(name), cell) for name, cell in zip(names, row, strict=False)]
    return BORDER.join([cell for cell in cells if cell] + [cell for cell in row[len(names) :] if cell])


def framed_row(names: Sequence[str], row: Sequence[str]) -> str:
    """Return a row between bars, as Markdown has them: each cell in its place, empty ones too."""
    cells = [named(repeated(name), cell) for name, cell in zip_longest(names, row, fillvalue="")]
    return f"| {BAR.join(cells)} |"


def framed_cells(line: str) -> list[tuple[int, int]]:
    """Return where each cell of a line between bars stands, white space around it left out."""
    start = len(line) - len(line.lstrip()) + line.lstrip().startswith(_FRAMED)
    bars = [bar.start() for bar in _BAR.finditer(line, start)]
    if not bars or line[bars[-1] + 1 :].strip():
        bars.append(len(line))
    found = []
    for bar in bars:
        cell = line[start:bar]
        begin = start + len(cell) - len(cell.lstrip())
        found.append((begin, max(begin, start + len(cell.rstrip()))))
        start = bar + 1
    return found


def is_framed(line: str) -> bool:
    """Whether a line is a row between bars."""
    return line.lstrip().startswith(_FRAMED)


def names_in(line: str) -> list[str]:
    """Return the names of the columns from the first line of a table, as its rows repeat them."""
    if is_framed(line):
        return [repeated(line[start:end]) for start, end in framed_cells(line) if start < end]
    return [repeated(name) for name in line.split(BAR) if name]


def cells_in(row: str, names: Sequence[str]) -> list[tuple[int, str]]:
    """Return where the cells of a row begin, each with the name of its column; "" for a cell without one.

    What stands in a cell may look like a border: only one before the name of a later column is taken for one.
    """
    if is_framed(row):
        starts = [start for start, end in framed_cells(row) if start < end]
        return [(start, next((name for name in names if row.startswith(f"{name}: ", start)), "")) for start in starts]
    found = _named_cells(row, names)
    if found:
        return found if found[0][0] == 0 else [(0, ""), *found]
    return [(0, ""), *((bar.end(), "") for bar in re.finditer(re.escape(BAR), row))]


def _named_cells(row: str, names: Sequence[str]) -> list[tuple[int, str]]:
    """Return the cells that say their column's name, in the order of the columns."""
    places: dict[str, list[int]] = {}
    for column, name in enumerate(names):
        places.setdefault(name, []).append(column)
    found: list[tuple[int, str]] = []
    last, start = -1, 0
    while 0 <= start < len(row):
        name = _name_at(row, start, places)
        later = [column for column in places.get(name, ()) if column > last]
        if later:
            found.append((start, name))
            last, start = later[0], start + len(name)
        border = row.find(BORDER, start)
        start = border + len(BORDER) if border >= 0 else -1
    return found


def _name_at(row: str, start: int, names: Collection[str]) -> str:
    """Return the longest name that stands before a colon at this place, "" for none; a name may hold colons itself."""
    end, found = start, ""
    for _ in range(_COLONS):
        end = row.find(": ", end + 1, start + LONGEST_NAME + 2)
        if end < 0:
            break
        if row[start:end] in names:
            found = row[start:end]
    return found
