"""Signed statements of how far the audit log was cut; only what they cover can be deleted."""

import sqlalchemy as sa
from alembic import op

revision = "store_0014"
down_revision = "store_0013"
branch_labels = None
depends_on = None

REFUSED = "BEGIN SELECT RAISE(ABORT, 'the audit log only grows'); END"


def upgrade() -> None:
    """Add the statements, which only grow too."""
    op.create_table(
        "audit_cuts",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("hash", sa.LargeBinary, nullable=False),
        sa.Column("rows", sa.Integer, nullable=False),
        sa.Column("until", sa.Float, nullable=False),
        sa.Column("missing", sa.Integer, nullable=False),
        sa.Column("made", sa.Float, nullable=False),
        sa.Column("signature", sa.LargeBinary, nullable=False),
    )
    for verb in ("UPDATE", "DELETE"):
        op.execute(f"CREATE TRIGGER audit_cuts_no_{verb.lower()} BEFORE {verb} ON audit_cuts {REFUSED}")
    op.execute("DROP TRIGGER audit_no_delete")
    covered = "WHEN OLD.number > (SELECT coalesce(max(number), 0) FROM audit_cuts)"
    op.execute(f"CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit {covered} {REFUSED}")


def downgrade() -> None:
    """Drop them; what was cut stays away."""
    op.drop_table("audit_cuts")
    op.execute("DROP TRIGGER audit_no_delete")
    op.execute(f"CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit {REFUSED}")
