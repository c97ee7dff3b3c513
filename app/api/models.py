"""The models over JSON: what the engine does right now, which models there are, and letting another one answer.

Figures and names only: no question, no answer, no person. Whatever takes long is begun by a POST and then told by
`/api/models/now` until it has ended, to every page that looks.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel

from app.api.callers import Caller, about
from app.api.errors import BadRequestError
from app.api.work import Report, Work
from app.chat_model import shelf
from app.chat_model.choosing import choose, located, next_start
from app.chat_model.serving import Voice
from app.chat_model.shelf import listed, recommended
from app.errors import AppError, explain
from app.observe.engine import Meter, Notice, cached_share
from app.product import Product
from app.rights import Right, require
from app.settings import Settings
from models.catalogue import CATALOGUE
from models.device import Machine, look_at_host
from models.engine import EngineState
from models.errors import ModelError, ModelFileDamagedError, ModelMissingError
from models.gguf import named, read_header
from models.weights import installed

LOADING = "The model is being loaded."
RESTING = """The model was unloaded, because nobody asked for a while or other programs needed the memory. The next \
question loads it again."""
RESTARTING = "The engine is being started again."


class NoSuchFileError(AppError):
    """There is no such model file on the machine Inhouse runs on."""

    status = 404


class UnfitFileError(AppError):
    """The file is no model that can be used."""

    status = 422


class Named(BaseModel):
    """A model."""

    model: str


class Wanted(Named):
    """A model to answer from now on."""

    pause: bool = False


class Brought(BaseModel):
    """A GGUF file on this machine."""

    path: str


def router(product: Product) -> APIRouter:
    """Return the routes; one piece of work is done at a time."""
    routes = APIRouter(prefix="/api/models", tags=["models"])
    meter, work = Meter(), Work()

    @routes.get("", summary="The models that are known, those that are here, and whether they fit")
    def models(_actor: Caller) -> dict[str, Any]:
        settings, machine = product.settings, machine_of(product)
        return {
            "models": listed(product.settings_in_use, machine, answers=product.serving.name),
            "recommended": recommended(settings, machine),
            "answers": product.serving.name,
            "next_start": next_start(settings),
        }

    @routes.get("/now", summary="What the engine does right now")
    def now(_actor: Caller) -> dict[str, Any]:
        return shape_now(product, meter) | {"work": work.state}

    @routes.post("/use", status_code=202, summary="Let another model answer from now on")
    def use(actor: Caller, wanted: Wanted, request: Request) -> dict[str, Any]:
        require(actor, Right.MODELS)
        about(request, wanted.model)
        if wanted.model not in installed(directory=product.settings.weights):
            with chosen():
                located(product.settings, wanted.model)
        return work.begin("use", wanted.model, lambda report: switch(product, wanted, report))

    @routes.post("/stop", status_code=204, summary="Stop fetching; the next time it goes on from there")
    def stop(actor: Caller) -> Response:
        require(actor, Right.MODELS)
        work.stop()
        return Response(status_code=204)

    _add_files(routes, product, work)
    return routes


def _add_files(routes: APIRouter, product: Product, work: Work) -> None:
    """Add what is done to the files of models."""
    settings = product.settings

    @routes.post("/fetch", status_code=202, summary="Fetch and verify a model of the catalogue")
    def fetch(actor: Caller, wanted: Named, request: Request) -> dict[str, Any]:
        require(actor, Right.MODELS)
        about(request, wanted.model)
        if wanted.model not in CATALOGUE:
            with chosen():
                shelf.fetch(settings, wanted.model, lambda _done, _total: None)
        return work.begin("fetch", wanted.model, lambda report: fetched(settings, wanted.model, report))

    @routes.post("/verify", status_code=202, summary="Compare a model's checksum with the published one")
    def verify(actor: Caller, wanted: Named, request: Request) -> dict[str, Any]:
        require(actor, Right.MODELS)
        about(request, wanted.model)
        return work.begin("verify", wanted.model, lambda _report: shelf.verify(settings, wanted.model))

    @routes.post("/import", status_code=202, summary="Take a GGUF file from this machine")
    def bring(actor: Caller, brought: Brought, request: Request) -> dict[str, Any]:
        require(actor, Right.MODELS)
        file = named(brought.path.strip())
        about(request, file.name)
        if not file.is_absolute():
            raise BadRequestError("Give the whole path of the file, such as /srv/models/model.gguf.")
        with chosen():
            read_header(file)
        return work.begin("import", file.name, lambda report: imported(settings, file, report))

    @routes.delete("", status_code=204, summary="Delete a model that is not in use from this machine")
    def remove(actor: Caller, model: str, request: Request) -> Response:
        require(actor, Right.MODELS)
        about(request, model)
        shelf.remove(product.settings_in_use, model, answers=product.serving.name)
        return Response(status_code=204)


@contextmanager
def chosen() -> Iterator[None]:
    """Let whoever names a model that is not there, or is none, know that it is theirs to correct.

    Raises:
        NoSuchFileError, UnfitFileError: with the sentence of the model's error.
    """
    try:
        yield
    except ModelMissingError as error:
        raise NoSuchFileError(explain(error)) from error
    except ModelFileDamagedError as error:
        raise UnfitFileError(explain(error)) from error


def fetched(settings: Settings, name: str, report: Report) -> str:
    """Fetch a model and tell how far it is."""
    shelf.fetch(settings, name, report.show)
    return f"The model {name} is here and verified."


def imported(settings: Settings, file: Path, report: Report) -> str:
    """Take a file, after the engine has tried it."""
    report.say("A process of its own tries to write a word with it.")
    name = shelf.bring(settings, file)
    return f"The model is here as {name}."


def machine_of(product: Product) -> Machine:
    """Return what there is for a model that answers alone; only a running engine sees graphics cards."""
    voice = product.serving.voice
    if voice is not None and voice.engine.alive:
        try:
            return voice.engine.room()
        except ModelError:  # it has just ended
            return look_at_host()
    return look_at_host()


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
