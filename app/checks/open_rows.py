"""Columns that say something else of each row of a table, where nothing that was said tells which row is meant.

"How much annual leave do I get?" has four answers in a table of offices, and "You get 27 days" is none of them. Knows
words and values. It looks only where every word of what was said stands in the column's name or above the table, for
any other could name a row: "when I marry" is the row "Own wedding". What stands in some rows only names them.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from app.checks.naming import Name
from app.checks.source_tables import Line, rows_in
from app.checks.support import Source
from app.checks.values import Value, missing, rivals

ABOVE = 400
"""Characters above a table that say what it is about."""
MOST_ROWS = 100
"""A table with more is no list of cases."""
MOST_ANSWERS = 8
"""So many rows are asked for at once."""
_KIND = re.compile(r"[^\W\d_]{1,20}(?:[ -][^\W\d_]{1,20})?")
"""What rows are called together is repeated outside of the passages' fence: two words give no orders."""
_ANYBODY = Name.of(
    "many amount number count figure tell say know find give "
    "employees staff people persons workers colleagues members company receive entitled"
).words
"""How one asks, and who: whoever asks is one of these, so that they name no row."""
_WORD = re.compile(r"\w+")
_OF_SEVERAL = re.compile(
    r"\b(?:(?:high|low|larg|small|long|short|late|earli|great|few|big|cheap|old|new|b)est|least|most|more|less|fewer|"
    r"max(?:imum)?|min(?:imum)?|up to|from|between|range[sd]?|average|mean|median|total|sums?|altogether|together|each|"
    r"every|both|all|some|any|others?|depend(?:s|ing)?|var(?:y|ies)|differ(?:s|ent)?|example|such as|e\.g|including|"
    r"one of|compare[ds]?|than|which|who|whose|where|list)\b",
    re.IGNORECASE,
)
"""Of what speaks of several rows at once, or asks for one of them."""


class Table:
    """The rows of a source's table without the line that names the columns; cells are read when they are wanted."""

    def __init__(self, source: int, rows: Sequence[Line], above: str) -> None:
        """Hold the rows of the source with this number, and what stands above them."""
        self.source = source
        self.rows = rows
        self.kind, *heads = (entry.column for entry in rows[0].cells)
        """What the rows are called together: "Office"."""
        self.heads = tuple(dict.fromkeys(heads))
        """The names of the other columns."""
        self._above = above
        self._columns: dict[str, tuple[Name, ...]] = {}
        self._called = [(row.cells[0].text.casefold(), _WORD.findall(row.cells[0].text.casefold())) for row in rows]

    @cached_property
    def above(self) -> Name:
        """What stands above it names."""
        return Name.of(self._above)

    @cached_property
    def names(self) -> tuple[Name, ...]:
        """What each row is called."""
        return tuple(Name.of(row.cells[0].text) for row in self.rows)

    def called(self, said: str) -> list[Line]:
        """Return the rows that are called by what was said, be it "1"; of "Michigan State" not the row "Michigan"."""
        folded = said.casefold()
        words = set(_WORD.findall(folded))
        pairs = zip(self.rows, self._called, strict=True)
        found = [(row, set(own)) for row, (name, own) in pairs if (words.issuperset(own) if own else name in folded)]
        return [row for row, own in found if not any(own < other for _, other in found)]

    def column(self, head: str) -> tuple[Name, ...]:
        """Return what each row names in a column."""
        if head not in self._columns:
            texts = ("\n".join(entry.text for entry in row.cells if entry.column == head) for row in self.rows)
            self._columns[head] = tuple(map(Name.of, texts))
        return self._columns[head]

    def beside(self, head: str) -> tuple[Name, ...]:
        """Return what each row names outside of a column."""
        others = (self.column(other) for other in self.heads if other != head)
        return tuple(map(_joined, zip(self.names, *others, strict=True)))


@dataclass(frozen=True, slots=True)
class Open:
    """A column that differs from row to row, none of which is meant more than the others."""

    table: Table
    head: str
    cells: tuple[Name, ...]
    """What each row names there."""

    def is_of_some(self, value: Value) -> bool:
        """Whether some rows have this value, and another one has something else in its place."""
        others = [cell for cell in self.cells if missing([value], cell.values)]
        return len(others) < len(self.cells) and any(rivals(value, cell.values) for cell in others)

    @property
    def each(self) -> str:
        """A request to answer for each row; "" where there are too many, few with a value, or nothing calls them."""
        kind = self.table.kind.strip("*_ :")
        few = len(self.table.rows) <= MOST_ANSWERS and sum(bool(cell.values) for cell in self.cells) > 1
        named = few and _KIND.fullmatch(kind)
        return f"(Answer for each {kind if kind.isupper() else kind.lower()}.)" if named else ""


class OpenRows:
    """The tables of sources, read once, that any number of questions and statements are held against."""

    def __init__(self, sources: Sequence[Source]) -> None:
        """Read the tables; long ones are left out."""
        self.tables = [table for number, source in enumerate(sources) for table in _tables(number, source)]

    def columns(self, question: str, statement: str = "") -> Iterator[Open]:
        """Yield the columns that a question asks for, or a statement that answers it speaks of, but for the row.

        What the statement has in a column names no row.
        """
        said = f"{question}\n{statement}"
        if not self.tables or _OF_SEVERAL.search(said):
            return
        asked, told = Name.of(question), Name.of(statement)
        for table in self.tables:
            if not table.called(said):
                yield from _open(table, asked, told)


def _tables(number: int, source: Source) -> Iterator[Table]:
    """Yield the tables of a source."""
    tables: dict[int, list[Line]] = {}
    for row in rows_in(source.text, source.context):
        if row.cells:
            tables.setdefault(row.table, []).append(row)
    for rows in tables.values():
        if 1 < len(rows) <= MOST_ROWS:
            above = source.text[max(rows[0].start - ABOVE, 0) : rows[0].start]
            yield Table(number, rows, f"{source.context}\n{above}")


def _open(table: Table, asked: Name, told: Name) -> Iterator[Open]:
    """Yield the columns of a table that were named, where neither a row was named nor anything else."""
    for head in table.heads:
        column = Name.of(head)
        if not column.words or not column.within(_joined((asked, told))):
            continue
        cells, beside = table.column(head), table.beside(head)
        whole = [_joined(pair) for pair in zip(cells, beside, strict=True)]
        differs = len(set(cells)) > 1 and _is_general(_without(asked, column), whole, table.above)
        if differs and _is_general(_without(_without(told, column), _joined(cells)), beside, table.above):
            yield Open(table, head, cells)


def _is_general(said: Name, rows: Sequence[Name], above: Name) -> bool:
    """Whether all that was said stands above a table or in each of its rows, and nothing tells these apart."""
    common = frozenset[str].intersection(*(row.words for row in rows))
    told = _joined(rows)
    if said.words & told.words - common or len(missing(said.values, told.values)) < len(said.values):
        return False
    return said.words <= above.words | common | _ANYBODY and not missing(said.values, above.values)


def _joined(names: Iterable[Name]) -> Name:
    """Return all that several names name."""
    each = list(names)
    return Name(
        frozenset[str]().union(*(one.words for one in each)), tuple(value for one in each for value in one.values)
    )


def _without(one: Name, other: Name) -> Name:
    """Return what one names and the other does not."""
    return Name(one.words - other.words, tuple(missing(one.values, other.values)))
