"""Texts -> embeddings, with a sentence-transformers model from a folder.

Knows no document and no index. Tokens are counted without loading torch's part of the model, embeddings are unit rows.
"""

import os
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from langchain_core.embeddings import Embeddings

from models.embedding import FloatMatrix, FloatVector, LangChainEmbeddings, unit
from models.errors import ModelFileDamagedError, ModelMissingError

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer
    from tokenizers import Tokenizer

BATCH = 32
"""Texts a forward pass; between two passes a waiting query gets its turn. Larger batches embed no faster on a CPU."""


class Embedder:
    """A loaded embedding model; may be called from several threads, one pass at a time is computed."""

    def __init__(self, model: "SentenceTransformer", tokenizer: "Tokenizer", *, precision: str) -> None:
        """Hold a loaded model; `Embedder.load` makes one."""
        self.precision = precision
        """"bf16" or "fp32": embeddings of both may be compared (cosine 0.9999 between them)."""
        self._model = model
        self._tokenizer = tokenizer
        self._turn = threading.Lock()
        self.dimension: int = model.get_embedding_dimension() or 0
        self.max_tokens: int = int(model.max_seq_length or 512) - tokenizer.num_special_tokens_to_add(is_pair=False)
        """How many tokens of a text it reads; it does not see the rest."""

    @classmethod
    def load(cls, folder: Path) -> "Embedder":
        """Load a sentence-transformers folder; imports torch, which takes seconds. Never asks the network.

        Raises:
            ModelMissingError: when there is no such folder.
            ModelFileDamagedError: when it does not hold a model that can be loaded.
        """
        if not folder.is_dir():
            raise ModelMissingError(f"The embedding model {folder} is not there. Run `inhouse models fetch minilm`.")
        # Where fewer threads run than torch asks for, oneDNN leaves out a part of the work and says nothing.
        os.environ.pop("OMP_THREAD_LIMIT", None)
        import torch  # noqa: PLC0415 - seconds and hundreds of megabytes, so only when texts are embedded
        from sentence_transformers import SentenceTransformer  # noqa: PLC0415
        from transformers.utils import logging  # noqa: PLC0415

        logging.disable_progress_bar()
        precision = "bf16" if _computes_bf16(torch) else "fp32"
        dtype = torch.bfloat16 if precision == "bf16" else torch.float32
        try:
            model = SentenceTransformer(str(folder), local_files_only=True, model_kwargs={"dtype": dtype})
            return cls(model.eval(), _load_tokenizer(folder), precision=precision)
        except Exception as error:  # the libraries raise errors of every kind for a damaged file
            raise ModelFileDamagedError(
                f"The embedding model in {folder} cannot be loaded ({type(error).__name__}). Fetch it again."
            ) from error

    def embed_documents(self, texts: Sequence[str], *, before_pass: Callable[[], None] = lambda: None) -> FloatMatrix:
        """Return (n, dimension) unit rows, in the order of the texts.

        Texts of like length share a pass, for every text of a pass costs as much as its longest.

        Args:
            texts: what to embed.
            before_pass: called before each pass; may take its time, so that others get on meanwhile.
        """
        rows = np.zeros((len(texts), self.dimension), np.float32)
        order = sorted(range(len(texts)), key=lambda index: len(texts[index]), reverse=True)
        for begin in range(0, len(order), BATCH):
            chosen = order[begin : begin + BATCH]
            before_pass()
            rows[chosen] = self._pass([texts[index] for index in chosen])
        return rows

    def embed_query(self, text: str) -> FloatVector:
        """Return a unit vector of `dimension` numbers."""
        row: FloatVector = self._pass([text])[0]
        return row

    def _pass(self, texts: list[str]) -> FloatMatrix:
        with self._turn:
            found = self._model.encode(texts, batch_size=len(texts), show_progress_bar=False, convert_to_numpy=True)
        return unit(np.asarray(found, np.float32))

    def count_tokens(self, text: str) -> int:
        """Return how many tokens a text has, special ones not counted."""
        return len(self._tokenizer.encode(text, add_special_tokens=False))

    def token_offsets(self, text: str) -> list[tuple[int, int]]:
        """Return where each token stands in the text, in characters, `[start, end)`."""
        offsets: list[tuple[int, int]] = self._tokenizer.encode(text, add_special_tokens=False).offsets
        return offsets

    def close(self) -> None:
        """Do nothing: torch keeps the weights for as long as the embedder is there."""

    def as_langchain(self) -> Embeddings:
        """Return LangChain's view of it."""
        return LangChainEmbeddings(self)


def _load_tokenizer(folder: Path) -> "Tokenizer":
    """Load the tokenizer alone; what the file says about truncation and padding would falsify counts."""
    from tokenizers import Tokenizer  # noqa: PLC0415

    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def _computes_bf16(torch: Any) -> bool:
    """Whether the processor multiplies bf16 itself: 52 instead of 20 chunks of 200 tokens per CPU-second.

    Where it does not, bf16 is slower than fp32.
    """
    features = torch.cpu.get_capabilities()
    return any(features.get(name) for name in ("avx512_bf16", "amx_bf16", "bf16"))
