"""Where the tokens of a text stand, and where it is cut so that a part has no more than so many.

Knows no block and no model: it is given the places of the tokens.
"""

import re
from array import array
from bisect import bisect_left
from collections.abc import Iterator

from retrieval.documents import TokenOffsets

_SPACE = re.compile(r"\s")
_LETTER = re.compile(r"[^\W\u3000-\u9fff\uf900-\ufaff]|[\u0300-\u036f]")
"""What holds a word together; ideographs are tokens of their own."""
SEGMENT_CHARACTERS = 50_000
"""Tokenised at once: a tokenizer keeps some hundred bytes for each token while it works."""
WORD_CHARACTERS = 100
"""A longer word is a single token to a WordPiece tokenizer, so no cut falls into it."""


class Tokens:
    """How many tokens lie in any span of one text."""

    def __init__(self, text: str, token_offsets: TokenOffsets) -> None:
        """Look at a text once, a segment at a time."""
        self.starts = array("L")
        place = 0
        while place < len(text):
            end = _after_space(text, place + SEGMENT_CHARACTERS)
            self.starts.extend(place + start for start, _ in token_offsets(text[place:end]))
            place = end

    def count(self, start: int, end: int) -> int:
        """Return how many tokens begin in `text[start:end]`."""
        return bisect_left(self.starts, end) - bisect_left(self.starts, start)

    def advance(self, start: int, tokens: int) -> int | None:
        """Return where the token lies that comes `tokens` after the first one at or behind start."""
        index = bisect_left(self.starts, start) + tokens
        return self.starts[index] if index < len(self.starts) else None


def _after_space(text: str, place: int) -> int:
    """Return the first place behind white space at or after this one, so that no word is cut."""
    found = _SPACE.search(text, place)
    return found.end() if found and found.start() < place + SEGMENT_CHARACTERS else max(place, 0)


def shortened(text: str, start: int, end: int, budget: int, tokens: Tokens) -> Iterator[tuple[int, int]]:
    """Yield the span, cut when it is longer than a chunk: between words, or, in one endless word, between tokens."""
    while tokens.count(start, end) > budget:
        cut = cut_between_words(text, start, end, budget, tokens)
        if cut is None:
            break
        yield start, start + len(text[start:cut].rstrip())
        start = after_spaces(text, cut, end)
    if start < end:
        yield start, end


def cut_between_words(text: str, start: int, end: int, budget: int, tokens: Tokens) -> int | None:
    """Return where to cut so that the first part fits; None where nothing is behind that.

    Never within a word of ordinary length: its second half alone may have more tokens than in its word.
    """
    cut = tokens.advance(start, budget)
    if cut is None or cut >= end:
        return None
    half = start + (cut - start) // 2
    space = max(text.rfind(mark, half, cut) for mark in (" ", "\n", "|", ";"))
    return space + 1 if space > start else _word_border(text, start, cut)


def after_spaces(text: str, place: int, end: int) -> int:
    """Return the first place at or behind this one that is no white space."""
    while place < end and text[place].isspace():
        place += 1
    return place


def _word_border(text: str, start: int, cut: int) -> int:
    """Return the last place at or before the cut that no word goes across, or the cut where that is far off."""
    for border in range(cut, max(start, cut - WORD_CHARACTERS), -1):
        if not (_LETTER.match(text, border - 1) and _LETTER.match(text, border)):
            return border
    return cut
