"""One embedding or reranking model in a process of its own: start it, ask it, notice its end.

A fault inside llama.cpp or a driver costs the text in work and nothing else. Knows one life of the process;
`models.file_model` begins the next.
"""

import base64
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from models.child import Child, ChildGoneError
from models.errors import EmbedderCrashedError, NotEnoughMemoryError
from models.process import KILLED

Answer = TypeVar("Answer")

HANG_SECONDS = 300.0
"""A process that loads or computes one pass for so long is killed: the longest takes a minute on two slow cores."""
MOST = 2**31
"""No honest number of dimensions or tokens is larger."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbeddingOrder:
    """What is to be loaded."""

    path: Path
    gpu_layers: int | None
    """None: all, or none where they do not fit."""
    threads: int
    called: str = "embedding model"
    """What sentences call it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbeddingFacts:
    """What is known here of the model in the other process."""

    dimension: int
    """How many numbers a text gets."""
    context_tokens: int
    """How many tokens of a text it reads, special ones counted."""
    begin: list[int]
    end: list[int]
    """The special tokens before and behind a text."""


class EmbeddingProcess:
    """A child process that holds an embedding or a reranking model; one thread asks it at a time."""

    def __init__(self, order: EmbeddingOrder) -> None:
        """Start the process and wait until its model is loaded.

        Raises:
            NotEnoughMemoryError: it was killed while it loaded, or there is too little memory.
            EmbedderCrashedError: it died while it loaded.
            ModelError: it refused the model, with its sentence.
        """
        self._called = order.called
        self._child = Child("models.embedding_worker", json.dumps(asdict(order) | {"path": str(order.path)}))
        try:
            self.facts = self._ask(None, lambda answer: _facts(answer["ready"]))
        except EmbedderCrashedError as error:
            status = self.close()
            if status == KILLED:
                raise NotEnoughMemoryError from error
            raise EmbedderCrashedError(
                f"The {order.called} {order.path.stem} died while it was loaded (status {status}). "
                "Import its file again, or choose another model."
            ) from error
        except BaseException:
            self.close()
            raise

    @property
    def pid(self) -> int:
        """The number of the process."""
        return self._child.pid

    @property
    def alive(self) -> bool:
        """Whether it has not ended."""
        return self._child.alive

    def embed(self, texts: Sequence[Sequence[int]]) -> npt.NDArray[np.float32]:
        """Return a row for each text, which is given as its tokens; see `Pooling.embed`.

        Raises:
            EmbedderCrashedError: the process has ended, or was killed because it did not come to an end.
            ModelError: what it raised.
        """
        wanted = (len(texts), self.facts.dimension)
        return self._ask(
            {"texts": [list(tokens) for tokens in texts]}, lambda answer: _rows(answer["rows"]).reshape(wanted)
        )

    def close(self) -> int:
        """End the process, by force when it takes too long, and return its exit status."""
        return self._child.close()

    def _ask(self, frame: dict[str, Any] | None, understand: Callable[[dict[str, Any]], Answer]) -> Answer:
        try:
            return self._child.ask(frame, understand, seconds=HANG_SECONDS)
        except ChildGoneError as error:
            raise EmbedderCrashedError(
                f"The {self._called} died of a fault. It is started again with the next text; try once more."
            ) from error


def _facts(told: dict[str, Any]) -> EmbeddingFacts:
    """Return what the other process tells of its model, if it is that."""
    facts = EmbeddingFacts(**told)
    numbers = [facts.dimension, facts.context_tokens, *facts.begin, *facts.end]
    if not all(isinstance(number, int) and 0 <= number < MOST for number in numbers):
        raise ValueError
    return facts


def _rows(told: str) -> npt.NDArray[np.float32]:
    return np.frombuffer(base64.b64decode(told, validate=True), np.float32)
