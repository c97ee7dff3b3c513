"""Texts -> embeddings, with a GGUF file and llama.cpp in a process of its own.

Texts become tokens here, with the vocabulary of the file, so that each token's place in its text is known; the process
gets numbers.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

from langchain_core.embeddings import Embeddings

from models.embedding import FloatMatrix, FloatVector, LangChainEmbeddings, unit
from models.embedding_process import EmbeddingOrder
from models.file_model import FileModel, Rest, never
from models.gguf import read_header
from models.kinds import check_embeds, precision_of
from models.vocabulary import encoded, tokenizer_of


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
            NotEmbedderError: it is a model for something else.
            UnknownVocabularyError: its vocabulary is of an unknown kind.
            ModelError: it cannot be loaded, with its sentence.
        """
        header = read_header(path)
        check_embeds(header, path.stem)
        self.precision = precision_of(header)
        """How most weights are stored: "fp16", "q8_0"."""
        self._tokenizer = tokenizer_of(path)
        self._model = FileModel(EmbeddingOrder(path=path, gpu_layers=gpu_layers, threads=threads), rest=rest)
        facts = self._model.facts
        self.dimension: int = facts.dimension
        self.max_tokens: int = facts.context_tokens - len(facts.begin) - len(facts.end)
        """How many tokens of a text it reads; it does not see the rest."""

    @property
    def pid(self) -> int | None:
        """The number of the process; None while the model is not loaded."""
        return self._model.pid

    @property
    def alive(self) -> bool:
        """Whether a process holds the model right now; never waits."""
        return self._model.alive

    def embed_documents(self, texts: Sequence[str], *, before_pass: Callable[[], None] = lambda: None) -> FloatMatrix:
        """Return (n, dimension) unit rows, in the order of the texts.

        Args:
            texts: what to embed.
            before_pass: called before each pass; may take its time, so that others get on meanwhile.

        Raises:
            EmbedderCrashedError: the process died of a text; the next call starts it again.
            ModelError: the model cannot be started, or could not compute it.
        """
        return unit(self._model.rows([self._tokens(text) for text in texts], before_pass=before_pass))

    def embed_query(self, text: str) -> FloatVector:
        """Return a unit vector of `dimension` numbers."""
        row: FloatVector = self.embed_documents([text])[0]
        return row

    def count_tokens(self, text: str) -> int:
        """Return how many tokens a text has, special ones not counted."""
        return len(encoded(self._tokenizer, text))

    def token_offsets(self, text: str) -> list[tuple[int, int]]:
        """Return where each token stands in the text, in characters, `[start, end)`."""
        return list(encoded(self._tokenizer, text).offsets)

    def as_langchain(self) -> Embeddings:
        """Return LangChain's view of it."""
        return LangChainEmbeddings(self)

    def close(self) -> None:
        """Unload the model after the pass that is computed; the next text loads it again."""
        self._model.close()

    def _tokens(self, text: str) -> list[int]:
        """Return what the model reads of a text: special tokens about as many of its own as there is room for.

        A text without any becomes the token that ends texts, for nothing cannot be embedded.
        """
        found = encoded(self._tokenizer, text).ids[: self.max_tokens]
        return [*self._model.facts.begin, *found, *self._model.facts.end] or [0]
