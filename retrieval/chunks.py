"""Documents and chunks at rest in the encrypted database, with the problems of files that could not be learned.

Knows rows; no vector, no file and no reader. A new document is *arriving*, found by its words and by those vectors
that are there, until all are; one that takes another's place is *pending* meanwhile, and the other one is found. Then
it is *indexed*. A *quarantined* one has no vectors and waits for a person (`retrieval.quarantine`).
What must still leave the vector index is noted in the same transaction that takes it out of the database, so a crash
between the two loses nothing.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

import sqlalchemy as sa

from retrieval.conflicts import Conflicts
from retrieval.documents import FOUND, UNSETTLED, Chunk, Document, Head, Problem, StoredDocument
from retrieval.duplicates import add_same, here_since
from retrieval.finding import Finder
from retrieval.numbering import next_number
from retrieval.quarantine import Quarantine
from retrieval.relatives import Relatives
from retrieval.removal import is_here, remove, remove_older, remove_waiting, rename
from retrieval.rows import chunk_of, chunk_row, document_of, document_row, screened_row, summary_of
from retrieval.schema import chunks, documents, knowledge, problems, removals
from retrieval.screening import UNSUSPECTED, Screened

_PART = 500
"""SQLite allows 32,766 parameters in a statement; smaller parts plan faster."""
_INDEX_WORDS = sa.text(
    "INSERT INTO chunks_fts(rowid, terms) SELECT number, terms FROM chunks WHERE document_id = :document_id"
)
_REWRITE_WORDS = sa.text("INSERT INTO chunks_fts(chunks_fts) VALUES ('optimize')")
_UNSHOWN = {"text", "structure", "recipe", "screened", "sketch", "compared", "language"}
_SUMMARY = tuple(column for column in documents.c if column.name not in _UNSHOWN)


class ChunkStore:
    """All documents and chunks of all collections."""

    def __init__(self, engine: sa.Engine) -> None:
        """Use a database whose migrations have run."""
        self._engine = engine
        self._reading = engine.execution_options(reading=True)  # where the engine tells reads from writes
        self.finder = Finder(engine)
        """What a search reads."""
        self.quarantine = Quarantine(engine)
        self.relatives = Relatives(engine)
        self.conflicts = Conflicts(engine)

    def add_pending(
        self,
        document: Document,
        parts: Sequence[Chunk],
        *,
        collection_id: str,
        size: int,
        recipe: str,
        screened: Screened = UNSUSPECTED,
    ) -> None:
        """Store a document with its chunks as arriving, pending or in quarantine, in one transaction.

        Where its bytes are here under this name already, it is read or cut anew: it keeps the moment it was added.

        Args:
            document: as it was read.
            parts: its chunks; at least one.
            collection_id: where it belongs.
            size: of the file, in bytes.
            recipe: how it was cut and embedded; another recipe means it must be learned again.
            screened: what came of looking for suspicious sentences.
        """
        row = document_row(document, collection_id=collection_id, size=size, recipe=recipe) | screened_row(screened)
        row |= {"document_id": parts[0].document_id, "chunks": len(parts)}
        with self._engine.begin() as connection:
            if row["state"] == "quarantined":
                remove_waiting(connection, collection_id=collection_id, name=document.name)
            elif not is_here(connection, collection_id=collection_id, name=document.name):
                row["state"] = "arriving"
            since = here_since(connection, collection_id=collection_id, name=document.name, sha256=document.sha256)
            row["added"] = since or row["added"]
            number = next_number(connection, collection_id)
            connection.execute(documents.insert(), row)
            rows = [
                chunk_row(part, language=row["language"]) | {"number": number + count}
                for count, part in enumerate(parts)
            ]
            connection.execute(chunks.insert(), rows)
            if row["state"] == "arriving":
                connection.execute(_INDEX_WORDS, {"document_id": row["document_id"]})

    def add_same(self, collection_id: str, name: str, *, sha256: str, recipe: str) -> bool:
        """Store another name for a document of the same bytes, at once found; returns whether there is one."""
        with self._engine.begin() as connection:
            added = add_same(connection, collection_id=collection_id, name=name, sha256=sha256, recipe=recipe)
            if added is not None:
                remove_older(connection, added, collection_id=collection_id, name=name)
                _clear_problem(connection, collection_id, name)
            return added is not None

    def digests(self) -> set[str]:
        """Return the SHA-256 of every document there is, in any collection and state."""
        with self._reading.connect() as connection:
            return set(connection.scalars(sa.select(documents.c.sha256)))

    def pending(self, collection_id: str) -> list[StoredDocument]:
        """Return the documents whose vectors may not all be stored, oldest first."""
        waiting = [head.document_id for head in self.heads(collection_id) if head.state in UNSETTLED]
        found = [stored for document_id in waiting if (stored := self.summary(document_id))]
        return sorted(found, key=lambda stored: stored.added)

    def finish(self, document_ids: Iterable[str]) -> set[str]:
        """Make unsettled documents indexed, each taking the place of an older one of its name, in one transaction.

        Returns:
            Those of the ids that are no document any more: it was removed meanwhile.
        """
        vanished: set[str] = set()
        with self._engine.begin() as connection:
            for document_id in document_ids:
                place = sa.select(documents.c.collection_id, documents.c.name, documents.c.state)
                row = connection.execute(place.where(documents.c.document_id == document_id)).one_or_none()
                if row is None:
                    vanished.add(document_id)
                    continue
                remove_older(connection, document_id, collection_id=row.collection_id, name=row.name)
                if row.state == "pending":
                    connection.execute(_INDEX_WORDS, {"document_id": document_id})
                own = documents.update().where(documents.c.document_id == document_id)
                connection.execute(own.values(state="indexed"))
                _clear_problem(connection, row.collection_id, row.name)
        return vanished

    def rename(self, collection_id: str, name: str, new: str) -> None:
        """Give a document another name, and the title made of it where it has none of its own; chunks stay."""
        with self._engine.begin() as connection:
            rename(connection, collection_id, name, new)

    def heads(self, collection_id: str) -> list[Head]:
        """Return what tells the documents of a collection apart, by name; read from an index alone."""
        fields = (documents.c[name] for name in Head.__slots__)
        query = sa.select(*fields).where(documents.c.collection_id == collection_id).order_by(documents.c.name)
        with self._reading.connect() as connection:
            return [Head(**row._mapping) for row in connection.execute(query)]  # noqa: SLF001 - SQLAlchemy's public name

    def documents(self, collection_id: str) -> list[StoredDocument]:
        """Return the documents of a collection, by name, the older of two versions first."""
        ours = sa.select(*_SUMMARY).where(documents.c.collection_id == collection_id)
        waits = documents.c.state.not_in(FOUND)  # of two of a name, since the same moment, the found one is the older
        query = ours.order_by(documents.c.name, documents.c.added, waits)
        with self._reading.connect() as connection:
            return [summary_of(row) for row in connection.execute(query).mappings()]

    def summary(self, document_id: str) -> StoredDocument | None:
        """Return what a list shows of a document, or None when there is none."""
        query = sa.select(*_SUMMARY).where(documents.c.document_id == document_id)
        with self._reading.connect() as connection:
            row = connection.execute(query).mappings().one_or_none()
        return None if row is None else summary_of(row)

    def current(self, collection_id: str, *, recipe: str) -> dict[str, set[str]]:
        """Return name -> SHA-256 of the documents that were learned by this recipe: found, waiting, or one of each."""
        query = sa.select(documents.c.name, documents.c.sha256).where(
            documents.c.collection_id == collection_id,
            documents.c.state.not_in(UNSETTLED),
            documents.c.recipe == recipe,
        )
        known: dict[str, set[str]] = {}
        with self._reading.connect() as connection:
            for row in connection.execute(query):
                known.setdefault(row.name, set()).add(row.sha256)
        return known

    def document(self, document_id: str) -> tuple[str, Document] | None:
        """Return the collection id and the whole document, or None when there is none."""
        whole = documents.select().where(documents.c.document_id == document_id)
        with self._reading.connect() as connection:
            row = connection.execute(whole).mappings().one_or_none()
            if row is None:
                return None
            holding = documents.select().where(documents.c.document_id == (row["same_as"] or document_id))
            holder = connection.execute(holding).mappings().one()
        return row["collection_id"], replace(document_of(holder), name=row["name"], title=row["title"])

    def chunks_of(self, document_id: str) -> list[Chunk]:
        """Return the chunks of a document in order."""
        query = chunks.select().where(chunks.c.document_id == document_id).order_by(chunks.c.ordinal)
        with self._reading.connect() as connection:
            return [chunk_of(row) for row in connection.execute(query).mappings()]

    def chunk_ids(self, collection_id: str) -> set[str]:
        """Return the ids of the chunks of all indexed documents of a collection."""
        query = (
            sa.select(chunks.c.chunk_id)
            .join(documents, documents.c.document_id == chunks.c.document_id)
            .where(documents.c.collection_id == collection_id, documents.c.state == "indexed")
        )
        with self._reading.connect() as connection:
            return set(connection.scalars(query))

    def unsettled_ids(self, collection_id: str) -> set[str]:
        """Return the ids of chunks whose vectors may be there or not: of unsettled documents, and noted removals."""
        unsettled = (
            sa.select(chunks.c.chunk_id)
            .join(documents, documents.c.document_id == chunks.c.document_id)
            .where(documents.c.collection_id == collection_id, documents.c.state.in_(UNSETTLED))
        )
        with self._reading.connect() as connection:
            return {*connection.scalars(unsettled), *self.removals(collection_id)}

    def collection_ids(self) -> list[str]:
        """Return the collections that have ever had a document and were not removed."""
        with self._reading.connect() as connection:
            return list(connection.scalars(sa.select(knowledge.c.collection_id).order_by(knowledge.c.number)))

    def remove_document(self, document_id: str) -> None:
        """Take a document out of the database and note its vectors for removal; an unknown one is passed over."""
        with self._engine.begin() as connection:
            remove(connection, document_id)

    def remove_collection(self, collection_id: str) -> None:
        """Take a collection out of the database: documents, chunks, problems. Its vectors are dropped as a whole."""
        of_collection = sa.select(documents.c.document_id).where(documents.c.collection_id == collection_id)
        with self._engine.begin() as connection:
            for document_id in list(connection.scalars(of_collection)):
                remove(connection, document_id)
            for table in (removals, problems, knowledge):
                connection.execute(table.delete().where(table.c.collection_id == collection_id))

    def forget_words(self) -> None:
        """Take the words of removed chunks out of the index, where they are only crossed out until it is rewritten.

        That takes 0.7 s for 100,000 chunks.
        """
        with self._engine.begin() as connection:
            connection.execute(_REWRITE_WORDS)

    def removals(self, collection_id: str) -> list[str]:
        """Return the chunk ids whose vectors must still leave the index."""
        query = sa.select(removals.c.chunk_id).where(removals.c.collection_id == collection_id)
        with self._reading.connect() as connection:
            return list(connection.scalars(query))

    def removed(self, chunk_ids: Sequence[str]) -> None:
        """Note that the vectors of these chunks have left the index."""
        with self._engine.begin() as connection:
            for start in range(0, len(chunk_ids), _PART):
                part = chunk_ids[start : start + _PART]
                connection.execute(removals.delete().where(removals.c.chunk_id.in_(part)))

    def note_problem(self, collection_id: str, name: str, sentence: str) -> None:
        """Remember why a file could not be learned."""
        row = {
            "collection_id": collection_id,
            "name": name,
            "sentence": sentence,
            "noticed": datetime.now(UTC).isoformat(),
        }
        with self._engine.begin() as connection:
            _clear_problem(connection, collection_id, name)
            connection.execute(problems.insert(), row)

    def clear_problem(self, collection_id: str, name: str) -> None:
        """Forget the problem of a file."""
        with self._engine.begin() as connection:
            _clear_problem(connection, collection_id, name)

    def problems(self, collection_id: str) -> list[Problem]:
        """Return the files of a collection that could not be learned, by name."""
        query = problems.select().where(problems.c.collection_id == collection_id).order_by(problems.c.name)
        with self._reading.connect() as connection:
            return [
                Problem(name=row["name"], sentence=row["sentence"], noticed=datetime.fromisoformat(row["noticed"]))
                for row in connection.execute(query).mappings()
            ]


def _clear_problem(connection: sa.Connection, collection_id: str, name: str) -> None:
    connection.execute(problems.delete().where(problems.c.collection_id == collection_id, problems.c.name == name))
