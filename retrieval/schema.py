"""Retrieval's tables as SQLAlchemy sees them; the migrations create them.

`chunks.number` is `knowledge.number << 32` plus a count, so that the chunks of one collection are one range of row
numbers, also in the FTS5 index: a search in one collection reads only that range.
"""

import sqlalchemy as sa

COLLECTION_SHIFT = 32
"""Room for four thousand million chunks a collection."""

metadata = sa.MetaData()

knowledge = sa.Table(
    "knowledge",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("collection_id", sa.Text),
)
documents = sa.Table(
    "documents",
    metadata,
    sa.Column("document_id", sa.Text, primary_key=True),
    sa.Column("collection_id", sa.Text),
    sa.Column("name", sa.Text),
    sa.Column("sha256", sa.Text),
    sa.Column("recipe", sa.Text),
    sa.Column("state", sa.Text),
    sa.Column("title", sa.Text),
    sa.Column("media_type", sa.Text),
    sa.Column("text", sa.Text),
    sa.Column("structure", sa.Text),
    sa.Column("warnings", sa.Text),
    sa.Column("bytes", sa.Integer),
    sa.Column("chunks", sa.Integer),
    sa.Column("added", sa.Text),
    sa.Column("suspicion", sa.Text),
    sa.Column("screened", sa.Text),
    sa.Column("released", sa.Text),
    sa.Column("quality", sa.Text),
    sa.Column("same_as", sa.Text),
    sa.Column("sketch", sa.LargeBinary),
    sa.Column("compared", sa.Text),
    sa.Column("language", sa.Text),
)
"""`language`: in which the endings of its words are cut (retrieval/tongues.py), "" for English."""
chunks = sa.Table(
    "chunks",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("chunk_id", sa.Text),
    sa.Column("document_id", sa.Text),
    sa.Column("ordinal", sa.Integer),
    sa.Column("start", sa.Integer),
    sa.Column("end", sa.Integer),
    sa.Column("page", sa.Integer),
    sa.Column("headings", sa.Text),
    sa.Column("columns", sa.Text),
    sa.Column("text", sa.Text),
    sa.Column("terms", sa.Text),
)
likenesses = sa.Table(
    "likenesses",
    metadata,
    sa.Column("document_id", sa.Text, primary_key=True),
    sa.Column("other_id", sa.Text, primary_key=True),
    sa.Column("likeness", sa.Float),
    sa.Column("older", sa.Boolean),
)
"""Pairs of alike documents; `older`: the first is known to be the older version of the second."""
conflicts = sa.Table(
    "conflicts",
    metadata,
    sa.Column("document_id", sa.Text, primary_key=True),
    sa.Column("start", sa.Integer, primary_key=True),
    sa.Column("end", sa.Integer),
    sa.Column("quote", sa.Text),
    sa.Column("other_id", sa.Text, primary_key=True),
    sa.Column("other_start", sa.Integer, primary_key=True),
    sa.Column("other_end", sa.Integer),
    sa.Column("other_quote", sa.Text),
    sa.Column("kind", sa.Text),
)
"""Sentences of two documents that say different things, as they were found from the first; maybe from both."""
removals = sa.Table(
    "removals",
    metadata,
    sa.Column("chunk_id", sa.Text, primary_key=True),
    sa.Column("collection_id", sa.Text),
)
problems = sa.Table(
    "problems",
    metadata,
    sa.Column("collection_id", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("sentence", sa.Text),
    sa.Column("noticed", sa.Text),
)
