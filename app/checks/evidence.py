"""Before the model: do the passages found hold anything about what was asked?

Knows the query, the passages and a threshold. It only stops what is plainly elsewhere; near misses are left to the
model, which may still reply that the passages do not answer.
"""

import math
from collections.abc import Sequence

from app.checks.words import content_words
from retrieval.documents import Passage
from retrieval.tongues import tongue_of
from retrieval.words import indexed_terms, joined_terms, query_stems

COVERAGE_WEIGHT = 0.4
"""What holding every content word of the query counts beside a cosine of 1. Rare words counted more, the first
passage's lead and the share all passages hold together part the sets they were fitted on better, and others worse:
fitted on mtrag_un they fall from 0.75 to 0.65 on wikiqa."""
_FRAME = frozenset(
    content_words(
        "tell give show explain describe summarise summarize provide know learn more detail overview summary "
        "everything anything something"
    )
)
"""Words by which people ask for a text, and which the text itself does not hold."""
SLOPE, MIDDLE = 7.4, 0.58
"""The curve from evidence to chance, fitted by bench/evidence.py for MiniLM's cosines."""
ENOUGH = 0.445
"""With a smaller chance the model is not asked: 0, 2 and 4 % of the answerable questions of kb_18f, wikiqa and
mtrag_un, whose queries come from conversations, and 40, 18 and 56 % of the unanswerable ones."""
STRONG = 0.778
"""With this chance the model is not offered to decline: 85, 87 and 69 % of the answerable ones, 20, 51 and 14 % of the
unanswerable ones. The starter model declines far more answerable ones when it is offered."""


def chance(strength: float) -> float:
    """Return how likely it is that the documents answer, 0..1, where four of five questions can be answered."""
    return 1 / (1 + math.exp(-SLOPE * (strength - MIDDLE)))


def evidence(query: str, passages: Sequence[Passage]) -> float:
    """Return the best passage's cosine plus its weighted share of the query's content words; 0 without passages."""
    words = _asked(query)
    shares = (passage.dense + COVERAGE_WEIGHT * _coverage(query, words, passage) for passage in passages)
    return max(shares, default=0.0)


def coverage(query: str, passages: Sequence[Passage]) -> float:
    """Return the greatest share of the query's content words that one passage holds, 0..1."""
    words = _asked(query)
    return max((_coverage(query, words, passage) for passage in passages), default=0.0)


def _asked(query: str) -> frozenset[str]:
    """Return the content words of a query that say what it asks about."""
    words = frozenset(content_words(query))
    return words - _FRAME or words


def _coverage(query: str, words: frozenset[str], passage: Passage) -> float:
    """Return the share of a query's content words that the passage or its headings hold; 0 where it has none.

    `words` are these in English; beside a passage that is plainly in another language they are those of search.
    """
    text = "\n".join((passage.title, *passage.headings, passage.columns, passage.text))
    if tongue := tongue_of(text):
        stems, found = query_stems(query, [tongue], whatever=False), frozenset(indexed_terms(text, language=tongue))
        return sum(not found.isdisjoint(alike) for alike in stems.values()) / len(stems) if stems else 0.0
    held = frozenset(content_words(text) + joined_terms(text))
    return len(words & held) / len(words) if words else 0.0
