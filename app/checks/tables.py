"""The sentences of an answer, its tables told cell by cell.

Knows Markdown tables only, also within list items and quotes, with the borders a page draws: every bar but an escaped
one, in code too. A cell states something of its row under its column, so it is examined with the names of
both: "25 days" in the row "Rotterdam" under "Annual leave" says "Rotterdam (Annual leave): 25 days".
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from app.sentences import Sentence, moved, split_sentences

_RULE = re.compile(r" {0,3}\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*(?:\|[ \t]*)?$")
"""The line below a table's heads."""
_FENCE = re.compile(r"\s*(?:```|~~~)")
_BAR = re.compile(r"\\.|(?P<bar>\|)", re.DOTALL)
"""An escape, or a bar."""
_QUOTES = re.compile(r"(?:[ \t]*>)*")
_MARKS = re.compile(r"(?:[ \t]*(?:[-*+]|\d{1,9}[.)])(?=[ \t]))+[ \t]*")
_DEEPEST = 3
"""Spaces that a line may stand further in than the list item it belongs to; with more it is code."""
_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_UNTOLD = re.compile(
    r"n/?a|not (?:applicable|available|found|given|mentioned|specified|stated)|see (?:above|below)|unclear|unknown|tbd",
    re.IGNORECASE,
)
"""Cells that say only that nothing is known."""
_LABELS = re.compile(r"values?|details?|description|info(?:rmation)?|answer|notes?|comments?|item", re.IGNORECASE)
"""Heads that any column could have: they say nothing of what stands below them."""
_ORIGINS = re.compile(r"(?:source|reference|citation|passage)s?", re.IGNORECASE)
"""Heads of columns that tell where something stands; no passage says that of itself."""
_ANSWERS = {"yes": "", "no": "no "}
"""What these say of the head they stand below."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell(Sentence):
    """A cell that states something, and what it says of what."""

    row: str
    column: str
    """"" where its head could be that of any column."""
    words: str
    rows: tuple[str, ...]
    """The names of all rows."""
    head: str
    """What stands above it, whatever that is."""
    kind: str
    """What stands above the name of its row."""


@dataclass(frozen=True, slots=True)
class Box:
    """What stands between two bars, without the white space around it: `[start, end)` of the answer, and its words."""

    text: str
    start: int
    end: int

    @property
    def words(self) -> str:
        """Its text without emphasis and line breaks."""
        return " ".join(_BREAK.sub(" ", self.text).replace("\\|", "|").split()).strip("*_` ")


Row = Sequence[Box]


def stated_in(answer: str) -> list[Sentence]:
    """Return the sentences of an answer in order, of a table its cells; heads, row names and empty cells are none."""
    sentences: list[Sentence] = []
    position = 0
    for start, end, rows in tables_in(answer):
        sentences += moved(split_sentences(answer[position:start]), position)
        sentences += _stated(rows)
        position = end
    return [*sentences, *moved(split_sentences(answer[position:]), position)]


def tables_in(text: str) -> Iterator[tuple[int, int, list[Row]]]:
    """Yield each Markdown table outside of code: `[start, end)`, and its rows, the heads first."""
    lines = list(_lines(text))
    number = 0
    while number + 1 < len(lines):
        heads, rule = lines[number], lines[number + 1]
        if _is_table(text, heads, rule):
            last = number + 2
            while last < len(lines) and lines[last].goes_on(heads) and _bars(text, *lines[last].span):
                last += 1
            rows = [_cells(text, *line.span) for line in (heads, *lines[number + 2 : last])]
            yield heads.start, lines[last - 1].end, rows
            number = last
        else:
            number += 1


@dataclass(frozen=True, slots=True)
class _Line:
    """A line without its end and what makes it a quote or list item: `[start, end)` of the answer; of code nothing."""

    start: int
    end: int
    quotes: int
    """Within so many."""
    opens: bool
    """Whether a list item begins with it."""

    @property
    def span(self) -> tuple[int, int]:
        return self.start, self.end

    def goes_on(self, above: "_Line") -> bool:
        """Whether it may belong to the table that began above; the marks of quotes may be left out."""
        return not self.opens and self.quotes <= above.quotes


def _is_table(text: str, heads: _Line, rule: _Line) -> bool:
    """Whether a line and the one below it begin a table."""
    below = text[slice(*rule.span)]
    if not (rule.goes_on(heads) and _bars(text, *heads.span) and "|" in below and _RULE.match(below)):
        return False
    return len(_cells(text, *heads.span)) == len(_cells(text, *rule.span))


def _lines(text: str) -> Iterator[_Line]:
    """Yield each line."""
    position, fenced, inside = 0, False, 0
    for line in text.splitlines(keepends=True):
        quoted = _QUOTES.match(line)
        start = quoted.end() if quoted else 0
        rest = line[start:].rstrip()
        fence = _FENCE.match(rest) is not None
        marks = _MARKS.match(rest)
        indent = marks.end() if marks else len(rest) - len(rest.lstrip())
        if marks or rest:
            code = fenced or fence or (not marks and indent - inside > _DEEPEST)
            inside = indent if marks and not fenced else min(inside, indent)
        else:
            code = fenced
        span = (position, position) if code else (position + start + indent, position + start + len(rest))
        yield _Line(*span, quotes=line.count(">", 0, start), opens=marks is not None)
        fenced ^= fence
        position += len(line)


def _bars(text: str, start: int, end: int) -> list[int]:
    """Return where the borders of cells stand."""
    return [found.start() for found in _BAR.finditer(text, start, end) if found["bar"]]


def _cells(text: str, start: int, end: int) -> Row:
    """Return the cells of a line."""
    first = end - len(text[start:end].lstrip())
    first += text.startswith("|", first)
    bars = _bars(text, first, end)
    if not bars or bars[-1] + 1 < end:
        bars.append(end)
    return [_cell(text, one, other) for one, other in zip([first, *(bar + 1 for bar in bars)], bars, strict=False)]


def _cell(text: str, start: int, end: int) -> Box:
    """Return what stands between two bars."""
    inner = text[start:end]
    held = inner.strip()
    begin = start + len(inner) - len(inner.lstrip()) if held else start
    return Box(held, begin, begin + len(held))


def _stated(rows: Sequence[Row]) -> Iterator[Cell]:
    """Yield what the cells of a table state."""
    heads = [head.words for head in rows[0]]
    naming = [_naming(row, number) for number, row in enumerate(rows[1:], start=1)]
    names = tuple(row[place].words if place >= 0 else "" for place, row in zip(naming, rows[1:], strict=True))
    for number, row in enumerate(rows[1:]):
        for place, box in enumerate(row[: len(heads)]):
            if place <= naming[number] or _ORIGINS.fullmatch(heads[place]) or not _tells(box):
                continue
            column = "" if _LABELS.fullmatch(heads[place]) else heads[place]
            yield Cell(
                text=_told(names[number], column, box.words),
                start=box.start,
                end=box.end,
                row=names[number],
                column=column,
                words=box.words,
                rows=names,
                head=heads[place],
                kind=heads[naming[number]] if naming[number] >= 0 else "",
            )


def _naming(row: Row, number: int) -> int:
    """Return the place of the cell that names a row, behind its number where it has one; -1 where it stands alone."""
    if len(row) == 1:
        return -1
    return 1 if len(row) > 2 and row[0].words.rstrip(".)") == str(number) else 0  # noqa: PLR2004 - number and name


def _tells(box: Box) -> bool:
    """Whether a cell holds more than nothing."""
    return any(character.isalnum() for character in box.text) and not _UNTOLD.fullmatch(box.words.rstrip("."))


def _told(name: str, column: str, words: str) -> str:
    """Return what a cell says; "No" below "Parking" says "no Parking"."""
    if column and words.lower() in _ANSWERS:
        name, column, words = "", name, f"{_ANSWERS[words.lower()]}{column}"
    of = f"{name} ({column})" if name and column else name or column
    return f"{of}: {words}" if of else words
