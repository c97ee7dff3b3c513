"""Before the model: do the passages found hold anything about what was asked?

Knows the query, the passages and two thresholds. It only stops what is plainly elsewhere; near misses are left to the
model, which may still reply that the passages do not answer.
"""

from collections.abc import Sequence

from app.checks.words import content_words
from retrieval.documents import Passage

COSINE_ENOUGH = 0.35
"""From this cosine between query and best passage on, meaning alone is evidence enough (docs/benchmarks.md)."""
COVERAGE_ENOUGH = 0.6
"""So many of the query's content words in one passage are evidence enough whatever the cosine."""


def enough(query: str, passages: Sequence[Passage]) -> bool:
    """Whether at least one passage is near the query in meaning or in words."""
    if any(passage.dense >= COSINE_ENOUGH for passage in passages):
        return True
    words = set(content_words(query))
    return bool(words) and any(_coverage(words, passage) >= COVERAGE_ENOUGH for passage in passages)


def _coverage(words: set[str], passage: Passage) -> float:
    """Return the share of the words that the passage or its headings hold."""
    held = set(content_words("\n".join((passage.title, *passage.headings, passage.text))))
    return len(words & held) / len(words)
