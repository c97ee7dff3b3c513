"""Documents that were cut otherwise than the settings say now, over JSON: how many, and learn them anew."""

from typing import Any

from fastapi import APIRouter

from app.api.callers import Caller
from app.api.work import Report, Work
from app.product import Product
from app.rights import Right, require
from retrieval.ingest import IngestReport


def router(product: Product) -> APIRouter:
    """Return the routes; one renewal runs at a time."""
    routes = APIRouter(prefix="/api/renewal", tags=["knowledge"])
    work = Work()

    @routes.get("", summary="How many documents were cut otherwise than now, and how far their renewal is")
    def renewal(actor: Caller) -> dict[str, Any]:
        ids = [one.collection_id for one in product.collections.list(actor)]
        return {"outdated": sum(len(product.knowledge.outdated(one)) for one in ids), "work": work.state}

    @routes.post("", status_code=202, summary="Learn them anew; the old ones serve until each new one is complete")
    def renew(actor: Caller) -> dict[str, Any]:
        require(actor, Right.GOVERN)
        return work.begin("renew", "", lambda report: learn_anew(product, report))

    return routes


def learn_anew(product: Product, report: Report) -> str:
    """Learn every outdated document anew; return the sentence that says how many there were."""
    renewed = 0
    for event in product.knowledge.renew():
        if isinstance(event, IngestReport):
            renewed += event.added + event.updated
        else:
            report.show(event.done, event.total)
    return f"Documents learned anew: {renewed}."
