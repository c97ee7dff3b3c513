"""XLSX: the sheets of a workbook, each below its name, its cells as tables.

Values are read, not formulas. Hidden sheets, rows and columns are left out with a warning.
Source: ECMA-376 part 1, chapter 18 (SpreadsheetML).
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lxml import etree

from retrieval.readers import clock, limits
from retrieval.readers.building import TextBuilder, is_wordy, sheet_heads
from retrieval.readers.content import Content
from retrieval.readers.metadata import of_package
from retrieval.readers.package import Package
from retrieval.readers.xlsx_values import Styles, shown_number

_S = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_ID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_MERGED = re.compile(r"([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})\d{1,7}")
_REFERENCE = re.compile(r"([A-Z]{1,3})\d*")
_WORDS_IN_FORMULA = re.compile(r'"(?:[^"]*\s){3}[^"]*"')
"""Four words between quotes: more than a unit or a label."""
_HIDDEN_STATES = {"hidden", "veryHidden"}
_TRUTH = {"0": "FALSE", "1": "TRUE"}

_MOST_HEADS, _FEWEST_NAMES = 4, 3
"""Rows and columns of names that stand above an empty row; fewer columns may be anything."""

_MERGED_BYTES = 8 * 2**20
"""A larger sheet is not read once more for its merged cells."""


@dataclass(frozen=True, slots=True)
class Row:
    """What is shown in a row."""

    cells: dict[int, str]
    """Column, from 0, -> its value."""
    wide: dict[int, int]
    """Column of a merged cell -> the last one it reaches over."""


def read(data: bytes) -> Content:
    """Return the visible sheets of the workbook."""
    package = Package(data)
    main = package.main_part("xl/workbook.xml")
    workbook = package.xml(main)
    if workbook is None:
        return Content(text="", blocks=(), emptiness="is damaged: it has no workbook.")
    builder = TextBuilder()
    sheets = package.related(main)
    reading = _Reading(builder, package, main, dates_from_1904=_dates_from_1904(workbook))
    for sheet in workbook.iter(f"{_S}sheet"):
        part = sheets.get(sheet.get(_ID, ""))
        name = sheet.get("name", "")
        if sheet.get("state") in _HIDDEN_STATES:
            builder.left_out["hidden sheets"] += 1
        elif part is not None and part.kind == "worksheet":
            reading.sheet(name, part.part)
    builder.note_properties(of_package(package))
    return builder.content(warnings=reading.warnings)


class _Reading:
    """The workbook being read: its strings, its styles, and where its text goes."""

    def __init__(self, builder: TextBuilder, package: Package, main: str, *, dates_from_1904: bool) -> None:
        self.warnings: list[str] = []
        self._builder = builder
        self._package = package
        styles = package.parts_of(main, "styles")
        self._styles = Styles(package.xml(styles[0]) if styles else None, dates_from_1904=dates_from_1904)
        self._strings: list[str] = []
        self._hidden_columns: frozenset[int] = frozenset()
        self._merged: dict[tuple[int, int], int] = {}
        for part in package.parts_of(main, "sharedStrings"):
            self._read_strings(part)

    def _read_strings(self, part: str) -> None:
        length = 0
        for item in self._package.elements(part, f"{_S}si"):
            text = _text(item)
            length += len(text)
            if len(self._strings) >= limits.STRINGS or length > limits.CHARACTERS or clock.is_over():
                self.warnings.append(
                    f"Only the first {len(self._strings):,} texts of its cells were read: it is too large."
                )
                return
            self._strings.append(text)

    def sheet(self, name: str, part: str) -> None:
        """Write one sheet: its name as a heading, what stands alone as paragraphs, the rest as tables."""
        self._builder.add("heading", name, level=1)
        rows: list[Row] = []
        held: list[Row] = []
        self._merged = dict(self._merged_cells(part))
        for row in self._rows(part):
            if row.cells:
                rows.append(row)
            elif rows:
                held = self._write_after(held, rows)
                rows = []
            if self._builder.full or clock.is_over():
                self.warnings.append(f"Sheet {name} was read only in part: the file is too large.")
                break
        self._write(self._write_after(held, rows))
        for comments in (*self._package.parts_of(part, "comments"), *self._package.parts_of(part, "threadedComment")):
            self._builder.left_out["comments"] += sum(1 for _ in self._package.elements(comments, f"{_S}comment"))

    def _rows(self, part: str) -> Iterator[Row]:
        """Yield the visible rows; an empty one where rows are missing in between."""
        self._hidden_columns = frozenset()
        last = 0
        for element in self._package.elements(part, f"{_S}cols", f"{_S}row"):
            if element.tag == f"{_S}cols":
                self._hidden_columns = frozenset(_hidden_columns(element))
                continue
            number = element.get("r", "")
            place = int(number) if number.isdigit() else last + 1
            if place > last + 1:
                yield Row({}, {})
            last = place
            if element.get("hidden") in {"1", "true"}:
                self._builder.left_out["hidden rows"] += any(True for _ in element.iter(f"{_S}v", f"{_S}t"))
                continue
            cells = dict(self._cells(element))
            yield Row(
                cells, {column: self._merged[place, column] for column in cells if (place, column) in self._merged}
            )

    def _merged_cells(self, part: str) -> Iterator[tuple[tuple[int, int], int]]:
        """Yield row and column of each cell that reaches over several columns, and the last of these."""
        if self._package.size(part) > _MERGED_BYTES:
            return
        for element in self._package.elements(part, f"{_S}mergeCell"):
            found = _MERGED.fullmatch(element.get("ref", ""))
            if found and _column(found[1]) < _column(found[3]):
                yield (int(found[2]), _column(found[1])), _column(found[3])

    def _cells(self, row: etree._Element) -> Iterator[tuple[int, str]]:
        column = -1
        for cell in row.iterchildren(f"{_S}c"):
            named = _REFERENCE.match(cell.get("r", ""))
            column = _column(named.group(1)) if named else column + 1
            value = self._value(cell)
            if not value.strip():
                continue
            if column in self._hidden_columns:
                self._builder.left_out["cells in hidden columns"] += 1
            elif self._styles.is_unseen(cell.get("s", "0")):
                self._builder.left_out["white text"] += 1
            else:
                yield column, value

    def _value(self, cell: etree._Element) -> str:
        formula, value = cell.find(f"{_S}f"), cell.findtext(f"{_S}v") or ""
        if formula is not None:
            self._builder.left_out["formulas without a value"] += not value
            self._builder.left_out["text in formulas"] += bool(_WORDS_IN_FORMULA.search(formula.text or ""))
        match cell.get("t", "n"):
            case "s":
                place = int(value) if value.isdigit() else -1
                return self._strings[place] if 0 <= place < len(self._strings) else ""
            case "inlineStr":
                inline = cell.find(f"{_S}is")
                return _text(inline) if inline is not None else ""
            case "b":
                return _TRUTH.get(value, value)
            case "n":
                return shown_number(value, self._styles.format_of(cell.get("s", "0")), self._styles.epoch)
            case _:
                return value

    def _write_after(self, held: list[Row], rows: list[Row]) -> list[Row]:
        """Write rows that follow each other, below those held back where these name their columns; return what is held.

        Rows that only name columns are held back: an empty row often stands below them.
        """
        if held and len(rows) > 1 and not is_wordy(rows[0].cells.values()) and _columns(rows) <= _columns(held):
            self._write([*held, *rows], heads=len(held))
            return []
        self._write(held)
        if (
            len(rows) <= _MOST_HEADS
            and len(_columns(rows)) >= _FEWEST_NAMES
            and all(is_wordy(row.cells.values()) for row in rows)
        ):
            return rows
        self._write(rows)
        return []

    def _write(self, rows: Sequence[Row], *, heads: int = 0) -> None:
        """Write rows that follow each other, the first so many names: those of one cell above a table are its title."""
        first = 0
        while first < len(rows) and len(rows[first].cells) == 1:
            self._builder.add("paragraph", next(iter(rows[first].cells.values())))
            first += 1
        columns = sorted(_columns(rows[first:]))
        cells = [[row.cells.get(column, "") for column in columns] for row in rows[first:]]
        heads = max(heads - first, 0) or sheet_heads(cells)
        for number, row in enumerate(rows[first : first + heads]):
            for start, end in row.wide.items():  # a name of several columns
                cells[number] = [
                    row.cells[start] if start < column <= end else cell
                    for column, cell in zip(columns, cells[number], strict=True)
                ]
        self._builder.add_table(cells, sheet=True, heads=heads)


def _columns(rows: Sequence[Row]) -> set[int]:
    return {column for row in rows for column in row.cells}


def _text(item: etree._Element) -> str:
    """Return the text of a string item, without the readings of Japanese words."""
    runs = (text for text in item.iter(f"{_S}t") if text.getparent().tag != f"{_S}rPh")
    return "".join(text.text or "" for text in runs)


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1


def _hidden_columns(element: etree._Element) -> Iterator[int]:
    for columns in element.iterchildren(f"{_S}col"):
        if columns.get("hidden") in {"1", "true"} and columns.get("min", "").isdigit():
            first, last = int(columns.get("min", "1")), columns.get("max", "")
            yield from range(first - 1, min(int(last) if last.isdigit() else first, 16_384))


def _dates_from_1904(workbook: etree._Element) -> bool:
    properties = workbook.find(f"{_S}workbookPr")
    return properties is not None and properties.get("date1904") in {"1", "true"}
