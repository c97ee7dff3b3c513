"""The part of a passage that shows why it was found: the stretch richest in the words of the query, these marked.

Knows texts and words as search compares them (retrieval/words.py); no score and no page.
"""

import re
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import chain

from retrieval.codes import codes
from retrieval.tongues import tongue_of
from retrieval.words import query_stems, terms

CHARACTERS = 280
"""About three lines beside a title."""
_WORD = re.compile(r"[^\W_]+")
_SIGNS = re.compile(r"\*\*|__|`|(?<!\S)(?:#{1,6}|[*+-])(?!\S)")
"""What Markdown writes around words."""
_BORDERS = re.compile(r"\s*\|[\s:|-]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A piece of a snippet."""

    text: str
    marked: bool = False


def snippet(text: str, query: str, *, characters: int = CHARACTERS) -> list[Part]:
    """Return about so many characters of a text, on one line, the words of the query marked."""
    line = plain_line(text)
    tongue = tongue_of(text)
    found = _found(line, frozenset(chain(*query_stems(query, [tongue]).values())), tongue)
    start, end = _stretch(line, found, characters)
    parts: list[Part] = [Part(text="… ")] if start else []
    for begin, stop, _ in found:
        if start <= begin and stop <= end:
            parts += [Part(text=line[start:begin]), Part(text=line[begin:stop], marked=True)]
            start = stop
    parts += [Part(text=line[start:end]), Part(text=" …" if end < len(line) else "")]
    return [part for part in parts if part.text]


def _found(line: str, wanted: AbstractSet[str], tongue: str) -> list[tuple[int, int, frozenset[str]]]:
    """Return where the words of the query stand, and which these are; a code or number that is meant is one word."""
    lower = line.lower()
    whole = codes(lower) if len(lower) == len(line) else ()
    found = [(start, end, frozenset({term})) for start, end, term in whole if term in wanted]
    for word in _WORD.finditer(line):
        held = frozenset(terms(word[0]) + terms(word[0], language=tongue)) & wanted
        if held and not any(start < word.end() and word.start() < end for start, end, _ in found):
            found.append((word.start(), word.end(), held))
    return sorted(found, key=lambda one: one[:2])


def plain_line(text: str) -> str:
    """Return a text on one line, without the signs of Markdown, its tables' cells parted by dots."""
    return " ".join(_BORDERS.sub(" · ", _SIGNS.sub("", text)).split()).strip("· ")


def _stretch(line: str, found: Sequence[tuple[int, int, frozenset[str]]], characters: int) -> tuple[int, int]:
    """Return the stretch that holds the most different words, the first of several; it begins and ends with a word."""
    if len(line) <= characters:
        return 0, len(line)
    best, start = 0, 0
    for begin, *_ in found:
        within = frozenset[str]().union(
            *(held for first, last, held in found if begin <= first and last <= begin + characters)
        )
        if len(within) > best:
            best, start = len(within), begin
    start = max(0, min(start - characters // 4, len(line) - characters))
    start = line.rfind(" ", 0, start) + 1 if start else 0
    end = line.rfind(" ", start + characters // 2, start + characters)
    return start, len(line) if start + characters >= len(line) else end if end > 0 else start + characters
