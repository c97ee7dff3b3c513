"""Legal holds, and the exports that were made for people."""

import sqlalchemy as sa
from alembic import op

revision = "store_0009"
down_revision = "store_0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "holds",
        sa.Column("hold_id", sa.String, primary_key=True),
        sa.Column("user_id", sa.String, nullable=False),
        sa.Column("reason", sa.String, nullable=False),
        sa.Column("set_by", sa.String, nullable=False),
        sa.Column("set_at", sa.Float, nullable=False),
        sa.Column("released_by", sa.String, nullable=False, server_default=""),
        sa.Column("released_at", sa.Float),
    )
    op.create_index("ix_holds_user_id", "holds", ["user_id"])
    op.create_table(
        "exports",
        sa.Column("export_id", sa.String, primary_key=True),
        sa.Column("user_id", sa.String, nullable=False),
        sa.Column("made", sa.Float, nullable=False),
        sa.Column("made_by", sa.String, nullable=False),
        sa.Column("file", sa.String, nullable=False),
        sa.Column("passphrase", sa.LargeBinary, nullable=False),
    )
    op.create_index("ix_exports_user_id", "exports", ["user_id"])


def downgrade() -> None:
    """Drop them."""
    op.drop_table("exports")
    op.drop_table("holds")
