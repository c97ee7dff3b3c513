"""The signs of text that is addressed to an assistant rather than to a reader: where they stand in a text.

Knows pieces of text and when to look; the words are `app.guard.phrases`', what a sign weighs is
`app.guard.injection`'s. A pattern is tried only on a piece of text that holds one of its trigger words, which makes
looking for all of them cost 0.3 microseconds a character.
"""
# ruff: noqa: RUF001 (punctuation of other scripts is meant)

import re
from collections.abc import Iterator
from typing import NamedTuple

from app.guard.phrases import PHRASES

_PIECE = re.compile(r"[^\n]+?(?:[.!?。！？](?=\s|$)|$)", re.MULTILINE)
_WORD = re.compile(r"[^\W\d_]+|\d+")
LONGEST_PIECE = 1_500
"""Characters of a sentence that are looked at; a longer one is a list of data."""


class Sign(NamedTuple):
    """One sign in a text, and the place of the words that are it."""

    name: str
    start: int
    end: int


class _Pattern(NamedTuple):
    name: str
    search: re.Pattern[str]


def _compile() -> tuple[dict[str, list[_Pattern]], list[_Pattern]]:
    by_word: dict[str, list[_Pattern]] = {}
    always: list[_Pattern] = []
    for name, pairs in PHRASES.items():
        for triggers, pattern in pairs:
            compiled = _Pattern(name, re.compile(pattern, re.IGNORECASE | re.MULTILINE))
            if triggers == "*raw":
                always.append(compiled)
            else:
                for word in triggers.split():
                    by_word.setdefault(word, []).append(compiled)
    return by_word, always


_BY_WORD, _ALWAYS = _compile()


def signs_in(text: str) -> Iterator[Sign]:
    """Yield the signs in a text, each as often as there is a piece that shows it, in no order."""
    for name, pattern in _ALWAYS:
        yield from (Sign(name, found.start(), found.end()) for found in pattern.finditer(text))
    for piece in _PIECE.finditer(text):
        said = piece.group()[:LONGEST_PIECE].replace("’", "'")
        words = {word.lower() for word in _WORD.findall(said)}
        if not said.isascii():
            words.add("*")
        patterns = {pattern for word in words & _BY_WORD.keys() for pattern in _BY_WORD[word]}
        for name, pattern in patterns:
            if found := pattern.search(said):
                yield Sign(name, piece.start() + found.start(), piece.start() + found.end())
