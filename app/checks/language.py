"""Whether an answer is in another language than its sources, so that their words cannot be compared.

Knows scripts and the commonest words of some languages (`retrieval.readers.language`); translates nothing.
"""

from collections.abc import Sequence

from app.checks.words import content_words
from retrieval.readers.language import language_of

SHARED = 0.3
"""An answer with more of its content words in the sources is in their language whatever its commonest words say: of
1,900 short English answers and claims 16 look Czech, Hungarian or Polish, nearly all of them share more."""


def in_another_language(answer: str, sources: Sequence[str]) -> bool:
    """Whether answer and sources are in languages that can be told, and these differ."""
    answered = language_of(answer)
    text = "\n".join(sources)
    if not answered or language_of(text) in {"", answered}:
        return False
    words = set(content_words(answer))
    return len(words & set(content_words(text))) < SHARED * len(words)
