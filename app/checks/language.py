"""Whether an answer is in another language than its sources, so that their words cannot be compared.

Knows scripts and the commonest words of some languages (`retrieval.readers.language`); translates nothing.
"""

import re
from collections.abc import Sequence

from app.checks.words import content_words
from retrieval.readers.language import language_of

SHARED = 0.3
"""An answer with more of its content words in the sources is in their language whatever its commonest words say: of
1,900 short English answers and claims 16 look Czech, Hungarian or Polish, nearly all of them share more."""


_SAMPLE_CHARACTERS = 2_000
_FEWEST_LETTERS = 4
_MOST = 0.8
"""Share of a text's letters from which it is written in them."""
_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f]")


def in_another_language(answer: str, sources: Sequence[str]) -> bool:
    """Whether answer and sources are in languages that can be told, or in other letters, and these differ."""
    text = "\n".join(sources)
    if not _in_other_letters(answer, text):
        answered = language_of(answer)
        if not answered or language_of(text) in {"", answered}:
            return False
    words = set(content_words(answer))
    return len(words & set(content_words(text))) < SHARED * len(words)


def _in_other_letters(answer: str, text: str) -> bool:
    """Whether one of two texts is written in Latin letters and the other in others, which a few letters tell."""
    one, other = _latin(answer), _latin(text)
    if one is None or other is None:
        return False
    return max(one, other) >= _MOST and min(one, other) <= 1 - _MOST


def _latin(text: str) -> float | None:
    """Return which share of the letters at a text's beginning are Latin; None where there are too few to tell."""
    sample = text[:_SAMPLE_CHARACTERS]
    letters = sum(map(str.isalpha, sample))
    return len(_LATIN.findall(sample)) / letters if letters >= _FEWEST_LETTERS else None
