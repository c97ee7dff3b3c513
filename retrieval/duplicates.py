"""Files of the same bytes under several names in a collection: stored once, within a transaction of the caller's.

Knows rows. One document, the holder, has text and chunks; the others are rows that point to it. When the holder goes,
one of the others takes its text, chunks and vectors over, so that nothing has to be embedded again.
"""

from datetime import UTC, datetime
from pathlib import PurePosixPath
from uuid import uuid4

import sqlalchemy as sa

from retrieval.names import title_from_name
from retrieval.schema import chunks, documents

_HELD = (
    *("text", "structure", "warnings", "state", "suspicion", "screened", "released", "quality", "chunks", "recipe"),
    "language",
)
"""What the holder has for all."""


def add_same(connection: sa.Connection, *, collection_id: str, name: str, sha256: str, recipe: str) -> str | None:
    """Store a name for a document that is here already; returns its id, or None when the bytes are not.

    Files whose endings differ are read differently, and what waits in quarantine is looked at one by one. The plus
    keeps SQLite from looking through every document that is nobody's copy.
    """
    query = documents.select().where(
        documents.c.collection_id == collection_id,
        documents.c.sha256 == sha256,
        documents.c.recipe == recipe,
        sa.literal_column("+documents.same_as") == "",
        documents.c.name != name,
        documents.c.state != "quarantined",
    )
    for holder in connection.execute(query).mappings():
        if _ending(holder["name"]) == _ending(name):
            untitled = holder["title"] == title_from_name(holder["name"])
            row = dict(holder) | {
                "document_id": uuid4().hex,
                "name": name,
                "title": title_from_name(name) if untitled else holder["title"],
                "same_as": holder["document_id"],
                "state": "indexed",
                "text": "",
                "sketch": None,
                "compared": "",
                "chunks": 0,
                "added": here_since(connection, collection_id=collection_id, name=name, sha256=sha256)
                or datetime.now(UTC).isoformat(),
            }
            connection.execute(documents.insert(), row)
            return str(row["document_id"])
    return None


def here_since(connection: sa.Connection, *, collection_id: str, name: str, sha256: str) -> str | None:
    """Return when these bytes came under this name, as `documents.added` has it; None where they are not here.

    What is only read or cut anew is not added again.
    """
    same = sa.and_(documents.c.collection_id == collection_id, documents.c.name == name, documents.c.sha256 == sha256)
    since: str | None = connection.scalar(sa.select(sa.func.min(documents.c.added)).where(same))
    return since


def hand_on(connection: sa.Connection, document_id: str) -> bool:
    """Let another document of the same bytes take over what this one holds, and delete this one.

    Returns whether there was another; if not, nothing has changed.
    """
    others = documents.c.same_as == document_id
    heir = connection.scalar(sa.select(documents.c.document_id).where(others).order_by(documents.c.name).limit(1))
    if heir is None:
        return False
    held = sa.select(*(documents.c[name] for name in _HELD)).where(documents.c.document_id == document_id)
    row = connection.execute(held).mappings().one()
    connection.execute(documents.update().where(documents.c.document_id == heir).values(**row, same_as=""))
    connection.execute(documents.update().where(others).values(same_as=heir))
    connection.execute(chunks.update().where(chunks.c.document_id == document_id).values(document_id=heir))
    connection.execute(documents.delete().where(documents.c.document_id == document_id))
    return True


def _ending(name: str) -> str:
    return PurePosixPath(name).suffix.lower()
