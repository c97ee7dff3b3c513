"""What an answer rests on and another document says differently: both places, with their dates and owners.

Knows the conflicts that ingest found, and compares passages of different collections on the spot; the words of an
answer decide which of them matter to it. Knows no page. Whoever asks sees only collections they may read.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations

from app.answers import Citation, Claim, Collection, Conflict, ConflictSide
from app.checks.conflicts import differences, speak_of_same
from retrieval import conflicts as stored
from retrieval.chunks import ChunkStore
from retrieval.documents import Passage
from retrieval.imprint import CHARACTERS, Imprint, imprint_of

MOST = 5
"""Shown with one answer; who wants all looks at the collection's report."""
MOST_REPORTED = 500
"""Shown of a collection. Nobody reads more at once, and what was mended makes room for the next."""


class Differing:
    """Finds what other documents say differently."""

    def __init__(self, chunks: ChunkStore) -> None:
        """Look among these documents."""
        self._chunks = chunks

    def about(
        self,
        collections: Iterable[Collection],
        *,
        passages: Sequence[Passage],
        citations: Sequence[Citation],
        claims: Sequence[Claim],
    ) -> tuple[Conflict, ...]:
        """Return the conflicts that an answer rests on, each with the cited side first, at most `MOST`.

        Args:
            collections: those that were searched.
            passages: what the answer was given.
            citations: what it cites.
            claims: what it states.
        """
        named = {one.collection_id: one for one in collections}
        known = self._chunks.conflicts.touching({passage.document_id for passage in passages})
        all_of_them = [*known, *_between(passages, self._chunks)]
        open_to = [one for one in all_of_them if {one.one.collection_id, one.other.collection_id} <= named.keys()]
        cited = [one for one in open_to if _among(one.one, citations)]
        spoken_of = [
            one
            for one in open_to
            if _among(one.one, passages) and any(speak_of_same(claim.text, one.one.quote) for claim in claims)
        ]
        found: dict[frozenset[tuple[str, int]], stored.Conflict] = {}
        for conflict in [*cited, *spoken_of]:
            found.setdefault(
                frozenset((each.document_id, each.start) for each in (conflict.one, conflict.other)), conflict
            )
        return tuple(self._shown(list(found.values())[:MOST], named))

    def report(self, collection: Collection) -> list[Conflict]:
        """Return the conflicts within a collection, for whoever answers for it; at most `MOST_REPORTED`."""
        found = self._chunks.conflicts.of(collection.collection_id, limit=MOST_REPORTED)
        return self._shown(found, {collection.collection_id: collection})

    def _shown(self, found: Sequence[stored.Conflict], named: Mapping[str, Collection]) -> list[Conflict]:
        beginning = self._chunks.conflicts.beginning
        ids = {place.document_id for conflict in found for place in (conflict.one, conflict.other)}
        imprints = {document_id: imprint_of(beginning(document_id, characters=CHARACTERS)) for document_id in ids}

        def side(place: stored.Place) -> ConflictSide:
            return _side(place, imprints[place.document_id], named[place.collection_id])

        return [
            Conflict(kind=each.kind, one=side(each.one), other=side(each.other), order=each.order) for each in found
        ]


def _among(place: stored.Place, others: Sequence[Citation] | Sequence[Passage]) -> bool:
    """Whether one of the others holds some of a place."""
    return any(
        place.document_id == one.document_id and place.start < one.end and one.start < place.end for one in others
    )


def _between(passages: Sequence[Passage], chunks: ChunkStore) -> Iterator[stored.Conflict]:
    """Yield what passages of different collections state differently, seen from both sides."""
    for one, other in combinations(passages, 2):
        if one.collection_id == other.collection_id:
            continue
        for found in differences(one, other):
            here = _place(one, chunks, found.start, found.end)
            there = _place(other, chunks, found.other_start, found.other_end)
            if here and there:
                conflict = stored.Conflict(kind=found.kind, one=here, other=there, order=0)
                yield from (conflict, conflict.turned())


def _place(passage: Passage, chunks: ChunkStore, start: int, end: int) -> stored.Place | None:
    summary = chunks.summary(passage.document_id)
    if summary is None:
        return None
    return stored.Place(
        document_id=passage.document_id,
        collection_id=passage.collection_id,
        document=passage.document,
        title=passage.title,
        added=summary.added,
        page=passage.page_at(start),
        start=start,
        end=end,
        quote=passage.text[start - passage.start : end - passage.start],
    )


def _side(place: stored.Place, imprint: Imprint, collection: Collection) -> ConflictSide:
    return ConflictSide(
        collection_id=place.collection_id,
        document_id=place.document_id,
        document=place.document,
        title=place.title,
        page=place.page,
        start=place.start,
        end=place.end,
        quote=place.quote,
        added=place.added.date().isoformat(),
        dated=imprint.dated,
        owner=imprint.owner or collection.owner,
    )
