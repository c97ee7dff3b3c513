"""A text's words as search compares them: lower case, without accents, English endings cut off.

Knows no index and no frequency. Chunks and queries go through the same functions. Numbers and codes of several parts
are a term as a whole besides (retrieval/codes.py); scripts written without spaces become overlapping pairs of
characters.

Cutting endings with Porter's stemmer is worth 0.03 to 0.08 nDCG@10 to BM25, leaving function words out of queries
another 0.01 to 0.02 (docs/benchmarks.md); words of other languages pass through nearly unchanged.
"""

import re
import unicodedata
from collections.abc import Set as AbstractSet
from functools import lru_cache

import Stemmer

from retrieval.codes import codes
from retrieval.stopwords import stop_words

MOST_TERMS = 64
"""A longer query is cut to its first different words."""

_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_WORD = re.compile(rf"[{_UNSPACED}]+|(?:[^\W_{_UNSPACED}]|[\u0900-\u0dff])+")
_THIN = re.compile("(?<=[0-9])[\u00a0\u2009\u202f](?=[0-9]{3}(?![0-9]))")
"""What parts thousands where no comma or point does; any other space may part two numbers."""
_ACCENTS = re.compile("[\u0300-\u036f]")
_FIRST_UNSPACED = "\u0e00"
_STEMMER = Stemmer.Stemmer("porter")


def terms(text: str, *, without: AbstractSet[str] = frozenset()) -> list[str]:
    """Return the terms of a text in order, those of the words in `without` left out; letters and digits only."""
    found: list[str] = []
    for word in _WORD.findall(_plain(text)):
        if word in without:
            continue
        if word[0] >= _FIRST_UNSPACED and re.match(f"[{_UNSPACED}]", word):
            found += [word[place : place + 2] for place in range(max(len(word) - 1, 1))]
        else:
            found.append(_stem(word))
    return found


def joined_terms(text: str) -> list[str]:
    """Return the terms of the numbers, codes and names of a text that have several parts, each as a whole."""
    return [_stem(term) for *_, term in codes(_plain(text))]


def wholes(query: str) -> dict[str, list[str]]:
    """Return each term of a query that is a whole of several parts -> the terms of its parts."""
    plain = _plain(query)
    return {_stem(term): list(dict.fromkeys(terms(plain[start:end]))) for start, end, term in codes(plain)}


def indexed_terms(text: str) -> list[str]:
    """Return the terms under which a text is found."""
    return terms(text) + joined_terms(text)


def query_terms(query: str) -> list[str]:
    """Return the different terms of a query, without stop words unless there are no others."""
    without = stop_words(_WORD.findall(_plain(query)))
    wanted = terms(query, without=without) or terms(query)
    return list(dict.fromkeys(wanted + joined_terms(query)))[:MOST_TERMS] if wanted else []


def _plain(text: str) -> str:
    lower = text.lower()
    if lower.isascii():
        return lower
    lower = _THIN.sub(",", lower)
    return unicodedata.normalize("NFKC", _ACCENTS.sub("", unicodedata.normalize("NFKD", lower)))


@lru_cache(maxsize=50_000)  # a handbook has about 10,000 different words
def _stem(word: str) -> str:
    stem: str = _STEMMER.stemWord(word)
    return stem or word  # nothing is left of "s"
