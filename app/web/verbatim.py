"""What of a Markdown text the page shows as code, letter by letter.

Follows the page's renderer (marked, with GitHub's tables), strictly: what it could read in two ways is code that is not
sure. A bar within backticks ends a table's cell there, so that nothing is code across one.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_FENCE = re.compile(r"(?P<before>(?:[ \t>]|[-*+](?=[ \t])|\d{1,9}[.)](?=[ \t]))*)(?P<run>`{3,}(?=[^`]*$)|~{3,})")
_RUN = re.compile(r"`+")
_BAR = re.compile(r"\\.|(?P<bar>\|)", re.DOTALL)
_EMPHASIS = re.compile(r"[*_`]")
"""May end what began before code that begins with several backticks: marked looks at one only."""
_RULE = re.compile(r"[\s|:>*+.)\d-]*-[\s|:>*+.)\d-]*")
"""What may stand below a table's heads."""
_DEEPEST = 3
"""Spaces before a fence wherever it stands; one further in may go on with a paragraph."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """Code at `[start, end)` of its text, its backticks included."""

    start: int
    end: int
    block: bool
    """Whether it has lines of its own."""
    sure: bool
    """Whether no reading of the text makes it anything else."""
    closing: str = ""
    """The line that a block lacks at its end."""


def code_in(text: str) -> list[Code]:
    """Return the code of a text in order; a fence in the last line opens nothing yet."""
    lines = text.splitlines(keepends=True)
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line))
    found: list[Code] = []
    number, sure = 0, True
    tables = _with_tables(lines)
    while number < len(lines):
        fence = _FENCE.match(lines[number].rstrip("\r\n")) if number + 1 < len(lines) else None
        if fence is None:
            spans = list(_spans(lines[number], starts[number], table=tables[number], sure=sure))
            sure = sure and all(span.sure for span in spans)
            found += spans
            number += 1
            continue
        last, block, even = _block(lines, number, fence)
        end = starts[last + 1] - (len(lines[last]) - len(lines[last].rstrip("\r\n")))
        closing = "" if block.closed else f"{' ' * block.indent}{fence['run']}"
        found.append(Code(start=starts[number], end=end, block=True, sure=sure and block.sure, closing=closing))
        sure, number = sure and even, last + 1
    return found


def covering(codes: Sequence[Code], place: int) -> Code | None:
    """Return the code within which a text would be cut here, or at whose end."""
    number = bisect_left(codes, place, key=lambda code: code.end)
    return codes[number] if number < len(codes) and codes[number].start < place else None


@dataclass(frozen=True, slots=True)
class _Block:
    indent: int
    closed: bool
    sure: bool


def _block(lines: Sequence[str], first: int, fence: re.Match[str]) -> tuple[int, _Block, bool]:
    """Return the last line of a block that a fence opens, what is known of it, and whether what follows is sure."""
    run, before = fence["run"], fence["before"]  # a bar beside them may be a cell's border
    close = re.compile(rf"(?P<before>[ \t>]*){run}{run[0]}*(?P<rest>[ \t`~]*)$")
    indent = len(before)
    last, closing, blank = first, None, False
    kept = not before.strip(" ") and "|" not in lines[first]
    while closing is None and last + 1 < len(lines):
        last += 1
        line = lines[last].rstrip("\r\n")
        closing = close.match(line)
        blank = blank or not line.strip()
        kept = kept and (not line.strip() or line[:indent] == before)
    exact = closing is None or (closing["before"] == before and not closing["rest"].strip(" "))
    even = kept and exact and (closing is not None or not indent)
    sure = even and (indent <= _DEEPEST or (run[0] == "`" and not blank))
    return last, _Block(indent, closing is not None, sure), even


def _spans(line: str, start: int, *, table: bool, sure: bool) -> Iterator[Code]:
    """Yield the code within a line: from a run of backticks to the next one as long."""
    runs = [run.span() for run in _RUN.finditer(line)]
    later: dict[int, list[int]] = {}
    for number, (one, other) in reversed(list(enumerate(runs))):
        later.setdefault(other - one, []).append(number)
    number = 0
    while number < len(runs):
        begin, behind = runs[number]
        alike = later[behind - begin]
        while alike and alike[-1] <= number:
            alike.pop()
        if alike and not (table and any(bar["bar"] for bar in _BAR.finditer(line, behind, runs[alike[-1]][0]))):
            told = not (_EMPHASIS if behind - begin > 1 else _RUN).search(line, behind, runs[alike[-1]][0])
            yield Code(start=start + begin, end=start + runs[alike[-1]][1], block=False, sure=sure and told)
            number = alike[-1]
        number += 1


def _with_tables(lines: Sequence[str]) -> list[bool]:
    """Return of each line whether it may belong to a table: one between the same empty lines may be its rule."""
    told: list[bool] = []
    first, rule = 0, False
    for number, line in enumerate([*lines, ""]):
        if line.strip() and number < len(lines):
            rule = rule or _RULE.fullmatch(line) is not None
        else:
            told += [rule] * (number - first) + [False] * (number < len(lines))
            first, rule = number + 1, False
    return told
