"""Cells of an answer's table that hold what the sources have as something else only.

Knows cells, windows, the sources' tables and headings, no meaning. It needs no row: "Oslo" may stand in no table, and
"€120" below "Daily allowance" is wrong all the same where the sources give other amounts below that name, and €120 only
as "Limit per night". Where one of the two names is the answer's own, or both may be one, nothing is told.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from app.checks.naming import MOST, Name, Naming
from app.checks.support import Evidence, Source, Window
from app.checks.tables import Cell
from app.checks.values import Known, Value, missing, rivals
from retrieval.tables import BAR

CLEAR = 2
"""A name of so many words means one thing wherever it stands; "Amount" does so only within its own table."""
LONGEST_HEADING = 120
"""Characters."""
_NO_HEADING = (".", ",", ";", ":")
"""What a line that is a heading does not end with."""


@dataclass(frozen=True, slots=True)
class Given:
    """The values that the sources have below a name, in order and to be looked for among."""

    values: tuple[Value, ...]
    known: Known


class Columns:
    """What the sources have below the names of columns; each name is looked for once."""

    def __init__(self, evidence: Evidence, naming: Naming) -> None:
        """Read the headings and the tables' heads of the sources."""
        self._naming = naming
        self._sections = dict(_sections(evidence.sources, naming.windows))
        self._heads: dict[tuple[int, int], set[Name]] = {}
        for window in naming.windows:
            if window.row:
                heads = self._heads.setdefault((window.source, window.row.table), set())
                heads.update(naming.name(entry.column) for entry in window.row.cells)
        self._names = frozenset[Name]().union(*self._heads.values())
        self._given: dict[Name, Given] = {}

    def holding(self, cell: Cell) -> Sequence[Window]:
        """Return the sentences and rows that have what a cell says, each as something else than its column names.

        None where one may belong there, and where the sources have nothing comparable below that name.
        """
        column = self._naming.name(cell.column)
        if not column or len(self._naming.windows) > MOST:
            return ()
        return self._moved(cell, column) or self._astray(cell, column)

    def _moved(self, cell: Cell, column: Name) -> Sequence[Window]:
        """Return the rows of tables with such a column that have all a cell says in another; none if others have it."""
        said = self._naming.name(cell.words)
        holders = self._naming.of(said)
        return holders if all(self._is_beside(window, said, column) for window in holders) else ()

    def _is_beside(self, window: Window, said: Name, column: Name) -> bool:
        """Whether a row has this in a cell, and its table a column of this name, which is another one."""
        cells = window.row.cells if window.row else ()
        names = [self._naming.name(entry.column) for entry in cells if self._naming.name(entry.text).same(said)]
        return bool(names) and self._has_head(window, column) and not any(map(column.within, names))

    def _has_head(self, window: Window, column: Name) -> bool:
        """Whether the table of a row has a column of this name."""
        heads = self._heads[window.source, window.row.table] if window.row else ()
        return any(map(column.same, heads))

    def _astray(self, cell: Cell, column: Name) -> Sequence[Window]:
        """Return the sentences and rows with a cell's values, where all have them as something else."""
        claimed, given = self._naming.name(cell.words).values, self._below(column)
        if len(missing(claimed, given.known)) < len(claimed):
            return ()
        found: list[Window] = []
        for value in claimed:
            if rivals(value, given.values):
                holders = self._naming.holding([value])
                if not all(self._is_another(window, value, column) for window in holders):
                    return ()
                found += holders
        return found

    def _below(self, column: Name) -> Given:
        """Return what the sources have in a column of this name, in the sections and the sentences that name it."""
        if column not in self._given:
            values = tuple(dict.fromkeys(value for one in self._naming.windows for value in self._of(column, one)))
            self._given[column] = Given(values, Known(values))
        return self._given[column]

    def _of(self, column: Name, window: Window) -> Sequence[Value]:
        """Return the values that a sentence or row says of what a column's name names."""
        clear = len(column.words) >= CLEAR
        cells = window.row.cells if window.row else ()
        if clear and column.within(self._section(window)):
            return window.values
        if not cells:
            return window.values if clear and not window.alone and column.within(window) else ()
        if clear and any(column.within(self._naming.name(entry.text)) for entry in cells):
            return window.values
        named = [entry.text for entry in cells if self._is_name(entry.column, column)]
        return [value for text in named for value in self._naming.name(text).values]

    def _is_name(self, head: str, column: Name) -> bool:
        """Whether a column of the sources is called so, or a clear part of either name is the other."""
        name = self._naming.name(head)
        if name.same(column):
            return True
        alike = name.within(column) or column.within(name)
        return alike and min(len(name.words), len(column.words)) >= CLEAR

    def _is_another(self, window: Window, value: Value, column: Name) -> bool:
        """Whether a sentence or row has a value as something else than what a column's name names."""
        if window.row and window.row.cells:
            return self._is_in_another(window, value, column)
        if window.alone or len(column.words) < CLEAR or column.words & (window.words | self._around(window, column)):
            return False
        return any(len(name.words) >= CLEAR and name.within(window) for name in self._names)

    def _is_in_another(self, window: Window, value: Value, column: Name) -> bool:
        """Whether a table's row has a value below other names only.

        They share no word with a column's name, but for heads of one table, one of which is that name.
        """
        cells = window.row.cells if window.row else ()
        names = [(self._naming.name(entry.column), self._naming.name(entry.text)) for entry in cells]
        held = [name for name, text in names if not missing([value], text.values)]
        if not (held and all(held)) or any(column.within(text) for _, text in names):
            return False
        if self._has_head(window, column):
            return not any(map(column.within, held))
        told = frozenset[str]().union(*(name.words for name in held), *(text.words for _, text in names))
        clear = min(len(name.words) for name in (column, *held)) >= CLEAR
        return clear and not column.words & (told | self._around(window, column))

    def _around(self, window: Window, column: Name) -> frozenset[str]:
        """Return the words of the headings above a window, and of a sentence there that names a column."""
        section = self._section(window)
        told = [one for one in self._naming.of(column) if not one.alone and self._section(one) is section]
        return section.words.union(*(one.words for one in told if not one.values))

    def _section(self, window: Window) -> Name:
        """Return what the headings above a window name."""
        return self._sections[window.source, window.start]


def _sections(sources: Sequence[Source], windows: Sequence[Window]) -> Iterator[tuple[tuple[int, int], Name]]:
    """Yield where each window begins, with the title and the heading above it; one and the same name for a section.

    Before its first heading that is the whole context of a source, which may name columns too: they are left out.
    """
    source, title, above = -1, "", Name.of("")
    for window in windows:
        text = sources[window.source].text
        if window.source != source:
            source = window.source
            lines = [line for line in sources[source].context.splitlines() if BAR not in line]
            title, above = "".join(lines[:1]), Name.of("\n".join(lines))
        if not window.alone and _is_heading(text, window):
            above = Name.of(f"{title}\n{text[window.start : window.end]}")
        yield (window.source, window.start), above


def _is_heading(text: str, window: Window) -> bool:
    """Whether a sentence is a short line of its own, which ends like a heading and may have a number."""
    before = text[text.rfind("\n", 0, window.start) + 1 : window.start].strip()
    behind = text[window.end : window.end + 1]
    said = text[window.start : window.end]
    if behind not in {"", "\n"} or "\n" in said or len(said) > LONGEST_HEADING or said.endswith(_NO_HEADING):
        return False
    return not before.strip("#*_") or before[:-1].isdigit()
