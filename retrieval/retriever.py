"""Find passages for a query: nearest vectors and BM25, fused, neighbours merged, duplicates dropped.

Knows no user: it is given the collections to search. Step 4 of the life of a question (docs/architecture.md).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from retrieval.chunks import ChunkStore, FoundChunk
from retrieval.documents import EmbedQuery, FloatVector, Passage, Rerank
from retrieval.fusion import added_scores
from retrieval.index import VectorIndex
from retrieval.lexical import Frequencies, bm25, together
from retrieval.words import query_terms

CANDIDATES = 60
"""From each of the two searches; 50 to 400 differ by at most 0.005 nDCG@10, and each costs a row read."""
REACH = 2
"""Chunks on either side that count as a chunk's surroundings: small chunks miss words said just before.

Worth 0.01 nDCG@10 on scifact and 0.004 on covidqa; 1 or 3 do nearly as well (docs/benchmarks.md).
"""
RERANKED = 30
"""As many of the best candidates as a reranker sees."""
MERGED_CHARACTERS = 1_600
"""Neighbouring chunks are joined up to about 400 tokens."""
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

    def __init__(
        self, *, chunks: ChunkStore, index: VectorIndex, embed_query: EmbedQuery, rerank: Rerank | None = None
    ) -> None:
        """Search with these parts; without a reranker the fused scores decide."""
        self._chunks = chunks
        self._index = index
        self._embed_query = embed_query
        self._rerank = rerank

    def search(self, query: str, *, collection_ids: Sequence[str], k: int = 10) -> list[Passage]:
        """Return up to k passages, best first; nothing for a query without a letter or digit."""
        if not query_terms(query) or not collection_ids or k < 1:
            return []
        vector = self._embed_query(query)
        candidates = self.candidates(query, vector, collection_ids=collection_ids)
        if self._rerank is not None:
            candidates = _reranked(query, candidates, self._rerank)
        groups = grouped(candidates, k=k)
        return [self._passage(group, rank) for rank, group in enumerate(groups, start=1)]

    def candidates(self, query: str, vector: FloatVector, *, collection_ids: Sequence[str]) -> list[Candidate]:
        """Return the chunks either search found, with both scores of each, best first."""
        words = query_terms(query)
        matches = [self._chunks.lexical(words, collection_id=each, limit=CANDIDATES) for each in collection_ids]
        dense: dict[str, float] = {}
        for collection_id, match in zip(collection_ids, matches, strict=True):
            dense.update(self._index.nearest(collection_id, vector, limit=CANDIDATES))
            further = [chunk_id for chunk_id in match.chunk_ids if chunk_id not in dense]
            dense.update(self._index.cosines(collection_id, vector, further))
        named = dense.keys() | {chunk_id for match in matches for chunk_id in match.chunk_ids}
        hits = [hit for hit in self._chunks.found(named).values() if hit.collection_id in collection_ids]
        lexical = self._lexical([hit.number for hit in hits], together([match.common for match in matches]))
        return _scored(hits, [dense.get(hit.chunk.chunk_id, 0.0) for hit in hits], lexical)

    def _lexical(self, numbers: Sequence[int], common: Frequencies) -> list[float]:
        """Return the BM25 score of each chunk plus that of the chunk together with its surroundings."""
        terms = self._chunks.terms(set(numbers), reach=REACH)
        nothing: tuple[list[str], list[str]] = ([], [])  # the chunk was removed a moment ago
        alone, within = (bm25(common, [terms.get(number, nothing)[part] for number in numbers]) for part in (0, 1))
        return [own + around for own, around in zip(alone, within, strict=True)]

    def _passage(self, group: Sequence[Candidate], rank: int) -> Passage:
        best = group[0].found
        chunks = sorted((member.found.chunk for member in group), key=lambda chunk: chunk.ordinal)
        start, end = chunks[0].start, chunks[-1].end
        joined = len(chunks) > 1
        return Passage(
            rank=rank,
            score=group[0].score,
            dense=max(member.dense for member in group),
            collection_id=best.collection_id,
            document_id=best.chunk.document_id,
            document=best.document,
            title=best.title,
            page=chunks[0].page,
            chunk_id=best.chunk.chunk_id,
            start=start,
            end=end,
            headings=best.chunk.headings,
            text=self._chunks.text(best.chunk.document_id, start, end) if joined else chunks[0].text,
            columns=chunks[0].columns,
            pages=() if chunks[0].page is None else self._chunks.pages(best.chunk.document_id, start, end),
        )


def _scored(hits: Sequence[FoundChunk], dense: Sequence[float], lexical: Sequence[float]) -> list[Candidate]:
    scored = [
        Candidate(found=hit, dense=cosine, lexical=words, score=score)
        for hit, cosine, words, score in zip(hits, dense, lexical, added_scores(dense, lexical), strict=True)
    ]
    return sorted(scored, key=lambda candidate: (-candidate.score, candidate.found.chunk.chunk_id))


def _reranked(query: str, candidates: Sequence[Candidate], rerank: Rerank) -> list[Candidate]:
    head = candidates[:RERANKED]
    scores = rerank(query, [candidate.found.chunk.indexed_text for candidate in head])
    order = sorted(range(len(head)), key=lambda place: -scores[place])
    return [head[place] for place in order]


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
