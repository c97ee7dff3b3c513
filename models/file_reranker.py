"""Which of a few texts answers a query best, with a GGUF file and llama.cpp in a process of its own.

Knows no document and no index. `models.reranker` does the same with the folder of a CrossEncoder.
"""

from collections.abc import Sequence
from pathlib import Path

from tokenizers import Tokenizer

from models.embedding_process import EmbeddingFacts, EmbeddingOrder
from models.errors import ModelError, ModelMissingError, NotRerankerError
from models.file_model import FileModel, Rest, never
from models.gguf import Header, read_header
from models.kinds import check_ranks
from models.pairs import PairTokens, in_template, side_by_side
from models.vocabulary import tokenizer_of

TEMPLATE = "tokenizer.chat_template.rerank"
"""Where a file says how the pair is written, if not side by side."""
WORD_PIECES = "bert"
"""The kind of vocabulary whose models have one marker between the two; others have two."""


def check(path: Path) -> Header:
    """See that a file holds a reranking model, without loading it, and return its header.

    Raises:
        ModelMissingError: there is no such file.
        NotRerankerError: it is a model for something else, or of another make.
        ModelFileDamagedError: it is no GGUF file, or a damaged one.
    """
    if not path.is_file():
        raise ModelMissingError(
            f"The reranker {path} is not there. Copy its file there, or take the line `reranker` out of inhouse.toml."
        )
    header = read_header(path, arrays=frozenset({_labels(read_header(path))}))
    check_ranks(header, path.stem)
    return header


class FileReranker:
    """A reranking model in a GGUF file; may be called from several threads, one pass at a time is computed."""

    def __init__(self, path: Path, *, threads: int, gpu_layers: int | None = None, rest: Rest = never) -> None:
        """Load the model.

        Args:
            path: the GGUF file.
            threads: how many compute.
            gpu_layers: how many layers go to graphics cards; None: all, or none where they do not fit.
            rest: when a model nobody asks is unloaded until the next query.

        Raises:
            NotRerankerError: it is a model for something else, or of another make.
            UnknownVocabularyError: its vocabulary is of an unknown kind.
            ModelError: it cannot be loaded, with its sentence.
        """
        header = check(path)
        tokenizer = tokenizer_of(path)
        order = EmbeddingOrder(path=path, gpu_layers=gpu_layers, threads=threads, called="reranker")
        self._model = FileModel(order, rest=rest)
        labels = header.metadata.get(_labels(header))
        self._score = labels.index("yes") if isinstance(labels, list) and "yes" in labels else 0
        try:
            self._pair = _pair_of(header, tokenizer, self._model.facts, path.stem)
        except ModelError:
            self.close()
            raise

    @property
    def pid(self) -> int | None:
        """The number of the process; None while the model is not loaded."""
        return self._model.pid

    @property
    def alive(self) -> bool:
        """Whether a process holds the model right now; never waits."""
        return self._model.alive

    def __call__(self, query: str, texts: Sequence[str]) -> list[float]:
        """Return a score for each text, higher is better; comparable only within one query.

        Raises:
            EmbedderCrashedError: the process died of a text; the next call starts it again.
            ModelError: the model cannot be started, or could not compute it.
        """
        return [float(row[self._score]) for row in self._model.rows([self._pair(query, text) for text in texts])]

    def close(self) -> None:
        """Unload the model after the pass that is computed; the next query loads it again."""
        self._model.close()


def _labels(header: Header) -> str:
    """Return the name of the entry that tells what each score means."""
    return f"{header.architecture}.classifier.output_labels"


def _pair_of(header: Header, tokenizer: Tokenizer, facts: EmbeddingFacts, name: str) -> PairTokens:
    if header.architecture == "qwen3":
        return in_template(tokenizer, str(header.metadata.get(TEMPLATE, "")), most=facts.context_tokens, name=name)
    if not facts.begin or not facts.end:
        raise NotRerankerError(
            f"The file of the model {name} does not say which tokens stand around a query and a text. Take another one."
        )
    between = facts.end if header.metadata.get("tokenizer.ggml.model") == WORD_PIECES else facts.end * 2
    return side_by_side(tokenizer, begin=facts.begin, between=between, end=facts.end, most=facts.context_tokens)
