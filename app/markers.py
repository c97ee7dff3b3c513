"""Citations a model wrote itself, "[2]": each is held against the passages, and none is trusted or left in the text.

Knows texts and passages. What a sentence rests on is found by comparing (`app.citations`); a marker only tells what the
model believed, and whether that was right is counted.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from app.answers import Citation, Claim
from retrieval.documents import Passage

_MARKER = re.compile(r"[ \t]?\[(\d{1,2}(?:\s?[,;]\s?\d{1,2})*)\](?!\()")
_CODE = re.compile(r"```.*?(?:```|\Z)|`[^`\n]+`", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Marker:
    """A citation in a model's text: after which place of the text without markers, and of which passage, from 1."""

    place: int
    passage: int


def without_markers(text: str) -> tuple[str, list[Marker]]:
    """Return a text without the citations a model wrote in it, and these; code keeps its brackets."""
    kept, found, place, length = [], [], 0, 0
    code = [match.span() for match in _CODE.finditer(text)]
    for match in _MARKER.finditer(text):
        if any(start <= match.start() < end for start, end in code) or text[: match.start()].endswith("]"):
            continue
        kept.append(text[place : match.start()])
        length += len(kept[-1])
        found += [Marker(place=length, passage=int(number)) for number in re.findall(r"\d+", match[1])]
        place = match.end()
    return "".join([*kept, text[place:]]), found


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
