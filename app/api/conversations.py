"""One's own conversations over JSON: listed, and searched."""

from typing import Annotated, Any

from fastapi import APIRouter, Query

from app.api.callers import Caller
from app.product import Product

MOST_CHARACTERS = 200


def router(product: Product) -> APIRouter:
    """Return the routes; everybody sees only what is theirs."""
    routes = APIRouter(prefix="/api", tags=["reading"])

    @routes.get("/conversations", summary="Your conversations, or those that have every word of `search`")
    def listed(
        actor: Caller,
        search: Annotated[str, Query(max_length=MOST_CHARACTERS)] = "",
        limit: Annotated[int, Query(ge=1, le=500)] = 50,
    ) -> list[dict[str, Any]]:
        if search.strip():
            return [
                {
                    "conversation_id": one.conversation_id,
                    "title": one.title,
                    "found_in": one.kind,
                    "turn_id": one.turn_id,
                    "excerpt": one.excerpt,
                    "when": one.when.isoformat(),
                }
                for one in product.looking_back.find(actor, search, limit=limit)
            ]
        return [
            {
                "conversation_id": one.conversation_id,
                "title": one.title,
                "created": one.created.isoformat(),
                "updated": one.updated.isoformat(),
            }
            for one in product.history.conversations(actor)[:limit]
        ]

    return routes
