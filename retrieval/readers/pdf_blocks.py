"""Write the lines of PDF pages as headings, paragraphs, tables and programs, by their size, place and typeface.

Knows lines and no file. What stands at the same edge of most pages belongs to none of them and is left out.
"""
# ruff: noqa: RUF001 (dashes, quotes and full stops of other scripts are meant)

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from retrieval.readers.building import TextBuilder, has_names, joined_names
from retrieval.readers.pdf_code import Program, programs
from retrieval.readers.pdf_lines import Line
from retrieval.readers.pdf_ruled import RuledTable
from retrieval.readers.pdf_tables import columns_of, header_start, table_end, table_rows
from retrieval.readers.plain import paragraphs

_HYPHEN_AT_END = re.compile(r"(?<=[^\W\d_])[-\u00ad\u2010]$")
_SENTENCE_END = re.compile(r"[.!?:;。！？][\"')\]”’»]*$")
_LIST_MARK = re.compile(r"^(?:[-•–*▪◦●‣]|\(?\d{1,3}[.)]|\(?[a-z][.)])\s")
_WIDE_GAP = 1.35
"""Lines whose distance is more than this times the usual one begin a new paragraph."""
_LARGER = 1.15
"""A line this much larger than the usual text is a heading."""
_HEADING_CHARACTERS = 160
_BOLD_HEADING_CHARACTERS = 80
RUNNING_SHARE = 0.6
"""A line in the same place at the edge of this share of the pages belongs to none of them."""


def written(pages: Sequence[Sequence[Line]], recognised: Mapping[int, str]) -> TextBuilder:
    """Return the text of pages given as their lines, and of those, by their place from 0, whose text was recognised."""
    builder = TextBuilder()
    body = _usual_size(pages)
    sizes = sorted({line.size for page in pages for line in page if line.size > body * _LARGER}, reverse=True)
    running = _running_lines(pages)
    kept = [[line for line in lines if _place(line) not in running] for lines in pages]
    above: _Names | None = None
    for index, (lines, code) in enumerate(zip(kept, programs(kept), strict=True)):
        builder.begin_page(index + 1)
        above = _add_page(builder, lines, sizes, above, code)
        for paragraph in paragraphs(recognised.get(index, "")):
            builder.add("paragraph", _joined(paragraph.split("\n")))
    builder.end_page()
    return builder


@dataclass(frozen=True, slots=True, kw_only=True)
class _Names:
    """The names of the columns of a table that a page ends with, if any, and the line that tells where these stand."""

    names: list[str]
    columns: Line


def _add_page(
    builder: TextBuilder,
    lines: Sequence[Line],
    sizes: Sequence[float],
    above: _Names | None,
    code: Sequence[Program],
) -> _Names | None:
    """Write the programs of a page as code and what is between them as `_add_lines` does, and return what that does."""
    written = 0
    for program in code:
        if written < program.start:
            _add_lines(builder, lines[written : program.start], sizes, above)
        builder.add("code", program.text)
        written, above = program.end, None
    return _add_lines(builder, lines[written:], sizes, above)


def _add_lines(
    builder: TextBuilder, lines: Sequence[Line], sizes: Sequence[float], above: _Names | None
) -> _Names | None:
    """Write tables as tables and what is between them as paragraphs and headings.

    Returns:
        The names of the table with which the lines end; the next page may go on with it (`above`).
    """
    written = place = 0
    last: _Names | None = None
    while place < len(lines):
        if table := lines[place].table:
            _add_paragraphs(builder, lines[written:place], sizes)
            last = _add_ruled(builder, table, lines[place], above=above if place == 0 else None)
            written = place = place + 1
            continue
        end = table_end(lines, place)
        if end == place:
            place += 1
            continue
        named = lines[place].bold
        head = place if named else max(header_start(lines, place), written)
        _add_paragraphs(builder, lines[written:head], sizes)
        first, named = place == 0, named or head < place
        last = _add_table(builder, lines[place:end], lines[head:place], named=named, above=above if first else None)
        written = place = end
    _add_paragraphs(builder, lines[written:], sizes)
    return last if written == len(lines) else None


def _add_table(
    builder: TextBuilder, lines: Sequence[Line], names: Sequence[Line], *, named: bool, above: _Names | None
) -> _Names | None:
    """Write a table; one that goes on from the page before gets the names of its columns from there."""
    if above and not named and None not in columns_of(lines[0], above.columns):
        rows = table_rows(lines, columns=above.columns)
        if above.names not in rows[:1]:
            rows = [above.names, *rows]
        builder.add_table(rows, heads=1)
        return above
    rows = table_rows(lines, names=names)
    builder.add_table(rows, named=named)
    return _Names(names=rows[0], columns=lines[0]) if has_names(rows, named=named) else None


def _add_ruled(builder: TextBuilder, table: RuledTable, line: Line, *, above: _Names | None) -> _Names:
    """Write a table with drawn lines; one that goes on from the page before gets its names from there."""
    first = above.columns.table if above else None
    if above and first and table.goes_on(first):
        again = max(first.heads, 1) if above.names else 0
        repeats = again > 0 and first.rows[:again] == table.rows[:again]
        if repeats or not table.heads:
            names = [above.names] if above.names else []
            builder.add_table([*names, *table.rows[again if repeats else 0 :]], heads=len(names), named=False)
            return above
    builder.add_table(table.rows, heads=table.heads, named=table.named, sheet=table.named)
    if table.heads:
        return _Names(names=joined_names(table.rows[: table.heads])[0], columns=line)
    named = has_names(table.rows, named=table.named, sheet=table.named)
    return _Names(names=list(table.rows[0]) if named else [], columns=line)


def _add_paragraphs(builder: TextBuilder, lines: Sequence[Line], sizes: Sequence[float]) -> None:
    for paragraph in _paragraphs(lines):
        level = _heading_level(paragraph, sizes)
        builder.add("heading" if level else "paragraph", _joined([line.text for line in paragraph]), level=level)


def _running_lines(pages: Sequence[Sequence[Line]]) -> set[tuple[str, int]]:
    """Return the text (digits as 0) and height of the top and bottom lines of most pages, such as page numbers."""
    full = [sorted(lines, key=lambda line: line.bottom) for lines in pages if len(lines) > 2]  # noqa: PLR2004
    edges = Counter(_place(line) for lines in full for line in (lines[0], lines[-1]))
    needed = max(2, RUNNING_SHARE * len(pages))
    return {place for place, count in edges.items() if count >= needed}


def _place(line: Line) -> tuple[str, int]:
    return re.sub(r"\d+", "0", line.text), round(line.bottom)


def _usual_size(pages: Sequence[Sequence[Line]]) -> float:
    sizes: Counter[float] = Counter()
    for page in pages:
        for line in page:
            sizes[line.size] += len(line.text) if len(line.cells) == 1 else 0  # tables are often set smaller
    return sizes.most_common(1)[0][0] if sizes else 0.0


def _paragraphs(lines: Sequence[Line]) -> list[list[Line]]:
    usual = _usual_gap(lines)
    paragraphs: list[list[Line]] = []
    for line in lines:
        previous = paragraphs[-1][-1] if paragraphs else None
        if previous is None or _begins_paragraph(previous, line, usual):
            paragraphs.append([line])
        else:
            paragraphs[-1].append(line)
    return paragraphs


def _usual_gap(lines: Sequence[Line]) -> float:
    """Return the distance of two lines of one paragraph: the smallest among the common ones."""
    gaps = Counter(round(above.bottom - below.bottom) for above, below in pairwise(lines))
    forward = {gap: count for gap, count in gaps.items() if gap > 1}
    return min((gap for gap, count in forward.items() if 2 * count >= max(forward.values())), default=0)


def _begins_paragraph(previous: Line, line: Line, usual: float) -> bool:
    gap = previous.bottom - line.bottom
    if abs(previous.size - line.size) > 0.5 or (previous.bold != line.bold and len(previous.text) < 80):  # noqa: PLR2004
        return True
    if gap < -1:  # a new column: a paragraph may go on there
        return bool(_SENTENCE_END.search(previous.text))
    return gap > usual * _WIDE_GAP or bool(_LIST_MARK.match(line.text))


def _heading_level(paragraph: Sequence[Line], sizes: Sequence[float]) -> int:
    """Return 1 for the largest letters, 2 for the next...; short bold lines come last; 0 for ordinary text."""
    text = " ".join(line.text for line in paragraph)
    if len(text) > _HEADING_CHARACTERS or not any(character.isalpha() for character in text):
        return 0
    if paragraph[0].size in sizes:
        return min(sizes.index(paragraph[0].size) + 1, 6)
    lone = len(paragraph) == 1 and paragraph[0].bold and len(text) <= _BOLD_HEADING_CHARACTERS
    return min(len(sizes) + 1, 6) if lone and not _SENTENCE_END.search(text) else 0


def _joined(lines: Sequence[str]) -> str:
    text = ""
    for line in lines:
        if line[:1].islower() and _HYPHEN_AT_END.search(text, max(len(text) - 2, 0)):
            text = text[:-1] + line
        else:
            text = f"{text} {line}" if text else line
    return text
