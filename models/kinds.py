"""What a GGUF file is for, from its header: writing answers, making embeddings, putting texts in order.

Knows no file but its header. How the embeddings of tokens become one of a text is the header's to say.
"""

from typing import Literal

from models.errors import NotEmbedderError, NotRerankerError
from models.gguf import Header

Kind = Literal["chat", "embedder", "reranker"]

READS_BOTH_WAYS = frozenset(
    {
        "bert",
        "eurobert",
        "gemma-embedding",
        "jina-bert-v2",
        "jina-bert-v3",
        "llama-embed",
        "modern-bert",
        "neo-bert",
        "nomic-bert",
        "nomic-bert-moe",
    }
)
"""Architectures that read a text as a whole, and so write none."""
POOLED = (1, 2, 3)
"""The mean of the tokens, the first, the last: llama.cpp's numbers of the ways that give an embedding."""
RANK = 4
"""A head on top of the tokens gives scores."""
LAYER, SCORES = "cls.weight", "cls.output.weight"
"""Of that head: the layer before the last one, and the last one."""
FILE_TYPES = {0: "fp32", 1: "fp16", 7: "q8_0", 15: "q4_k_m", 17: "q5_k_m", 18: "q6_k", 32: "bf16"}
"""How most weights are stored, by the format's number."""


def kind_of(header: Header) -> Kind:
    """Return what a model is for."""
    pooling = _pooling(header)
    if pooling == RANK:
        return "reranker"
    return "embedder" if pooling in POOLED or header.architecture in READS_BOTH_WAYS else "chat"


def check_embeds(header: Header, name: str) -> None:
    """See that a model makes embeddings.

    Raises:
        NotEmbedderError: it is for something else, or does not say how the tokens of a text become one embedding.
    """
    kind = kind_of(header)
    if kind != "embedder":
        what = "writes answers" if kind == "chat" else "puts texts in order"
        raise NotEmbedderError(
            f"The model {name} {what} and makes no embeddings. Name an embedding model (`embedder`); "
            "`inhouse models list` shows what kind of model each is."
        )
    if _pooling(header) not in POOLED:
        raise NotEmbedderError(
            f"The file of the model {name} does not say how the tokens of a text become one embedding (pooling_type). "
            "Take a file that says it, or convert the model anew."
        )


def check_ranks(header: Header, name: str) -> None:
    """See that a model gives a query and a text a score, in a way that llama.cpp computes as its maker does.

    Raises:
        NotRerankerError: it is for something else, or of a make whose scores would be others than its maker's.
    """
    kind = kind_of(header)
    if kind != "reranker":
        what = "writes answers" if kind == "chat" else "makes embeddings"
        raise NotRerankerError(
            f"The model {name} {what} and puts no texts in order. Name a reranking model (`reranker`), or take that "
            "line out of inhouse.toml."
        )
    if wrong := _wrong_with_scores(header):
        raise NotRerankerError(
            f"The reranking model {name} cannot be used: {wrong}. Name another one (`reranker`), such as BGE's or "
            "Qwen3's, or the folder of a CrossEncoder."
        )


def _wrong_with_scores(header: Header) -> str:
    """Return why the scores would not be the maker's; "" where they are."""
    shapes = {tensor.name: tensor.shape for tensor in header.tensors}
    scores = shapes.get(SCORES, ())[1:]
    if header.architecture == "qwen3":
        return "" if scores == (2,) else "it does not choose between yes and no"
    if header.architecture != "bert":
        return f"its architecture, {header.architecture}, is none of bert and qwen3"
    if SCORES not in shapes or scores not in {(), (1,)}:
        return "it does not give one score"
    if LAYER not in shapes:  # llama.cpp's converter leaves BERT's own away, and the scores mean nothing without it
        return f"the layer before its score ({LAYER}) is missing in the file"
    if header.metadata.get("tokenizer.ggml.model") == "bert" and shapes.get("token_types.weight", ())[1:] > (1,):
        return "it tells the query from the text by types of tokens, which llama.cpp does not"
    return ""


def precision_of(header: Header) -> str:
    """Return how most of the weights are stored, as the header says."""
    number = header.metadata.get("general.file_type")
    return FILE_TYPES.get(number, f"type {number}") if isinstance(number, int) else "unknown"


def _pooling(header: Header) -> int | None:
    found = header.metadata.get(f"{header.architecture}.pooling_type")
    return found if isinstance(found, int) else None
