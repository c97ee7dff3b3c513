"""Documents, their chunks, the BM25 index, problems, and what is still to be removed from the vector index."""

import sqlalchemy as sa
from alembic import op

revision = "retrieval_0001"
down_revision = None
branch_labels = ("retrieval",)
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "knowledge",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("collection_id", sa.Text, nullable=False, unique=True),
    )
    op.create_table(
        "documents",
        sa.Column("document_id", sa.Text, primary_key=True),
        sa.Column("collection_id", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("sha256", sa.Text, nullable=False),
        sa.Column("recipe", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("media_type", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("structure", sa.Text, nullable=False),
        sa.Column("warnings", sa.Text, nullable=False),
        sa.Column("bytes", sa.Integer, nullable=False),
        sa.Column("chunks", sa.Integer, nullable=False),
        sa.Column("added", sa.Text, nullable=False),
    )
    op.create_index("documents_by_name", "documents", ["collection_id", "name"])
    op.create_index("documents_by_content", "documents", ["sha256"])
    op.create_index("documents_by_state", "documents", ["state"])
    op.create_table(
        "chunks",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("chunk_id", sa.Text, nullable=False, unique=True),
        sa.Column(
            "document_id",
            sa.Text,
            sa.ForeignKey("documents.document_id", ondelete="CASCADE"),
            nullable=False,
            index=True,
        ),
        sa.Column("ordinal", sa.Integer, nullable=False),
        sa.Column("start", sa.Integer, nullable=False),
        sa.Column("end", sa.Integer, nullable=False),
        sa.Column("page", sa.Integer),
        sa.Column("headings", sa.Text, nullable=False),
        sa.Column("columns", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("terms", sa.Text, nullable=False),
    )
    op.create_table(
        "removals",
        sa.Column("chunk_id", sa.Text, primary_key=True),
        sa.Column("collection_id", sa.Text, nullable=False),
    )
    op.create_table(
        "problems",
        sa.Column("collection_id", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("sentence", sa.Text, nullable=False),
        sa.Column("noticed", sa.Text, nullable=False),
    )
    # Contentless: the terms lie in `chunks` already. Row numbers are those of `chunks`. Marks are part of a word, so
    # that every term of retrieval.words is one token.
    op.execute(
        "CREATE VIRTUAL TABLE chunks_fts USING fts5("
        "terms, content='', contentless_delete=1,"
        " tokenize=\"unicode61 remove_diacritics 0 categories 'L* N* Co Mn Mc'\")"
    )


def downgrade() -> None:
    """Drop the tables."""
    for table in ("chunks_fts", "problems", "removals", "chunks", "documents", "knowledge"):
        op.drop_table(table)
