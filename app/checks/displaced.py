"""Values of an answer's table that changed places: what the sources say of another row.

Knows cells and windows. In running text a statement may join what stands in two sentences; a cell says one thing of
one row, so that its value has to stand where that row is named.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from app.checks.support import Evidence, Window, is_row, words_of
from app.checks.tables import Cell
from app.checks.values import Value, missing, rivals, values_of

ROWS = 100
"""So many names of rows are looked for in a sentence; a table with more of them is no answer to read."""


@dataclass(frozen=True, slots=True)
class Name:
    """What a row is called."""

    words: frozenset[str]
    values: tuple[Value, ...]

    @classmethod
    def of(cls, text: str) -> "Name":
        """Return the words and values of a name: a row may be called "2024" or "5 days"."""
        return cls(words_of(text), tuple(values_of(text)))

    def __bool__(self) -> bool:
        """Whether there is anything to be found by."""
        return bool(self.words or self.values)

    def stands_in(self, window: Window) -> bool:
        """Whether a window names it."""
        return bool(self) and self.words <= window.words and not missing(self.values, window.values)


class Rows:
    """What the sources say of the rows of an answer's tables; each name is read once."""

    def __init__(self, evidence: Evidence) -> None:
        """Hold the rows against this."""
        self._evidence = evidence
        self._single = [window for window in evidence.windows if window.sentences == 1]
        self._names: dict[str, Name] = {}

    def said_otherwise(self, cell: Cell) -> list[Window]:
        """Return the sentences that name the cell's row and column beside another value; none where that is no fault.

        It is one where no sentence about the row has the cell's value, and each that has it speaks of another row.
        """
        row, column, claimed = self._name(cell.row), words_of(cell.column), values_of(cell.words)
        if not (row and claimed):
            return []
        of_row = [window for window in self._single if row.stands_in(window)]
        moved = missing(claimed, [value for window in of_row for value in window.values])
        holders = [window for window in self._single if moved and not missing(moved, window.values)]
        others = [self._name(name) for name in cell.rows[:ROWS] if name != cell.row]
        if not holders or not all(self._of_another(window, others) for window in holders):
            return []
        right = [window for window in of_row if column <= window.words]
        return [window for window in right if all(rivals(one, window.values) for one in moved)]

    def _name(self, text: str) -> Name:
        if text not in self._names:
            self._names[text] = Name.of(text)
        return self._names[text]

    def _of_another(self, window: Window, others: Sequence[Name]) -> bool:
        """Whether a sentence is a table's row, which speaks of what it names only, or names another row."""
        return is_row(self._evidence.text_of(window)) or any(other.stands_in(window) for other in others)
