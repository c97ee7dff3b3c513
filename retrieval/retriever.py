"""Find passages for a query: nearest vectors and BM25, fused, neighbours merged, duplicates dropped, rows whole.

Knows no user: it is given the collections to search. Step 4 of the life of a question (docs/architecture.md).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial

import numpy as np
from numpy.typing import NDArray

from retrieval.chunks import ChunkStore
from retrieval.crossing import Crossing
from retrieval.documents import AreVerified, EmbedQuery, FloatVector, Passage, Rerank, Section, Verified
from retrieval.filters import EVERYTHING, Filter
from retrieval.finding import FoundChunk, Hit, counted
from retrieval.fusion import added_scores
from retrieval.index import VectorIndex
from retrieval.lexical import TermCounts, bm25
from retrieval.neighbours import Neighbours
from retrieval.relatives import Newer
from retrieval.verified import answers_first
from retrieval.words import Stems, query_stems, query_terms, wholes

CANDIDATES = 60
"""From each of the two searches, over all collections. 50 to 400 differ by at most 0.005 nDCG@10, and each costs a
row read."""
REACH = 2
"""Chunks on either side that count as a chunk's surroundings: small chunks miss words said just before.

Worth 0.06 of the excerpts that answer on chroma_chunking, and 0.005 nDCG@10 on covidqa, which may be chance
(docs/benchmarks.md).
"""
HEAD, HEAD_PER_PASSAGE = 60, 4
"""So many of the candidates get a second look with the words around them; reading those costs most of a search."""
EXACT = 1_000
"""So many chunks that a filter lets through are compared one by one; of more, the nearest of all are looked through."""
FURTHEST = 1_000
"""With a filter so many of the nearest chunks are looked through at most."""
RERANKED = 30
"""As many of the best candidates as a reranker sees."""
MERGED_CHARACTERS = 1_600
"""Neighbouring chunks are joined up to about 400 tokens."""
AS_NEAR = 0.1
"""A newer version comes first where its best chunk is at most so much further from the query, in cosine."""
AS_GOOD, SAME_WORDS = 0.05, 0.95
"""Of two nearly the same that only came one after the other, where it is at most so much further, and holds the words
of the query at least so well: the rules of two offices, one of which was asked for, are no versions of each other."""
MERGED_FROM = 2
"""Only the best 2 k chunks are joined to better ones; further down a neighbour is there by chance."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A chunk with its scores for one query."""

    found: FoundChunk
    dense: float
    lexical: float
    score: float


class Retriever:
    """Search over the chunks and vectors of any collections."""

    def __init__(  # noqa: PLR0913 - the parts of a search
        self,
        *,
        chunks: ChunkStore,
        index: VectorIndex,
        embed_query: EmbedQuery,
        rerank: Rerank | None = None,
        are_verified: AreVerified = lambda _places: {},
        crossing: Crossing | None = None,
        today: Callable[[], date] = lambda: datetime.now().astimezone().date(),
    ) -> None:
        """Search with these parts; without a reranker the fused scores decide, and nothing is a verified answer.

        Index and embedder are changed only by who passes `crossing` alone.
        """
        self._crossing = crossing or Crossing()
        self._finder = chunks.finder
        self._neighbours = Neighbours(self._finder)
        self._relatives = chunks.relatives
        self._index = index
        self._embed_query = embed_query
        self._rerank = rerank
        self._are_verified = are_verified
        self._today = today

    def search(
        self, query: str, *, collection_ids: Sequence[str], k: int = 10, only: Filter = EVERYTHING
    ) -> list[Passage]:
        """Return up to k passages, best first; nothing for a query without a letter or digit."""
        if not query_terms(query) or not collection_ids or k < 1:
            return []
        with self._crossing.under_way():
            return self._search(query, collection_ids=collection_ids, k=k, only=only)

    def _search(self, query: str, *, collection_ids: Sequence[str], k: int, only: Filter) -> list[Passage]:
        vector = self._embed_query(query)
        candidates = self.candidates(query, vector, collection_ids=collection_ids, k=k, only=only)
        if self._rerank is not None:
            candidates = _reranked(query, candidates, self._rerank)
        newer = self._relatives.newer({candidate.found.chunk.document_id for candidate in candidates})
        if newer:
            candidates = newest_first(candidates, newer)
        verified = self._are_verified({place_of(candidate) for candidate in candidates}) if candidates else {}
        if verified:
            candidates = answers_first(candidates, verified, today=self._today())
        groups = grouped(candidates, k=k)
        versions = self._finder.versions({group[0].found.chunk.document_id for group in groups})
        passages = [
            self._passage(group, rank, verified.get(place_of(group[0])), versions)
            for rank, group in enumerate(groups, start=1)
        ]
        numbers = {member.found.number + step for group in groups for member in group for step in (0, 1)}
        return self._neighbours.whole_rows(passages) if self._finder.parts(numbers) else passages

    def candidates(
        self, query: str, vector: FloatVector, *, collection_ids: Sequence[str], k: int = 10, only: Filter = EVERYTHING
    ) -> list[Candidate]:
        """Return the best of the chunks either search found, enough for k passages, best first."""
        allowed = None if only == EVERYTHING else self._finder.documents(only, collection_ids=collection_ids)
        if allowed is not None and not allowed:
            return []
        stems = query_stems(query, self._finder.languages(collection_ids))
        matches = self._finder.lexical(stems, collection_ids=collection_ids, limit=CANDIDATES, allowed=allowed)
        nearest = self._nearest(vector, collection_ids, allowed)
        hits = self._finder.hits(nearest.keys(), matches.numbers)
        hits = [hit for hit in hits if hit.owner.collection_id in collection_ids]
        cosines = nearest | self._further(vector, hits, nearest)
        dense = [cosines.get(hit.chunk_id, 0.0) for hit in hits]
        scored = partial(bm25, matches.common, wholes=wholes(query))
        held = {term: stems[term] for term in matches.common.of_term}
        return self._scored(hits, dense, held, scored, max(HEAD, HEAD_PER_PASSAGE * k))

    def _scored(
        self,
        hits: Sequence[Hit],
        dense: Sequence[float],
        stems: Stems,
        scored: Callable[[TermCounts], NDArray[np.float64]],
        head: int,
    ) -> list[Candidate]:
        """Return the best hits, best first: by cosine and own words, then also by the words around them."""
        alone = scored(counted(stems, hits))
        best = np.argsort(np.negative(added_scores(dense, alone)), kind="stable")[:head]
        lexical = 2 * alone  # of those that nobody looks at again; they only keep the scale of the scores
        lexical[best] = alone[best] + scored(
            self._finder.surroundings(stems, [hits[place] for place in best], reach=REACH)
        )
        scores = added_scores(dense, lexical)
        found = {each.number: each for each in self._finder.found([hits[place] for place in best])}
        candidates = [
            Candidate(
                found=found[hits[place].number], dense=dense[place], lexical=float(lexical[place]), score=scores[place]
            )
            for place in best
            if hits[place].number in found
        ]
        return sorted(candidates, key=lambda candidate: (-candidate.score, candidate.found.chunk.chunk_id))

    def _nearest(
        self, vector: FloatVector, collection_ids: Sequence[str], allowed: Sequence[str] | None
    ) -> dict[str, float]:
        """Return chunk id -> cosine of the nearest chunks of all collections, of the allowed documents if any are."""
        ids = None if allowed is None else set(self._finder.chunk_ids(allowed))
        near: dict[str, float] = {}
        for collection_id in collection_ids:
            if ids is None:
                near.update(self._index.nearest(collection_id, vector, limit=CANDIDATES))
            elif len(ids) <= EXACT:
                near.update(self._index.cosines(collection_id, vector, ids))
            else:
                found = self._index.nearest(collection_id, vector, limit=FURTHEST)
                near.update((chunk_id, cosine) for chunk_id, cosine in found if chunk_id in ids)
        return dict(sorted(near.items(), key=lambda one: -one[1])[:CANDIDATES])

    def _further(self, vector: FloatVector, hits: Sequence[Hit], known: Mapping[str, float]) -> dict[str, float]:
        """Return chunk id -> cosine of the hits whose cosine is not known yet."""
        of_collection: dict[str, list[str]] = {}
        for hit in hits:
            if hit.chunk_id not in known:
                of_collection.setdefault(hit.owner.collection_id, []).append(hit.chunk_id)
        further: dict[str, float] = {}
        for collection_id, chunk_ids in of_collection.items():
            further.update(self._index.cosines(collection_id, vector, chunk_ids))
        return further

    def _passage(
        self, group: Sequence[Candidate], rank: int, verified: Verified | None, versions: Mapping[str, tuple[str, str]]
    ) -> Passage:
        best = group[0].found
        chunks = sorted((member.found.chunk for member in group), key=lambda chunk: chunk.ordinal)
        start, end = chunks[0].start, chunks[-1].end
        joined = len(chunks) > 1
        sha256, added = versions.get(best.chunk.document_id, ("", ""))
        if verified is not None:  # whole: its question alone says nothing
            start, end, joined = 0, self._finder.length(best.chunk.document_id), True
        return Passage(
            rank=rank,
            score=group[0].score,
            dense=max(member.dense for member in group),
            collection_id=best.collection_id,
            document_id=best.chunk.document_id,
            document=best.document,
            title=best.title,
            media_type=best.media_type,
            page=chunks[0].page,
            chunk_id=best.chunk.chunk_id,
            start=start,
            end=end,
            headings=best.chunk.headings,
            text=self._finder.text(best.chunk.document_id, start, end) if joined else chunks[0].text,
            columns=chunks[0].columns,
            verified=verified,
            sections=tuple(Section(start=one.start, headings=one.headings) for one in chunks) if joined else (),
            sha256=sha256,
            added=added,
            pages=() if chunks[0].page is None else self._finder.pages(best.chunk.document_id, start, end),
        )


def place_of(candidate: Candidate) -> tuple[str, str]:
    """Return the collection id and the name of a candidate's document."""
    return candidate.found.collection_id, candidate.found.document


def _reranked(query: str, candidates: Sequence[Candidate], rerank: Rerank) -> list[Candidate]:
    head = candidates[:RERANKED]
    scores = rerank(query, [candidate.found.chunk.indexed_text for candidate in head])
    order = sorted(range(len(head)), key=lambda place: -scores[place])
    return [head[place] for place in order]


def newest_first(candidates: Sequence[Candidate], newer: Mapping[str, Mapping[str, Newer]]) -> list[Candidate]:
    """Return the candidates, those of an older version right behind the best of a newer one that is as near.

    Args:
        candidates: best first.
        newer: document id -> the documents that are newer than it, and how that is known.

    What only the older version says keeps its place.
    """
    best: dict[str, tuple[int, Candidate]] = {}
    for place, candidate in enumerate(candidates):
        best.setdefault(candidate.found.chunk.document_id, (place, candidate))
    keys: list[tuple[float, int]] = []
    for place, candidate in enumerate(candidates):
        others = newer.get(candidate.found.chunk.document_id, {}).items()
        versions = [(*best[one], how) for one, how in others if one in best]
        behind = [there for there, other, how in versions if _as_good(other, candidate, how)]
        keys.append((max([place, *(there + 0.5 for there in behind)]), place))
    return [candidates[place] for _, place in sorted(keys)]


def _as_good(newer: Candidate, older: Candidate, how: Newer) -> bool:
    """Whether the best chunk of a newer document serves as well as a chunk of the older one."""
    if how == "by name":
        return newer.dense >= older.dense - AS_NEAR
    return newer.dense >= older.dense - AS_GOOD and newer.lexical >= older.lexical * SAME_WORDS


def grouped(candidates: Sequence[Candidate], *, k: int) -> list[list[Candidate]]:
    """Return the best k groups: chunks beside each other together, best first; a text seen before is dropped."""
    groups: list[list[Candidate]] = []
    seen: set[str] = set()
    for place, candidate in enumerate(candidates):
        text = " ".join(candidate.found.chunk.text.split())
        if text in seen:
            continue
        seen.add(text)
        group = _beside(groups, candidate) if place < MERGED_FROM * k else None
        if group is not None:
            group.append(candidate)
        elif len(groups) < k:
            groups.append([candidate])
    return groups


def _beside(groups: Sequence[list[Candidate]], candidate: Candidate) -> list[Candidate] | None:
    """Return the group that the chunk continues or precedes without growing it too long."""
    chunk = candidate.found.chunk
    for group in groups:
        first = min(group, key=lambda member: member.found.chunk.ordinal).found.chunk
        last = max(group, key=lambda member: member.found.chunk.ordinal).found.chunk
        near = chunk.document_id == first.document_id and chunk.ordinal in {first.ordinal - 1, last.ordinal + 1}
        if near and max(chunk.end, last.end) - min(chunk.start, first.start) <= MERGED_CHARACTERS:
            return group
    return None
