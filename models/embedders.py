"""Which embedding models are on this machine: the catalogue's, imported GGUF files, folders put beside them.

Knows files only; loads nothing. A folder counts when it is one that sentence-transformers writes, its weights as
safetensors: loading other files may run what stands in them.
"""

from pathlib import Path

from models.catalogue import CATALOGUE
from models.errors import ModelError
from models.gguf import read_header
from models.kinds import check_embeds
from models.weights import find, installed

FILES = ("modules.json", "tokenizer.json", "model.safetensors")


def embedders(*, directory: Path) -> list[str]:
    """Return the names of the embedding models in the folder of weights, the catalogue's first; none is verified."""
    here = installed(directory=directory)
    known = [name for name, entry in CATALOGUE.items() if entry.kind == "embedder" and name in here]
    theirs = {entry.location for entry in CATALOGUE.values() if entry.kind == "embedder"}
    folders = directory.iterdir() if directory.is_dir() else ()
    brought = [one.name for one in folders if one.name not in theirs and is_embedder(one)]
    files = [name for name in here if name not in CATALOGUE and _embeds(directory / f"{name}.gguf")]
    return known + sorted([*brought, *files])


def is_embedder(folder: Path) -> bool:
    """Whether a folder holds an embedding model."""
    return all((folder / name).is_file() for name in FILES)


def _embeds(file: Path) -> bool:
    try:
        check_embeds(read_header(file), file.stem)
    except ModelError:
        return False
    return True


def find_embedder(name: str, *, directory: Path) -> Path:
    """Return an embedding model's folder or file, by its name in the catalogue, its own name, or a file's path.

    Raises:
        ModelMissingError, ModelFileDamagedError, UnknownModelError: as `models.weights.find` does.
        NotEmbedderError: it is a model for something else.
    """
    if name not in CATALOGUE and name and is_embedder(directory / name):
        return directory / name
    path = find(name, directory=directory)
    if path.is_file():
        check_embeds(read_header(path), name)
    return path
