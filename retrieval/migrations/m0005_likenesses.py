"""What each document's words are like, and which documents are alike."""

import sqlalchemy as sa
from alembic import op

revision = "retrieval_0005"
down_revision = "retrieval_0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column, NULL for a document that has not been compared, and the table."""
    op.add_column("documents", sa.Column("sketch", sa.LargeBinary))
    of_document = ("documents.document_id",)
    op.create_table(
        "likenesses",
        sa.Column("document_id", sa.Text, sa.ForeignKey(*of_document, ondelete="CASCADE"), primary_key=True),
        sa.Column("other_id", sa.Text, sa.ForeignKey(*of_document, ondelete="CASCADE"), primary_key=True),
        sa.Column("likeness", sa.Float, nullable=False),
        sa.Column("older", sa.Boolean, nullable=False),
    )
    op.create_index("likenesses_of_other", "likenesses", ["other_id"])


def downgrade() -> None:
    """Drop both."""
    op.drop_table("likenesses")
    op.drop_column("documents", "sketch")
