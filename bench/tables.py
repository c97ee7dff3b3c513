"""Tables as answers: how many right cells are found, and how many with a value from another place are marked.

The tables of real handbooks and of bipia (from WikiTableQuestions), at most their first eight rows, are repeated as an
answer and held against the table, in each form in which documents keep one, between the table before and the one after
it. Right: as it is, its columns the other way round, turned, so that rows are columns, and of each cell the first three
words. Wrong: one cell at a time, at most three a column, gets what another row has in this column or another
column in this row; or a column gets the name of another one, of this table or of the next, while its cells stay, in
rows of the table and in rows that no table names. What the table says all the same (a row or column of the same name
has it) is left out.
Run: `python -m bench.tables ../shared/data/kb_18f/docs ../shared/data/kb_policies ../shared/data/bipia` (three minutes;
no model). `--half 0` and `--half 1` take every other table; `--missed` prints what is not marked, `--false` what is
falsely.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from app.checks.claims import Examined, examine
from app.checks.support import Source
from app.checks.tables import tables_in
from app.checks.values import values_of
from bench.sets import counted, read_lines
from retrieval.readers.building import table_lines
from retrieval.tables import framed_cells, framed_row

ROWS, CELLS, WORDS = 8, 3, 3
ABOVE, LONGEST = 400, 3500
"""Characters of the text above a table, and of both."""

NOWHERE = ("Quarnby", "Belvox", "Teskil", "Umbrova", "Fennlau", "Ostrik", "Vulmar", "Drenholt")
"""Names of rows that stand in no table."""

Rows = Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table, what stands above it, and the rows of it that are repeated."""

    name: str
    above: str
    rows: Rows
    """All of them, the heads first."""
    kept: Rows

    @property
    def answer(self) -> Rows:
        """The table as it is repeated."""
        return [self.rows[0], *self.kept]


def tables(folder: Path) -> Iterator[Table]:
    """Yield the tables of a folder of Markdown files, or of bipia."""
    if (folder / "contexts.jsonl").exists():
        for line in read_lines(folder / "contexts.jsonl"):
            if line["task"] == "table":
                cells = [[row[one:other] for one, other in framed_cells(row)] for row in line["context"].splitlines()]
                yield from _table(line["id"], "", cells)
    for path in sorted(folder.rglob("*.md")):
        text = path.read_text(encoding="utf-8")
        for start, end, rows in tables_in(text):
            above = text[max(0, start - ABOVE) : start]
            whole = text[start:end][: LONGEST - len(above)]
            there = [row for row in rows if all(box.text in whole for box in row)]
            yield from _table(path.stem.replace("-", " "), above, [[box.text for box in row] for row in there])


def _table(name: str, above: str, rows: Rows) -> Iterator[Table]:
    if len(rows) > 2 and len(rows[0]) > 1 and all(len(row) == len(rows[0]) for row in rows):
        yield Table(name=name, above=above, rows=rows, kept=rows[1 : ROWS + 1])


def written(rows: Rows) -> str:
    """Return a table in Markdown."""
    heads, *others = (f"| {' | '.join(row)} |" for row in rows)
    return "\n".join([heads, "|---" * len(rows[0]) + "|", *others])


def framed(rows: Rows) -> str:
    """Return a table as the reader of Markdown keeps it."""
    return "\n".join(framed_row([] if number == 0 else rows[0], row) for number, row in enumerate(rows))


def named(rows: Rows) -> str:
    """Return a table as the other readers keep it."""
    return "\n".join(table_lines(rows, heads=1))


FORMS: Mapping[str, Callable[[Rows], str]] = {"written": written, "framed": framed, "named": named}


def reversed_columns(rows: Rows) -> Rows:
    """Return a table with its first column where it is and the others the other way round."""
    return [[row[0], *row[:0:-1]] for row in rows]


def turned(rows: Rows) -> Rows:
    """Return a table with its rows as columns."""
    return [list(column) for column in zip(*rows, strict=True)]


def shortened(rows: Rows) -> Rows:
    """Return a table with the first words of its cells, heads and names of rows whole."""
    return [rows[0], *([row[0], *(" ".join(cell.split()[:WORDS]) for cell in row[1:])] for row in rows[1:])]


def unnamed(rows: Rows) -> Rows:
    """Return a table with names of rows that stand nowhere else."""
    return [rows[0], *([name, *row[1:]] for name, row in zip(NOWHERE, rows[1:], strict=False))]


RIGHT: Mapping[str, Callable[[Rows], Rows]] = {
    "as it is": list, "reversed": reversed_columns, "turned": turned, "shortened": shortened
}  # fmt: skip


def from_rows(rows: Rows, row: int, column: int) -> Iterator[str]:
    """Yield what other rows have in a column."""
    return (other[column] for number, other in enumerate(rows) if number not in {0, row})


def from_columns(rows: Rows, row: int, column: int) -> Iterator[str]:
    """Yield what a row has in other columns but the first."""
    return (cell for place, cell in enumerate(rows[row]) if place not in {0, column})


WRONG: Mapping[str, Callable[[Rows, int, int], Iterator[str]]] = {
    "of another row": from_rows, "of another column": from_columns
}  # fmt: skip


def displaced(
    table: Table, wrong: Callable[[Rows, int, int], Iterator[str]], *, typed: bool
) -> Iterator[tuple[str, int]]:
    """Yield the answer with one cell changed, and where that cell begins; `typed`: a value for a value, else words."""
    rows = table.answer
    for column in range(1, len(rows[0])):
        places = [
            row for row in range(1, len(rows)) if rows[row][column] and typed == bool(values_of(rows[row][column]))
        ]
        for row in places[:CELLS]:
            others = (
                other
                for other in wrong(rows, row, column)
                if other and typed == bool(values_of(other)) and not _is_right(table, row, column, other)
            )
            for other in islice(others, 1):
                changed = [list(one) for one in rows]
                changed[row][column] = other
                yield written(changed), _start(changed, row, column)


def _is_right(table: Table, row: int, column: int, text: str) -> bool:
    """Whether a row of this name has this text in a column of this name."""
    rows = table.rows
    columns = [place for place, head in enumerate(rows[0]) if head == rows[0][column]]
    return any(one[place] == text for one in rows if one[0] == table.answer[row][0] for place in columns)


def below_another_name(table: Table, other: Table, shape: Callable[[Rows], Rows]) -> Iterator[tuple[str, int]]:
    """Yield the answer with one column called like another one with values, and where each of its values begins.

    Args:
        table: what is repeated.
        other: which table has that name; perhaps the same one.
        shape: what becomes of the rows.
    """
    for column in range(1, len(table.rows[0])):
        for place in range(1, len(other.rows[0])):
            name, there = other.rows[0][place], {row[place] for row in other.rows[1:]}
            foreign = name not in ({table.rows[0][column]} if other is table else {"", *table.rows[0]})
            if name and foreign and any(map(values_of, there)):
                rows = [list(row) for row in shape(table.answer)]
                rows[0][column] = name
                wrong = [n for n, row in enumerate(rows) if n and values_of(row[column]) and row[column] not in there]
                for row in wrong[:CELLS]:
                    yield written(rows), _start(rows, row, column)
                break


def _start(rows: Rows, row: int, column: int) -> int:
    """Return where a cell of a written table begins."""
    behind = sum(len(cell) + 3 for cell in rows[row][column + 1 :])
    return len(written(rows[: row + 1])) - len(" |") - behind - len(rows[row][column])


def at(examined: Sequence[Examined], start: int) -> list[Examined]:
    """Return the cell that begins here; none where it states nothing."""
    return [one for one in examined if one.sentence.start == start]


def main() -> int:
    """Read the command line, examine, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--half", type=int, choices=(0, 1))
    parser.add_argument("--missed", action="store_true")
    parser.add_argument("--false", action="store_true")
    asked = parser.parse_args()
    for folder in asked.folders:
        found = list(tables(folder))
        found = found if asked.half is None else found[asked.half :: 2]
        print(f"{folder}: {len(found)} tables")
        for form, written_so in FORMS.items() if found else ():
            _print(found, form, written_so, missed=asked.missed, false=asked.false)
    return 0


def _print(found: Sequence[Table], form: str, shape: Callable[[Rows], str], *, missed: bool, false: bool) -> None:
    """Print what becomes of right and wrong cells where the sources keep their tables in this form."""
    texts = [Source(text=f"{table.above}{shape(table.rows)}", context=table.name) for table in found]
    sources = [texts[max(number - 1, 0) : number + 2] for number in range(len(texts))]
    for name, changed in RIGHT.items():
        told = [
            one
            for table, given in zip(found, sources, strict=True)
            for one in examine(written(changed(table.answer)), given)
        ]
        verdicts = Counter(one.verdict for one in told)
        print(f"{form}, right, {name}: {dict(verdicts)}, found {counted(verdicts['supported'], verdicts.total())}")
        for one in told if false else ():
            if one.verdict not in {"supported", "not examined"}:
                print(f"  {one.verdict}: {one.sentence.text!r}")
    for name, wrong in WRONG.items():
        for typed in (True, False):
            cells = [
                (answer, start, given)
                for table, given in zip(found, sources, strict=True)
                for answer, start in displaced(table, wrong, typed=typed)
            ]
            _print_marked(f"{form}, {'a value' if typed else 'words'} {name}", cells, missed=missed)
    for whose, step in (("its own table", 0), ("the next table", 1)):
        for rows, shaped in (("", list), (", rows without a table", unnamed)):
            cells = [
                (answer, start, given)
                for table, other, given in zip(found, [*found[step:], *found[-1:]], sources, strict=False)
                for answer, start in below_another_name(table, other, shaped)
            ]
            _print_marked(f"{form}, a value below another name of {whose}{rows}", cells, missed=missed)


def _print_marked(name: str, cells: Sequence[tuple[str, int, Sequence[Source]]], *, missed: bool) -> None:
    """Print how many of these wrong cells of answers are marked."""
    told = [one for answer, start, given in cells for one in at(examine(answer, given), start)]
    verdicts = Counter(one.verdict for one in told)
    marked = verdicts.total() - verdicts["supported"] - verdicts["not examined"]
    print(f"{name}: {dict(verdicts)}, marked {counted(marked, verdicts.total()) if told else 'none'}")
    for one in told if missed else ():
        if one.verdict == "supported":
            print(f"  {one.sentence.text!r}")


if __name__ == "__main__":
    sys.exit(main())
