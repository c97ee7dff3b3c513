"""The folders a collection watches, over JSON: add, pause, run now, remove."""

from typing import Any

from fastapi import APIRouter, Response
from pydantic import BaseModel

from app.answers import Actor
from app.api.callers import Caller
from app.library.watching import checked_minutes
from app.product import Product
from app.rights import Right, require
from app.shapes import shape_watch
from app.store.errors import NotFoundError
from app.store.watches import Watch


class NewFolder(BaseModel):
    """Which folder to watch, and how often."""

    folder: str
    minutes: int = 60


class Change(BaseModel):
    """What to change of a watched folder."""

    minutes: int | None = None
    paused: bool | None = None


def router(product: Product) -> APIRouter:
    """Return the routes."""
    routes = APIRouter(prefix="/api/collections/{collection_id}/folders", tags=["knowledge"])

    @routes.get("", summary="The folders it watches")
    def folders(actor: Caller, collection_id: str) -> list[dict[str, Any]]:
        product.collections.curated(actor, collection_id)
        return [shape_watch(watch, product.watching.running) for watch in product.watches.of(collection_id)]

    @routes.post("", status_code=201, summary="Watch a folder of the machine Inhouse runs on")
    def add(actor: Caller, collection_id: str, wanted: NewFolder) -> dict[str, Any]:
        product.collections.curated(actor, collection_id)
        require(actor, Right.OPERATE)
        added = product.watching.add(actor, collection_id, folder=wanted.folder, minutes=wanted.minutes)
        return shape_watch(added, product.watching.running)

    @routes.patch("/{watch_id}", summary="Look at it more or less often, pause it, go on")
    def change(actor: Caller, collection_id: str, watch_id: str, wanted: Change) -> dict[str, Any]:
        find(product, actor, collection_id, watch_id)
        minutes = None if wanted.minutes is None else checked_minutes(wanted.minutes)
        changed = product.watches.change(watch_id, minutes=minutes, paused=wanted.paused)
        return shape_watch(changed, product.watching.running)

    @routes.post("/{watch_id}/run", status_code=202, summary="Look at it now")
    def run(actor: Caller, collection_id: str, watch_id: str) -> dict[str, Any]:
        watch = find(product, actor, collection_id, watch_id)
        product.watching.run_now(watch_id)
        return shape_watch(watch, product.watching.running)

    @routes.delete("/{watch_id}", status_code=204, summary="Watch it no longer; its documents stay")
    def remove(actor: Caller, collection_id: str, watch_id: str) -> Response:
        find(product, actor, collection_id, watch_id)
        product.watches.remove(watch_id)
        return Response(status_code=204)

    return routes


def find(product: Product, actor: Actor, collection_id: str, watch_id: str) -> Watch:
    """Return a folder that a collection watches which the actor may change.

    Raises:
        NotFoundError: there is none.
    """
    product.collections.curated(actor, collection_id)
    watch = product.watches.get(watch_id)
    if watch.collection_id != collection_id:
        raise NotFoundError
    return watch
