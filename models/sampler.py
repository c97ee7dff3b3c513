"""llama.cpp's samplers: how one request's next token is chosen from the model's logits.

Knows no context and no request but its `Sampling`.
"""

from typing import Any

import llama_cpp.llama_cpp as lib

from models.generation import Sampling

PENALTY_WINDOW = 64
"""Over so many tokens `repeat_penalty` looks back."""


class Sampler:
    """A chain of llama.cpp samplers for one request; it owns its members and frees them with itself."""

    def __init__(self, sampling: Sampling, *, vocabulary_size: int) -> None:
        """Build the chain in the usual order: penalties, top-k, top-p, min-p, temperature, draw."""
        self.chain: Any = lib.llama_sampler_chain_init(lib.llama_sampler_chain_default_params())
        if sampling.repeat_penalty != 1.0:
            penalty = sampling.repeat_penalty
            self._add(lib.llama_sampler_init_penalties(vocabulary_size, PENALTY_WINDOW, penalty, 0.0, 0.0))
        if sampling.temperature == 0.0:
            self._add(lib.llama_sampler_init_greedy())
            return
        self._add(lib.llama_sampler_init_top_k(sampling.top_k))
        self._add(lib.llama_sampler_init_top_p(sampling.top_p, 1))
        self._add(lib.llama_sampler_init_min_p(sampling.min_p, 1))
        self._add(lib.llama_sampler_init_temp(sampling.temperature))
        self._add(lib.llama_sampler_init_dist(lib.LLAMA_DEFAULT_SEED if sampling.seed is None else sampling.seed))

    def _add(self, sampler: object) -> None:
        lib.llama_sampler_chain_add(self.chain, sampler)

    def close(self) -> None:
        """Free the chain."""
        if self.chain:
            lib.llama_sampler_free(self.chain)
            self.chain = None
