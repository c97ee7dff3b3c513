"""The folders a collection watches, over JSON: add, pause, run now, remove."""

from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, Response
from pydantic import BaseModel

from app.answers import Actor
from app.api.callers import Caller
from app.library.watching import checked_minutes
from app.product import Product
from app.rights import Right, require
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
        return [shape_watch(product, watch) for watch in product.watches.of(collection_id)]

    @routes.post("", status_code=201, summary="Watch a folder of the machine Inhouse runs on")
    def add(actor: Caller, collection_id: str, wanted: NewFolder) -> dict[str, Any]:
        product.collections.curated(actor, collection_id)
        require(actor, Right.OPERATE)
        added = product.watching.add(actor, collection_id, folder=wanted.folder, minutes=wanted.minutes)
        return shape_watch(product, added)

    @routes.patch("/{watch_id}", summary="Look at it more or less often, pause it, go on")
    def change(actor: Caller, collection_id: str, watch_id: str, wanted: Change) -> dict[str, Any]:
        find(product, actor, collection_id, watch_id)
        minutes = None if wanted.minutes is None else checked_minutes(wanted.minutes)
        return shape_watch(product, product.watches.change(watch_id, minutes=minutes, paused=wanted.paused))

    @routes.post("/{watch_id}/run", status_code=202, summary="Look at it now")
    def run(actor: Caller, collection_id: str, watch_id: str) -> dict[str, Any]:
        watch = find(product, actor, collection_id, watch_id)
        product.watching.run_now(watch_id)
        return shape_watch(product, watch)

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


def shape_watch(product: Product, watch: Watch) -> dict[str, Any]:
    """Return a watched folder as the API shows it."""
    running = product.watching.running
    now = running if running and running.watch_id == watch.watch_id else None
    return {
        "watch_id": watch.watch_id,
        "folder": watch.folder,
        "label": watch.label,
        "minutes": watch.minutes,
        "paused": watch.paused,
        "next_run": None if watch.paused else moment(watch.next_run),
        "last_run": None if watch.last_run is None else moment(watch.last_run),
        "last_result": watch.last_result,
        "running": now and {"done": now.done, "total": now.total},
    }


def moment(seconds: float) -> str:
    """Return a time as ISO 8601."""
    return datetime.fromtimestamp(seconds, UTC).isoformat()
