"""What people say against a verdict, and what follows from a check in each collection."""

import sqlalchemy as sa
from alembic import op

revision = "store_0005"
down_revision = "store_0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table, and the column: everywhere what was found is shown, as before."""
    op.create_table(
        "disputes",
        sa.Column("answer_id", sa.String, sa.ForeignKey("turns.answer_id", ondelete="CASCADE"), primary_key=True),
        sa.Column("user_id", sa.String, primary_key=True),
        sa.Column("start", sa.Integer, primary_key=True),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.Column("recorded", sa.Float, nullable=False),
    )
    op.add_column("collections", sa.Column("on_unsupported", sa.String, nullable=False, server_default="show"))


def downgrade() -> None:
    """Drop both."""
    op.drop_table("disputes")
    op.drop_column("collections", "on_unsupported")
