"""Documents in and out of everything that holds them: chunks, vectors and originals.

Knows the order in which they are stored and removed, so that a killed process leaves nothing behind that
`Knowledge.sweep` does not find; knows no reader, no model and no page.
"""

from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from functools import partial

from app.answers import LOCAL_ACTOR
from app.errors import AppError
from app.store.errors import UnknownCollectionError
from app.store.originals import Originals
from app.store.verified import VerifiedAnswers
from app.store.versions import Versions
from retrieval.agreement import Disagreement, check_agreement, rebuild_index
from retrieval.chunks import ChunkStore
from retrieval.documents import Head, StoredDocument
from retrieval.ingest import IngestEvent, Ingesting, ingest
from retrieval.library import Library
from retrieval.settling import release_document, remove_collection, remove_document
from retrieval.sources import Source


class NotWaitingError(AppError):
    """The document is not in quarantine: it was released already, or never suspicious."""

    status = 409


class Knowledge:
    """Everything that is known of documents."""

    def __init__(  # noqa: PLR0913 - the stores it is made of
        self,
        *,
        chunks: ChunkStore,
        originals: Originals,
        versions: Versions,
        verified: VerifiedAnswers,
        library: Callable[[], Library],
        exists: Callable[[str], bool],
        erasing: Callable[[], AbstractContextManager[None]],
    ) -> None:
        """Use these; `library` opens the vector index when it is first needed.

        `exists` tells whether there is a collection of an id: it may be deleted while documents are learned into it.
        What is taken out is taken out within `erasing`, which destroys what the engine made from it.
        """
        self._exists = exists
        self._erasing = erasing
        self._chunks = chunks
        self._originals = originals
        self._versions = versions
        self._verified = verified
        self.library = library
        """The stores that learning fills, opened when they are first needed."""

    def learn(
        self,
        sources: Sequence[Source],
        *,
        collection_id: str,
        sync: bool = False,
        within: str = "",
        gives_way: bool = False,
        by: str = LOCAL_ACTOR.user_id,
    ) -> Generator[IngestEvent]:
        """Learn documents: yield progress and, last, a report; the originals of replaced documents are destroyed.

        So is what the engine keeps, also where a document that was found is judged anew and waits in quarantine now.

        Args:
            sources: the files.
            collection_id: where they belong.
            sync: also remove the documents of the collection that are not among the sources.
            within: only those whose names begin so.
            gives_way: let others who learn go first, after each file.
            by: who loads them.

        Raises:
            StorageFullError, DiskFullError: what was stored before stays, and the same call goes on from there.
            UnknownCollectionError: the collection was deleted meanwhile, and so is what was learned into it.
        """
        before = self._chunks.heads(collection_id)
        try:
            yield from ingest(
                sources,
                library=replace(self.library(), gives_way=gives_way),
                collection_id=collection_id,
                sync=sync,
                within=within,
                answers=partial(self._verified.names, collection_id),
                keep_original=self._originals.keep,
            )
        finally:
            after = self._chunks.heads(collection_id)
            self._versions.note(collection_id, before, after, by=by, summary=self._chunks.summary)
            if gone := not self._exists(collection_id):
                self.forget_collection(collection_id)
        if gone:
            raise UnknownCollectionError
        replaced = {head.sha256 for head in before} - {head.sha256 for head in after}
        if replaced or _found(before) & _waiting(after):
            with self.library().turn.first(), self._erasing():
                self._destroy(replaced)

    def holds(self, collection_id: str) -> bool:
        """Whether a collection holds anything, and be it only the name of a file that could not be read."""
        return bool(self._chunks.heads(collection_id) or self._chunks.problems(collection_id))

    def finds(self, collection_id: str, name: str, sha256: str) -> bool:
        """Whether searches find the document of this name with exactly these bytes."""
        return sha256 in _found_bytes(self._chunks.heads(collection_id), name)

    def release(self, document_id: str) -> bool:
        """Let a document out of quarantine, so that it is found; returns whether it was waiting there.

        Where it takes the place of a verified answer, nobody has approved its words: it is a document like any other.
        """
        found = self._chunks.document(document_id)
        if found is None:
            return False
        collection_id, document = found
        heads = self._chunks.heads(collection_id)
        before = {stored.sha256 for stored in heads}
        if document_id in _waiting(heads) and _found_bytes(heads, document.name) - {document.sha256}:
            self._verified.forget(collection_id, document.name)
        library = self.library()
        waited = release_document(document_id, collection_id=collection_id, library=library)
        if before - {stored.sha256 for stored in self._chunks.heads(collection_id)}:
            with library.turn.first(), self._erasing():
                self._destroy(before)
        return waited

    def forget_document(self, document_id: str) -> None:
        """Take a document out of everything; an unknown one is passed over.

        Another of its name, found while this one waits in quarantine, keeps its versions and whoever approved it.
        """
        found = self._chunks.document(document_id)
        if found is None:
            return
        collection_id, document = found
        library = self.library()
        with library.turn.first(), self._erasing():
            held = self._named(collection_id, document.name)
            remove_document(document_id, collection_id=collection_id, chunks=self._chunks, index=library.index)
            self._destroy({document.sha256})
        left = self._named(collection_id, document.name)
        self._versions.note(collection_id, held, left, by=LOCAL_ACTOR.user_id, summary=self._chunks.summary)
        if not _found_bytes(left, document.name):
            self._verified.forget(collection_id, document.name)

    def forget_collection(self, collection_id: str) -> None:
        """Take every document of a collection out of everything."""
        library = self.library()
        with library.turn.first(), self._erasing():
            held = {stored.sha256 for stored in self._chunks.heads(collection_id)}
            remove_collection(collection_id, chunks=self._chunks, index=library.index)
            self._destroy(held)
        self._versions.forget(collection_id)
        self._verified.forget(collection_id)

    def disagreements(self) -> list[Disagreement]:
        """Return the collections whose chunks and vectors disagree."""
        collection_ids = self._chunks.collection_ids()
        return check_agreement(chunks=self._chunks, index=self.library().index, collection_ids=collection_ids)

    def rebuild_index(self) -> Iterator[Ingesting]:
        """Build all vectors again from the database, yielding progress."""
        yield from rebuild_index(self.library(), collection_ids=self._chunks.collection_ids())

    def outdated(self, collection_id: str) -> list[StoredDocument]:
        """Return the documents that were read or cut otherwise than it is done now."""
        current = self._chunks.current(collection_id, recipe=self.library().recipe)
        stored = self._chunks.documents(collection_id)
        return [one for one in stored if one.is_found and one.name not in current]

    def renew(self) -> Generator[IngestEvent]:
        """Learn outdated documents again from their originals; the old ones serve until each new one is complete."""
        for collection_id in self._chunks.collection_ids():
            old = [stored for stored in self.outdated(collection_id) if self._originals.has(stored.sha256)]
            asked = {answer.name: answer.question for answer in self._verified.of(collection_id)}
            sources = [
                Source(name=one.name, read=partial(self._originals.read, one.sha256), question=asked.get(one.name, ""))
                for one in old
            ]
            if sources:
                yield from self.learn(sources, collection_id=collection_id, gives_way=True)

    def sweep(self) -> None:
        """Destroy what a killed process left: collections nobody knows, originals no document refers to.

        Only while nothing is being learned.
        """
        for collection_id in self._chunks.collection_ids():
            if not self._exists(collection_id):
                self.forget_collection(collection_id)
        if orphans := self._originals.digests() - self._chunks.digests():
            with self._erasing():
                self._destroy(orphans)

    def _named(self, collection_id: str, name: str) -> list[Head]:
        """Return the documents of a name: the one that is found, and another version of it that waits."""
        return [head for head in self._chunks.heads(collection_id) if head.name == name]

    def _destroy(self, digests: set[str]) -> None:
        """Destroy those of these originals that no document refers to any more, and the words of what was removed.

        Whoever calls has the turn: who learns the same bytes meanwhile would take the original for kept.
        """
        self._chunks.forget_words()
        for sha256 in digests - self._chunks.digests():
            self._originals.remove(sha256)


def _found(heads: Iterable[Head]) -> set[str]:
    """Return the ids of the documents that searches find."""
    return {head.document_id for head in heads if head.is_found}


def _found_bytes(heads: Iterable[Head], name: str) -> set[str]:
    """Return the SHA-256 of the document of a name that searches find; nothing where they find none."""
    return {head.sha256 for head in heads if head.name == name and head.is_found}


def _waiting(heads: Iterable[Head]) -> set[str]:
    """Return the ids of the documents in quarantine."""
    return {head.document_id for head in heads if head.state == "quarantined"}
