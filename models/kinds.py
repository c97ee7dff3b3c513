"""What a GGUF file is for, from its header: writing answers, making embeddings, putting texts in order.

Knows no file but its header. How the embeddings of tokens become one of a text is the header's to say.
"""

from typing import Literal

from models.errors import NotEmbedderError
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


def precision_of(header: Header) -> str:
    """Return how most of the weights are stored, as the header says."""
    number = header.metadata.get("general.file_type")
    return FILE_TYPES.get(number, f"type {number}") if isinstance(number, int) else "unknown"


def _pooling(header: Header) -> int | None:
    found = header.metadata.get(f"{header.architecture}.pooling_type")
    return found if isinstance(found, int) else None
