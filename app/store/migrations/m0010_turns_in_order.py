"""An index for reading a person's turns in the order they were asked, the newest first."""

from alembic import op

revision = "store_0010"
down_revision = "store_0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the index."""
    op.create_index("turns_in_order", "turns", ["user_id", "begun", "turn_id"])


def downgrade() -> None:
    """Drop it."""
    op.drop_index("turns_in_order", "turns")
