"""Tables as answers: how many right cells are found, and how many that have the value of another row are marked.

The tables of real handbooks, at most their first eight rows, are repeated as an answer to themselves and the text above
them. Then one cell at a time, at most three a column, gets a value that another row has in this column.
Run: `python -m bench.tables ../shared/data/kb_18f/docs ../shared/data/kb_policies` (seconds; no model).
"""

import argparse
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from app.checks.claims import Examined, examine
from app.checks.support import Source
from app.checks.tables import tables_in
from app.checks.values import values_of
from bench.sets import counted

ROWS, CELLS = 8, 3
ABOVE, LONGEST = 400, 3500
"""Characters of the text above a table, and of both."""

Rows = Sequence[Sequence[str]]


def tables(folder: Path) -> Iterator[tuple[Rows, Source]]:
    """Yield the cells of each table, the heads first, and the text they are held against."""
    for path in sorted(folder.rglob("*.md")):
        text = path.read_text(encoding="utf-8")
        for start, end, rows in tables_in(text):
            source = Source(text=text[max(0, start - ABOVE) : end][:LONGEST], context=path.stem.replace("-", " "))
            cells = [[box.text for box in row] for row in rows]
            kept = [row for row in cells[1 : ROWS + 1] if all(cell in source.text for cell in row)]
            whole = all(len(row) == len(cells[0]) for row in cells)
            if whole and len(cells[0]) > 1 and len(kept) > 1:
                yield [cells[0], *kept], source


def written(rows: Rows) -> str:
    """Return a table in Markdown."""
    heads, *others = (f"| {' | '.join(row)} |" for row in rows)
    return "\n".join([heads, "|---" * len(rows[0]) + "|", *others])


def displaced(rows: Rows) -> Iterator[tuple[str, int]]:
    """Yield the table with the value of one cell put into another of its column, and where that cell begins."""
    for column in range(1, len(rows[0])):
        valued = [number for number, row in enumerate(rows) if number and values_of(row[column])]
        for number in valued[:CELLS]:
            others = (rows[other][column] for other in valued if rows[other][column] != rows[number][column])
            for other in islice(others, 1):
                changed = [list(row) for row in rows]
                changed[number][column] = other
                before = written([*changed[: number + 1]])
                inside = sum(len(cell) + 3 for cell in changed[number][column + 1 :])
                yield written(changed), len(before) - len(" |") - inside - len(other)


def at(examined: Sequence[Examined], start: int) -> list[str]:
    """Return the verdict on the cell that begins here; none where it states nothing."""
    return [one.verdict for one in examined if one.sentence.start == start]


def main() -> int:
    """Read the command line, examine, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", type=Path, nargs="+")
    found = [one for folder in parser.parse_args().folders for one in tables(folder)]
    right = Counter(one.verdict for rows, source in found for one in examine(written(rows), [source]))
    moved = Counter(
        verdict
        for rows, source in found
        for answer, start in displaced(rows)
        for verdict in at(examine(answer, [source]), start)
    )
    print(f"{len(found)} tables; right cells: {dict(right)}, found {counted(right['supported'], right.total())}")
    marked = moved.total() - moved["supported"]
    print(f"with the value of another row: {dict(moved)}, marked {counted(marked, moved.total())}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
