"""The models over JSON: what the engine does right now, in figures. No question, no answer, no person."""

from typing import Any

from fastapi import APIRouter

from app.api.callers import Caller
from app.errors import explain
from app.observe.engine import Meter, Notice, cached_share
from app.product import Product
from models.errors import ModelError

LOADING = "The model is being loaded."
RESTARTING = "The engine is being started again."


def router(product: Product) -> APIRouter:
    """Return the routes."""
    routes = APIRouter(prefix="/api/models", tags=["models"])
    meter = Meter()

    @routes.get("/now", summary="What the engine does right now")
    def now(_actor: Caller) -> dict[str, Any]:
        return shape_now(product, meter)

    return routes


def shape_now(product: Product, meter: Meter) -> dict[str, Any]:
    """Return the state of the engine; its figures are null while it is not there to be asked."""
    state, sentence = state_of(product)
    shaped: dict[str, Any] = {
        "model": product.settings.model,
        "state": state,
        "sentence": sentence,
        "figures": None,
        "restarts": product.engine().restarts if product.engine.ready else 0,
        "notices": [shape_notice(notice) for notice in product.notices.latest],
    }
    if state == "ready":
        try:
            shaped["figures"] = figures(product, meter)
        except ModelError as error:  # it ended between the two looks
            shaped |= {"state": "restarting", "sentence": explain(error)}
    return shaped


def state_of(product: Product) -> tuple[str, str]:
    """Return whether the engine can be asked, in a word and in a sentence; never waits."""
    if not product.engine.ready:
        failure = product.engine.failure
        return ("loading", LOADING) if failure is None else ("failed", explain(failure))
    engine = product.engine()
    if engine.alive:
        return "ready", engine.sentence
    return ("restarting", RESTARTING) if engine.failure is None else ("failed", explain(engine.failure))


def figures(product: Product, meter: Meter) -> dict[str, Any]:
    """Return the engine's figures; rates are null until they have been looked at twice."""
    engine = product.engine()
    described = engine.describe()
    rates = meter.note(described.counters)
    return {
        "slots": described.slots,
        "running": described.running,
        "waiting": described.waiting,
        "context_tokens": described.context_tokens,
        "cached_share": cached_share(described),
        "written_per_second": rates.written if rates else None,
        "read_per_second": rates.read if rates else None,
        "counters": described.counters,
    }


def shape_notice(notice: Notice) -> dict[str, str]:
    """Return a notice as the API shows it."""
    return {"time": notice.time.isoformat(), "sentence": notice.sentence}
