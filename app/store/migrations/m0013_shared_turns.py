"""Rated turns that reviewers may read, and who agreed to which privacy notice."""

import sqlalchemy as sa
from alembic import op

revision = "store_0013"
down_revision = "store_0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables. What is shared goes with the rating it came with."""
    op.create_table(
        "shared_turns",
        sa.Column("review_id", sa.String, primary_key=True),
        sa.Column("answer_id", sa.String, nullable=False, unique=True),
        sa.Column("user_id", sa.String, nullable=False, index=True),
        sa.Column("collection_ids", sa.String, nullable=False),
        sa.Column("liked", sa.Boolean, nullable=False),
        sa.Column("reasons", sa.String, nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.Column("shared", sa.Float, nullable=False, index=True),
        sa.Column("settled", sa.Float),
        sa.Column("settled_by", sa.String, nullable=False, server_default=""),
        sa.Column("outcome", sa.String, nullable=False, server_default=""),
        sa.Column("note", sa.LargeBinary),
        sa.ForeignKeyConstraint(
            ["answer_id", "user_id"], ["feedback.answer_id", "feedback.user_id"], ondelete="CASCADE"
        ),
    )
    op.create_table(
        "notices",
        sa.Column("version", sa.String, primary_key=True),
        sa.Column("text", sa.String, nullable=False),
    )
    op.create_table(
        "consents",
        sa.Column("user_id", sa.String, primary_key=True),
        sa.Column("version", sa.String, primary_key=True),
        sa.Column("agreed", sa.Float, nullable=False),
    )


def downgrade() -> None:
    """Drop them."""
    for table in ("consents", "notices", "shared_turns"):
        op.drop_table(table)
