"""Cells of an answer's table that hold what the sources say of another row or column.

Knows cells, windows and the sources' tables. In running text a statement may join what stands in two sentences; a cell
says one thing of one row, so that its value has to stand where that row is named and, where a table of the sources has
this row and column, there.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from app.checks.columns import Columns
from app.checks.findings import Standing
from app.checks.names import names_of
from app.checks.naming import Name, Naming, Said
from app.checks.source_tables import Entry, Line
from app.checks.stems import Item
from app.checks.support import Evidence, Window, words_of
from app.checks.tables import Cell
from app.checks.values import Known, Value, missing, rivals

ROWS = 100
"""So many names of rows are looked for in a sentence; a table with more of them is no answer to read."""
ALIKE = 100
"""A name that more rows of the sources' tables bear tells none apart."""
_LABELLED = re.compile(r"(?P<label>[^:]{1,60}):\W*\s(?P<words>.+)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Place:
    """A cell of the sources' tables: the row it stands in."""

    window: Window
    row: Line
    entry: Entry


@dataclass(frozen=True, slots=True)
class Ruling:
    """Whether the sources have what a cell says in its place, and what they have there."""

    standing: Standing
    windows: Sequence[Window] = ()


UNTOLD = Ruling("anywhere")


class Rows:
    """What the sources say of the rows of an answer's tables; each name is read once."""

    def __init__(self, evidence: Evidence) -> None:
        """Hold the rows against this."""
        self._evidence = evidence
        self._naming = Naming(evidence)
        self._contexts = [Name.of(source.context) for source in evidence.sources]
        self._known: dict[Name, Known] = {}
        self._said: dict[str, Said] = {}
        self._rows: dict[tuple[str, str], list[tuple[Window, Line]]] = {}
        self._named: dict[tuple[str, ...], dict[int, set[str]]] = {}
        self._written: dict[tuple[int, int], dict[tuple[str, ...], list[Place]]] = {}
        self._leading: dict[tuple[int, int], set[str]] = {}
        for window in evidence.windows:
            if window.row:
                table = window.source, window.row.table
                of_table, leading = self._written.setdefault(table, {}), self._leading.setdefault(table, set())
                for entry in window.row.cells:
                    said = self._read(entry.text)
                    of_table.setdefault(said.written, []).append(Place(window, window.row, entry))
                    leading |= said.addresses

    def ruling(self, cell: Cell) -> Ruling:
        """Return what the sources say in a cell's place.

        It is displaced where no sentence about its row has what it says, and each that has it speaks of another row; or
        where the sources' table has it in another row or column. The windows told then name row and column beside
        something else, a table's row as if it had no other cell.
        """
        rightful = self._rightful(cell)
        if rightful:
            return self._of_tables(cell, rightful)
        told = self._of_sentences(cell) if self._name(cell.row) else UNTOLD
        if told is UNTOLD and (astray := self._columns.holding(cell)):
            return Ruling("astray", astray)
        return told

    @cached_property
    def _columns(self) -> Columns:
        return Columns(self._evidence, self._naming)

    def _rightful(self, cell: Cell) -> list[Place]:
        """Return the cells of the sources' tables in its row and column, also where these are turned."""
        rows = self._bearing(cell.row, cell.kind)
        if found := self._at(rows, cell.head, cell.row):
            return found
        if cell.column:
            return self._at(self._bearing(cell.column, ""), cell.row, cell.column)
        return self._at(rows, "", cell.row)

    def under(self, item: Item) -> Ruling:
        """Return what the sources say of the thing that stands above a list item.

        "Leave: 30 days" below "Munich" is a cell where a table has both. Any other item is displaced where no sentence
        about that thing has its value, each that has it names something else, and one about it that has most of the
        item's words has another value.
        """
        if (found := _LABELLED.match(item.text)) and item.stems:
            row, label, words = item.stems[-1], found["label"].strip("*_ "), found["words"]
            cell = Cell(
                text=item.text, start=item.start, end=item.end, row=row, column=label, words=words, rows=(row,),
                head=label, kind="",
            )  # fmt: skip
            if rightful := self._rightful(cell):
                return self._of_tables(cell, rightful)
        subject, claimed = self._subject(item), self._name(item.text)
        if not (subject and claimed.values and claimed.words):
            return UNTOLD
        moved = missing(claimed.values, self._values_of(subject))
        holders = self._naming.places(Name(frozenset(), tuple(moved))) if moved else ()
        if not holders or not all(self._names_another(self._naming.windows[one], subject) for one in holders):
            return UNTOLD
        near = [one for one in self._naming.of(subject) if len(claimed.words & one.words) * 2 >= len(claimed.words)]
        right = [window for window in near if all(rivals(one, window.values) for one in moved)]
        return Ruling("displaced", right) if right else UNTOLD

    def _subject(self, item: Item) -> Name:
        """Return the values in what stands above an item, and those of its names that the sources have as names."""
        named = [self._name(name).words for stem in item.stems for name in names_of(f"of {stem}")]
        return Name(
            frozenset[str]().union(*(words for words in named if words <= self._names)),
            tuple(value for stem in item.stems for value in self._name(stem).values),
        )

    @cached_property
    def _names(self) -> frozenset[str]:
        """Words of the sources' names."""
        texts = (self._evidence.text_of(window) for window in self._naming.windows)
        return frozenset[str]().union(*(words_of(name) for text in texts for name in names_of(text)))

    def _values_of(self, subject: Name) -> Known:
        """Return every value of the sentences that name something, and of what stands below its name."""
        if subject not in self._known:
            below = {number for number, above in enumerate(self._contexts) if subject.within(above)}
            of_it = self._naming.of(subject)
            if below:
                of_it = [*of_it, *(window for window in self._naming.windows if window.source in below)]
            self._known[subject] = Known([value for window in of_it for value in window.values])
        return self._known[subject]

    def _names_another(self, window: Window, subject: Name) -> bool:
        """Whether a sentence is a table's row, or names something else than what an item is said of."""
        if window.alone:
            return True
        text = self._evidence.text_of(window)
        return any(not self._name(name).words <= subject.words for name in names_of(text))

    def _of_sentences(self, cell: Cell) -> Ruling:
        row, column, claimed = self._name(cell.row), self._name(cell.column), self._name(cell.words).values
        if not claimed:
            return UNTOLD
        of_row = self._naming.of(row)
        moved = missing(claimed, [value for window in of_row for value in window.values])
        if not moved or not self._only_of_others(cell, moved):
            return UNTOLD
        right = [window for window in of_row if column.words <= window.words]
        right = [window for window in right if all(rivals(one, window.values) for one in moved)]
        return Ruling("displaced", right) if right else UNTOLD

    def _only_of_others(self, cell: Cell, moved: Sequence[Value]) -> bool:
        """Whether sentences have these values, and each is a table's row or names another row.

        A table's row speaks of what it names only.
        """
        holders = self._naming.places(Name(frozenset(), tuple(moved)))
        return bool(holders) and all(
            self._naming.windows[number].alone or self._others(cell, number) for number in holders
        )

    def _others(self, cell: Cell, number: int) -> bool:
        """Whether a window names another row of a cell's table."""
        if cell.rows not in self._named:
            named: dict[int, set[str]] = {}
            for name in cell.rows[:ROWS]:
                for place in self._naming.places(self._name(name)):
                    named.setdefault(place, set()).add(name)
            self._named[cell.rows] = named
        return bool(self._named[cell.rows].get(number, set()) - {cell.row})

    def _of_tables(self, cell: Cell, rightful: Sequence[Place]) -> Ruling:
        claimed, right = self._read(cell.words), [self._read(place.entry.text) for place in rightful]
        agreeing = [place.window for place, one in zip(rightful, right, strict=True) if claimed.within(one)]
        misled = self._misled(claimed, right, rightful)
        if agreeing and not misled:
            return Ruling("there", agreeing)
        moved = missing(claimed.name.values, [value for one in right for value in one.name.values])
        contrary = all(claimed.contrary(one) for one in right)
        elsewhere = contrary or self._elsewhere(claimed, moved, rightful)
        told = elsewhere and not self._said_too(cell, claimed, moved, rightful)
        if not (misled or told or self._columns.holding(cell)):
            return UNTOLD
        names = (*self._name(cell.row).values, *self._name(cell.column).values)
        pairs = zip(rightful, right, strict=True)
        return Ruling("displaced", [replace(at.window, values=(*names, *one.name.values)) for at, one in pairs])

    def _misled(self, claimed: Said, right: Sequence[Said], rightful: Sequence[Place]) -> bool:
        """Whether it leads where another cell of one of these tables leads, and these to other places."""
        given = frozenset[str]().union(*(one.addresses for one in right))
        there = set[str]().union(*(self._leading[place.window.source, place.row.table] for place in rightful))
        return bool(given and (claimed.addresses - given) & there)

    def _elsewhere(self, claimed: Said, moved: Sequence[Value], rightful: Sequence[Place]) -> bool:
        """Whether another cell of one of these rows or columns says it."""
        own = {id(place.entry) for place in rightful}
        for at in rightful:
            written = self._written[at.window.source, at.row.table]
            there = [*written.get(claimed.written, ())[:ALIKE], *(self._holding(moved, at) if moved else ())]
            if any(
                id(one.entry) not in own and (one.row is at.row or one.entry.column == at.entry.column) for one in there
            ):
                return True
        return False

    def _holding(self, moved: Sequence[Value], at: Place) -> Iterator[Place]:
        """Yield cells of a place's table that have these values."""
        for number in self._naming.places(Name(frozenset(), tuple(moved)))[:ALIKE]:
            window = self._naming.windows[number]
            if window.row and (window.source, window.row.table) == (at.window.source, at.row.table):
                for entry in window.row.cells:
                    if not missing(moved, self._read(entry.text).name.values):
                        yield Place(window, window.row, entry)

    def _said_too(self, cell: Cell, claimed: Said, moved: Sequence[Value], rightful: Sequence[Place]) -> bool:
        """Whether a sentence or another table says it of the cell's row, or may."""
        tables = {(place.window.source, place.row.table) for place in rightful}
        told = Name(frozenset(), claimed.name.values) if moved else claimed.name
        row, column = self._name(cell.row), self._name(cell.column)
        for number in self._naming.places(told) if told else ():
            window = self._naming.windows[number]
            if window.row and (window.source, window.row.table) in tables:
                continue
            if row.within(window):
                return True
            near = bool((row.words | column.words) & window.words) or any(
                one.unit or one.kind != "number" for one in moved
            )
            if not window.alone and near and not self._others(cell, number):
                return True
        return False

    def _at(self, rows: Sequence[tuple[Window, Line]], column: str, row: str) -> list[Place]:
        """Return the cells of rows below a column's name; without one all but those that say what the row is called."""
        found: list[Place] = []
        for window, line in rows:
            if column:
                same = [entry for entry in line.cells if self._same(entry.column, column)]
                cells = same or [entry for entry in line.cells if self._alike(entry.column, column)]
            else:
                cells = [entry for entry in line.cells if not self._same(entry.text, row)]
            found += [Place(window, line, entry) for entry in cells]
        return found

    def _bearing(self, row: str, kind: str) -> list[tuple[Window, Line]]:
        """Return the rows of the sources' tables that are called so: below this head, else anywhere, else in part."""
        if (row, kind) not in self._rows:
            there = [(window, window.row) for window in self._naming.of(self._name(row))[: ALIKE + 1] if window.row]
            there = there if len(there) <= ALIKE else []
            called = [one for one in there if any(self._same(entry.text, row) for entry in one[1].cells)]
            below = [
                one
                for one in called
                if any(self._same(entry.column, kind) and self._same(entry.text, row) for entry in one[1].cells)
            ]
            name = self._name(row)
            part = [one for one in there if any(name.within(self._name(entry.text)) for entry in one[1].cells)]
            self._rows[row, kind] = below or called or part
        return self._rows[row, kind]

    def _same(self, one: str, other: str) -> bool:
        """Whether two texts name the same, or are written alike."""
        return self._read(one).written == self._read(other).written or self._name(one).same(self._name(other))

    def _alike(self, one: str, other: str) -> bool:
        """Whether all of one name is in the other."""
        return self._name(one).within(self._name(other)) or self._name(other).within(self._name(one))

    def _name(self, text: str) -> Name:
        return self._naming.name(text)

    def _read(self, text: str) -> Said:
        if text not in self._said:
            self._said[text] = self._naming.said(text)
        return self._said[text]
