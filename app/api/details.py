"""One document in detail over JSON: who loaded it and when, its versions, and its chunks as they are indexed."""

from typing import Any

from fastapi import APIRouter

from app.api.callers import Caller
from app.api.folders import moment
from app.api.knowledge import check_document, shape_document
from app.product import Product
from app.store.errors import NotFoundError
from app.store.versions import Version
from retrieval.documents import Chunk

CHUNKS = 50
"""Shown at once; a book has thousands."""


def router(product: Product) -> APIRouter:
    """Return the route."""
    routes = APIRouter(prefix="/api/collections/{collection_id}/documents", tags=["knowledge"])

    @routes.get("/{document_id}", summary="A document in detail")
    def details(actor: Caller, collection_id: str, document_id: str, first: int = 0) -> dict[str, Any]:
        check_document(product, actor, collection_id, document_id)
        stored = product.chunks.summary(document_id)
        if stored is None:
            raise NotFoundError
        versions = product.versions.of(collection_id, stored.name)
        parts = product.chunks.chunks_of(document_id)[max(first, 0) :][:CHUNKS]
        loaded_by = next((one.added_by for one in versions if one.document_id == document_id), "")
        return shape_document(stored) | {
            "added_by": called(loaded_by, me=actor.user_id),
            "versions": [shape_version(one, me=actor.user_id) for one in versions],
            "first": max(first, 0),
            "indexed": [shape_chunk(part) for part in parts],
        }

    return routes


def called(loaded_by: str, *, me: str) -> str:
    """Return who loaded something in words."""
    if loaded_by.startswith("folder:"):
        return f"the folder {loaded_by.removeprefix('folder:')}"
    return "you" if loaded_by == me else loaded_by or "somebody, before this was noted"


def shape_version(version: Version, *, me: str) -> dict[str, Any]:
    """Return a version of a document as the API shows it."""
    return {
        "document_id": version.document_id,
        "sha256": version.sha256,
        "bytes": version.bytes,
        "added": moment(version.added),
        "added_by": called(version.added_by, me=me),
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
