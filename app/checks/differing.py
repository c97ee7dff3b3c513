"""Passages of one answer that state different things of what it says: what whoever reads its verdicts has to know.

Knows statements with their windows; no store, no link between documents (`retrieval.conflicts` has those).
"""

from collections.abc import Iterator, Sequence
from itertools import combinations

from app.checks.claims import NEAR_FROM, Examined
from app.checks.conflicts import Words, differences
from app.checks.support import Source

MOST_PASSAGES = 4
"""So many windows of a statement are held against each other, the nearest ones."""
MOST_STATEMENTS = 50
"""Of an answer; they are enough for the few differences that anybody reads."""


def differing(stated: Sequence[Examined], sources: Sequence[Source]) -> Iterator[tuple[str, str]]:
    """Yield each two sentences of different passages that differ on what an answer states, once."""
    seen: set[frozenset[str]] = set()
    for one in stated[:MOST_STATEMENTS]:
        near = [support.window for support in one.supports if support.wording >= NEAR_FROM][:MOST_PASSAGES]
        texts = [sources[window.source].text[window.start : window.end] for window in near]
        for ours, theirs in combinations(dict.fromkeys(texts), 2):
            pair = frozenset((ours, theirs))
            if pair not in seen:
                seen.add(pair)
                for found in differences(Words(ours), Words(theirs)):
                    yield ours[found.start : found.end], theirs[found.other_start : found.other_end]
