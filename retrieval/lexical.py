"""BM25 over chunks: SQLite FTS5 finds the candidates, a plain formula scores them.

Knows terms and row numbers; no vector and no fusion. Terms consist of letters and digits and are quoted, so FTS5's
operators in a query are plain words.

FTS5 alone scores every row that holds any word of the query: 160 to 400 ms at 100,000 chunks. So the rarer words
choose the candidates and all words score them (docs/benchmarks.md). The formula is ours because FTS5's has fixed
constants that did worse and cannot score a given set of rows quickly.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from retrieval.schema import COLLECTION_SHIFT

K1 = 0.9
B = 0.4
"""The constants of the reference figures; FTS5's 1.2 and 0.75 lost up to 0.01 nDCG@10."""
MOST_COUNTED = 2_000
"""A word in more rows than this is counted by extrapolation: counting costs 0.2 ms a thousand."""
MOST_MATCHES = 4_000
"""Common words do not choose once the rarer ones match this many rows: FTS5 takes about 3 ms a thousand."""

_COUNT = sa.text(
    "SELECT count(*), max(rowid) FROM (SELECT rowid FROM chunks_fts WHERE chunks_fts MATCH :match"
    " AND rowid BETWEEN :low AND :high LIMIT :most)"
)
_BEST = sa.text(
    "SELECT rowid FROM chunks_fts WHERE chunks_fts MATCH :match AND rowid BETWEEN :low AND :high"
    " ORDER BY rank LIMIT :limit"
)
_LAST = sa.text("SELECT max(number) FROM chunks WHERE number BETWEEN :low AND :high")


@dataclass(frozen=True, slots=True, kw_only=True)
class Frequencies:
    """How many rows there are, and in how many of them each term of a query is; large numbers are estimates."""

    rows: int
    of_term: Mapping[str, int]

    def weight(self, term: str) -> float:
        """Return the inverse document frequency of a term, above 0."""
        within = min(self.of_term.get(term, 0), self.rows)
        return math.log(1 + (self.rows - within + 0.5) / (within + 0.5))


def together(parts: Sequence[Frequencies]) -> Frequencies:
    """Return the frequencies in several collections as one."""
    of_term: dict[str, int] = {}
    for part in parts:
        for term, count in part.of_term.items():
            of_term[term] = of_term.get(term, 0) + count
    return Frequencies(rows=sum(part.rows for part in parts), of_term=of_term)


def frequencies(connection: sa.Connection, terms: Sequence[str], *, number: int) -> Frequencies:
    """Return how common these terms are in the collection of this number."""
    low, high = _span(number)
    last = connection.execute(_LAST, {"low": low, "high": high}).scalar()
    rows = 0 if last is None else int(last) - low + 1
    counted: dict[str, int] = {}
    for term in terms:
        span = {"match": _quoted(term), "low": low, "high": high, "most": MOST_COUNTED}
        count, reached = connection.execute(_COUNT, span).one()
        # The first rows tell how dense the term is; the rest is taken to be as dense.
        counted[term] = count if count < MOST_COUNTED else count * rows // (reached - low + 1)
    return Frequencies(rows=rows, of_term=counted)


def best_rows(connection: sa.Connection, common: Frequencies, *, number: int, limit: int) -> list[int]:
    """Return the numbers of up to `limit` chunks of one collection that the rarer terms fit best."""
    match = choosing_expression(common.of_term)
    if not match:
        return []
    low, high = _span(number)
    return list(connection.scalars(_BEST, {"match": match, "low": low, "high": high, "limit": limit}))


def choosing_expression(of_term: Mapping[str, int]) -> str:
    """Return the FTS5 expression of the terms that choose candidates, "" when no term is anywhere."""
    present = sorted((count, term) for term, count in of_term.items() if count)
    chosen: list[str] = []
    matches = 0
    for count, term in present:
        if chosen and matches + count > MOST_MATCHES:
            break
        chosen.append(_quoted(term))
        matches += count
    if matches > MOST_MATCHES and len(present) > 1:  # even the rarest is everywhere: ask for the two rarest together
        return f"{_quoted(present[0][1])} AND {_quoted(present[1][1])}"
    return " OR ".join(chosen)


def bm25(common: Frequencies, texts: Sequence[Sequence[str]]) -> list[float]:
    """Return the BM25 score of each text (given as its terms) for the terms of a query; 0 where it holds none.

    The average length is that of these texts, which are the candidates.

    Source: Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond", 2009, section 3.4.
    """
    average = sum(map(len, texts)) / max(len(texts), 1)
    weights = {term: common.weight(term) for term in common.of_term}
    scores: list[float] = []
    for text in texts:
        damping = K1 * (1 - B + B * len(text) / (average or 1.0))
        counts = {term: text.count(term) for term in weights}
        scores.append(sum(weights[term] * n * (K1 + 1) / (n + damping) for term, n in counts.items() if n))
    return scores


def _span(number: int) -> tuple[int, int]:
    return number << COLLECTION_SHIFT, ((number + 1) << COLLECTION_SHIFT) - 1


def _quoted(term: str) -> str:
    return f'"{term}"'
