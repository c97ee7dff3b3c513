"""What search needs of a model that turns texts into embeddings, whichever way it is computed.

`models.embedder.Embedder` has it over a sentence-transformers folder, `models.file_embedder.FileEmbedder` over a GGUF
file, and so has the hashing one of the tests.
"""

from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt
from langchain_core.embeddings import Embeddings

FloatMatrix = npt.NDArray[np.float32]
FloatVector = npt.NDArray[np.float32]


class Embeds(Protocol):
    """Texts -> unit rows; every method may be called from any thread."""

    @property
    def dimension(self) -> int:
        """How many numbers an embedding has."""

    @property
    def max_tokens(self) -> int:
        """How many tokens of a text it reads, special ones not counted; it does not see the rest."""

    def embed_documents(self, texts: Sequence[str], *, before_pass: Callable[[], None] = ...) -> FloatMatrix:
        """Return (n, dimension) unit rows, in the order of the texts; `before_pass` is called before each pass."""

    def embed_query(self, text: str) -> FloatVector:
        """Return a unit vector of `dimension` numbers."""

    def count_tokens(self, text: str) -> int:
        """Return how many tokens a text has, special ones not counted."""

    def token_offsets(self, text: str) -> list[tuple[int, int]]:
        """Return where each token stands in the text, in characters, `[start, end)`."""

    def close(self) -> None:
        """Give back what can be given back; a later call takes it again."""


def unit(rows: FloatMatrix) -> FloatMatrix:
    """Return the rows, each of length 1."""
    scaled: FloatMatrix = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), np.finfo(np.float32).tiny)
    return scaled


class LangChainEmbeddings(Embeddings):
    """An embedder with lists of floats, as LangChain wants them."""

    def __init__(self, embedder: Embeds) -> None:
        """Show an embedder."""
        self._embedder = embedder

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """Return a list of numbers for each text."""
        rows: list[list[float]] = self._embedder.embed_documents(texts).tolist()
        return rows

    def embed_query(self, text: str) -> list[float]:
        """Return a list of numbers."""
        row: list[float] = self._embedder.embed_query(text).tolist()
        return row
