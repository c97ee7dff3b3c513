"""Choose the chat model: see that it can be used, let it answer without a pause, and remember it for the next start.

An explicit INHOUSE_MODEL decides what a start loads, so it goes before what is remembered; a running Inhouse follows
the choice all the same, and whoever chooses is told.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from app.errors import AppError, explain, status_of
from app.settings import Settings, load_settings, write_setting
from models.errors import ModelError

if TYPE_CHECKING:
    from app.chat_model.serving import Serving
    from models.plan import Wish


class NotSwitchedError(AppError):
    """The other model does not answer; the present one goes on."""

    def __init__(self, sentence: str, status: int) -> None:
        """Keep the sentence, and the status of what went wrong."""
        super().__init__(sentence)
        self.status = status


class NotChatError(AppError):
    """This model does not write answers. Choose a chat model; `inhouse models list` shows them."""

    status = 422


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """A model that was chosen, by the name that is remembered, and the sentence that says so."""

    name: str
    sentence: str


def wish_of(settings: Settings) -> "Wish":
    """Return what the settings wish of a chat model."""
    from models.plan import Wish  # noqa: PLC0415 - a command that only looks at settings need not load this

    return Wish(
        context_tokens=settings.context_tokens,
        slots=settings.parallel_answers,
        threads=settings.threads,
        gpu_layers=settings.gpu_layers,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Located:
    """A chat model as it is remembered, and where it lies."""

    name: str
    path: Path
    adapter: Path | None


def located(settings: Settings, wanted: str) -> Located:
    """Find a chat model, with its adapter where MODEL+ADAPTER is wanted.

    Raises:
        NotChatError: it is a model for something else.
        ModelError: it is not there, damaged, or does not fit its adapter, with its sentence.
    """
    from models.adapters import SEPARATOR, find_adapter, is_adapter, parted  # noqa: PLC0415
    from models.catalogue import CATALOGUE  # noqa: PLC0415
    from models.gguf import read_header  # noqa: PLC0415
    from models.kinds import kind_of  # noqa: PLC0415
    from models.weights import find  # noqa: PLC0415

    name, adapter_name = parted(wanted)
    if name in CATALOGUE and CATALOGUE[name].kind != "chat":
        raise NotChatError(f"The model {name} does not write answers. Choose a chat model.")
    path = find(name, directory=settings.weights)
    header = read_header(path)
    if is_adapter(header):
        raise NotChatError(f"{name} is an adapter. Choose it with the model it was made for: MODEL{SEPARATOR}{name}.")
    if kind_of(header) != "chat":
        raise NotChatError(f"The model {name} does not write answers. Choose a chat model.")
    plain = name in CATALOGUE or path == settings.weights / f"{name}.gguf"
    remembered = name if plain else str(path.absolute())
    if adapter_name is None:
        return Located(name=remembered, path=path, adapter=None)
    adapter = find_adapter(adapter_name, model=path, directory=settings.weights)
    return Located(name=f"{remembered}{SEPARATOR}{adapter_name}", path=path, adapter=adapter)


def choose(settings: Settings, serving: "Serving", name: str, *, pause: bool, told: Callable[[str], None]) -> Chosen:
    """Let a model answer from now on, here and after the next start.

    Args:
        settings: of the running product.
        serving: what answers now.
        name: of the catalogue or of an imported file, or a path.
        pause: close the present model first, where there is no room for both.
        told: gets a sentence for each step.

    Raises:
        NotBesideError: there is no room for both, so only a switch with a pause is possible.
        NotSwitchedError: the other model does not answer; the present one goes on.
        SwitchingError: another switch is going on.
        ModelError, NotChatError: the other one cannot be used at all.
    """
    from models.room import check_beside  # noqa: PLC0415

    if settings.model_servers:
        raise NotSwitchedError("Model servers answer here, and they choose the model. Look at the setting.", 409)
    told(f"Looking at {name}.")
    found = located(settings, name)
    chosen, before = found.name, serving.name
    if chosen != before or not serving.ready:
        if serving.ready and not pause:
            check_beside(found.path, wish_of(settings), serving().engine)
        try:
            serving.replace(chosen, pause=pause, told=told)
        except ModelError as error:
            goes_on = f" {before} goes on answering." if serving.ready else ""
            raise NotSwitchedError(
                f"{name} was not switched to. {explain(error)}{goes_on}", status_of(error)
            ) from error
    return Chosen(name=chosen, sentence=f"{name} answers now.{remember(settings, chosen)}")


def remember(settings: Settings, chosen: str) -> str:
    """Write a model down for the next start; returns what else is to be said of that, "" where nothing is."""
    write_setting(settings.home, "model", chosen)
    first = next_start(settings)
    return "" if first == chosen else f" But INHOUSE_MODEL is set, so the next start begins with {first}."


def next_start(settings: Settings) -> str:
    """Return the model that the next start in this environment begins with."""
    return load_settings(home=settings.home).model
