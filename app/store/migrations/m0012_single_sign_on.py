"""Which account belongs to whom at an OpenID Connect provider."""

import sqlalchemy as sa
from alembic import op

revision = "store_0012"
down_revision = "store_0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "linked_accounts",
        sa.Column("issuer", sa.String, primary_key=True),
        sa.Column("subject", sa.String, primary_key=True),
        sa.Column(
            "user_id",
            sa.String,
            sa.ForeignKey("accounts.user_id", ondelete="CASCADE"),
            nullable=False,
            unique=True,
        ),
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_table("linked_accounts")
