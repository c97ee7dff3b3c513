"""Texts -> embeddings, with a GGUF file and llama.cpp in a process of its own.

Texts become tokens here, with the vocabulary of the file, so that each token's place in its text is known; the process
gets numbers. It is started anew with the next text where it died, or was ended because nobody had asked for long.
"""

import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from langchain_core.embeddings import Embeddings

from models.embedding import FloatMatrix, FloatVector, LangChainEmbeddings, unit
from models.embedding_process import EmbeddingOrder, EmbeddingProcess
from models.errors import EmbedderCrashedError, ModelFileDamagedError
from models.gguf import read_header
from models.kinds import check_embeds, precision_of
from models.passes import passes
from models.vocabulary import tokenizer_of

Rest = Callable[[float], float | None]
"""Seconds a model has been idle -> in how many to look again; 0: it is to be unloaded, None: it never is."""


def never(_idle: float) -> None:
    """Keep a model loaded."""


class FileEmbedder:
    """An embedding model in a GGUF file; may be called from several threads, one pass at a time is computed."""

    def __init__(self, path: Path, *, threads: int, gpu_layers: int | None = None, rest: Rest = never) -> None:
        """Load the model.

        Args:
            path: the GGUF file.
            threads: how many compute.
            gpu_layers: how many layers go to graphics cards; None: all, or none where they do not fit.
            rest: when a model nobody asks is unloaded until the next text.

        Raises:
            NotEmbedderError: it is a model for something else, or its vocabulary is of an unknown kind.
            ModelError: it cannot be loaded, with its sentence.
        """
        header = read_header(path)
        check_embeds(header, path.stem)
        self.precision = precision_of(header)
        """How most weights are stored: "fp16", "q8_0"."""
        self._tokenizer = tokenizer_of(path)
        self._order = EmbeddingOrder(path=path, gpu_layers=gpu_layers, threads=threads)
        self._written = _written(path)
        self._rest = rest
        self._turn = threading.Condition()
        self._used = time.monotonic()
        self._process: EmbeddingProcess | None = None
        with self._turn:
            self._facts = self._running().facts
        self.dimension: int = self._facts.dimension
        self.max_tokens: int = self._facts.context_tokens - len(self._facts.begin) - len(self._facts.end)
        """How many tokens of a text it reads; it does not see the rest."""
        if self.max_tokens < 1:
            self.close()
            raise ModelFileDamagedError(f"The model {path.stem} reads no text, says its file. Fetch it again.")

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

    def embed_documents(self, texts: Sequence[str], *, before_pass: Callable[[], None] = lambda: None) -> FloatMatrix:
        """Return (n, dimension) unit rows, in the order of the texts.

        Args:
            texts: what to embed.
            before_pass: called before each pass; may take its time, so that others get on meanwhile.

        Raises:
            EmbedderCrashedError: the process died of a text; the next call starts it again.
            ModelError: the model cannot be started, or could not compute it.
        """
        rows = [np.zeros((0, self.dimension), np.float32)]
        for chosen in passes([self._tokens(text) for text in texts]):
            before_pass()
            rows.append(self._pass(chosen))
        return np.concatenate(rows)

    def embed_query(self, text: str) -> FloatVector:
        """Return a unit vector of `dimension` numbers."""
        row: FloatVector = self._pass([self._tokens(text)])[0]
        return row

    def count_tokens(self, text: str) -> int:
        """Return how many tokens a text has, special ones not counted."""
        return len(self._tokenizer.encode(_readable(text), add_special_tokens=False))

    def token_offsets(self, text: str) -> list[tuple[int, int]]:
        """Return where each token stands in the text, in characters, `[start, end)`."""
        return list(self._tokenizer.encode(_readable(text), add_special_tokens=False).offsets)

    def as_langchain(self) -> Embeddings:
        """Return LangChain's view of it."""
        return LangChainEmbeddings(self)

    def close(self) -> None:
        """Unload the model after the pass that is computed; the next text loads it again."""
        with self._turn:
            process, self._process = self._process, None
            self._turn.notify_all()
        if process:
            process.close()

    def _tokens(self, text: str) -> list[int]:
        """Return what the model reads of a text: special tokens about as many of its own as there is room for.

        A text without any becomes the token that ends texts, for nothing cannot be embedded.
        """
        found = self._tokenizer.encode(_readable(text), add_special_tokens=False).ids[: self.max_tokens]
        return [*self._facts.begin, *found, *self._facts.end] or [0]

    def _pass(self, texts: Sequence[Sequence[int]]) -> FloatMatrix:
        with self._turn:
            process = self._running()
            try:
                return unit(process.embed(texts))
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
                    f"The file of the embedding model {self._order.path.stem} was changed since it was loaded. Start "
                    "Inhouse anew; an index of another model is then refused with a sentence."
                )
            self._process = EmbeddingProcess(self._order)
            self._used = time.monotonic()
            threading.Thread(target=self._watch, args=(self._process,), name="embedder at rest", daemon=True).start()
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


def _readable(text: str) -> str:
    """Return a text with "?" for each lone surrogate, which no UTF-8 can hold; every character keeps its place."""
    return text.encode("utf-8", "replace").decode("utf-8")
