"""The sizes of a dense model, as its maker publishes them, and what follows: its parameters, its file, its memory.

For models whose file is not here, so that it cannot be asked; `models.shape` takes the same from a header.
"""

from dataclasses import dataclass

from models.packing import Q6_K, Q8_0
from models.shape import ModelShape

BLOCK = 256
"""Weights that are stored together; rows that are no multiple of it are stored less densely."""
LAYER_BITS, OUTPUT_BITS, EMBEDDING_BITS = 4.83, 6.5625, 4.5
"""Bits a weight in files of the kind Q4_K_M: of layers on average, of the output, of embeddings apart from it."""
LOOSE_LAYER_BITS, LOOSE_OUTPUT_BITS = 5.53, 8.5
"""The same for rows that are no multiple of a block."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Architecture:
    """The sizes of a dense model, as its configuration gives them."""

    layers: int
    width: int
    inner_width: int
    heads: int
    kv_heads: int
    head_width: int
    vocabulary: int
    trained_context: int
    shared_embeddings: bool
    """Whether the output uses the embeddings of the input."""
    window: int = 0
    full_every: int = 1

    @property
    def layer_parameters(self) -> int:
        """Weights of one layer."""
        attention = 2 * self.width * self.head_width * (self.heads + self.kv_heads)
        return attention + 3 * self.width * self.inner_width

    @property
    def parameters(self) -> int:
        """Weights of the whole model."""
        tables = 1 if self.shared_embeddings else 2
        return self.layers * self.layer_parameters + tables * self.vocabulary * self.width

    def shape(self) -> ModelShape:
        """Return about the sizes of its parts in a file of the kind Q4_K_M."""
        table, loose = self.vocabulary * self.width, self.width % BLOCK > 0
        output = round(table * (LOOSE_OUTPUT_BITS if loose else OUTPUT_BITS) / 8)
        layer = round(self.layer_parameters * (LOOSE_LAYER_BITS if loose else LAYER_BITS) / 8)
        return ModelShape(
            layers=(layer,) * self.layers,
            output=output,
            embeddings=output if self.shared_embeddings else round(table * EMBEDDING_BITS / 8),
            shared_kind=(Q8_0 if loose else Q6_K) if self.shared_embeddings else None,
            remembered=2 * self.kv_heads * self.head_width,
            window=self.window,
            full_every=self.full_every,
            width=self.width,
            inner_width=self.inner_width,
            vocabulary=self.vocabulary,
            trained_context=self.trained_context,
        )

    @property
    def file_bytes(self) -> int:
        """About the size of such a file."""
        shape = self.shape()
        return sum(shape.layers) + shape.embeddings + (0 if self.shared_embeddings else shape.output)
