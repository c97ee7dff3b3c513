"""Find the programs among the lines of PDF pages, and give them their indents and empty lines back.

Knows lines and places. A line of a page says less than a paragraph of a Word file: prose that was typed in such
letters has short lines too, with indents. So a program must look like one as well.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from retrieval.readers.code_lines import is_program
from retrieval.readers.pdf_lines import Grid, Line

FARTHEST = 4.0
"""A line farther below than this many font sizes is not of the same program."""
_SHARE = 1 / 3
"""Of the lines of a program at least so many hold a sign of one; of typed letters and reports hardly any do."""
_SIGN = re.compile(
    r"""[{};]\s*$ | ^\s*[{}\[\]()]+ | [^:.]:\s*$ | [(\[\\|]\s*$
      | [\w\]]\((?!e?s\)) | \w\[ | \w_\w | \w(?:\.|->|::)\w+\( | ["']\w+["']:
      | [=!<>+*/-]=|\s=\s|=>|->|&&|\|\||<!--|</?\w[^<>]*>|\w=["'\w]
      | ^\s*(?://|/\*|\#!?\w|\#\s|[$>%]\s\w) | \s--?\w[\w-]*
      | ^\s*(?:-\s)?["']?[\w.-]+["']?:(?:\s|$)
      | ^\s*(?:def|return|import|export|const|var|void|int|char|fn|func|sudo|echo|elif|endif)\b
      | ^\s*(?:SELECT|FROM|WHERE|JOIN|INSERT|UPDATE|VALUES|GROUP\ BY|ORDER\ BY)\b
      | ^\s*[\w-]+\s+::=""",
    re.VERBOSE,
)
_MOST_EMPTY = 3
"""Lines that are left empty between two lines of a program, at most."""
_ON_GRID = 0.2
"""Letters by which a page may differ from the grid of the page before to be set on the same one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """Lines of a page that are a program."""

    start: int
    """The first of its lines."""
    end: int
    """Behind the last one."""
    text: str


@dataclass(slots=True, kw_only=True)
class _Run:
    """Lines of one page that follow each other, in letters of one width."""

    page: int
    start: int
    lines: list[Line] = field(default_factory=list)
    grids: list[Grid] = field(default_factory=list)

    @property
    def end(self) -> int:
        return self.start + len(self.lines)

    @property
    def left(self) -> float:
        return min(grid.left for grid in self.grids)


def programs(pages: Sequence[Sequence[Line]]) -> list[list[Program]]:
    """Return the programs of each page; one that goes on over pages is parted between them."""
    found: list[list[Program]] = [[] for _ in pages]
    for chain in _chains(pages):
        texts = _texts(chain)
        lines = [line for text in texts for line in text.split("\n")]
        if is_program(lines) and _looks_like_one(lines):
            for run, text in zip(chain, texts, strict=True):
                found[run.page].append(Program(start=run.start, end=run.end, text=text))
    return found


def _looks_like_one(lines: Sequence[str]) -> bool:
    full = [line for line in lines if line.strip()]
    return sum(bool(_SIGN.search(line)) for line in full) >= _SHARE * len(full)


def _chains(pages: Sequence[Sequence[Line]]) -> Iterator[list[_Run]]:
    """Yield the runs of all pages; one that ends a page together with the one that begins the next."""
    chain: list[_Run] = []
    for page, lines in enumerate(pages):
        for run in _runs(lines, page):
            last = chain[-1] if chain else None
            goes_on = last and last.page == page - 1 and last.end == len(pages[page - 1]) and run.start == 0
            if last and not (goes_on and _alike(last.lines[-1], run.lines[0])):
                yield chain
                chain = []
            chain.append(run)
    if chain:
        yield chain


def _runs(lines: Sequence[Line], page: int) -> Iterator[_Run]:
    run: _Run | None = None
    for place, line in enumerate(lines):
        if run and not (line.grid and _alike(run.lines[-1], line) and _is_below(run.lines[-1], line)):
            yield run
            run = None
        if line.grid:
            run = run or _Run(page=page, start=place)
            run.lines.append(line)
            run.grids.append(line.grid)
    if run:
        yield run


def _alike(one: Line, other: Line) -> bool:
    return abs(one.size - other.size) <= 0.5  # noqa: PLR2004 (points, as between lines of a paragraph)


def _is_below(above: Line, line: Line) -> bool:
    return -1 <= above.bottom - line.bottom <= FARTHEST * line.size


def _texts(chain: Sequence[_Run]) -> list[str]:
    """Return the text of each run; pages whose margins differ by no whole letter have their own."""
    left = min(run.left for run in chain)
    texts = []
    for run in chain:
        apart = (run.left - left) / run.grids[0].advance
        texts.append(_text(run, left if abs(apart - round(apart)) <= _ON_GRID else run.left))
    return texts


def _text(run: _Run, left: float) -> str:
    gaps = [above.bottom - grid.bottom for above, grid in pairwise(run.grids)]
    usual = _usual(gaps)
    written: list[str] = []
    for grid, gap in zip(run.grids, [usual, *gaps], strict=True):
        written += [""] * min(round(gap / usual) - 1, _MOST_EMPTY)
        written.append(" " * grid.letters(grid.left - left) + grid.text)
    return "\n".join(written)


def _usual(gaps: Sequence[float]) -> float:
    """Return the distance of two lines: the smallest among the common ones."""
    counts = Counter(round(gap, 1) for gap in gaps if gap > 1)
    return min((gap for gap, count in counts.items() if 4 * count >= max(counts.values())), default=1.0)
