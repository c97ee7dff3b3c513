"""The vector index over JSON: whether it holds what the database does, and building it again from there."""

from contextlib import closing, suppress
from typing import Any, Literal

from fastapi import APIRouter

from app.api.callers import Caller
from app.api.work import Report, Work
from app.product import Product
from app.rights import Right, require
from retrieval.errors import IndexDamagedError

State = Literal["agrees", "disagrees", "damaged", "unopened", "rebuilding"]


def router(product: Product) -> APIRouter:
    """Return the routes; one rebuilding runs at a time."""
    routes = APIRouter(prefix="/api/index", tags=["knowledge"])
    work = Work()

    @routes.get("", summary="Whether the vector index agrees with the database, and how far its rebuilding is")
    def index(_actor: Caller) -> dict[str, Any]:
        told = work.state
        running = told is not None and told["state"] == "running"
        return {"state": "rebuilding" if running else state_of(product), "work": told}

    @routes.post("", status_code=202, summary="Build it again from the database; meanwhile words alone find passages")
    def rebuild(actor: Caller) -> dict[str, Any]:
        require(actor, Right.GOVERN)
        with suppress(IndexDamagedError):  # one of another embedder is refused: that takes a command
            product.index()
        return work.begin("rebuild", "", lambda report: build_again(product, report))

    return routes


def state_of(product: Product) -> State:
    """Return how the index is; nobody waits for it to be opened."""
    if product.index.ready:
        return "disagrees" if product.knowledge.disagreements() else "agrees"
    return "damaged" if isinstance(product.index.failure, IndexDamagedError) else "unopened"


def build_again(product: Product, report: Report) -> str:
    """Build the index again; return the sentence that says that it is done."""
    with closing(product.rebuild_index()) as events:
        for event in events:
            report.show(event.done, event.total)
    return "The index was built again from the database."
