"""What is suspicious about a document, who judged it, and whether a person has released it."""

import sqlalchemy as sa
from alembic import op

revision = "retrieval_0002"
down_revision = "retrieval_0001"
branch_labels = None
depends_on = None

COLUMNS = ("suspicion", "screened", "released")


def upgrade() -> None:
    """Add the columns; "" means: nothing suspicious, judged by nobody yet, not released."""
    for name in COLUMNS:
        op.add_column("documents", sa.Column(name, sa.Text, nullable=False, server_default=""))


def downgrade() -> None:
    """Drop the columns; what is in quarantine goes, because older versions would find it."""
    op.execute(
        "DELETE FROM chunks WHERE document_id IN (SELECT document_id FROM documents WHERE state = 'quarantined')"
    )
    op.execute("DELETE FROM documents WHERE state = 'quarantined'")
    for name in COLUMNS:
        op.drop_column("documents", name)
