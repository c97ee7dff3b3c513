"""Sentences that tell what a table's rows say: of several at once, or of one without naming it.

"27 days in Rotterdam and 26 in Leeds" rests on two rows, each of which is a window alone; told the other way round it
is wrong. "You get 27 days" says of everybody what the table says of Rotterdam only. Knows sentences outside of tables;
their cells are held against the sources' by `app/checks/displaced.py`.
"""

import re
from collections.abc import Iterator, Sequence

from app.checks.displaced import UNTOLD, Ruling
from app.checks.naming import Name
from app.checks.open_rows import OpenRows, Table
from app.checks.source_tables import Line
from app.checks.support import Evidence, Window
from app.checks.values import Value, missing, rivals, values_of

_PARTS = re.compile(r";|,(?!\d|\s\d{4}\b)|\b(?:and|but|while|whereas|or)\b", re.IGNORECASE)
"""What parts a sentence that says one thing of each row."""
_IN_ORDER = re.compile(r"\brespectively\b", re.IGNORECASE)


class ToldRows:
    """The tables of the sources, read once, that any number of sentences are held against."""

    def __init__(self, evidence: Evidence) -> None:
        """Read the tables."""
        self._windows = evidence.windows
        self._open = OpenRows(evidence.sources)
        self._rows = {(window.source, window.start): window for window in evidence.windows if window.row}

    def ruling(self, sentence: str, *, question: str, answer: str) -> Ruling:
        """Return what the sources' tables say of what a sentence tells.

        Displaced is what they say of another row than the one it is told of, and what they say of some rows only where
        it is told of none. Where several rows say it together, they are one more window to find it in.
        """
        values = values_of(sentence) if self._open.tables else []
        if not values:
            return UNTOLD
        for table in self._open.tables:
            if named := table.called(sentence):
                parts = [] if _IN_ORDER.search(sentence) else _parts(table, sentence, named)
                heads = _named(table, f"{question}\n{sentence}") if parts else []
                if wrong := self._wrong(table, parts, heads):
                    return Ruling("displaced", wrong)
                together = self._together(table, named)
                if not missing(values, together.values) and (heads or len(named) > 1):
                    return Ruling("told" if heads else "anywhere", (together,))
        return self._of_some(sentence, values, question, answer)

    def _of_some(self, sentence: str, values: Sequence[Value], question: str, answer: str) -> Ruling:
        """Return the rows of a table some of which have what a sentence says, where nothing tells which is meant."""
        for column in self._open.columns(question, sentence):
            table = column.table
            there = [value for value in values if column.is_of_some(value)]
            if len(there) == 1 and not table.called(answer) and not self._said(there[0], table, column.head):
                return Ruling("displaced", (self._together(table, table.rows),))
        return UNTOLD

    def _wrong(self, table: Table, parts: Sequence[tuple[Line, list[Value]]], heads: Sequence[str]) -> Sequence[Window]:
        """Return the rows of which a part of a sentence says what another row has in a column that was named."""
        return [
            self._window(table, row)
            for row, values in parts
            if any(not self._said(value, table, row.cells[0].text) for value in _moved(table, row, heads, values))
        ]

    def _said(self, value: Value, table: Table, of: str) -> bool:
        """Whether something else in the sources than a table has a value beside words of a name."""
        rows, name = {row.start for row in table.rows}, Name.of(of)
        return any(
            not missing([value], window.values) and name.words & window.words
            for window in self._windows
            if window.sentences == 1 and not (window.source == table.source and window.start in rows)
        )

    def _together(self, table: Table, rows: Sequence[Line]) -> Window:
        """Return rows as one window, from the first to the last of them, with the words and values of these only."""
        windows = [self._window(table, row) for row in rows]
        return Window(
            source=table.source,
            start=windows[0].start,
            end=windows[-1].end,
            first=False,
            sentences=1,
            words=frozenset[str]().union(*(window.words for window in windows)),
            around=windows[0].around | table.above.words,
            values=tuple(value for window in windows for value in window.values),
            alone=True,
        )

    def _window(self, table: Table, row: Line) -> Window:
        return self._rows[table.source, row.start]


def _moved(table: Table, row: Line, heads: Sequence[str], values: Sequence[Value]) -> Iterator[Value]:
    """Yield the values said of a row that another one has in a column, where none that this row has there was said."""
    place = table.rows.index(row)
    own = [table.column(head)[place] for head in heads]
    known = [value for name in (*map(Name.of, heads), table.names[place], *own) for value in name.values]
    for head, cell in zip(heads, own, strict=True):
        if len(missing(cell.values, values)) == len(cell.values):
            others = [value for one in table.column(head) for value in one.values]
            for value in missing(values, known):
                if rivals(value, cell.values) and not missing([value], others):
                    yield value


def _named(table: Table, said: str) -> list[str]:
    """Return the names of the columns that were named, without those that are part of another one's name."""
    told = Name.of(said)
    names = {head: name for head in table.heads if (name := Name.of(head)).words and name.within(told)}
    return [head for head, name in names.items() if not any(name.words < other.words for other in names.values())]


def _parts(table: Table, sentence: str, named: Sequence[Line]) -> list[tuple[Line, list[Value]]]:
    """Return what a sentence says of each row it names; nothing where a part of it names none of them, or several."""
    told = [(table.called(part), values_of(part)) for part in _PARTS.split(sentence)]
    told = [(rows, values) for rows, values in told if values]
    if any(len(rows) != 1 for rows, _ in told) or len(told) < len(named):
        return []
    return [(row, values) for (row,), values in told]
