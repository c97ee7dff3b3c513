"""People: accounts, groups, who may read which collection, invitations, tokens of programs."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "store_0007"
down_revision = "store_0006"
branch_labels = None
depends_on = None

TABLES = ("accounts", "group_members", "collection_grants", "invitations", "api_tokens")


def upgrade() -> None:
    """Add the tables; until somebody makes an account everything stays as it was."""
    _add_accounts()
    _add_what_opens_doors()
    op.create_table(
        "collection_grants",
        _key_to("collections.collection_id", primary_key=True),
        sa.Column("kind", sa.String, primary_key=True),
        sa.Column("holder", sa.String, primary_key=True),
        sa.Column("may", sa.String, nullable=False),
        sa.Column("granted_by", sa.String, nullable=False),
        sa.Column("granted", sa.Float, nullable=False),
    )


def downgrade() -> None:
    """Drop them, the last first."""
    for table in reversed(TABLES):
        op.drop_table(table)


def _add_accounts() -> None:
    op.create_table(
        "accounts",
        sa.Column("user_id", sa.String, primary_key=True),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("folded_name", sa.String, nullable=False, unique=True),
        sa.Column("roles", sa.String, nullable=False),
        sa.Column("active", sa.Boolean, nullable=False),
        sa.Column("password_hash", sa.String, nullable=False),
        sa.Column("second_factor", sa.LargeBinary),
        sa.Column("second_factor_step", sa.Integer, nullable=False),
        sa.Column("created", sa.Float, nullable=False),
        sa.Column("created_by", sa.String, nullable=False),
        sa.Column("signed_in", sa.Float),
    )
    op.create_table(
        "group_members",
        _key_to("accounts.user_id", primary_key=True),
        sa.Column("folded_group", sa.String, primary_key=True, index=True),
        sa.Column("group_name", sa.String, nullable=False),
    )


def _add_what_opens_doors() -> None:
    op.create_table(
        "invitations",
        sa.Column("digest", sa.String, primary_key=True),
        _key_to("accounts.user_id", nullable=False, unique=True),
        sa.Column("expires", sa.Float, nullable=False),
    )
    op.create_table(
        "api_tokens",
        sa.Column("token_id", sa.String, primary_key=True),
        sa.Column("digest", sa.String, nullable=False, unique=True),
        _key_to("accounts.user_id", nullable=False, index=True),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("scopes", sa.String, nullable=False),
        sa.Column("created", sa.Float, nullable=False),
        sa.Column("expires", sa.Float, nullable=False),
        sa.Column("used", sa.Float),
    )


def _key_to(target: str, **options: Any) -> sa.Column[str]:
    """Return the column that goes with the row it points to."""
    return sa.Column(target.partition(".")[2], sa.String, sa.ForeignKey(target, ondelete="CASCADE"), **options)
