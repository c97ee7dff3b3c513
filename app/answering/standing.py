"""Where the source of a citation stands now: still here, changed since, gone, or no longer open to whoever asks.

An old answer keeps its words and quotes; only what is said of its sources changes. Knows no page and no answer.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from app.answers import Citation
from app.store.versions import Versions
from retrieval.chunks import ChunkStore
from retrieval.documents import StoredDocument

Standing = Literal["here", "changed", "gone", "closed"]

NOTES: dict[Standing, str] = {"here": "", "changed": "changed since", "gone": "gone", "closed": "not open to you"}
"""What a list of sources says of each."""
GONE = "This document is no longer here. The quote is what the answer was given."
CLOSED = "This document is no longer open to you. The quote is what your answer was given."
CHANGED = "This document has changed since: a newer version is in its place. The quote is what the answer was given."
NOTICES: dict[Standing, str] = {"here": "", "changed": CHANGED, "gone": GONE, "closed": CLOSED}
"""What whoever opens such a citation is told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """The document a citation leads to now."""

    standing: Standing
    document_id: str | None = None
    """Of the document itself or, where it has changed, of its newer version."""
    added: datetime | None = None
    """Since when that is here."""


def source_of(citation: Citation, *, readable: Collection[str], chunks: ChunkStore, versions: Versions) -> Source:
    """Return where a citation leads now.

    Args:
        citation: of a stored answer.
        readable: the ids of the collections that whoever asks may read.
        chunks: the documents there are.
        versions: those there were; the same file, only cut anew, has not changed.
    """
    if citation.collection_id not in readable:
        there = citation.collection_id in chunks.collection_ids()  # whether the document is, is nobody's business then
        return Source(standing="closed" if there else "gone")
    if found := chunks.summary(citation.document_id):
        return Source(standing="here", document_id=found.document_id, added=found.added)
    newer = _named(chunks.documents(citation.collection_id), citation.document)
    if newer is None:
        return Source(standing="gone")
    same = (citation.sha256 or versions.digest(citation.document_id)) == newer.sha256
    return Source(standing="here" if same else "changed", document_id=newer.document_id, added=newer.added)


def sources_of(
    citations: Iterable[Citation], *, readable: Collection[str], chunks: ChunkStore, versions: Versions
) -> dict[int, Source]:
    """Return where each citation of an answer leads now, by its number."""
    return {one.n: source_of(one, readable=readable, chunks=chunks, versions=versions) for one in citations}


def _named(documents: Iterable[StoredDocument], name: str) -> StoredDocument | None:
    return next((one for one in documents if one.name == name and one.is_found), None)
