"""A text's words as search compares them: lower case, without accents, their endings cut off.

Knows no index and no frequency. Endings are those of the text's language where that is plain (retrieval/tongues.py),
else English ones; a word of a query, whose language a few words do not tell, is looked for under its stem in each
language that the texts are in (`Stems`, ADR 45). Numbers and codes of several parts are a term as a whole besides
(retrieval/codes.py); scripts written without spaces become overlapping pairs of characters.

Cutting endings with Porter's stemmer is worth 0.03 to 0.08 nDCG@10 to BM25, leaving function words out of queries
another 0.01 to 0.02 (docs/benchmarks.md).
"""

import re
import unicodedata
from collections.abc import Collection, Mapping
from collections.abc import Set as AbstractSet
from functools import lru_cache

import Stemmer

from retrieval.codes import codes
from retrieval.stopwords import stop_words
from retrieval.tongues import STEMMERS

MOST_TERMS = 64
"""A longer query is cut to its first different words."""

_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_WORD = re.compile(rf"[{_UNSPACED}]+|(?:[^\W_{_UNSPACED}]|[\u0900-\u0dff])+")
_THIN = re.compile("(?<=[0-9])[\u00a0\u2009\u202f](?=[0-9]{3}(?![0-9]))")
"""What parts thousands where no comma or point does; any other space may part two numbers."""
_ACCENTS = re.compile("[\u0300-\u036f]")
_FIRST_UNSPACED = "\u0e00"
_ENGLISH = ""
"""Also of texts whose language is not plain."""
_STEMMERS = {_ENGLISH: Stemmer.Stemmer("porter")}

Stems = Mapping[str, tuple[str, ...]]
"""Each term of a query -> what it is in the languages of the texts; the first is the term itself."""


def terms(text: str, *, without: AbstractSet[str] = frozenset(), language: str = _ENGLISH) -> list[str]:
    """Return the terms of a text in order, those of the words in `without` left out; letters and digits only.

    A language is one of those of retrieval/tongues.py, by its two letters; in any other, endings are cut as in English.
    """
    found: list[str] = []
    for word in _WORD.findall(_plain(text)):
        if word in without:
            continue
        if word[0] >= _FIRST_UNSPACED and re.match(f"[{_UNSPACED}]", word):
            found += [word[place : place + 2] for place in range(max(len(word) - 1, 1))]
        else:
            found.append(_stem(word, language))
    return found


def joined_terms(text: str) -> list[str]:
    """Return the terms of the numbers, codes and names of a text that have several parts, each as a whole."""
    return [_stem(term) for *_, term in codes(_plain(text))]


def wholes(query: str) -> dict[str, list[str]]:
    """Return each term of a query that is a whole of several parts -> the terms of its parts."""
    plain = _plain(query)
    return {_stem(term): list(dict.fromkeys(terms(plain[start:end]))) for start, end, term in codes(plain)}


def indexed_terms(text: str, *, language: str = _ENGLISH) -> list[str]:
    """Return the terms under which a text of this language is found."""
    return terms(text, language=language) + joined_terms(text)


def query_terms(query: str) -> list[str]:
    """Return the different terms of a query, without stop words unless there are no others."""
    return list(query_stems(query))


def query_stems(query: str, languages: Collection[str] = (), *, whatever: bool = True) -> Stems:
    """Return the different terms of a query, without stop words, each with its other stems.

    Args:
        query: what was asked.
        languages: those of the texts that are searched, besides English; see `terms`.
        whatever: a query of only stop words has these.
    """
    without = stop_words(_WORD.findall(_plain(query)), held=languages)
    wanted = terms(query, without=without)
    if not wanted and whatever:
        without, wanted = frozenset(), terms(query)
    if not wanted:
        return {}
    found = {term: {term: None} for term in list(dict.fromkeys(wanted + joined_terms(query)))[:MOST_TERMS]}
    for language in languages:  # the same words in the same order
        for term, stem in zip(wanted, terms(query, without=without, language=language), strict=True):
            if term in found:
                found[term][stem] = None
    return {term: tuple(stems) for term, stems in found.items()}


def _plain(text: str) -> str:
    lower = text.lower()
    if lower.isascii():
        return lower
    lower = _THIN.sub(",", lower)
    return unicodedata.normalize("NFKC", _ACCENTS.sub("", unicodedata.normalize("NFKD", lower)))


@lru_cache(maxsize=50_000)  # a handbook has about 10,000 different words
def _stem(word: str, language: str = _ENGLISH) -> str:
    if language not in _STEMMERS:
        _STEMMERS[language] = Stemmer.Stemmer(STEMMERS[language]) if language in STEMMERS else _STEMMERS[_ENGLISH]
    stem: str = _STEMMERS[language].stemWord(word)
    return stem or word  # nothing is left of "s"
