"""The one sentence splitter: a text -> its sentences, with their exact places.

Knows punctuation and Markdown lines; knows no language model and no document. List items, table rows and headings
are sentences of their own; a code block is one.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_BEFORE_ANYTHING = """mr mrs ms dr prof st vs est cf ca approx e.g i.e eg ie u.s u.k bzw z.b d.h ggf"""
_BEFORE_NUMBERS = """no nos nr fig figs vol pp p art sec ch max min jan feb mar apr jun jul aug sep sept oct nov dec
mon tue wed thu fri sat sun"""
ABBREVIATIONS = frozenset(_BEFORE_ANYTHING.split())
"""No sentence ends after these, even when a capital follows ("Dr. Smith")."""
ABBREVIATIONS_BEFORE_NUMBERS = frozenset(_BEFORE_NUMBERS.split())
"""No sentence ends between these and a digit ("No. 5"); "The answer is no." ends one."""

_END = re.compile(r"[.!?…][)\]\"'”’*_]*(?=\s|$)|[。！？]+[」』”]*")  # noqa: RUF001 (ideographic marks are meant)
_FENCE = re.compile(r"\s*(```|~~~)")
_OWN_LINE = re.compile(r"\s*(?:[-*+•]\s+|\d{1,3}[.)]\s+|#{1,6}\s+|\||>\s)")
_LEAD = re.compile(r"\s*(?:(?:[-*+•]|\d{1,3}[.)]|>)\s+)*")
_LAST_WORD = re.compile(r"[^\s(\[\"'“*_]+$")
_TABLE_RULE = re.compile(r"[\s|:+\-=_*]*$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """A sentence and its place: `text[start:end]` of the text it was split from, without list marks."""

    text: str
    start: int
    end: int


def split_sentences(text: str) -> list[Sentence]:
    """Return the sentences of a text, in order; pieces without a letter or digit are none."""
    sentences = []
    for start, end in _pieces(text):
        piece = text[start:end].strip()
        if any(character.isalnum() for character in piece):
            begin = end - len(text[start:end].lstrip())
            sentences.append(Sentence(text=piece, start=begin, end=begin + len(piece)))
    return sentences


def _pieces(text: str) -> Iterator[tuple[int, int]]:
    """Yield `[start, end)` of every sentence with the space around it, without the list mark before it."""
    for start, end, whole in _paragraphs(text):
        if whole:
            yield start, end
            continue
        lead = _LEAD.match(text, start, end)
        begin = lead.end() if lead else start
        for mark in _END.finditer(text, start, end):
            if _ends_sentence(text, begin, mark.start(), mark.end(), end):
                yield begin, mark.end()
                begin = mark.end()
        yield begin, end


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


def _ends_sentence(text: str, begin: int, mark: int, after: int, end: int) -> bool:
    """Whether the mark at `mark` ends the sentence that began at `begin`, and not just an abbreviation or initial."""
    if text[mark] != ".":
        return True
    following = text[after:end].lstrip()
    if following and following[0].islower():
        return False
    word = _LAST_WORD.search(text, max(begin, mark - 12), mark)
    last = word.group().lower() if word else ""
    if last in ABBREVIATIONS:
        return not following
    if last in ABBREVIATIONS_BEFORE_NUMBERS:
        return not following[:1].isdigit()
    is_initial = len(last) == 1 and last.isalpha() and last != "i"
    return not (is_initial and following)
