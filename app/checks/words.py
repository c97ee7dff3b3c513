"""The words that carry a text's content, and how rare each is.

Knows spelling only: no dictionary, no embedding, no document.
"""

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import lru_cache

_STOP = """
a about above after again all also am an and any are as at be been before being below between both but by can could did
do does doing done down during each either else every few for from further get gets got had has have having he her here
hers herself him himself his how i if in into is it its itself just let me might more most much must my myself no nor
not now of off on once only or other our ours ourselves out over own per please same shall she should so some such than
that the their theirs them themselves then there these they this those through to too under until up upon us very was
we were what when where whether which while who whom whose why will with within without would yes you your yours
yourself according provided mentioned stated states passage passages document documents information based allowed able
need needs required require requires however therefore thus may
"""
STOP_WORDS = frozenset(_STOP.split())
"""Words that say nothing about what a sentence is about; modal words count as such, negation is not examined here."""

_WORD = re.compile(r"[぀-ヿ㐀-鿿가-힯]|[^\W_぀-ヿ㐀-鿿가-힯]+(?:['’][^\W\d_]+)?")  # noqa: RUF001
_LONG_SUFFIXES = (
    "ization",
    "ations",
    "ation",
    "ingly",
    "ments",
    "ment",
    "ings",
    "ing",
    "ities",
    "ity",
    "ies",
    "ied",
    "edly",
)
_SHORT_SUFFIXES = ("ers", "er", "ors", "or", "ed", "es", "ly", "s", "e", "y")
_SHORTEST_STEM = 3


def content_words(text: str) -> list[str]:
    """Return the stems of a text's content words, in order, repeats included.

    Ideographs are words of one character, so texts without spaces can be compared too.
    """
    stems = []
    for match in _WORD.finditer(text.lower()):
        word = match.group().partition("'")[0].partition("’")[0]  # noqa: RUF001 (a typographic apostrophe)
        if word not in STOP_WORDS:
            stems.append(stem(word))
    return stems


@lru_cache(maxsize=50_000)  # a few megabytes; the words of a company's documents repeat, and stemming costs most here
def stem(word: str) -> str:
    """Cut common English endings, so that "requested", "requests" and "request" are one; keep what holds a digit."""
    if not word.isalpha() or not word.isascii():
        return word
    for suffixes in (_LONG_SUFFIXES, _SHORT_SUFFIXES):
        for suffix in suffixes:
            if word.endswith(suffix) and len(word) - len(suffix) >= _SHORTEST_STEM:
                word = word[: -len(suffix)]
                break
    return word[:-1] if len(word) > _SHORTEST_STEM and word[-1] == word[-2] else word


def rarity(texts: Iterable[Iterable[str]]) -> Mapping[str, float]:
    """Return the weight of every word that occurs: ln(1 + texts / texts that hold it), at least 0.69.

    A word that occurs nowhere is missing from the result; give it the largest weight, `rarest(number of texts)`.
    """
    counted = [set(words) for words in texts]
    frequency = Counter(word for words in counted for word in words)
    return {word: math.log(1 + len(counted) / count) for word, count in frequency.items()}


def rarest(texts: int) -> float:
    """Return the weight of a word that occurs in one of `texts` texts, or in none."""
    return math.log(1 + max(texts, 1))
