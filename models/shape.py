"""What a model needs in memory, from the header of its file: weights a layer, memory of read tokens, working buffers.

Knows no machine. Estimates; `docs/benchmarks.md` compares them with what llama.cpp really took.
"""

from dataclasses import dataclass
from typing import Any

from models.gguf import Header

KV_BYTES = {"f16": 2.0, "q8_0": 34 / 32}
"""Bytes a number in the memory of read tokens."""
FULL_EVERY = {"gemma2": 2, "gemma3": 6, "gemma3n": 5, "cohere2": 4, "gpt-oss": 2, "llama4": 4}
"""Architecture with sliding windows -> every so-manieth layer sees everything; the header does not tell."""
CELLS = 256
"""llama.cpp rounds the number of remembered tokens up to a multiple of this."""
FIXED = 66 * 2**20
"""Bytes for the vocabulary, the graph, threads and llama.cpp itself; measured at 62 to 74 MiB (bench/plan.py)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelShape:
    """The sizes of a model's parts, in bytes where nothing else is said."""

    layers: tuple[int, ...]
    """Weights of each layer, the first first."""
    output: int
    """Weights that turn the last layer into probabilities."""
    embeddings: int
    """Weights that turn tokens into numbers; these stay with the processor."""
    shared_kind: int | None = None
    """GGUF's number for the kind of weights of one table that is embeddings and output; None: they are two."""
    remembered: int
    """Numbers a layer remembers of one token: its keys and values."""
    window: int
    """Tokens a sliding-window layer looks back; 0: every layer sees everything."""
    full_every: int
    """Every so-manieth layer has no sliding window."""
    width: int
    """Numbers a token is between layers."""
    inner_width: int
    """Numbers a token is within a layer."""
    vocabulary: int
    trained_context: int

    def memory(self, layer: int, *, context_tokens: int, slots: int, batch_tokens: int, kv_type: str) -> int:
        """Return the bytes a layer needs to remember what is read.

        Args:
            layer: from 0.
            context_tokens: of one slot.
            slots: how many there are.
            batch_tokens: the most that is decoded at once.
            kv_type: a key of `KV_BYTES`.
        """
        cells = context_tokens * slots
        if self.window and (layer + 1) % self.full_every:
            cells = min(cells, self.window * slots + batch_tokens)
        return round(-(-cells // CELLS) * CELLS * self.remembered * KV_BYTES[kv_type])

    def buffers(self, *, batch_tokens: int, outputs: int) -> int:
        """Return the bytes one batch needs while it is computed, its results included."""
        return 4 * (batch_tokens * (2 * self.inner_width + 12 * self.width) + 2 * outputs * self.vocabulary)


def shape_of(header: Header, *more: Header) -> ModelShape:
    """Return the sizes of the model that a header describes, with the weights `more` of them add to its layers."""

    def number(key: str, default: int) -> int:
        return _number(header.metadata.get(f"{header.architecture}.{key}"), default)

    tensors = {tensor.name: tensor for tensor in header.tensors}
    table, output = tensors.get("token_embd.weight"), tensors.get("output.weight")
    layers = [0] * min(number("block_count", 0), len(header.tensors))  # a layer has at least one; the number may lie
    for name, size in [(tensor.name, tensor.size) for each in (header, *more) for tensor in each.tensors]:
        place = name.split(".")[1] if name.startswith("blk.") else ""
        if place.isdecimal() and int(place) < len(layers):
            layers[int(place)] += size
    embeddings = table.size if table else 0
    width, heads = number("embedding_length", 0), max(1, number("attention.head_count", 1))
    head_width = width // heads
    kept = number("attention.key_length", head_width) + number("attention.value_length", head_width)
    return ModelShape(
        layers=tuple(layers),
        output=output.size if output else embeddings,
        embeddings=embeddings,
        shared_kind=table.kind if table and not output else None,
        remembered=min(heads, number("attention.head_count_kv", heads)) * kept,
        window=number("attention.sliding_window", 0) if header.architecture in FULL_EVERY else 0,
        full_every=FULL_EVERY.get(header.architecture, 1),
        width=width,
        inner_width=number("feed_forward_length", 4 * width),
        vocabulary=table.shape[-1] if table else 0,
        trained_context=number("context_length", 2048),
    )


def _number(value: Any, default: int) -> int:
    """Return a whole number of the header; what is none, or absurd, counts as missing."""
    return value if isinstance(value, int) and 0 < value < 2**31 else default
