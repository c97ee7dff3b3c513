"""The tables of a source, cell by cell, in each form in which a document keeps them.

Knows three: Markdown with a rule below its heads, rows between bars that repeat their column's name in each cell, and
"City: Munich; Desks: 7" below "City | Desks" (`retrieval/tables.py`). Of a part of a table without its first line the
rows tell the names themselves. What names no columns is no table here.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from retrieval.tables import BAR, BORDER, cells_in, framed_cells, is_framed, names_in, repeated

WIDEST = 100
"""Columns; reading a wider row takes their square."""
_RULE = re.compile(r"(?=[^-]*-)[\s|:-]+")
_NAME = re.compile(r"(?=\w)([^:;|]{1,60}): ")
"""What a row says before a cell, where nothing else tells the names."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A cell of a source's table without its column's name, and that name; "" for none."""

    column: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A row of a table, `[start, end)` of its source's text; the line that names the columns has no cells."""

    table: int
    """Which of the source's tables it belongs to."""
    start: int
    end: int
    cells: tuple[Entry, ...]


def rows_in(text: str, context: str = "") -> list[Line]:
    """Return the rows of the tables of a text, in order; `context` stands above it and may have the names."""
    lines = list(_lines(text))
    found: list[Line] = []
    number = table = 0
    while number < len(lines):
        read = _framed if is_framed(text[slice(*lines[number])]) else _named
        rows, used = read(text, lines, number, context)
        found += [Line(table=table, start=start, end=end, cells=cells) for (start, end), cells in rows]
        table += bool(rows)
        number += used
    return found


Read = tuple[list[tuple[tuple[int, int], tuple[Entry, ...]]], int]
"""Rows with their places, and how many lines they took."""


def _lines(text: str) -> Iterator[tuple[int, int]]:
    """Yield `[start, end)` of each line without the white space around it; of code an empty line."""
    position, fenced = 0, False
    for line in text.splitlines(keepends=True):
        fence = line.lstrip().startswith(("```", "~~~"))
        end = position if fenced or fence else position + len(line.rstrip())
        yield min(position + len(line) - len(line.lstrip()), end), end
        fenced ^= fence
        position += len(line)


def _framed(text: str, lines: Sequence[tuple[int, int]], first: int, context: str) -> Read:
    """Read the run of lines between bars that begins here."""
    last = first
    while last < len(lines) and is_framed(text[slice(*lines[last])]):
        last += 1
    run = [line for line in lines[first:last] if not _RULE.fullmatch(text[slice(*line)])]
    ruled = first + 1 < last and _RULE.fullmatch(text[slice(*lines[first + 1])]) is not None
    cells = [_texts(text[slice(*line)]) for line in run]
    if not cells or max(map(len, cells)) > WIDEST:
        return [], last - first
    headed = ruled or (len(cells) > 1 and _repeats(cells[1], cells[0]))
    names = cells[0] if headed else _own_names(cells) or _above(context, len(cells[0]))
    below = zip(run[headed:], cells[headed:], strict=True) if names else ()
    told = [(line, entries) for line, row in below if (entries := _entries(names, row))]
    return ([(run[0], ()), *told] if headed and told else told), last - first


def _texts(line: str) -> list[str]:
    return [line[start:end] for start, end in framed_cells(line)]


def _repeats(row: Sequence[str], heads: Sequence[str]) -> bool:
    """Whether the cells of a row begin with the names of their columns."""
    return any(head and cell.startswith(f"{repeated(head)}: ") for head, cell in zip(heads, row, strict=False))


def _own_names(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return the names that the cells of each column begin with; nothing where one column's do not agree."""
    names: list[str] = []
    for place in range(len(rows[0])):
        said = {_name(row[place]) for row in rows if place < len(row) and row[place]}
        if len(said) != 1:
            return []
        names += said
    return names if all(names) and len(names) > 1 else []


def _name(cell: str) -> str:
    found = _NAME.match(cell)
    return found[1] if found else ""


def _above(context: str, width: int) -> list[str]:
    """Return the cells of the last line between bars in what stands above a text, where there are as many."""
    framed = [line for line in context.splitlines() if is_framed(line)][-1:]
    names = _texts(framed[0]) if framed else []
    return names if len(names) == width else []


def _entries(names: Sequence[str], row: Sequence[str]) -> tuple[Entry, ...]:
    return tuple(
        Entry(name, cell.removeprefix(f"{repeated(name)}: ")) for name, cell in zip(names, row, strict=False) if cell
    )


def _named(text: str, lines: Sequence[tuple[int, int]], first: int, _context: str) -> Read:
    """Read the rows that say their columns' names, below the line of names or without it."""
    line = text[slice(*lines[first])]
    headed = BAR in line
    names = (
        names_in(line) if headed else _guessed(line, text[slice(*lines[first + 1])] if first + 1 < len(lines) else "")
    )
    if not 1 < len(names) <= WIDEST:
        return [], 1
    told: list[tuple[tuple[int, int], tuple[Entry, ...]]] = []
    for place in lines[first + headed :]:
        cells = _cells(text[slice(*place)], names)
        if not cells:
            break
        told.append((place, cells))
    return ([(lines[first], ()), *told], 1 + len(told)) if headed and told else (told, max(len(told), 1))


def _cells(line: str, names: Sequence[str]) -> tuple[Entry, ...]:
    """Return the cells of a row; nothing of a line in which none says its column's name."""
    found = cells_in(line, names) if ": " in line else []
    if not any(name for _, name in found):
        return ()
    ends = [*(start for start, _ in found[1:]), len(line)]
    texts = (line[start:end].removesuffix(BORDER) for (start, _), end in zip(found, ends, strict=True))
    return tuple(Entry(name, text.removeprefix(f"{name}: ")) for (_, name), text in zip(found, texts, strict=True))


def _guessed(line: str, below: str) -> list[str]:
    """Return the names that a line says before its parts; nothing for a line that is likely to be no row.

    A cell may hold a border itself: then the line below has to begin with the same name.
    """
    parts = [_name(part) for part in line.split(BORDER)] if BORDER in line else [""]
    names = [name for name in parts if name]
    if not parts[0] or len(set(names)) < len(names):
        return []
    return names if len(names) == len(parts) or below.startswith(f"{names[0]}: ") else []
