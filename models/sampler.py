"""llama.cpp's samplers: how one request's next token is chosen from the model's logits.

Knows no context and no request but its `Sampling`.
"""

import ctypes
from typing import Any

import llama_cpp.llama_cpp as lib
import numpy as np
import numpy.typing as npt

from models.errors import InvalidRequestError
from models.request import Sampling

PENALTY_WINDOW = 64
"""Over so many tokens the penalties look back."""
CANDIDATE = np.dtype([("id", np.int32), ("logit", np.float32), ("p", np.float32)])
"""A token that may be chosen, as llama.cpp lays it out."""

Candidates = npt.NDArray[np.void]


class Sampler:
    """The samplers of one request; it owns them and frees them with itself."""

    def __init__(self, sampling: Sampling, *, vocabulary: Any, vocabulary_size: int) -> None:
        """Build the samplers that are needed.

        Raises:
            InvalidRequestError: when llama.cpp cannot make sense of the grammar.
        """
        self.chain: Any = None if sampling.plain else _chain(sampling, vocabulary_size)
        """What chooses; None: the most likely token."""
        self.grammar: Any = None
        if sampling.grammar:
            self.grammar = lib.llama_sampler_init_grammar(vocabulary, sampling.grammar.encode(), b"root")
            if not self.grammar:
                self.close()
                raise InvalidRequestError("The grammar cannot be used: it is not GBNF with a rule named root.")

    def choose_allowed(self, logits: npt.NDArray[np.float32]) -> int:
        """Return the next token among those the grammar allows, and let every sampler remember it.

        What would be chosen without the grammar is tried first, for to try the whole vocabulary takes 16 ms.

        Raises:
            InvalidRequestError: when the grammar allows none of the model's tokens.
        """
        token = self._draw(_candidates(np.arange(len(logits), dtype=np.int32), logits))
        if not len(self._allowed(np.array([token], np.int32), logits)):
            allowed = self._allowed(np.arange(len(logits), dtype=np.int32), logits)
            if not len(allowed):
                raise InvalidRequestError("The grammar led to a place where it allows no token this model has.")
            token = self._draw(allowed)
        # Only allowed tokens may be told to a grammar: of any other llama.cpp would die.
        for sampler in filter(None, (self.grammar, self.chain)):
            lib.llama_sampler_accept(sampler, token)
        return token

    def _allowed(self, tokens: npt.NDArray[np.int32], logits: npt.NDArray[np.float32]) -> Candidates:
        """Return those of the tokens that the grammar allows next."""
        candidates = _candidates(tokens, logits)
        lib.llama_sampler_apply(self.grammar, ctypes.byref(_array(candidates)))
        allowed: Candidates = candidates[np.isfinite(candidates["logit"])]
        return allowed

    def _draw(self, candidates: Candidates) -> int:
        """Choose one of the candidates; disturbs them."""
        if self.chain is None:
            return int(candidates["id"][candidates["logit"].argmax()])
        array = _array(candidates)
        lib.llama_sampler_apply(self.chain, ctypes.byref(array))
        return int(array.data[array.selected].id)

    def close(self) -> None:
        """Free the samplers."""
        for sampler in filter(None, (self.chain, self.grammar)):
            lib.llama_sampler_free(sampler)
        self.chain = self.grammar = None


def _chain(sampling: Sampling, vocabulary_size: int) -> Any:
    """Build the chain in the usual order: penalties, top-k, top-p, min-p, temperature, draw; it owns its members."""
    chain: Any = lib.llama_sampler_chain_init(lib.llama_sampler_chain_default_params())

    def add(sampler: object) -> None:
        lib.llama_sampler_chain_add(chain, sampler)

    penalties = sampling.repeat_penalty, sampling.frequency_penalty, sampling.presence_penalty
    if penalties != (1.0, 0.0, 0.0):
        add(lib.llama_sampler_init_penalties(vocabulary_size, PENALTY_WINDOW, *penalties))
    if sampling.temperature == 0.0:
        add(lib.llama_sampler_init_greedy())
        return chain
    add(lib.llama_sampler_init_top_k(sampling.top_k))
    add(lib.llama_sampler_init_top_p(sampling.top_p, 1))
    add(lib.llama_sampler_init_min_p(sampling.min_p, 1))
    add(lib.llama_sampler_init_temp(sampling.temperature))
    add(lib.llama_sampler_init_dist(lib.LLAMA_DEFAULT_SEED if sampling.seed is None else sampling.seed))
    return chain


def _candidates(tokens: npt.NDArray[np.int32], logits: npt.NDArray[np.float32]) -> Candidates:
    found = np.zeros(len(tokens), CANDIDATE)
    found["id"], found["logit"] = tokens, logits[tokens]
    return found


def _array(candidates: Candidates) -> Any:
    """Return llama.cpp's view of the candidates, which must outlive it."""
    array: Any = lib.llama_token_data_array()
    array.data = candidates.ctypes.data_as(lib.llama_token_data_p)
    array.size, array.selected, array.sorted = len(candidates), -1, False
    return array
