"""Cells that reach over several columns or rows, each put where it stands. Knows no format."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

_MOST_COLUMNS, _MOST_ROWS = 200, 10_000
"""What reaches further is a mistake, or meant to fill our memory."""


@dataclass(frozen=True, slots=True)
class Cell:
    """What a cell says, and over how many columns and rows it reaches."""

    text: str
    columns: int = 1
    rows: int = 1
    spread: bool = False
    """Whether it stands above all its columns, as the name of several does; else in the first of them."""


def grid(rows: Iterable[Iterable[Cell]]) -> Iterator[list[str]]:
    """Yield the texts of each row by column: a cell that reaches further down stands in each of its rows."""
    below: dict[int, tuple[int, str]] = {}
    for row in rows:
        line: list[str] = []
        above, below = below, {column: (left - 1, text) for column, (left, text) in below.items() if left > 1}
        for cell in row:
            while len(line) in above and len(line) < _MOST_COLUMNS:
                line.append(above[len(line)][1])
            for number in range(min(cell.columns, _MOST_COLUMNS)):
                text = cell.text if cell.spread or not number else ""
                if cell.rows > 1:
                    below[len(line)] = min(cell.rows, _MOST_ROWS) - 1, text
                line.append(text)
        while len(line) in above and len(line) < _MOST_COLUMNS:
            line.append(above[len(line)][1])
        yield line
