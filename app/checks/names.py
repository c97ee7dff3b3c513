"""Names in a text: people, places, products, organisations, by how they are written.

Knows capital letters only; a language that writes all nouns with one (German) has too many names here, which costs
nothing where answer and sources share them.
"""

import re
from collections.abc import Iterable

from app.checks.words import STOP_WORDS

_CAPITAL = re.compile(r"[^\W\d_]*[A-ZÀ-ÖØ-Þ][^\W\d_]+|[A-Z]{2,}")
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")  # noqa: RUF001 (a typographic apostrophe)
_BEGINNING = re.compile(r"(?:^|[.!?:|\n\"“(*•-])\s*$")
_GENITIVE = re.compile(r"['’]s?$")  # noqa: RUF001 (a typographic apostrophe)
_ABBREVIATION = re.compile(r"[a-z]?[A-Z]{2,}s?")
"""May be made of the first letters of the sources' words."""
_TITLE = re.compile(r"\*\*[^*]+\*\*")
"""Bold words are titles as often as names."""
_SAME_LETTERS = 4
"""Two words that begin with so many equal letters may be one name: Chinese, China; Canada, Canadian."""
_NO_NAMES = """monday tuesday wednesday thursday friday saturday sunday january february march april may june july
august september october november december i'm i've i'll yes additionally however therefore
finally first second third overall"""
_COMMON = frozenset(_NO_NAMES.split()) | STOP_WORDS


def names_of(text: str) -> list[str]:
    """Return the words of a text that are written as names where nothing else asks for a capital, in order."""
    text = _TITLE.sub(lambda title: " " * len(title[0]), text)
    words = [(word.start(), _GENITIVE.sub("", word[0])) for word in _WORD.finditer(text)]
    if sum(word.isupper() for _, word in words) > len(words) / 2:
        return []  # all of it is in capitals
    return [
        word
        for start, word in words
        if _CAPITAL.fullmatch(word) and word.lower() not in _COMMON and not _BEGINNING.search(text[:start])
    ]


def missing_names(claimed: Iterable[str], given: Iterable[str]) -> list[str]:
    """Return the claimed names none of the given words resembles: equal, or with the same beginning."""
    words = {_plain(word) for word in given}
    beginnings = {word[:_SAME_LETTERS] for word in words}
    initials = {word[0] for word in words}
    names = {_plain(name): name for name in claimed}
    return [
        name
        for plain, name in names.items()
        if plain not in words
        and plain[:_SAME_LETTERS] not in beginnings
        and not (_ABBREVIATION.fullmatch(name) and set(plain) <= initials)
    ]


def all_words(text: str) -> list[str]:
    """Return every word of a text, as names are compared with."""
    return [_plain(word) for word in _WORD.findall(text)]


def _plain(word: str) -> str:
    return _GENITIVE.sub("", word).lower()
