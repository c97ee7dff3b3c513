"""The models on this machine and those that can be had: what each is, whether it is here, whether it fits.

Reads headers, the catalogue and the folder of weights; loads nothing. What is done to the folder beside that, removing
and importing, is guarded here.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from app.chat_model.choosing import wish_of
from app.errors import AppError, explain
from app.settings import Settings
from models import weights
from models.adapters import is_adapter, mismatch, model_of, parted
from models.catalogue import CATALOGUE, Entry
from models.device import GIB, Machine
from models.errors import ModelError, NotEnoughMemoryError, UnknownModelError
from models.gguf import is_here, named, read_header
from models.kinds import Kind, kind_of
from models.plan import Plan, Wish, make_plan
from models.probe import prove
from models.recommended import OF_CATALOGUE, RECOMMENDED, Recommended
from models.shape import ModelShape, shape_of

BOUNDLESS = 2**62
"""Bytes: what a model needs is planned on a machine that has everything."""


class InUseError(AppError):
    """This model is in use. Choose another one first."""

    status = 409


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the header of a file tells of a model."""

    title: str | None
    licence: str | None
    context_tokens: int
    shape: ModelShape
    adapter: bool
    kind: Kind


def listed(settings: Settings, machine: Machine, *, answers: str) -> list[dict[str, Any]]:
    """Return every model of the catalogue and every imported one, as page and command line show them.

    Args:
        settings: where the weights are, what is wished of a model, and which embedder is used.
        machine: what there is for a model that answers alone.
        answers: the chat model that answers, or will after the next start.
    """
    here = weights.installed(directory=settings.weights)
    names = list(CATALOGUE) + [name for name in here if name not in CATALOGUE]
    return [_listed(name, settings, machine, is_here=name in here, answers=answers) for name in names]


def recommended(settings: Settings, machine: Machine) -> list[dict[str, Any]]:
    """Return the models worth bringing along, the smallest first."""
    wish = wish_of(settings)
    return [_recommended(model) | fit(model.name, model.architecture.shape(), machine, wish) for model in RECOMMENDED]


def fit(name: str, shape: ModelShape, machine: Machine, wish: Wish) -> dict[str, Any]:
    """Return what a model needs, whether it fits as wished ("yes"), with less ("less") or not at all, in words too."""
    vast = replace(machine, memory=BOUNDLESS, free_memory=BOUNDLESS)
    whole = make_plan(name, shape, vast, wish)
    needs = whole.host_bytes + sum(share.bytes for share in whole.cards)
    said = f"needs {needs / GIB:.1f} GiB of memory"
    try:
        plan = make_plan(name, shape, machine, wish)
    except NotEnoughMemoryError:
        free = f"{machine.free_memory / GIB:.1f} GiB are free"
        return {"needs_bytes": needs, "fits": "no", "fit": f"Does not fit: it {said}, and {free}."}
    if plan.stepped_down:
        return {"needs_bytes": needs, "fits": "less", "fit": f"Fits, but only {_room(plan)}: it {said} for more."}
    return {"needs_bytes": needs, "fits": "yes", "fit": f"Fits: it {said}."}


def fetch(settings: Settings, name: str, progress: Callable[[int, int], None]) -> str:
    """Fetch and verify a model of the catalogue; one that is here already is only verified. Returns where it is.

    Raises:
        UnknownModelError: it cannot be fetched by name, with what to do instead.
        ModelError: no source could deliver it, or the disk is full.
    """
    name = model_of(name)
    if name in CATALOGUE:
        return str(
            weights.fetch(CATALOGUE[name], directory=settings.weights, offline=settings.offline, progress=progress)
        )
    if own := next((model for model in RECOMMENDED if model.name == name), None):
        raise UnknownModelError(
            f"{own.title} cannot be fetched by name, because no checksum of it is known here. Download a GGUF file of "
            f"it (huggingface.co/{own.page} tells of it) and run `inhouse models import FILE`."
        )
    return str(weights.find(name, directory=settings.weights))


def verify(settings: Settings, name: str) -> str:
    """Compare a model with what was published; returns the sentence that says that it is well.

    Raises:
        ModelError: it is damaged or not there.
    """
    name = model_of(name)
    if name in CATALOGUE:
        weights.verify(CATALOGUE[name], directory=settings.weights, thoroughly=True)
        return f"The model {name} is as published."
    weights.find(name, directory=settings.weights)
    return f"The model {name} is a whole file; no checksum of it is published here."


def bring(settings: Settings, file: Path) -> str:
    """Import a GGUF file after a child process has tried what it is for; returns the model's name.

    An adapter can be tried only with its model, which is done when it is chosen.

    Raises:
        ModelError: it is no whole model, the engine cannot use it, or the name is taken.
    """
    if not is_adapter(read_header(file)):
        prove(file)
    return weights.import_file(file, directory=settings.weights)


def remove(settings: Settings, name: str, *, answers: str) -> None:
    """Delete a model from this machine.

    Raises:
        InUseError: it answers, judges statements, embeds documents or puts them in order.
        UnknownModelError: it is not there.
    """
    if _file(settings, name) == _file(settings, settings.embedder):
        raise InUseError(f"The model {name} is in use: documents are searched with it.")
    if _ranks(settings, name):
        raise InUseError(f"The model {name} is in use: it puts what a search finds in order (`reranker`).")
    if _checks(settings, name):
        raise InUseError(f"The model {name} is in use: it judges the statements of answers (`checker`).")
    if settings.background_model and _file(settings, name) == _file(settings, settings.background_model):
        raise InUseError(f"The model {name} is in use: it judges the statements of answers (`background_model`).")
    if name == parted(answers)[1] or _file(settings, name) == _file(settings, answers):
        raise InUseError(f"The model {name} is in use: it answers. Choose another one first.")
    weights.remove(name, directory=settings.weights)


def _ranks(settings: Settings, name: str) -> bool:
    return settings.reranker is not None and _file(settings, name) == settings.reranker.resolve()


def _checks(settings: Settings, name: str) -> bool:
    return settings.checker is not None and _file(settings, name) == settings.checker.resolve()


def _file(settings: Settings, name: str) -> Path:
    """Return where a model would be, by its name or path, an adapter's name behind it left out."""
    name = model_of(name)
    if name in CATALOGUE:
        return (settings.weights / CATALOGUE[name].location).resolve()
    given = named(name)
    meant = given if is_here(given) else settings.weights / f"{name}.gguf"
    return meant.resolve() if is_here(meant) else meant


def _listed(name: str, settings: Settings, machine: Machine, *, is_here: bool, answers: str) -> dict[str, Any]:
    entry = CATALOGUE.get(name)
    of_answers = _file(settings, name) == _file(settings, answers)
    answering = of_answers and parted(answers)[1] is None
    embeds = _file(settings, name) == _file(settings, settings.embedder)
    model: dict[str, Any] = _entry(name, entry) | {
        "here": is_here,
        "used": of_answers or embeds or _ranks(settings, name) or _checks(settings, name),
        "answers": answering,
        "imported": entry is None,
    }
    if model["kind"] != "chat":
        return model
    try:
        return model | _sizes(name, settings, machine, is_here=is_here, answers=answers)
    except ModelError as error:
        return model | {"problem": explain(error)}


def _entry(name: str, entry: Entry | None) -> dict[str, Any]:
    if entry is None:
        return {"name": name, "title": "Imported", "kind": "chat", "licence": None, "bytes": None}
    return {
        "name": name,
        "title": entry.title,
        "kind": entry.kind,
        "licence": entry.licence,
        "bytes": entry.size,
        "context_tokens": entry.context_tokens,
    }


def _sizes(name: str, settings: Settings, machine: Machine, *, is_here: bool, answers: str) -> dict[str, Any]:
    """Return what a model needs, from its file where it is here, and what else the header of an imported one tells."""
    if not is_here:
        known = OF_CATALOGUE.get(name)
        return fit(name, known.shape(), machine, wish_of(settings)) if known else {}
    path = _file(settings, name)
    stat = path.stat()
    header = known_of(path, stat.st_size, stat.st_mtime_ns)
    if header.adapter:
        return _adapter(name, header, settings, answers) | {"bytes": stat.st_size}
    chat = header.kind == "chat"
    told = fit(name, header.shape, machine, wish_of(settings)) if chat else {"kind": header.kind}
    if name in CATALOGUE:
        return told
    return told | {
        "title": header.title or "Imported",
        "licence": header.licence,
        "bytes": stat.st_size,
        "context_tokens": header.context_tokens,
    }


def _adapter(name: str, header: Known, settings: Settings, answers: str) -> dict[str, Any]:
    """Return what is told of an adapter: also which of the models here it may be used with."""
    here = [each for each in weights.installed(directory=settings.weights) if _fits(name, each, settings)]
    answering = parted(answers)[1] == name
    title = header.title or "Adapter"
    told = {"title": title, "licence": header.licence, "kind": "adapter", "models": here}
    return told | {"answers": answering, "used": answering}


def _fits(adapter: str, model: str, settings: Settings) -> bool:
    """Whether an adapter can be used with a model that is here."""
    try:
        headers = [read_header(_file(settings, name)) for name in (adapter, model)]
    except ModelError:
        return False
    return mismatch(*headers) is None


@lru_cache(maxsize=64)
def known_of(path: Path, _size: int, _changed: int) -> Known:
    """Return what a file's header tells; read once for as long as the file stays as it is (it takes some 70 ms)."""
    header = read_header(path)
    shape = shape_of(header)
    title, licence = (header.metadata.get(f"general.{key}") for key in ("name", "license"))
    return Known(
        title=title if isinstance(title, str) else None,
        licence=licence if isinstance(licence, str) else None,
        context_tokens=shape.trained_context,
        shape=shape,
        adapter=is_adapter(header),
        kind=kind_of(header),
    )


def _recommended(model: Recommended) -> dict[str, Any]:
    return {
        "name": model.name,
        "title": model.title,
        "licence": model.licence,
        "page": f"huggingface.co/{model.page}",
        "billions": model.billions,
        "bytes": model.architecture.file_bytes,
        "context_tokens": model.architecture.trained_context,
    }


def _room(plan: Plan) -> str:
    people = "for one person" if plan.slots == 1 else f"for {plan.slots} people"
    return f"{people} at once with {plan.context_tokens:,} tokens"
