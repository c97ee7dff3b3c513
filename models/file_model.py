"""A GGUF file that makes numbers of texts, computed by llama.cpp in a process that comes and goes.

The process is started anew with the next text where it died, or was ended because nobody had asked for long. Knows
texts only as tokens; what the numbers mean is known to `models.file_embedder` and `models.file_reranker`.
"""

import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from models.embedding import FloatMatrix
from models.embedding_process import EmbeddingOrder, EmbeddingProcess
from models.errors import EmbedderCrashedError, ModelFileDamagedError
from models.passes import passes

Rest = Callable[[float], float | None]
"""Seconds a model has been idle -> in how many to look again; 0: it is to be unloaded, None: it never is."""


def never(_idle: float) -> None:
    """Keep a model loaded."""


class FileModel:
    """A model in a GGUF file; may be called from several threads, one pass at a time is computed."""

    def __init__(self, order: EmbeddingOrder, *, rest: Rest) -> None:
        """Load the model.

        Args:
            order: what is to be loaded.
            rest: when a model nobody asks is unloaded until the next text.

        Raises:
            ModelError: it cannot be loaded, with its sentence.
        """
        self._order = order
        self._written = _written(order.path)
        self._rest = rest
        self._turn = threading.Condition()
        self._used = time.monotonic()
        self._process: EmbeddingProcess | None = None
        with self._turn:
            self.facts = self._running().facts
        if self.facts.context_tokens <= len(self.facts.begin) + len(self.facts.end):
            self.close()
            raise ModelFileDamagedError(f"The model {order.path.stem} reads no text, says its file. Fetch it again.")

    @property
    def pid(self) -> int | None:
        """The number of the process; None while the model is not loaded."""
        process = self._process
        return None if process is None else process.pid

    @property
    def alive(self) -> bool:
        """Whether a process holds the model right now; never waits."""
        process = self._process
        return process is not None and process.alive

    def rows(self, texts: Sequence[Sequence[int]], *, before_pass: Callable[[], None] = lambda: None) -> FloatMatrix:
        """Return a row for each text, in their order.

        Args:
            texts: each as its tokens, those that mark its beginning and end among them.
            before_pass: called before each pass; may take its time, so that others get on meanwhile.

        Raises:
            EmbedderCrashedError: the process died of a text; the next call starts it again.
            ModelError: the model cannot be started, or could not compute it.
        """
        rows = [np.zeros((0, self.facts.dimension), np.float32)]
        for chosen in passes(texts):
            before_pass()
            rows.append(self._pass(chosen))
        return np.concatenate(rows)

    def close(self) -> None:
        """Unload the model after the pass that is computed; the next text loads it again."""
        with self._turn:
            process, self._process = self._process, None
            self._turn.notify_all()
        if process:
            process.close()

    def _pass(self, texts: Sequence[Sequence[int]]) -> FloatMatrix:
        with self._turn:
            process = self._running()
            try:
                return process.embed(texts)
            except EmbedderCrashedError:
                self._process = None
                self._turn.notify_all()
                process.close()
                raise
            finally:
                self._used = time.monotonic()

    def _running(self) -> EmbeddingProcess:
        """Return the process, a new one where there is none or it has died meanwhile; with the turn."""
        if self._process is not None and not self._process.alive:
            self._process.close()
            self._process = None
        if self._process is None:
            if _written(self._order.path) != self._written:
                raise ModelFileDamagedError(
                    f"The file of the {self._order.called} {self._order.path.stem} was changed since it was loaded. "
                    "Start Inhouse anew; an index of another model is then refused with a sentence."
                )
            self._process = EmbeddingProcess(self._order)
            self._used = time.monotonic()
            name = f"{self._order.called} at rest"
            threading.Thread(target=self._watch, args=(self._process,), name=name, daemon=True).start()
        return self._process

    def _watch(self, process: EmbeddingProcess) -> None:
        """Unload a model that nobody has asked for too long; give up when another process has taken its place."""
        with self._turn:
            while self._process is process:
                wait = self._rest(time.monotonic() - self._used)
                if wait == 0:
                    self._process = None
                    process.close()
                    return
                self._turn.wait(wait)


def _written(path: Path) -> tuple[int, int]:
    """Return the size of a file and when it was written; zeros where it is gone."""
    try:
        stat = path.stat()
    except OSError:
        return (0, 0)
    return (stat.st_size, stat.st_mtime_ns)
