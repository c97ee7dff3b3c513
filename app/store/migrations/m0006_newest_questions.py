"""An index for a person's newest questions: without it every one of them was read, with its answer."""

from alembic import op

revision = "store_0006"
down_revision = "store_0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the index."""
    op.create_index("turns_newest", "turns", ["user_id", "state", "begun"])


def downgrade() -> None:
    """Drop it."""
    op.drop_index("turns_newest", "turns")
