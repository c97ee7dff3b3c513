"""What documents of a collection say differently, over JSON."""

from typing import Any

from fastapi import APIRouter

from app.answering.differing import Differing
from app.api.callers import Caller
from app.product import Product
from app.shapes import shape_conflict


def router(product: Product) -> APIRouter:
    """Return the route."""
    routes = APIRouter(prefix="/api/collections/{collection_id}/conflicts", tags=["knowledge"])

    @routes.get("", summary="Sentences of its documents that say different things of the same thing")
    def conflicts(actor: Caller, collection_id: str) -> list[dict[str, Any]]:
        collection = product.collections.curated(actor, collection_id)
        return [shape_conflict(one) for one in Differing(product.chunks).report(collection)]

    return routes
