"""The sentences of an answer or passage, with their exact places.

Knows Markdown lines: list items, table rows and headings are sentences of their own, a code block is one. Where
sentences end within running text is `retrieval.sentences`' rule, the only one of the product.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from retrieval.sentences import sentence_spans

_FENCE = re.compile(r"\s*(```|~~~)")
_OWN_LINE = re.compile(r"\s*(?:[-*+•]\s+|\d{1,3}[.)]\s+|#{1,6}\s+|\||>\s)")
_LEAD = re.compile(r"\s*(?:(?:[-*+•]|\d{1,3}[.)]|>)\s+)*")
_TABLE_RULE = re.compile(r"[\s|:+\-=_*]*$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """A sentence and its place: `text[start:end]` of the text it was split from, without list marks.

    Of an answer's table it is a cell, told with the names of its row and column (`app/checks/tables.py`).
    """

    text: str
    start: int
    end: int


def split_sentences(text: str) -> list[Sentence]:
    """Return the sentences of a text, in order; pieces without a letter or digit are none."""
    return [
        Sentence(text=text[start:end], start=start, end=end)
        for start, end in _spans(text)
        if any(character.isalnum() for character in text[start:end])
    ]


def moved(sentences: Iterable[Sentence], by: int) -> Iterator[Sentence]:
    """Yield sentences of a part at their places in the whole."""
    return (Sentence(text=one.text, start=one.start + by, end=one.end + by) for one in sentences)


def _spans(text: str) -> Iterator[tuple[int, int]]:
    """Yield `[start, end)` of every sentence, without white space around it or the list mark before it."""
    for start, end, whole in _paragraphs(text):
        if whole:
            piece = text[start:end]
            yield end - len(piece.lstrip()), start + len(piece.rstrip())
        else:
            lead = _LEAD.match(text, start, end)
            yield from sentence_spans(text, lead.end() if lead else start, end)


def _paragraphs(text: str) -> Iterator[tuple[int, int, bool]]:
    """Yield runs of lines that belong together, and whether the run is one sentence as it is (table row, code)."""
    start = position = 0
    fenced = False
    for line in text.splitlines(keepends=True):
        end = position + len(line)
        if _FENCE.match(line):
            if not fenced:
                yield start, position, False
                start = position
            else:
                yield start, end, True
                start = end
            fenced = not fenced
        elif not fenced and (not line.strip() or _OWN_LINE.match(line)):
            yield start, position, False
            start = position
            if line.lstrip().startswith(("|", "#")):
                yield position, position if _TABLE_RULE.match(line) else end, True
                start = end
        position = end
    yield start, position, fenced
