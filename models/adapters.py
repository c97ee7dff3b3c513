"""LoRA adapters: small files that make a model write differently, for one model each.

A model with an adapter is chosen by both names, MODEL+ADAPTER. Knows headers only; llama.cpp puts the two together
(`models.llama`, `models.context`).

Source: Hu et al., "LoRA: Low-Rank Adaptation of Large Language Models", 2021.
"""

from pathlib import Path

from models.errors import ModelError, ModelMissingError
from models.gguf import Header, is_here, named, read_header

SEPARATOR = "+"
_DOWN, _UP = ".lora_a", ".lora_b"
"""How the two factors of a tensor's change are called: its input to the rank, the rank to its output."""


class AdapterError(ModelError):
    """This adapter cannot be used with this model."""

    status = 422


def parted(name: str) -> tuple[str, str | None]:
    """Return the model and the adapter that a name means; the path of a file means a model alone."""
    model, separator, adapter = name.rpartition(SEPARATOR)
    if not separator or not model or not adapter or is_here(named(name)):
        return name, None
    return model, adapter


def model_of(name: str) -> str:
    """Return the model that a name means, without its adapter."""
    return parted(name)[0]


def is_adapter(header: Header) -> bool:
    """Whether a file holds no model, but an adapter for one."""
    return header.metadata.get("general.type") == "adapter"


def find_adapter(name: str, *, model: Path, directory: Path) -> Path:
    """Return the file of an imported adapter, which fits the model.

    Raises:
        ModelMissingError: there is no adapter of this name.
        AdapterError: it is none, or belongs to another model.
        ModelFileDamagedError: one of the files is damaged.
    """
    path = directory / f"{name}.gguf"
    if not path.is_file():
        raise ModelMissingError(f"There is no adapter called {name}. Run `inhouse models import FILE`.")
    if reason := mismatch(read_header(path), read_header(model)):
        raise AdapterError(f"The adapter {name} cannot be used with {model.stem}: {reason}.")
    return path


def mismatch(adapter: Header, model: Header) -> str | None:
    """Return why an adapter cannot be used with a model; None where it can."""
    if is_adapter(model) or not is_adapter(adapter) or adapter.metadata.get("adapter.type") != "lora":
        return "it is no LoRA adapter"
    if adapter.architecture != model.architecture:
        return f"it was made for a model of the kind {adapter.architecture}, not {model.architecture}"
    shapes = {tensor.name: tensor.shape for tensor in model.tensors}
    for tensor in adapter.tensors:
        name, suffix = tensor.name[: -len(_DOWN)], tensor.name[-len(_DOWN) :]
        side = {_DOWN: 0, _UP: 1}.get(suffix)
        if side is None:
            continue  # whole tensors some adapters bring along; llama.cpp judges them
        if name not in shapes or len(tensor.shape) <= side or shapes[name][side] != tensor.shape[side]:
            return "it was made for a model of another size"
    return None
