"""The documents of a collection, and one in detail: who loaded it and when, its versions, relatives and chunks.

The same for the API and the command line. Whoever asks has been let in before.
"""

from dataclasses import asdict
from typing import Any

from app.answers import LOCAL_ACTOR
from app.shapes import moment, shape_document, shape_problem
from app.store.accounts import Accounts
from app.store.erased import NOBODY
from app.store.versions import Version, Versions
from retrieval.chunks import ChunkStore
from retrieval.documents import Chunk, StoredDocument

CHUNKS = 50
"""Shown at once; a book has thousands."""
FOLDER = "folder:"


def listed(chunks: ChunkStore, collection_id: str, *, curates: bool) -> dict[str, Any]:
    """Return the documents of a collection, each with its relatives, and the files that could not be read.

    Args:
        chunks: where they are.
        collection_id: the collection.
        curates: whether it is for somebody who may change it; nobody else is told what waits or failed.
    """
    held = [one for one in chunks.documents(collection_id) if curates or one.is_found]
    relatives = chunks.relatives.of(collection_id)
    return {
        "documents": [
            shape_document(one) | {"relatives": [asdict(each) for each in relatives.get(one.document_id, [])]}
            for one in held
        ],
        "problems": [shape_problem(one) for one in chunks.problems(collection_id) if curates],
    }


def details(
    stored: StoredDocument, *, chunks: ChunkStore, versions: Versions, accounts: Accounts, me: str, first: int = 0
) -> dict[str, Any]:
    """Return a document as its list shows it, with its versions, relatives and chunks.

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
    holder = chunks.summary(stored.same_as) if stored.same_as else None
    return shape_document(stored) | {
        "added": moment(loaded.added) if loaded else stored.added.isoformat(),
        "added_by": called(loaded.added_by if loaded else "", names=names, me=me),
        "same_as_name": holder.name if holder else None,
        "relatives": related(chunks, stored),
        "versions": [shape_version(one, by=called(one.added_by, names=names, me=me)) for one in known],
        "first": begin,
        "indexed": [shape_chunk(part) for part in chunks.chunks_of(stored.document_id)[begin:][:CHUNKS]],
    }


def related(chunks: ChunkStore, stored: StoredDocument) -> list[dict[str, Any]]:
    """Return, likest first, the documents that say nearly the same and are found; each with its name."""
    names = {head.document_id: head.name for head in chunks.heads(stored.collection_id) if head.is_found}
    known = chunks.relatives.of(stored.collection_id).get(stored.same_as or stored.document_id, [])
    return [asdict(one) | {"name": names[one.document_id]} for one in known if one.document_id in names]


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
