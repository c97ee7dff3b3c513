"""CrossEncoders from folders of this machine: seen to be what is wanted, and loaded.

Knows no use of them. The folder is one that sentence-transformers or transformers wrote: a configuration, a tokenizer
and `model.safetensors`. Nothing is fetched, no code of the folder runs, and pickled weights are not opened.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.errors import ModelFileDamagedError, ModelMissingError

_JUDGES = "ForSequenceClassification"
_WEIGHTS = "model.safetensors"
Labels = Mapping[int, str]
"""What each score of a CrossEncoder is called, by its place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One use of a CrossEncoder, and how its sentences name it."""

    setting: str
    """The line of inhouse.toml that names the folder; also what people call it."""
    scores: str
    """What scores it has to have, in words."""
    fits: Callable[[Labels], bool]
    """Whether it has them."""

    def check(self, folder: Path) -> Labels:
        """See that a folder holds one, without loading it, and return the labels of its scores.

        Raises:
            ModelMissingError: there is no such folder.
            ModelFileDamagedError: it holds something else.
        """
        if not folder.is_dir():
            raise ModelMissingError(
                f"The {self.setting} {folder} is not there. Copy its folder there, or take the line `{self.setting}` "
                "out of inhouse.toml."
            )
        labels = _labels(folder)
        if labels is None or not self.fits(labels) or not (folder / _WEIGHTS).is_file():
            raise ModelFileDamagedError(
                f"The folder {folder} holds no CrossEncoder with {self.scores} and its weights in {_WEIGHTS}. Give the "
                f"folder of another one, or take the line `{self.setting}` out of inhouse.toml."
            )
        return labels

    def load(self, folder: Path) -> tuple[Any, Labels]:
        """Load the folder; imports torch, which takes seconds. Never asks the network.

        Raises:
            ModelMissingError, ModelFileDamagedError: as `check` does, or when it cannot be loaded.
        """
        labels = self.check(folder)
        from sentence_transformers import CrossEncoder  # noqa: PLC0415 - seconds and hundreds of megabytes

        try:
            model = CrossEncoder(
                str(folder), device="cpu", local_files_only=True, model_kwargs={"use_safetensors": True}
            )
        except Exception as error:  # the libraries raise errors of every kind for a damaged file
            raise ModelFileDamagedError(
                f"The {self.setting} in {folder} cannot be loaded ({type(error).__name__}). Copy its folder again, or "
                f"take the line `{self.setting}` out of inhouse.toml."
            ) from error
        return model, labels


def _labels(folder: Path) -> Labels | None:
    """Return the labels a folder's configuration gives, in small letters; None where it is no classifier's."""
    try:
        about = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        judges = any(str(name).endswith(_JUDGES) for name in about["architectures"])
        labels = {int(place): str(label).lower() for place, label in about.get("id2label", {0: ""}).items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    return labels if judges and sorted(labels) == list(range(len(labels))) else None
