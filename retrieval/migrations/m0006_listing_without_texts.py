"""What lists of documents read, in indexes of their own, so that nobody walks through their texts for it."""

import sqlalchemy as sa
from alembic import op

revision = "retrieval_0006"
down_revision = "retrieval_0005"
branch_labels = None
depends_on = None

HEAD = ("collection_id", "name", "document_id", "sha256", "state", "recipe", "same_as", "screened", "released")
SKETCHED = ("collection_id", "document_id", "state", "same_as", "name", "sketch")
UNSKETCHED = ("collection_id", "state", "same_as", "document_id")


def upgrade() -> None:
    """Add the indexes; the first takes the place of one that begins the same."""
    op.drop_index("documents_by_name", "documents")
    op.create_index("documents_by_name", "documents", HEAD)
    op.create_index("documents_sketched", "documents", SKETCHED, sqlite_where=sa.text("sketch IS NOT NULL"))
    op.create_index("documents_unsketched", "documents", UNSKETCHED, sqlite_where=sa.text("sketch IS NULL"))


def downgrade() -> None:
    """Go back to the index of names alone."""
    for name in ("documents_unsketched", "documents_sketched", "documents_by_name"):
        op.drop_index(name, "documents")
    op.create_index("documents_by_name", "documents", ["collection_id", "name"])
