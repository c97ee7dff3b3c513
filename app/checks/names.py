"""Names in a text: people, places, products, organisations, by how they are written.

Knows capital letters only; a language that writes all nouns with one (German) has too many names here, which costs
nothing where answer and sources share them.
"""

import re
from collections.abc import Iterable

from app.checks.words import STOP_WORDS

_CAPITAL = re.compile(r"[^\W\d_]*[A-ZÀ-ÖØ-Þ][^\W\d_]+|[A-Z]{2,}")
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")  # noqa: RUF001 (a typographic apostrophe)
_BEGINNING = frozenset('.!?:|"“(*•-')
"""What may stand before a word that has a capital for its place."""
_GENITIVE = re.compile(r"['’]s?$")  # noqa: RUF001 (a typographic apostrophe)
_ABBREVIATION = re.compile(r"[a-z]?[A-Z]{2,}s?")
"""May be made of the first letters of the sources' words."""
_TITLE = re.compile(r"\*\*[^*]+\*\*")
"""Bold words are titles as often as names."""
_LONGEST = 60
"""Letters; no name has more."""
_SAME_LETTERS = 4
"""Two words that begin with so many equal letters may be one name: Chinese, China; Canada, Canadian."""
_NO_NAMES = """monday tuesday wednesday thursday friday saturday sunday january february march april may june july
august september october november december i'm i've i'll yes additionally however therefore
finally first second third overall"""
_COMMON = frozenset(_NO_NAMES.split()) | STOP_WORDS


def names_of(text: str) -> list[str]:
    """Return the words of a text that are written as names where nothing else asks for a capital, in order."""
    text = _TITLE.sub(lambda title: " " * len(title[0]), text)
    words: list[tuple[str, bool]] = []
    end = 0
    for match in _WORD.finditer(text):
        words.append((_GENITIVE.sub("", match[0]), _begins(text[end : match.start()], first=not words)))
        end = match.end()
    if sum(word.isupper() for word, _ in words) > len(words) / 2:
        return []  # all of it is in capitals
    return [word for word, begins in words if not begins and _is_capital(word) and word.lower() not in _COMMON]


def _begins(before: str, *, first: bool) -> bool:
    """Whether a sentence, a line or a quotation begins behind what stands between two words."""
    signs = before.rstrip()
    return (first if not signs else signs[-1] in _BEGINNING) or "\n" in before[len(signs) :]


def _is_capital(word: str) -> bool:
    return len(word) <= _LONGEST and _CAPITAL.fullmatch(word) is not None


class Words:
    """The words of some texts, that names are looked for among."""

    def __init__(self, texts: Iterable[str]) -> None:
        """Read the texts."""
        self._words = frozenset(_plain(word) for text in texts for word in _WORD.findall(text))
        self._beginnings = frozenset(word[:_SAME_LETTERS] for word in self._words)
        self._initials = frozenset(word[:1] for word in self._words)

    def missing(self, claimed: Iterable[str]) -> list[str]:
        """Return the claimed names that none of the words resembles: equal, or with the same beginning."""
        names = {_plain(name): name for name in claimed}
        return [name for plain, name in names.items() if not self._has(plain, name)]

    def _has(self, plain: str, name: str) -> bool:
        if plain in self._words or plain[:_SAME_LETTERS] in self._beginnings:
            return True
        return _ABBREVIATION.fullmatch(name) is not None and set(plain) <= self._initials


def _plain(word: str) -> str:
    return _GENITIVE.sub("", word).lower()
