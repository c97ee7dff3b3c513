"""Row numbers of chunks: each collection has a range of its own (retrieval/schema.py), within a transaction."""

import sqlalchemy as sa

from retrieval.schema import COLLECTION_SHIFT, chunks, knowledge


def next_number(connection: sa.Connection, collection_id: str) -> int:
    """Return the row number for the next chunk of a collection, giving the collection its range when it is new."""
    number = connection.scalar(sa.select(knowledge.c.number).where(knowledge.c.collection_id == collection_id))
    if number is None:
        connection.execute(knowledge.insert(), {"collection_id": collection_id})
        number = connection.scalar(sa.select(knowledge.c.number).where(knowledge.c.collection_id == collection_id))
    low = int(number or 0) << COLLECTION_SHIFT
    high = low + (1 << COLLECTION_SHIFT) - 1
    last = connection.scalar(sa.select(sa.func.max(chunks.c.number)).where(chunks.c.number.between(low, high)))
    return low if last is None else int(last) + 1
