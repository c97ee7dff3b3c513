"""Which of a few texts answers a query best, with a CrossEncoder from a folder of this machine.

Knows no document and no index. The folder is one that sentence-transformers or transformers wrote: a configuration, a
tokenizer and `model.safetensors`. Nothing is fetched, no code of the folder runs, and pickled weights are not opened.
"""

import json
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from models.errors import ModelFileDamagedError, ModelMissingError

_JUDGES = "ForSequenceClassification"
_WEIGHTS = "model.safetensors"


class Reranker:
    """A loaded CrossEncoder; may be called from several threads, one pass at a time is computed."""

    def __init__(self, model: Any) -> None:
        """Hold a loaded model; `Reranker.load` makes one."""
        self._model = model
        self._turn = threading.Lock()

    @classmethod
    def load(cls, folder: Path) -> "Reranker":
        """Load the folder; imports torch, which takes seconds. Never asks the network.

        Raises:
            ModelMissingError, ModelFileDamagedError: as `check_reranker` does, or when it cannot be loaded.
        """
        check_reranker(folder)
        from sentence_transformers import CrossEncoder  # noqa: PLC0415 - seconds and hundreds of megabytes

        try:
            model = CrossEncoder(
                str(folder), device="cpu", local_files_only=True, model_kwargs={"use_safetensors": True}
            )
        except Exception as error:
            raise ModelFileDamagedError(
                f"The reranker in {folder} cannot be loaded ({type(error).__name__}). Copy its folder again, or take "
                "the line `reranker` out of inhouse.toml."
            ) from error
        return cls(model)

    def __call__(self, query: str, texts: Sequence[str]) -> list[float]:
        """Return a score for each text, higher is better; comparable only within one query."""
        if not texts:
            return []
        with self._turn:
            scores = self._model.predict([(query, text) for text in texts], show_progress_bar=False)
        return [float(score) for score in scores]


def check_reranker(folder: Path) -> None:
    """See that a folder holds a CrossEncoder, without loading it.

    Raises:
        ModelMissingError: there is no such folder.
        ModelFileDamagedError: it holds something else.
    """
    if not folder.is_dir():
        raise ModelMissingError(
            f"The reranker {folder} is not there. Copy its folder there, or take the line `reranker` out of "
            "inhouse.toml."
        )
    try:
        about = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        judges = any(str(name).endswith(_JUDGES) for name in about["architectures"])
        scores = len(about.get("id2label", {0: ""}))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        judges, scores = False, 0
    if not judges or scores != 1 or not (folder / _WEIGHTS).is_file():
        raise ModelFileDamagedError(
            f"The folder {folder} holds no CrossEncoder with one score and its weights in {_WEIGHTS}. Give the folder "
            "of another one, or take the line `reranker` out of inhouse.toml."
        )
