"""One wrapped data key a person."""

import sqlalchemy as sa
from alembic import op

revision = "ledger_0001"
down_revision = None
branch_labels = ("ledger",)
depends_on = None


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "user_keys",
        sa.Column("user_id", sa.String, primary_key=True),
        sa.Column("wrapped_key", sa.LargeBinary, nullable=False),
        sa.Column("created", sa.Float, nullable=False),
    )


def downgrade() -> None:
    """Drop the table, and with it every key."""
    op.drop_table("user_keys")
