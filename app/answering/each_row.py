"""Questions that a table answers differently for each row: how the model is asked then, and which rows it leaves out.

Knows the draft and its passages; no model and no store.
"""

from app.answering.draft import Draft
from app.checks.open_rows import Open, OpenRows
from app.citations import sources_of


def leaves_row_open(draft: Draft) -> bool:
    """Whether a draft's question is to be answered for each row of a table."""
    return _open(draft) is not None


def wording(draft: Draft) -> str:
    """Return how the model is asked: for each row of a table, where the question does not tell which is meant."""
    column = _open(draft)
    return f"{_said(draft)} {column.each}" if column else _said(draft)


def rows_left_out(draft: Draft) -> list[str]:
    """Return the names of the rows that were asked for and that an answer passes over; none where it names none."""
    column = _open(draft)
    told = column.table.called(draft.text) if column else []
    if not column or not told:
        return []
    return [row.cells[0].text.strip("*_ ") for row in column.table.rows if not any(row is one for one in told)]


def _open(draft: Draft) -> Open | None:
    """Return the column of a draft's passages that its question asks for, but for the row."""
    columns = OpenRows(sources_of(draft.passages)).columns(f"{_said(draft)}\n{draft.query}")
    return next((column for column in columns if column.each), None)


def _said(draft: Draft) -> str:
    return (draft.wording or draft.question).rstrip()
