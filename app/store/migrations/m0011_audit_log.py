"""The audit log, which can only grow, and its signed head."""

import sqlalchemy as sa
from alembic import op

revision = "store_0011"
down_revision = "store_0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add both tables; rows of the log can be neither changed nor deleted."""
    op.create_table(
        "audit",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("at", sa.Float, nullable=False, index=True),
        sa.Column("who", sa.String, nullable=False, index=True),
        sa.Column("action", sa.String, nullable=False),
        sa.Column("object_kind", sa.String, nullable=False),
        sa.Column("object_id", sa.String, nullable=False),
        sa.Column("result", sa.String, nullable=False),
        sa.Column("door", sa.String, nullable=False),
        sa.Column("address", sa.LargeBinary, nullable=False),
        sa.Column("hash", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "audit_head",
        sa.Column("only", sa.Integer, sa.CheckConstraint("only = 1"), primary_key=True),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("hash", sa.LargeBinary, nullable=False),
        sa.Column("signature", sa.LargeBinary, nullable=False),
    )
    for verb in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER audit_no_{verb.lower()} BEFORE {verb} ON audit "
            "BEGIN SELECT RAISE(ABORT, 'the audit log only grows'); END"
        )


def downgrade() -> None:
    """Drop both."""
    op.drop_table("audit_head")
    op.drop_table("audit")
