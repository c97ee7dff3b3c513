"""Who answers for a collection and until when it holds, the folders it watches, and the versions of its documents."""

import sqlalchemy as sa
from alembic import op

revision = "store_0003"
down_revision = "store_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables; whoever made a collection owns it."""
    op.add_column("collections", sa.Column("owner", sa.String, nullable=False, server_default=""))
    op.add_column("collections", sa.Column("review_on", sa.String, nullable=False, server_default=""))
    op.create_table(
        "watched_folders",
        sa.Column("watch_id", sa.String, primary_key=True),
        sa.Column("collection_id", sa.String, nullable=False, index=True),
        sa.Column("folder", sa.String, nullable=False),
        sa.Column("label", sa.String, nullable=False),
        sa.Column("minutes", sa.Integer, nullable=False),
        sa.Column("paused", sa.Boolean, nullable=False),
        sa.Column("added_by", sa.String, nullable=False),
        sa.Column("next_run", sa.Float, nullable=False),
        sa.Column("last_run", sa.Float),
        sa.Column("last_result", sa.String, nullable=False),
    )
    op.create_table(
        "document_versions",
        sa.Column("document_id", sa.String, primary_key=True),
        sa.Column("collection_id", sa.String, nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("sha256", sa.String, nullable=False),
        sa.Column("bytes", sa.Integer, nullable=False),
        sa.Column("added", sa.Float, nullable=False),
        sa.Column("added_by", sa.String, nullable=False),
        sa.Column("replaced", sa.Float),
    )
    op.create_index("versions_by_name", "document_versions", ["collection_id", "name"])


def downgrade() -> None:
    """Drop them."""
    for table in ("document_versions", "watched_folders"):
        op.drop_table(table)
    for column in ("review_on", "owner"):
        op.drop_column("collections", column)
