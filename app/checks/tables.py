"""The sentences of an answer, its tables told cell by cell.

Knows Markdown tables only. A cell states something of its row under its column, so it is examined with the names of
both: "25 days" in the row "Rotterdam" under "Annual leave" says "Rotterdam (Annual leave): 25 days".
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from app.sentences import Sentence, moved, split_sentences

_RULE = re.compile(r" {0,3}\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*(?:\|[ \t]*)?$")
"""The line below a table's heads."""
_FENCE = re.compile(r"\s*(?:```|~~~)")
_BAR = re.compile(r"(?<!\\)\|")
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
        return " ".join(_BREAK.sub(" ", self.text).split()).strip("*_` ")


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
            while last < len(lines) and _BAR.search(text, *lines[last]):
                last += 1
            rows = [_cells(text, *line) for line in (heads, *lines[number + 2 : last])]
            yield heads[0], lines[last - 1][1], rows
            number = last
        else:
            number += 1


def _is_table(text: str, heads: tuple[int, int], rule: tuple[int, int]) -> bool:
    """Whether a line and the one below it begin a table."""
    below = text[slice(*rule)]
    if not _BAR.search(text, *heads) or "|" not in below or not _RULE.match(below):
        return False
    return len(_cells(text, *heads)) == len(_cells(text, *rule))


def _lines(text: str) -> Iterator[tuple[int, int]]:
    """Yield `[start, end)` of each line, without its end; of code an empty line."""
    position, fenced = 0, False
    for line in text.splitlines(keepends=True):
        fence = _FENCE.match(line) is not None
        end = position if fenced or fence else position + len(line.rstrip())
        yield position, end
        fenced ^= fence
        position += len(line)


def _cells(text: str, start: int, end: int) -> Row:
    """Return the cells of a line."""
    first = end - len(text[start:end].lstrip())
    first += text.startswith("|", first)
    bars = [bar.start() for bar in _BAR.finditer(text, first, end)]
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
