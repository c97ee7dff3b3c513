"""What a list item of an answer is said of: the line, heading or item above it that ends with a colon or names it.

Knows Markdown lists. "30 days of leave" below "Employees in Rotterdam get:" says something of Rotterdam only, though it
does not name it.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from app.sentences import Sentence

_ITEM = re.compile(r"(?P<indent>[ \t>]*)(?:[-*+•]|\d{1,3}[.)])[ \t]+(?P<text>.*)")
_HEADING = re.compile(r"#{1,6}(?:[ \t]+(?P<text>.*))?$|(?P<bold>\*\*[^*]+\*\*:?|__[^_]+__:?)$")
_LONGEST = 200
"""Characters; a longer line is no stem."""
_FENCE = re.compile(r"\s*(?:```|~~~)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Item(Sentence):
    """A sentence of a list item, and what stands above it, outermost first."""

    stems: tuple[str, ...]


def with_stems(answer: str, sentences: Sequence[Sentence]) -> list[Sentence]:
    """Return the sentences of an answer, those of list items with what they are said of."""
    lines = list(_lines(answer))
    starts = [start for start, _ in lines]
    told: list[Sentence] = []
    for one in sentences:
        stems = lines[bisect_right(starts, one.start) - 1][1] if lines else ()
        plain = type(one) is Sentence and stems
        told.append(Item(text=one.text, start=one.start, end=one.end, stems=stems) if plain else one)
    return told


def _lines(answer: str) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Yield where each line begins, and what stands above it where it is of a list item."""
    position, fenced, below, heading = 0, False, False, ""
    above: list[tuple[int, str]] = []
    item: tuple[str, ...] = ()
    for line in answer.splitlines(keepends=True):
        text = line.strip()
        fence = _FENCE.match(line) is not None
        fenced ^= fence
        found = None if fenced or fence else _ITEM.match(line)
        title = None if fenced or fence else _HEADING.match(text)
        if found:
            indent = len(found["indent"].expandtabs(4))
            above = [stem for stem in above if stem[0] < indent]
            item = tuple(stem for _, stem in above)
            above += [(indent, _plain(found["text"]))] if _is_stem(found["text"].strip()) else []
            yield position, (heading, *item) if heading else item
        elif title:
            above, item, heading = [], (), _plain(title["text"] or title["bold"] or "")
            yield position, ()
        elif text and not below and not fenced and not fence:  # goes on with the line above
            if not item:
                above = [(-1, _plain(text))] if _is_stem(text) else above
            yield position, (heading, *item) if item and heading else item
        elif text and line[:1] not in {" ", "\t"} and not fenced and not fence:
            above, item = [(-1, _plain(text))] if _is_stem(text) else [], ()
            yield position, ()
        else:
            yield position, item
        below = not text or title is not None
        position += len(line)


def _is_stem(text: str) -> bool:
    """Whether a line only tells what is to come."""
    return len(text) <= _LONGEST and (text.rstrip("*_ ").endswith(":") or _HEADING.fullmatch(text) is not None)


def _plain(text: str) -> str:
    return text.strip("*_#: \t")[:_LONGEST]
