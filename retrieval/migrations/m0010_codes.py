"""Numbers, codes and names of several parts are found as a whole too: their terms join those of each chunk."""

import json

import sqlalchemy as sa
from alembic import op

from retrieval.words import joined_terms

revision = "retrieval_0010"
down_revision = "retrieval_0009"
branch_labels = None
depends_on = None

_PART = 1_000
_CHUNKS = sa.text(
    "SELECT number, headings, columns, text, terms FROM chunks WHERE number > :after ORDER BY number LIMIT :most"
)
_TERMS = sa.text("UPDATE chunks SET terms = :terms WHERE number = :number")
_INDEXED = sa.text("SELECT rowid FROM chunks_fts WHERE rowid IN (SELECT value FROM json_each(:numbers))")
_FORGET = sa.text("DELETE FROM chunks_fts WHERE rowid IN (SELECT value FROM json_each(:numbers))")
_INDEX = sa.text(
    "INSERT INTO chunks_fts(rowid, terms) SELECT number, terms FROM chunks "
    "WHERE number IN (SELECT value FROM json_each(:numbers))"
)


def upgrade() -> None:
    """Add the terms to the chunks that have any, and to the index where the chunk is in it; nothing is embedded."""
    connection, after = op.get_bind(), -1
    while rows := connection.execute(_CHUNKS, {"after": after, "most": _PART}).all():
        after = rows[-1].number
        more = {row.number: found for row in rows if (found := _joined(row))}
        if not more:
            continue
        changed = [
            {"number": row.number, "terms": f"{row.terms} {more[row.number]}"} for row in rows if row.number in more
        ]
        indexed = list(connection.scalars(_INDEXED, {"numbers": json.dumps(list(more))}))
        connection.execute(_FORGET, {"numbers": json.dumps(indexed)})
        connection.execute(_TERMS, changed)
        connection.execute(_INDEX, {"numbers": json.dumps(indexed)})


def _joined(row: sa.Row[tuple[int, str, str, str, str]]) -> str:
    """Return the terms that are new, as they are stored."""
    above = " > ".join(json.loads(row.headings))
    return " ".join(joined_terms("\n".join(part for part in (above, row.columns, row.text) if part)))


def downgrade() -> None:
    """Leave them: they do no harm."""
