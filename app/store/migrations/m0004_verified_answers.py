"""Verified answers: the question each answers, who answers for it, and until when it holds."""

import sqlalchemy as sa
from alembic import op

revision = "store_0004"
down_revision = "store_0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "verified_answers",
        sa.Column("collection_id", sa.String, primary_key=True),
        sa.Column("name", sa.String, primary_key=True),
        sa.Column("question", sa.String, nullable=False),
        sa.Column("owner", sa.String, nullable=False),
        sa.Column("until", sa.String, nullable=False),
        sa.Column("approved", sa.Float, nullable=False),
        sa.Column("approved_by", sa.String, nullable=False),
    )


def downgrade() -> None:
    """Drop it; the documents stay, and are found like any other."""
    op.drop_table("verified_answers")
