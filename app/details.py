"""One document in detail: who loaded it and when, its versions, and its chunks as they are indexed.

The same for the API and the command line. Whoever asks has been let in before.
"""

from typing import Any

from app.answers import LOCAL_ACTOR
from app.shapes import moment, shape_document
from app.store.accounts import Accounts
from app.store.erased import NOBODY
from app.store.versions import Version, Versions
from retrieval.chunks import ChunkStore
from retrieval.documents import Chunk, StoredDocument

CHUNKS = 50
"""Shown at once; a book has thousands."""
FOLDER = "folder:"


def details(
    stored: StoredDocument, *, chunks: ChunkStore, versions: Versions, accounts: Accounts, me: str, first: int = 0
) -> dict[str, Any]:
    """Return a document as its list shows it, with its versions and chunks.

    Args:
        stored: the document.
        chunks: where its chunks are.
        versions: those there were of it.
        accounts: name whoever loaded it.
        me: the id of whoever reads it, who is called "you"; "" for nobody.
        first: the chunk to begin with, from 0.
    """
    known = versions.of(stored.collection_id, stored.name)
    names = accounts.names({one.added_by for one in known})
    loaded = next((one for one in known if one.sha256 == stored.sha256), None)
    begin = max(first, 0)
    return shape_document(stored) | {
        "added": moment(loaded.added) if loaded else stored.added.isoformat(),
        "added_by": called(loaded.added_by if loaded else "", names=names, me=me),
        "versions": [shape_version(one, by=called(one.added_by, names=names, me=me)) for one in known],
        "first": begin,
        "indexed": [shape_chunk(part) for part in chunks.chunks_of(stored.document_id)[begin:][:CHUNKS]],
    }


def called(loaded_by: str, *, names: dict[str, str], me: str) -> str:
    """Return in words who loaded something.

    Args:
        loaded_by: as it is kept (`Version.added_by`).
        names: the accounts' names by id.
        me: the id of whoever reads it.
    """
    if loaded_by.startswith(FOLDER):
        return f"the watched folder {loaded_by.removeprefix(FOLDER)}"
    if loaded_by == me != "":
        return "you"
    known = {LOCAL_ACTOR.user_id: "the person of this machine", NOBODY: "somebody who was erased"} | names
    return known.get(loaded_by, "somebody without an account now" if loaded_by else "somebody, before this was noted")


def shape_version(version: Version, *, by: str) -> dict[str, Any]:
    """Return a version of a document as it is shown."""
    return {
        "document_id": version.document_id,
        "sha256": version.sha256,
        "bytes": version.bytes,
        "added": moment(version.added),
        "added_by": by,
        "replaced": None if version.replaced is None else moment(version.replaced),
    }


def shape_chunk(chunk: Chunk) -> dict[str, Any]:
    """Return a chunk as it is embedded and searched: below its headings and the names of its columns."""
    return {
        "chunk_id": chunk.chunk_id,
        "ordinal": chunk.ordinal,
        "page": chunk.page,
        "headings": chunk.headings,
        "columns": chunk.columns,
        "text": chunk.text,
    }
