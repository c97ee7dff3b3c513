"""Documents that wait for a person: put there when they are suspicious, released by somebody who has looked at them.

Knows rows and states. A document in quarantine keeps its chunks but has neither vectors nor words in the index, so
nothing finds it. Releasing makes it pending, like a document that was learned a moment ago.
"""

from collections.abc import Iterator
from datetime import UTC, datetime

import sqlalchemy as sa

from retrieval.documents import Document
from retrieval.removal import FORGET_WORDS, remove_waiting
from retrieval.rows import document_of, screened_row
from retrieval.schema import chunks, documents, removals
from retrieval.screening import Screened


class Quarantine:
    """The documents that wait, of every collection."""

    def __init__(self, engine: sa.Engine) -> None:
        """Use a database whose migrations have run."""
        self._engine = engine
        self._reading = engine.execution_options(reading=True)

    def released(self, collection_id: str) -> dict[str, str]:
        """Return SHA-256 -> when it was released, for the documents of a collection that somebody released."""
        query = sa.select(documents.c.sha256, documents.c.released).where(
            documents.c.collection_id == collection_id, documents.c.released != ""
        )
        with self._reading.connect() as connection:
            return {row.sha256: row.released for row in connection.execute(query)}

    def release(self, document_id: str) -> bool:
        """Make a waiting document pending, for good; returns whether there was one."""
        own = documents.update().where(documents.c.document_id == document_id, documents.c.state == "quarantined")
        with self._engine.begin() as connection:
            changed = connection.execute(own.values(state="pending", released=datetime.now(UTC).isoformat()))
            return changed.rowcount > 0

    def drop(self, collection_id: str, name: str, *, but: str) -> int:
        """Delete the waiting documents of a name whose file has changed back; return how many there were."""
        with self._engine.begin() as connection:
            return remove_waiting(connection, collection_id=collection_id, name=name, but=but)

    def unjudged(self, collection_id: str, *, mark: str) -> Iterator[tuple[str, Document]]:
        """Yield id and content of the indexed documents that another judge has seen, or none."""
        ids = sa.select(documents.c.document_id).where(
            documents.c.collection_id == collection_id,
            documents.c.state == "indexed",
            documents.c.same_as == "",
            documents.c.screened != mark,
        )
        with self._reading.connect() as connection:
            waiting = list(connection.scalars(ids))
        for document_id in waiting:
            with self._reading.connect() as connection:
                whole = documents.select().where(documents.c.document_id == document_id)
                row = connection.execute(whole).mappings().one_or_none()
            if row is not None:
                yield document_id, document_of(row)

    def judged(self, document_id: str, screened: Screened) -> bool:
        """Note what was seen in an indexed document; a suspicious one leaves the index unless it was released.

        Returns whether it went into quarantine; its vectors are noted for removal then.
        """
        own = documents.c.document_id == document_id
        with self._engine.begin() as connection:
            seen = {name: value for name, value in screened_row(screened).items() if name not in {"state", "released"}}
            connection.execute(documents.update().where(own).values(seen))
            if screened.suspicion is None:
                return False
            leaving = documents.update().where(own, documents.c.state == "indexed", documents.c.released == "")
            if not connection.execute(leaving.values(state="quarantined")).rowcount:
                return False
            ours = sa.select(chunks.c.chunk_id, documents.c.collection_id).join(
                documents, documents.c.document_id == chunks.c.document_id
            )
            noted = removals.insert().prefix_with("OR IGNORE")
            connection.execute(noted.from_select(["chunk_id", "collection_id"], ours.where(own)))
            connection.execute(FORGET_WORDS, {"document_id": document_id})
            return True
