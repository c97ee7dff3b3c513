"""Which collections have every answer double-checked."""

import sqlalchemy as sa
from alembic import op

revision = "store_0015"
down_revision = "store_0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column: none, as before."""
    op.add_column("collections", sa.Column("double_check", sa.Boolean, nullable=False, server_default="0"))


def downgrade() -> None:
    """Drop it."""
    op.drop_column("collections", "double_check")
