"""Which version each document is, apart from its text, which lies before that in its row."""

from alembic import op

revision = "retrieval_0009"
down_revision = "retrieval_0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the index, which holds all that is asked for."""
    op.create_index("documents_versions", "documents", ["document_id", "sha256", "added"])


def downgrade() -> None:
    """Drop it."""
    op.drop_index("documents_versions", "documents")
