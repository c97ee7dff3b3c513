"""How well each document was understood."""

import sqlalchemy as sa
from alembic import op

revision = "retrieval_0003"
down_revision = "retrieval_0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; "" means that nobody has looked yet."""
    op.add_column("documents", sa.Column("quality", sa.Text, nullable=False, server_default=""))


def downgrade() -> None:
    """Drop the column."""
    op.drop_column("documents", "quality")
