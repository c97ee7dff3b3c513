"""Conversations, turns, feedback, collections and the keys of originals."""

import sqlalchemy as sa
from alembic import op

revision = "store_0001"
down_revision = None
branch_labels = ("store",)
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    _create_history()
    op.create_table(
        "collections",
        sa.Column("collection_id", sa.String, primary_key=True),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("folded_name", sa.String, nullable=False, unique=True),
        sa.Column("description", sa.String, nullable=False),
        sa.Column("created_by", sa.String, nullable=False),
        sa.Column("created", sa.Float, nullable=False),
    )
    op.create_table(
        "originals",
        sa.Column("sha256", sa.String, primary_key=True),
        sa.Column("file", sa.String, nullable=False, unique=True),
        sa.Column("data_key", sa.LargeBinary, nullable=False),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("stored", sa.Float, nullable=False),
    )


def _create_history() -> None:
    conversation = sa.ForeignKey("conversations.conversation_id", ondelete="CASCADE")
    op.create_table(
        "conversations",
        sa.Column("conversation_id", sa.String, primary_key=True),
        sa.Column("user_id", sa.String, nullable=False, index=True),
        sa.Column("title", sa.LargeBinary),
        sa.Column("collection_ids", sa.String, nullable=False),
        sa.Column("created", sa.Float, nullable=False),
        sa.Column("updated", sa.Float, nullable=False),
    )
    op.create_table(
        "turns",
        sa.Column("turn_id", sa.String, primary_key=True),
        sa.Column("conversation_id", sa.String, conversation, nullable=False, index=True),
        sa.Column("user_id", sa.String, nullable=False),
        sa.Column("ordinal", sa.Integer, nullable=False),
        sa.Column("state", sa.String, nullable=False, index=True),
        sa.Column("question", sa.LargeBinary, nullable=False),
        sa.Column("written", sa.LargeBinary),
        sa.Column("answer_id", sa.String, unique=True),
        sa.Column("answer", sa.LargeBinary),
        sa.Column("passages", sa.LargeBinary),
        sa.Column("model", sa.String, nullable=False),
        sa.Column("prompt_version", sa.String, nullable=False),
        sa.Column("begun", sa.Float, nullable=False),
        sa.Column("ended", sa.Float),
    )
    op.create_table(
        "feedback",
        sa.Column("answer_id", sa.String, sa.ForeignKey("turns.answer_id", ondelete="CASCADE"), primary_key=True),
        sa.Column("user_id", sa.String, primary_key=True),
        sa.Column("liked", sa.Boolean, nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.Column("recorded", sa.Float, nullable=False),
    )


def downgrade() -> None:
    """Drop the tables."""
    for table in ("feedback", "turns", "conversations", "collections", "originals"):
        op.drop_table(table)
