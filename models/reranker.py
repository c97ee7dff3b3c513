"""Which of a few texts answers a query best, with a CrossEncoder that gives one score.

Knows no document and no index. `models.file_reranker` does the same with a GGUF file.
"""

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from models.crossencoder import Kind

RERANKER = Kind(setting="reranker", scores="one score", fits=lambda labels: len(labels) == 1)


class Reranker:
    """A loaded CrossEncoder; may be called from several threads, one pass at a time is computed."""

    def __init__(self, model: Any) -> None:
        """Hold a loaded model; `Reranker.load` makes one."""
        self._model = model
        self._turn = threading.Lock()

    @classmethod
    def load(cls, folder: Path) -> "Reranker":
        """Load the folder as `Kind.load` does."""
        return cls(RERANKER.load(folder)[0])

    def __call__(self, query: str, texts: Sequence[str]) -> list[float]:
        """Return a score for each text, higher is better; comparable only within one query."""
        if not texts:
            return []
        with self._turn:
            scores = self._model.predict([(query, text) for text in texts], show_progress_bar=False)
        return [float(score) for score in scores]

    def close(self) -> None:
        """Do nothing: torch keeps the weights for as long as the reranker is there."""
