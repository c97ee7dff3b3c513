"""What the `inhouse models` commands do: options in, exit status out.

They need no product: models lie in a folder that every data directory of this person shares.
"""

import argparse
import sys
from shlex import quote
from typing import TYPE_CHECKING, Any

from app.console.terminal import ProgressLine, interruptible, print_items, print_value, say

if TYPE_CHECKING:
    from app.settings import Settings

MEGABYTE = 10**6


def list_models(options: argparse.Namespace) -> int:
    """Print the models that are known, those that are here, and those worth bringing along."""
    from app.chat_model.shelf import listed, recommended
    from app.settings import load_settings
    from models.device import look_or_guess

    settings, machine = load_settings(), look_or_guess()
    models = listed(settings, machine, answers=settings.model)
    return _print(options, {"models": models, "recommended": recommended(settings, machine)})


def fetch_model(options: argparse.Namespace) -> int:
    """Fetch and verify a model of the catalogue; one that is here already is only verified."""
    from app.settings import load_settings

    settings = load_settings()
    name = options.name or settings.model
    path = fetch(name, settings)
    return _print(options, {"model": name, "path": path, "sentence": f"The model {name} is here and verified."})


def use_model(options: argparse.Namespace) -> int:
    """Choose the model that answers: at once where Inhouse runs, else from the next start on."""
    from app.chat_model.choosing import located, remember
    from app.settings import load_settings
    from app.socket import NoServerError, call

    settings = load_settings()
    name = located(settings, options.name).name
    with interruptible() as stop:
        try:
            items = call(settings.home, "models use", {"name": name, "pause": options.pause}, stop)
        except NoServerError:
            sentence = f"The model {options.name} answers from the next start on.{remember(settings, name)}"
            return _print(options, {"model": name, "sentence": sentence})
        return print_items(items, command="models", as_json=options.json)


def verify_model(options: argparse.Namespace) -> int:
    """Compare the checksums of a model with the published ones."""
    from app.chat_model.shelf import verify
    from app.settings import load_settings

    settings = load_settings()
    name = options.name or settings.model
    return _print(options, {"model": name, "ok": True, "sentence": verify(settings, name)})


def remove_model(options: argparse.Namespace) -> int:
    """Delete a model from this machine, after asking where there is somebody to ask; never one that is in use."""
    from app.chat_model.shelf import remove
    from app.settings import load_settings
    from app.socket import NoServerError, call

    if not options.yes and sys.stdin.isatty():
        say(f"Delete the model {options.name} from this machine? [y/N]")
        if sys.stdin.readline().strip().lower() not in {"y", "yes"}:
            say("Nothing was deleted.")
            return 1
    settings = load_settings()
    with interruptible() as stop:
        try:
            items = call(settings.home, "models remove", {"name": options.name}, stop)
        except NoServerError:
            remove(settings, options.name, answers=settings.model)
            return _print(options, {"model": options.name, "sentence": f"The model {options.name} was removed."})
        return print_items(items, command="models", as_json=options.json)


def import_model(options: argparse.Namespace) -> int:
    """Copy a GGUF file into the folder of weights, after the engine has tried it."""
    from app.chat_model.shelf import bring
    from app.settings import load_settings
    from models.gguf import read_header
    from models.kinds import kind_of

    settings = load_settings()
    name = bring(settings, options.file)
    typed = quote(name)
    choose = {
        "chat": f"Choose it with `inhouse models use {typed}`.",
        "embedder": f"Choose it with `inhouse reindex --embedder {typed}`.",
        "reranker": f'Choose it with `reranker = "{settings.weights / f"{name}.gguf"}"` in inhouse.toml.',
    }
    sentence = f"The model is here as {name}. {choose[kind_of(read_header(options.file))]}"
    return _print(options, {"model": name, "sentence": sentence})


def plan_model(options: argparse.Namespace) -> int:
    """Tell how a model would be loaded on this machine; loads nothing."""
    from app.chat_model.choosing import located, wish_of
    from app.settings import load_settings
    from models.device import describe
    from models.loading import plan_for
    from models.plan import sentence

    settings = load_settings()
    name = options.name or settings.model
    found = located(settings, name)
    plan, _, machine = plan_for(found.path, wish_of(settings), adapter=found.adapter)
    shaped = {
        "model": name,
        "threads": plan.threads,
        "layers": plan.layers,
        "gpu_layers": plan.gpu_layers,
        "gpus": [{"name": share.card.name, "layers": share.layers, "bytes": share.bytes} for share in plan.cards],
        "memory_bytes": machine.memory,
        "free_memory_bytes": machine.free_memory,
        "needed_bytes": plan.host_bytes,
        "context_tokens": plan.context_tokens,
        "parallel_answers": plan.slots,
        "kv_type": plan.kv_type,
        "sentence": f"{sentence(plan)} This machine: {describe(machine)}",
    }
    return _print(options, shaped)


def fetch(name: str, settings: "Settings") -> str:
    """Bring a model here with progress on standard error, and return its path; a file of one's own is only found."""
    from app.chat_model.shelf import fetch as fetch_quietly

    line = ProgressLine()

    def show(done: int, total: int) -> None:
        line.show(f"Fetching the model {name}: megabytes", done // MEGABYTE, total // MEGABYTE)

    try:
        return fetch_quietly(settings, name, show)
    finally:
        line.clear()


def _print(options: argparse.Namespace, value: dict[str, Any]) -> int:
    print_value(value, command="models list" if "models" in value else "models", as_json=options.json)
    return 0
