"""BM25 over the chunks of some collections, through SQLite FTS5.

Knows words and row numbers; no vector and no fusion. A query's words are always quoted, so that FTS5's operators in
it are plain words.

FTS5 scores every row that holds any word of the query: with all words of a question that took 161 ms at 100,000
chunks. So rare words choose the candidates, and all words score them (docs/benchmarks.md).
"""

import re
from collections.abc import Collection, Sequence

import sqlalchemy as sa

from retrieval.schema import COLLECTION_SHIFT

MOST_MATCHES = 4_000
"""Common words do not choose once the rarer ones match this many rows: scoring costs about 3 ms a thousand."""
MOST_WORDS = 64
"""A longer query is cut to its first different words."""

_WORD = re.compile(r"[^\W_]+")
_COUNT = sa.text(
    "SELECT count(*) FROM (SELECT 1 FROM chunks_fts WHERE chunks_fts MATCH :match"
    " AND rowid BETWEEN :low AND :high LIMIT :most)"
)
_BEST = sa.text(
    "SELECT rowid, -rank FROM chunks_fts WHERE chunks_fts MATCH :match"
    " AND rowid BETWEEN :low AND :high ORDER BY rank LIMIT :limit"
)
_SCORES = sa.text("SELECT rowid, -rank FROM chunks_fts WHERE chunks_fts MATCH :match AND rowid IN :numbers").bindparams(
    sa.bindparam("numbers", expanding=True)
)


def query_words(query: str) -> list[str]:
    """Return the different words of a query in order, in lower case."""
    return list(dict.fromkeys(_WORD.findall(query.lower())))[:MOST_WORDS]


def best_rows(connection: sa.Connection, words: Sequence[str], *, number: int, limit: int) -> list[int]:
    """Return the numbers of the chunks of one collection that the rarer words of a query fit best.

    Args:
        connection: to the database.
        words: of the query.
        number: of the collection, in `knowledge`.
        limit: the most chunks returned.
    """
    low, high = number << COLLECTION_SHIFT, ((number + 1) << COLLECTION_SHIFT) - 1
    span = {"low": low, "high": high}
    counts = {
        word: connection.execute(_COUNT, {"match": _quoted(word), "most": MOST_MATCHES + 1, **span}).scalar_one()
        for word in words
    }
    match = _choosing(counts)
    if not match:
        return []
    return [row[0] for row in connection.execute(_BEST, {"match": match, "limit": limit, **span})]


def bm25_scores(connection: sa.Connection, words: Sequence[str], numbers: Collection[int]) -> dict[int, float]:
    """Return the BM25 score (positive, higher is better) of those chunks that hold any of the words."""
    if not words or not numbers:
        return {}
    match = " OR ".join(map(_quoted, words))
    rows = connection.execute(_SCORES, {"match": match, "numbers": list(numbers)})
    return {row[0]: row[1] for row in rows}


def _choosing(counts: dict[str, int]) -> str:
    """Return the FTS5 expression of the words that choose candidates, from the number of rows each is in."""
    present = sorted((count, word) for word, count in counts.items() if count)
    chosen: list[str] = []
    matches = 0
    for count, word in present:
        if chosen and matches + count > MOST_MATCHES:
            break
        chosen.append(_quoted(word))
        matches += count
    if matches > MOST_MATCHES and len(present) > 1:  # even the rarest word is everywhere: ask for two of them at once
        return f"{_quoted(present[0][1])} AND {_quoted(present[1][1])}"
    return " OR ".join(chosen)


def _quoted(word: str) -> str:
    return f'"{word}"'
