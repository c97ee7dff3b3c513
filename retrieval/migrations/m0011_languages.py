"""Words of documents in other languages than English are cut in theirs: their terms are made anew."""

import json

import sqlalchemy as sa
from alembic import op

from retrieval.tongues import STEMMERS, tongue_of
from retrieval.words import indexed_terms

revision = "retrieval_0011"
down_revision = "retrieval_0010"
branch_labels = None
depends_on = None

_DETECTED = sa.text(
    "SELECT document_id, json_extract(structure, '$.language') AS detected, substr(text, 1, 20000) AS beginning "
    "FROM documents WHERE same_as = '' AND detected IN (SELECT value FROM json_each(:languages))"
)
_NAMED = sa.text("UPDATE documents SET language = :language WHERE document_id = :document_id OR same_as = :document_id")
_CHUNKS = sa.text("SELECT number, headings, columns, text FROM chunks WHERE document_id = :document_id")
_INDEXED = sa.text("SELECT rowid FROM chunks_fts WHERE rowid IN (SELECT value FROM json_each(:numbers))")
_FORGET = sa.text("DELETE FROM chunks_fts WHERE rowid IN (SELECT value FROM json_each(:numbers))")
_TERMS = sa.text("UPDATE chunks SET terms = :terms WHERE number = :number")
_INDEX = sa.text(
    "INSERT INTO chunks_fts(rowid, terms) SELECT number, terms FROM chunks "
    "WHERE number IN (SELECT value FROM json_each(:numbers))"
)


def upgrade() -> None:
    """Add the column with its index, fill it, and cut the words of these documents anew; nothing is embedded."""
    op.add_column("documents", sa.Column("language", sa.Text, nullable=False, server_default=""))
    op.create_index("documents_by_language", "documents", ["language", "collection_id"])
    connection = op.get_bind()
    detected = connection.execute(_DETECTED, {"languages": json.dumps(list(STEMMERS))}).all()
    for document_id, language, beginning in detected:
        if tongue := tongue_of(beginning, language):
            connection.execute(_NAMED, {"language": tongue, "document_id": document_id})
            _cut(connection, document_id, tongue)


def _cut(connection: sa.Connection, document_id: str, language: str) -> None:
    """Make the terms of a document's chunks anew, in the index too where they are in it."""
    rows = connection.execute(_CHUNKS, {"document_id": document_id}).all()
    numbers = json.dumps([row.number for row in rows])
    indexed = json.dumps(list(connection.scalars(_INDEXED, {"numbers": numbers})))
    connection.execute(_FORGET, {"numbers": indexed})
    for row in rows:
        above = " > ".join(json.loads(row.headings))
        text = "\n".join(part for part in (above, row.columns, row.text) if part)
        terms = " ".join(indexed_terms(text, language=language))
        connection.execute(_TERMS, {"terms": terms, "number": row.number})
    connection.execute(_INDEX, {"numbers": indexed})


def downgrade() -> None:
    """Drop the column; the terms stay, and words of these languages are found by fewer of their forms."""
    op.drop_index("documents_by_language", "documents")
    op.drop_column("documents", "language")
