"""One llama.cpp context that turns the tokens of texts into embeddings or scores, as the header of the model says.

Knows no text and no process: whoever holds a `Pooling` calls it from one thread at a time.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import llama_cpp.llama_cpp as lib
import numpy as np
import numpy.typing as npt

from models.context import ALLOCATION_FAILED, Batch
from models.errors import InvalidRequestError, ModelError, ModelFileDamagedError, NotEnoughMemoryError
from models.gguf import read_header
from models.kinds import check_embeds, check_ranks, kind_of
from models.llama import Model
from models.passes import PASS_TEXTS, PASS_TOKENS

MOST_TOKENS = 2048
"""Of one text. A chunk has 250 at most and a question some 1,000; more would reserve memory nobody uses."""


class Pooling:
    """A loaded embedding or reranking model."""

    def __init__(self, path: Path, *, gpu_layers: int | None = None, threads: int) -> None:
        """Load it.

        Args:
            path: the GGUF file.
            gpu_layers: how many layers go to graphics cards; None: all, or none where they do not fit.
            threads: how many compute.

        Raises:
            NotEmbedderError, NotRerankerError: it is a model for something else.
            NotEnoughMemoryError: it does not fit.
            ModelFileDamagedError: it cannot be loaded.
        """
        header = read_header(path)
        self._ranks = kind_of(header) == "reranker"
        (check_ranks if self._ranks else check_embeds)(header, path.stem)
        try:
            self._load(path, gpu_layers, threads)
        except NotEnoughMemoryError:
            if gpu_layers is not None:
                raise
            self._load(path, 0, threads)

    def _load(self, path: Path, gpu_layers: int | None, threads: int) -> None:
        self._model = model = Model(path, gpu_layers=gpu_layers)
        self.context_tokens = min(model.trained_context, MOST_TOKENS)
        """How many tokens of a text it reads, special ones counted."""
        width = lib.llama_model_n_cls_out if self._ranks else lib.llama_model_n_embd_out
        self.dimension: int = width(model.handle)
        """How many numbers a text gets: those of an embedding, or scores."""
        batch_tokens = max(PASS_TOKENS, self.context_tokens)
        self._handle: Any = lib.llama_init_from_model(model.handle, _parameters(batch_tokens, threads))
        if not self._handle:
            model.close()
            raise NotEnoughMemoryError
        self._memory: Any = lib.llama_get_memory(self._handle)
        self._batch = Batch(batch_tokens)

    @property
    def begin(self) -> list[int]:
        """The special tokens before a text; before a pair whatever the file says of single texts."""
        if self._ranks:
            return _there(lib.llama_vocab_bos(self._model.vocabulary))
        return [] if self._model.begin is None else [self._model.begin]

    @property
    def end(self) -> list[int]:
        """The special tokens behind a text."""
        vocabulary = self._model.vocabulary
        if self._ranks:
            return _there(lib.llama_vocab_sep(vocabulary)) or _there(lib.llama_vocab_eos(vocabulary))
        if lib.llama_vocab_get_add_sep(vocabulary):
            return _there(lib.llama_vocab_sep(vocabulary))
        return _there(lib.llama_vocab_eos(vocabulary)) if lib.llama_vocab_get_add_eos(vocabulary) else []

    def embed(self, texts: Sequence[Sequence[int]]) -> npt.NDArray[np.float32]:
        """Return a row for each text, of any length but 0.

        Args:
            texts: each as its tokens, special ones among them; `PASS_TEXTS` at most, and together no more tokens than
                `PASS_TOKENS`, or one text of `context_tokens`.

        Raises:
            InvalidRequestError: a text has no tokens, or too many, or tokens the model does not know.
            ModelFileDamagedError: what it computes is no number.
            ModelError: llama.cpp could not compute it.
        """
        self._check(texts)
        self._batch.llama.n_tokens = 0
        if self._memory:
            lib.llama_memory_clear(self._memory, True)  # noqa: FBT003
        for number, tokens in enumerate(texts):
            self._batch.add(number, tokens, position=0, logits=len(tokens))
        status = lib.llama_decode(self._handle, self._batch.llama)
        if status == ALLOCATION_FAILED:
            raise NotEnoughMemoryError("The memory ran out while a text was read. Close other programs, try again.")
        if status:
            raise ModelError(f"The model could not read a text (llama.cpp status {status}). Try again.")
        rows = np.stack([self._row(number) for number in range(len(texts))])
        if not np.isfinite(rows).all():
            raise ModelFileDamagedError(f"The model {self._model.name} computes what is no number. Fetch it again.")
        return rows

    def _row(self, number: int) -> npt.NDArray[np.float32]:
        found = lib.llama_get_embeddings_seq(self._handle, number)
        return np.ctypeslib.as_array(found, shape=(self.dimension,)).copy()

    def _check(self, texts: Sequence[Sequence[int]]) -> None:
        most = PASS_TOKENS if len(texts) > 1 else self.context_tokens
        fits = 0 < len(texts) <= PASS_TEXTS and all(texts) and sum(len(tokens) for tokens in texts) <= most
        if not fits or any(not 0 <= token < self._model.vocabulary_size for tokens in texts for token in tokens):
            raise InvalidRequestError("These texts cannot be computed together.")

    def close(self) -> None:
        """Free everything."""
        if self._handle:
            lib.llama_free(self._handle)
            self._handle = None
            self._model.close()


def _parameters(batch_tokens: int, threads: int) -> Any:
    parameters = lib.llama_context_default_params()
    parameters.embeddings = True
    parameters.n_ctx = parameters.n_batch = parameters.n_ubatch = batch_tokens
    parameters.n_seq_max = PASS_TEXTS
    parameters.kv_unified = True  # so that any text may use the whole of it
    parameters.n_threads = parameters.n_threads_batch = threads
    # Without it the products of all tokens with all others are written out: MiniLM 1,190 tokens a CPU second for 4,420.
    parameters.flash_attn_type = lib.LLAMA_FLASH_ATTN_TYPE_AUTO
    return parameters


def _there(token: int) -> list[int]:
    return [token] if token >= 0 else []
