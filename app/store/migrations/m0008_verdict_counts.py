"""How often which verdict was given, by day, collection and model: numbers only, nothing of anybody's answer."""

import sqlalchemy as sa
from alembic import op

revision = "store_0008"
down_revision = "store_0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "verdict_counts",
        sa.Column("day", sa.String, primary_key=True),
        sa.Column("collection_id", sa.String, primary_key=True),
        sa.Column("model", sa.String, primary_key=True),
        sa.Column("verdict", sa.String, primary_key=True),
        sa.Column("count", sa.Integer, nullable=False),
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_table("verdict_counts")
