"""What documents say differently of the same thing, and which have been compared for it."""

import sqlalchemy as sa
from alembic import op

revision = "retrieval_0007"
down_revision = "retrieval_0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column, "" for a document that has not been compared, and the table."""
    op.add_column("documents", sa.Column("compared", sa.Text, nullable=False, server_default=""))
    of_document = ("documents.document_id",)
    op.create_table(
        "conflicts",
        sa.Column("document_id", sa.Text, sa.ForeignKey(*of_document, ondelete="CASCADE"), primary_key=True),
        sa.Column("start", sa.Integer, primary_key=True),
        sa.Column("end", sa.Integer, nullable=False),
        sa.Column("quote", sa.Text, nullable=False),
        sa.Column("other_id", sa.Text, sa.ForeignKey(*of_document, ondelete="CASCADE"), primary_key=True),
        sa.Column("other_start", sa.Integer, primary_key=True),
        sa.Column("other_end", sa.Integer, nullable=False),
        sa.Column("other_quote", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
    )
    op.create_index("conflicts_of_other", "conflicts", ["other_id"])


def downgrade() -> None:
    """Drop both."""
    op.drop_table("conflicts")
    op.drop_column("documents", "compared")
