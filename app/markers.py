"""Citations a model wrote itself, "[2]": each is held against the passages, and none is trusted.

Knows answers and passages; markers are taken out of the text while it streams (`app.guard.outputs`). What a sentence
rests on is found by comparing (`app.citations`); a marker only tells what the model believed, and how often that was
right is counted.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from app.answers import Citation, Claim
from retrieval.documents import Passage


@dataclass(frozen=True, slots=True, kw_only=True)
class Marker:
    """A citation in a model's text: after which place of the text without markers, and of which passage, from 1."""

    place: int
    passage: int


def counted(
    markers: Sequence[Marker], claims: Sequence[Claim], citations: Sequence[Citation], passages: Sequence[Passage]
) -> tuple[int, int]:
    """Return how many markers named another passage than the one that says it, and how many where none does."""
    by_number = {one.n: one for one in citations}
    repaired = removed = 0
    for marker in markers:
        claim = _claim_at(marker.place, claims)
        right = {by_number[n].document_id for n in claim.citations} if claim else set()
        named = passages[marker.passage - 1].document_id if 0 < marker.passage <= len(passages) else ""
        repaired += bool(right) and named not in right
        removed += not right
    return repaired, removed


def _claim_at(place: int, claims: Sequence[Claim]) -> Claim | None:
    """Return the statement that a place is in, or that ends last before it."""
    return next((claim for claim in reversed(claims) if claim.start < place), None)
