"""The models over JSON: what the engine does right now, which models there are, and letting another one answer.

Figures and names only: no question, no answer, no person. Whatever takes long is begun by a POST and then told by
`/api/models/now` until it has ended, to every page that looks.
"""

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel

from app.api.callers import Caller
from app.api.work import Report, Work
from app.choosing import choose, located, next_start
from app.errors import explain
from app.observe.engine import Meter, Notice, cached_share
from app.product import Product
from app.serving import Voice
from app.shelf import listed
from models.engine import EngineState
from models.errors import ModelError
from models.weights import installed

LOADING = "The model is being loaded."
RESTING = "Nobody asked for a while, so the model was unloaded. The next question loads it again."
RESTARTING = "The engine is being started again."


class Wanted(BaseModel):
    """A model to answer from now on."""

    model: str
    pause: bool = False


def router(product: Product) -> APIRouter:
    """Return the routes; one piece of work is done at a time."""
    routes = APIRouter(prefix="/api/models", tags=["models"])
    meter, work = Meter(), Work()

    @routes.get("", summary="The models that are known and those that are here")
    def models(_actor: Caller) -> dict[str, Any]:
        answers = product.serving.name
        return {"models": listed(product.settings, answers=answers), "next_start": next_start(product.settings)}

    @routes.get("/now", summary="What the engine does right now")
    def now(_actor: Caller) -> dict[str, Any]:
        return shape_now(product, meter) | {"work": work.state}

    @routes.post("/use", status_code=202, summary="Let another model answer from now on")
    def use(_actor: Caller, wanted: Wanted) -> dict[str, Any]:
        if wanted.model not in installed(directory=product.settings.weights):
            located(product.settings, wanted.model)
        return work.begin("use", wanted.model, lambda report: switch(product, wanted, report))

    return routes


def switch(product: Product, wanted: Wanted, report: Report) -> str:
    """Let another model answer, and everything else that a question needs be there."""
    chosen = choose(product.settings, product.serving, wanted.model, pause=wanted.pause, told=report.say)
    product.assistant()
    return chosen.sentence


def shape_now(product: Product, meter: Meter) -> dict[str, Any]:
    """Return the state of the engine, without waiting; its figures are null while it is not there to be asked."""
    voice = product.serving.voice
    state, sentence = state_of(product, voice)
    shaped: dict[str, Any] = {
        "model": product.serving.name,
        "state": state,
        "sentence": sentence,
        "figures": None,
        "restarts": voice.engine.restarts if voice else 0,
        "notices": [shape_notice(notice) for notice in product.notices.latest],
    }
    if voice and state == "ready":
        try:
            shaped["figures"] = figures(voice.engine.describe(), meter)
        except ModelError as error:  # it ended between the two looks
            shaped |= {"state": "restarting", "sentence": explain(error)}
    return shaped


def state_of(product: Product, voice: Voice | None) -> tuple[str, str]:
    """Return whether the engine can be asked, in a word and in a sentence."""
    if voice is None and product.serving.resting:
        return "resting", RESTING
    if voice is None:
        failure = product.serving.failure
        return ("loading", LOADING) if failure is None else ("failed", explain(failure))
    if voice.engine.alive:
        return "ready", voice.engine.sentence
    failure = voice.engine.failure
    return ("restarting", RESTARTING) if failure is None else ("failed", explain(failure))


def figures(described: EngineState, meter: Meter) -> dict[str, Any]:
    """Return the engine's figures; rates are null until they have been looked at twice."""
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
