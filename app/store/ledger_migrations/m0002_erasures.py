"""Who was erased, where copies of people's keys are, and which keys signed receipts."""

import sqlalchemy as sa
from alembic import op

revision = "ledger_0002"
down_revision = "ledger_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "erasures",
        sa.Column("erasure_id", sa.String, primary_key=True),
        sa.Column("user_id", sa.String, nullable=False),
        sa.Column("erased", sa.Float, nullable=False),
        sa.Column("by", sa.String, nullable=False),
        sa.Column("returns", sa.Boolean, nullable=False),
        sa.Column("counted", sa.String, nullable=False),
        sa.Column("done", sa.Float),
        sa.Column("receipt", sa.String, nullable=False, server_default=""),
    )
    op.create_index("ix_erasures_user_id", "erasures", ["user_id"])
    op.create_table(
        "key_copies",
        sa.Column("path", sa.String, primary_key=True),
        sa.Column("written", sa.Float, nullable=False),
    )
    op.create_table(
        "signers",
        sa.Column("public_key", sa.String, primary_key=True),
        sa.Column("since", sa.Float, nullable=False),
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_table("signers")
    op.drop_table("key_copies")
    op.drop_table("erasures")
