"""The grids that the rules of a PDF page draw, found by pdfplumber. Knows places in points and no word.

pdfplumber gets the rules PDFium has found: it and pdfminer, its parser, never see the file. It is imported with the
first page that has a grid.
"""

import time
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from retrieval.readers import limits
from retrieval.readers.pdf_rules import Rule

_FEWEST = 3
"""Rules across, and rules down or ends of rules across, that make two rows and two columns."""
_NEAR_ACROSS, _NEAR_DOWN = 6.0, 3.0
"""Points. Rules down that are nearer leave no room for a letter between them (Word shades the 5.4 points beside the
text of a cell by themselves); rules across that are nearer are the two sides of one."""
_SHORTEST = 3.0
_MOST_PAIRS, _MOST_CROSSINGS, _MOST_PLACES = 250_000, 4_000, 20_000
"""pdfplumber's time grows with the square of the second: 2,500 of them take 0.15 s."""
Place = tuple[int, int]
"""Row and column, from 0."""
Box = tuple[float, float, float, float]
"""Left, top, right and bottom in points that grow to the right and down."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """Cells between rules. `columns` and `rows` are the places of the rules, one more than there are of these."""

    columns: Sequence[float]
    rows: Sequence[float]
    begins: Mapping[Place, Place]
    """Place -> where the cell begins that it is part of; places outside all cells are absent."""
    spans: Mapping[Place, Place]
    """Where a cell begins -> over how many rows and columns it reaches."""

    def cell_at(self, x: float, y: float) -> Place | None:
        """Return where the cell begins that a point lies in; None outside of all cells."""
        return self.begins.get((bisect_right(self.rows, y) - 1, bisect_right(self.columns, x) - 1))


class GridFinder:
    """Finds the grids of the pages of one file, for as long as that takes no more than its time."""

    def __init__(self) -> None:
        """Begin with all the time there is."""
        self._left = limits.GRID_SECONDS

    def grids(self, rules: Collection[Rule]) -> list[Grid]:
        """Return the grids of at least two rows and columns that the rules of a page draw, small ones first."""
        if self._left < 0 or not _may_draw_a_table(rules):
            return []
        begun = time.monotonic()
        found = sorted(filter(None, map(_grid, _tables(rules))), key=_size)
        self._left -= time.monotonic() - begun
        return found


def _may_draw_a_table(rules: Iterable[Rule]) -> bool:
    """Whether rules stand at enough places across and, with the ends of those across, down."""
    down = [rule.left for rule in rules if rule.left == rule.right]
    across = [rule for rule in rules if rule.left != rule.right]
    sides = _places([*down, *(end for rule in across for end in (rule.left, rule.right))], _NEAR_ACROSS)
    return bool(down) and sides >= _FEWEST and _places([rule.top for rule in across], _NEAR_DOWN) >= _FEWEST


def _places(numbers: Sequence[float], near: float) -> int:
    """Return at how many places numbers lie when those near each other are one."""
    return sum(other - one > near for one, other in pairwise([float("-inf"), *sorted(numbers)]))


def _size(grid: Grid) -> float:
    return (grid.columns[-1] - grid.columns[0]) * (grid.rows[-1] - grid.rows[0])


def _tables(rules: Iterable[Rule]) -> list[list[Box]]:
    """Return the boxes of the cells of each table; none where there are more than a page can have."""
    from pdfplumber import table  # noqa: PLC0415 - 0.1 s that most files need not wait

    near = (_NEAR_ACROSS, _NEAR_DOWN)
    edges = [_rounded(edge) for edge in table.merge_edges([_edge(rule) for rule in rules], *near, *near)]
    down = [edge for edge in edges if edge["orientation"] == "v" and edge["height"] >= _SHORTEST]
    across = [edge for edge in edges if edge["orientation"] == "h" and edge["width"] >= _SHORTEST]
    if len(down) * len(across) > _MOST_PAIRS:
        return []
    sides = map(_edge, _sides(across, down))
    crossings = table.edges_to_intersections(
        table.merge_edges([*across, *down, *sides], *near, *near), _NEAR_ACROSS, _NEAR_DOWN
    )
    if len(crossings) > _MOST_CROSSINGS:
        return []
    return table.cells_to_tables(table.intersections_to_cells(crossings))


def _edge(rule: Rule) -> dict[str, Any]:
    """Return a rule in pdfplumber's terms."""
    return {
        "x0": rule.left,
        "x1": rule.right,
        "top": rule.top,
        "bottom": rule.bottom,
        "doctop": rule.top,
        "width": rule.right - rule.left,
        "height": rule.bottom - rule.top,
        "orientation": "v" if rule.left == rule.right else "h",
    }


def _rounded(edge: Mapping[str, Any]) -> dict[str, Any]:
    """Return an edge at the very place of those it was moved to: their mean differs in its last digit."""
    return {name: value if isinstance(value, str) else round(value, 1) for name, value in edge.items()}


def _sides(across: Iterable[Mapping[str, Any]], down: Sequence[Mapping[str, Any]]) -> Iterator[Rule]:
    """Yield the outer sides of tables that are open there: where rules across end alike that a rule down connects."""
    alike: defaultdict[tuple[int, int], list[float]] = defaultdict(list)
    for edge in across:
        alike[round(edge["x0"]), round(edge["x1"])].append(edge["top"])
    for (left, right), tops in alike.items():
        for top, bottom in pairwise(sorted(tops)):
            if any(_connects(edge, left, top, right, bottom) for edge in down):
                yield Rule(left, top, left, bottom)
                yield Rule(right, top, right, bottom)


def _connects(edge: Mapping[str, Any], left: float, top: float, right: float, bottom: float) -> bool:
    within = left - _NEAR_ACROSS <= edge["x0"] <= right + _NEAR_ACROSS
    return bool(within and edge["top"] <= top + _NEAR_DOWN and edge["bottom"] >= bottom - _NEAR_DOWN)


def _grid(cells: Sequence[Box]) -> Grid | None:
    """Return the grid of a table's cells without its titles and notes, None where it has no two rows and columns."""
    cells = _without_titles(cells)
    columns = sorted({side for left, _, right, _ in cells for side in (left, right)})
    rows = sorted({side for _, top, _, bottom in cells for side in (top, bottom)})
    if min(len(columns), len(rows)) < _FEWEST or len(columns) * len(rows) > _MOST_PLACES:
        return None
    across, down = ({side: number for number, side in enumerate(sides)} for sides in (columns, rows))
    begins: dict[Place, Place] = {}
    spans: dict[Place, Place] = {}
    for left, top, right, bottom in cells:
        start = down[top], across[left]
        spans[start] = down[bottom] - down[top], across[right] - across[left]
        for row in range(down[top], down[bottom]):
            begins.update({(row, column): start for column in range(across[left], across[right])})
    overlap = sum(reach * width for reach, width in spans.values()) > len(begins)
    return Grid(columns=columns, rows=rows, begins=begins, spans=spans) if has_rows(spans) and not overlap else None


def has_rows(cells: Collection[Place]) -> bool:
    """Whether two rows and two columns at least have two of the cells that begin at these places."""
    counts = (Counter(place[axis] for place in cells).values() for axis in (0, 1))
    return all(sum(count > 1 for count in each) > 1 for each in counts)


def _without_titles(cells: Sequence[Box]) -> list[Box]:
    """Return the cells without those at the top and the bottom that reach over all columns."""
    left, right = min(cell[0] for cell in cells), max(cell[2] for cell in cells)
    ordered = sorted(cells, key=lambda cell: cell[1])
    whole = [cell[0] == left and cell[2] == right for cell in ordered]
    first = next((number for number, is_whole in enumerate(whole) if not is_whole), len(whole))
    last = next((number for number, is_whole in enumerate(reversed(whole)) if not is_whole), 0)
    return ordered[first : len(whole) - last]
