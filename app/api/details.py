"""One document in detail over JSON: who loaded it and when, its versions, and its chunks as they are indexed."""

from typing import Any

from fastapi import APIRouter

from app.api.callers import Caller
from app.api.knowledge import check_document
from app.api.numbers import Whole
from app.details import details
from app.product import Product
from app.store.errors import NotFoundError


def router(product: Product) -> APIRouter:
    """Return the route."""
    routes = APIRouter(prefix="/api/collections/{collection_id}/documents", tags=["knowledge"])

    @routes.get("/{document_id}", summary="A document in detail")
    def in_detail(actor: Caller, collection_id: str, document_id: str, first: Whole = 0) -> dict[str, Any]:
        check_document(product, actor, collection_id, document_id)
        stored = product.chunks.summary(document_id)
        if stored is None:
            raise NotFoundError
        return details(
            stored,
            chunks=product.chunks,
            versions=product.versions,
            accounts=product.people.accounts,
            me=actor.user_id,
            first=first,
        )

    return routes
