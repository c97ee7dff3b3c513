"""Which documents have been compared, apart from their texts, which lie before that in their rows."""

from alembic import op

revision = "retrieval_0008"
down_revision = "retrieval_0007"
branch_labels = None
depends_on = None

COMPARED = ("collection_id", "compared", "state", "same_as", "document_id", "added")


def upgrade() -> None:
    """Add the index, which holds all that is asked for."""
    op.create_index("documents_compared", "documents", COMPARED)


def downgrade() -> None:
    """Drop it."""
    op.drop_index("documents_compared", "documents")
