"""Sentences about tables: how many right ones are found, and how many that mix up or leave out the row are marked.

Of the tables of real handbooks and of bipia (from WikiTableQuestions), their first eight rows and of each column three
cells with one value: "The COLUMN of ROW is CELL", the same with another row's cell, without the row where rows differ,
and of two rows "The COLUMN is CELL for ROW and CELL for ROW", right and the wrong way round. What the table says all
the same is left out.
Run: `python -m bench.rows ../shared/data/kb_18f/docs ../shared/data/kb_policies ../shared/data/bipia` (a quarter of a
minute a form; no model). `--false` prints right sentences that are marked, `--missed` wrong ones that are not.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from app.checks.claims import examine
from app.checks.support import Source
from app.checks.values import values_of
from bench.sets import counted
from bench.tables import CELLS, FORMS, Table, tables

LONGEST = 60
"""Characters of a cell that a sentence repeats."""
RIGHT = ("of its row", "of two rows")


def sentences(table: Table) -> Iterator[tuple[str, str]]:
    """Yield what kind of sentence it is, and the sentence."""
    rows = [row for row in table.kept if row[0]]
    for column, head in enumerate(table.rows[0]):
        if column and head:
            good = [row for row in rows if len(values_of(row[column])) == 1 and len(row[column]) < LONGEST]
            yield from _of_one(table, column, good)
            yield from _of_two(head, column, good)


def _of_one(table: Table, column: int, rows: list[list[str]]) -> Iterator[tuple[str, str]]:
    head = table.rows[0][column]
    for row in rows[:CELLS]:
        yield "of its row", f"The {head} of {row[0]} is {row[column]}."
        others = [other[column] for other in rows if other[column] != row[column]]
        if others:
            yield "without a row", f"The {head} is {row[column]}."
            if not any(other[0] == row[0] and other[column] == others[0] for other in rows):
                yield "of another row", f"The {head} of {row[0]} is {others[0]}."


def _of_two(head: str, column: int, rows: list[list[str]]) -> Iterator[tuple[str, str]]:
    if len(rows) > 1 and rows[0][column] != rows[1][column] and rows[0][0] != rows[1][0]:
        one, other = rows[:2]
        yield "of two rows", f"The {head} is {one[column]} for {one[0]} and {other[column]} for {other[0]}."
        yield "of two rows, exchanged", f"The {head} is {other[column]} for {one[0]} and {one[column]} for {other[0]}."


def main() -> int:
    """Read the command line, examine, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--missed", action="store_true")
    parser.add_argument("--false", action="store_true")
    asked = parser.parse_args()
    for folder in asked.folders:
        found = list(tables(folder))
        print(f"{folder}: {len(found)} tables")
        for form, shape in FORMS.items():
            verdicts: dict[str, Counter[str]] = {}
            for table in found:
                source = Source(text=f"{table.above}{shape(table.rows)}", context=table.name)
                for kind, sentence in sentences(table):
                    for one in examine(sentence, [source]):
                        verdicts.setdefault(kind, Counter())[one.verdict] += 1
                        supported = one.verdict == "supported"
                        if (asked.missed and supported) if kind not in RIGHT else (asked.false and not supported):
                            print(f"  {kind}, {one.verdict}: {sentence}")
            for kind, told in verdicts.items():
                marked = told.total() - told["supported"] - told["not examined"]
                word, count = ("found", told["supported"]) if kind in RIGHT else ("marked", marked)
                print(f"{form}, {kind}: {dict(told)}, {word} {counted(count, told.total())}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
