"""Taking documents out of the database, and giving them other names, within a transaction of the caller's.

What must still leave the vector index is noted in the same transaction, so a crash between the two loses nothing.
"""

import sqlalchemy as sa

from retrieval.duplicates import hand_on
from retrieval.names import title_from_name
from retrieval.schema import chunks, documents, removals

FORGET_WORDS = sa.text(
    "DELETE FROM chunks_fts WHERE rowid IN (SELECT number FROM chunks WHERE document_id = :document_id)"
)


def remove(connection: sa.Connection, document_id: str) -> None:
    """Delete a document and its chunks, and note which vectors must follow.

    Another document of the same bytes takes the chunks over, so that they stay.
    """
    if hand_on(connection, document_id):
        return
    ours = sa.select(chunks.c.chunk_id, documents.c.collection_id).join(
        documents, documents.c.document_id == chunks.c.document_id
    )
    noted = removals.insert().prefix_with("OR IGNORE")
    connection.execute(
        noted.from_select(["chunk_id", "collection_id"], ours.where(chunks.c.document_id == document_id))
    )
    connection.execute(FORGET_WORDS, {"document_id": document_id})
    connection.execute(chunks.delete().where(chunks.c.document_id == document_id))
    connection.execute(documents.delete().where(documents.c.document_id == document_id))


def remove_older(connection: sa.Connection, document_id: str, *, collection_id: str, name: str) -> None:
    """Delete the other documents of this name: those that this one takes the place of."""
    older = sa.select(documents.c.document_id).where(
        documents.c.collection_id == collection_id, documents.c.name == name, documents.c.document_id != document_id
    )
    for old in list(connection.scalars(older)):
        remove(connection, old)


def is_here(connection: sa.Connection, *, collection_id: str, name: str) -> bool:
    """Whether the collection has a document of this name, in whatever state."""
    ours = sa.and_(documents.c.collection_id == collection_id, documents.c.name == name)
    return connection.scalar(sa.select(documents.c.document_id).where(ours).limit(1)) is not None


def rename(connection: sa.Connection, collection_id: str, name: str, new: str) -> None:
    """Give a document another name, and the title made of it where it has none of its own."""
    ours = sa.and_(documents.c.collection_id == collection_id, documents.c.name == name)
    untitled = documents.update().where(ours, documents.c.title == title_from_name(name))
    connection.execute(untitled.values(title=title_from_name(new)))
    connection.execute(documents.update().where(ours).values(name=new))


def remove_waiting(connection: sa.Connection, *, collection_id: str, name: str, but: str = "") -> int:
    """Delete the documents of this name in quarantine, except those with the SHA-256 `but`; return how many."""
    waiting = sa.select(documents.c.document_id).where(
        documents.c.collection_id == collection_id,
        documents.c.name == name,
        documents.c.state == "quarantined",
        documents.c.sha256 != but,
    )
    gone = list(connection.scalars(waiting))
    for document_id in gone:
        remove(connection, document_id)
    return len(gone)
