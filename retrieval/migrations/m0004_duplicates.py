"""Which document holds the text and chunks of one with the same bytes."""

import sqlalchemy as sa
from alembic import op

revision = "retrieval_0004"
down_revision = "retrieval_0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; "" for a document that holds its own."""
    op.add_column("documents", sa.Column("same_as", sa.Text, nullable=False, server_default=""))
    op.create_index("documents_same", "documents", ["same_as"])


def downgrade() -> None:
    """Drop the column; documents without chunks of their own go, and are learned again from their files."""
    op.execute("DELETE FROM documents WHERE same_as != ''")
    op.drop_index("documents_same", "documents")
    op.drop_column("documents", "same_as")
