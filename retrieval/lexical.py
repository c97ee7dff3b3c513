"""BM25 over chunks: SQLite FTS5 finds the candidates, a plain formula scores them.

Knows terms and row numbers; no vector and no fusion. Terms consist of letters and digits and are quoted, so FTS5's
operators in a query are plain words. A term has a stem in each language of the texts (`retrieval.words.Stems`): a row
that holds any of them holds the term.

FTS5 alone scores every row that holds any word of the query: 160 to 400 ms at 100,000 chunks. So the rarer words
choose the candidates and all words score them (docs/benchmarks.md). The formula is ours because FTS5's has fixed
constants that did worse and cannot score a given set of rows quickly.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray

from retrieval.schema import COLLECTION_SHIFT
from retrieval.words import Stems

K1 = 0.9
B = 0.4
"""The constants of the reference figures; FTS5's 1.2 and 0.75 lost up to 0.01 nDCG@10."""
MOST_COUNTED = 2_000
"""A word in more rows than this is counted by extrapolation: counting costs 0.2 ms a thousand."""
MOST_MATCHES = 4_000
"""Common words do not choose once the rarer ones match this many rows: FTS5 takes about 3 ms a thousand."""

# One statement for all words and all collections: a statement for each cost more than what it found.
_COUNT = sa.text(
    f"""
    SELECT wanted.value, (
        SELECT json_array(count(*), total((rowid >> {COLLECTION_SHIFT}) IN (SELECT value FROM json_each(:numbers))),
                          max(rowid))
        FROM (SELECT rowid FROM chunks_fts WHERE chunks_fts MATCH wanted.value
              AND rowid BETWEEN :low AND :high LIMIT :most)
    ) FROM json_each(:terms) AS wanted
    """  # noqa: S608 (a number of our own)
)
_BEST = f"""
    SELECT rowid FROM chunks_fts WHERE chunks_fts MATCH :match AND rowid BETWEEN :low AND :high
    AND (rowid >> {COLLECTION_SHIFT}) IN (SELECT value FROM json_each(:numbers)) %s
    ORDER BY rank LIMIT :limit
"""  # noqa: S608 (a number of our own)
_BEST_OF_ALL = sa.text(_BEST % "")
# The plus keeps SQLite from asking FTS5 for every allowed row by itself.
_BEST_OF_SOME = sa.text(
    _BEST % "AND +rowid IN (SELECT number FROM chunks WHERE document_id IN (SELECT value FROM json_each(:documents)))"
)


NONE: Mapping[str, Sequence[str]] = MappingProxyType({})
NO_STEMS: Stems = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Where is searched: the collections' numbers, each with the number of its last chunk."""

    last_of: Mapping[int, int]

    @property
    def low(self) -> int:
        """The least row number there may be."""
        return min(self.last_of) << COLLECTION_SHIFT

    @property
    def high(self) -> int:
        """The greatest row number there may be. Rows of other collections may lie between the two."""
        return ((max(self.last_of) + 1) << COLLECTION_SHIFT) - 1

    @property
    def rows(self) -> int:
        """How many rows there are, or a little more where some were removed."""
        return self.rows_until(self.high)

    def rows_until(self, reached: int) -> int:
        """Return how many of its rows have this number or a lower one."""
        each = (min(last, reached) - (number << COLLECTION_SHIFT) + 1 for number, last in self.last_of.items())
        return sum(max(rows, 0) for rows in each)


@dataclass(frozen=True, slots=True, kw_only=True)
class Frequencies:
    """How many rows there are, and in how many of them each term of a query is; large numbers are estimates."""

    rows: int
    of_term: Mapping[str, int]
    costs: Mapping[str, int]
    """As `of_term`, but counting the rows of other collections too that are read on the way."""
    stems: Stems = field(default_factory=dict)
    """Of the terms that have others than themselves."""

    def weight(self, term: str) -> float:
        """Return the inverse document frequency of a term, above 0."""
        within = min(self.of_term.get(term, 0), self.rows)
        return math.log(1 + (self.rows - within + 0.5) / (within + 0.5))


def frequencies(connection: sa.Connection, stems: Stems, *, scope: Scope) -> Frequencies:
    """Return how common these terms are in the collections."""
    quoted = {_quoted(term, stems): term for term in stems}
    asked = _place(scope) | {"terms": json.dumps(list(quoted)), "most": MOST_COUNTED}
    rows = scope.rows
    of_term: dict[str, int] = {}
    costs: dict[str, int] = {}
    for wanted, counted in connection.execute(_COUNT, asked):
        count, own, reached = json.loads(counted)
        # The first rows tell how dense the term is; the rest is taken to be as dense.
        looked_at = scope.rows_until(reached) if count == MOST_COUNTED else rows
        of_term[quoted[wanted]] = round(own * rows / max(looked_at, own, 1))
        costs[quoted[wanted]] = max(count, round(count * rows / max(looked_at, 1)))
    return Frequencies(rows=rows, of_term=of_term, costs=costs, stems=stems)


def best_rows(
    connection: sa.Connection, common: Frequencies, *, scope: Scope, limit: int, documents: Sequence[str] | None = None
) -> list[int]:
    """Return the numbers of up to `limit` chunks that the rarer terms fit best, of these documents if any are named."""
    match = choosing_expression(common.costs, common.stems)
    if not match:
        return []
    asked = _place(scope) | {"match": match, "limit": limit}
    if documents is None:
        return list(connection.scalars(_BEST_OF_ALL, asked))
    return list(connection.scalars(_BEST_OF_SOME, asked | {"documents": json.dumps(documents)}))


def choosing_expression(of_term: Mapping[str, int], stems: Stems = NO_STEMS) -> str:
    """Return the FTS5 expression of the terms that choose candidates, "" when no term is anywhere."""
    present = sorted((count, term) for term, count in of_term.items() if count)
    chosen: list[str] = []
    matches = 0
    for count, term in present:
        if chosen and matches + count > MOST_MATCHES:
            break
        chosen.append(_quoted(term, stems))
        matches += count
    if matches > MOST_MATCHES and len(present) > 1:  # even the rarest is everywhere: ask for the two rarest together
        return f"{_quoted(present[0][1], stems)} AND {_quoted(present[1][1], stems)}"
    return " OR ".join(chosen)


@dataclass(frozen=True, slots=True, kw_only=True)
class TermCounts:
    """How often texts hold the terms of a query, one row a text."""

    counts: NDArray[np.int64]
    """Shape (texts, terms)."""
    lengths: NDArray[np.int64]
    """How many terms each text has, shape (texts,)."""

    @classmethod
    def of(cls, rows: Sequence[NDArray[np.int64]], *, terms: int) -> "TermCounts":
        """Return rows of counts, each followed by the length of its text."""
        table = np.asarray(rows, np.int64).reshape(len(rows), terms + 1)
        return cls(counts=table[:, :-1], lengths=table[:, -1])


def bm25(common: Frequencies, held: TermCounts, *, wholes: Mapping[str, Sequence[str]] = NONE) -> NDArray[np.float64]:
    """Return the BM25 score of each text for the terms of `common.of_term`; 0 where it holds none.

    The average length is that of these texts, which are the candidates. Of a term in `wholes` and its parts only what
    scores more counts: both together would make too much of every code (docs/benchmarks.md).

    Source: Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond", 2009, section 3.4.
    """
    weights = np.array([common.weight(term) for term in common.of_term])
    average = float(held.lengths.mean()) if held.lengths.size else 0.0
    damping = K1 * (1 - B + B * held.lengths[:, None] / (average or 1.0))
    gains = held.counts * (K1 + 1) / np.maximum(held.counts + damping, np.finfo(np.float64).tiny) * weights
    scores: NDArray[np.float64] = gains.sum(axis=1)
    columns = {term: column for column, term in enumerate(common.of_term)}
    for whole, parts in wholes.items():
        if whole in columns:
            of_parts = gains[:, [columns[part] for part in parts if part in columns]].sum(axis=1)
            scores -= np.minimum(gains[:, columns[whole]], of_parts)
    return scores


def _place(scope: Scope) -> dict[str, object]:
    return {"low": scope.low, "high": scope.high, "numbers": json.dumps(list(scope.last_of))}


def _quoted(term: str, stems: Stems) -> str:
    alike = " OR ".join(f'"{stem}"' for stem in stems.get(term, (term,)))
    return f"({alike})" if " " in alike else alike
