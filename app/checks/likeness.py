"""How much of a statement stands in its sources at all: the words it is made of, and how they follow each other.

Knows words, no windows and no meaning. What these two shares see beside a window's coverage: the small words, which
say how things relate, and the order, which shuffled facts do not keep.
"""

from collections.abc import Iterable
from itertools import pairwise

from app.checks.numbers import in_digits
from app.checks.words import one_spelling
from retrieval.words import terms


class Vocabulary:
    """The words of some texts, and which of them stand next to each other or with one between."""

    def __init__(self, texts: Iterable[str]) -> None:
        """Read the texts."""
        self._words: set[str] = set()
        self._pairs: set[tuple[str, str]] = set()
        for text in texts:
            words = terms(one_spelling(in_digits(text)))
            self._words.update(words)
            self._pairs.update(pairwise(words))
            self._pairs.update(zip(words, words[2:], strict=False))

    def shares(self, statement: str) -> tuple[float, float]:
        """Return the share of a statement's words that occur, and of its neighbours that are neighbours here, 0..1.

        Small words are included; the order of two neighbours does not matter.
        """
        words = terms(one_spelling(in_digits(statement)))
        pairs = list(pairwise(words))
        words_share = sum(word in self._words for word in words) / len(words) if words else 0.0
        found = sum(pair in self._pairs or pair[::-1] in self._pairs for pair in pairs)
        return words_share, found / len(pairs) if pairs else words_share
