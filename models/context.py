"""One llama.cpp context: the memory of several sequences, and the batch that is decoded for any of them.

Knows no request, no queue and no thread: whoever holds a `Context` calls it from one thread at a time (`interrupt`
excepted).
"""

import ctypes
import math
import os
import time
from collections.abc import Sequence
from typing import Any

import llama_cpp.llama_cpp as lib
import numpy as np
import numpy.typing as npt

from models.errors import InvalidRequestError, ModelError, NotEnoughMemoryError
from models.llama import Model
from models.lookup import LONGEST_GUESS
from models.request import Sampling
from models.sampler import Sampler
from models.sealed import Bytes

KV_TYPES = {"f16": lib.GGML_TYPE_F16, "q8_0": lib.GGML_TYPE_Q8_0}

ABORTED = 2
"""What llama_decode returns after the abort callback said so."""
ALLOCATION_FAILED = -2
"""What it returns when a buffer could not be had."""


class Context:
    """The memory of several sequences ("slots") and one batch of tokens to decode for any of them.

    `clear`, then `add` for each slot that takes part, then `decode`, then `choose` for each row that asked for logits.
    """

    def __init__(
        self,
        model: Model,
        *,
        slot_tokens: int,
        slots: int,
        batch_tokens: int,
        threads: int | None = None,
        kv_type: str = "f16",
    ) -> None:
        """Reserve memory for `slots` sequences of `slot_tokens` tokens each, and batches of `batch_tokens`.

        `kv_type` is a key of `KV_TYPES`: how what was read is remembered.

        Raises:
            NotEnoughMemoryError: when llama.cpp cannot have that much.
        """
        self.model = model
        self.slot_tokens = slot_tokens
        self.slots = slots
        self.batch_tokens = batch_tokens
        parameters = self._parameters()
        parameters.type_k = parameters.type_v = KV_TYPES[kv_type]
        if threads is not None:
            parameters.n_threads = parameters.n_threads_batch = threads
        self._handle: Any = lib.llama_init_from_model(model.handle, parameters)
        if not self._handle:
            raise NotEnoughMemoryError
        if model.adapter:
            whole = (ctypes.c_float * 1)(1.0)
            lib.llama_set_adapters_lora(self._handle, (lib.llama_adapter_lora_p_ctypes * 1)(model.adapter), 1, whole)
        self._memory: Any = lib.llama_get_memory(self._handle)
        self._partial = not (lib.llama_model_is_recurrent(model.handle) or lib.llama_model_is_hybrid(model.handle))
        self._batch = Batch(batch_tokens)
        self.seconds = 0.0
        """How long the last batch took to compute."""
        self._abort_flag = ctypes.create_string_buffer(2)
        self._install_abort()

    def _parameters(self) -> Any:
        parameters = lib.llama_context_default_params()
        parameters.n_ctx = self.slot_tokens * self.slots
        parameters.n_seq_max = self.slots
        parameters.n_batch = parameters.n_ubatch = self.batch_tokens
        parameters.n_outputs_max = self.slots + LONGEST_GUESS
        # Cells of its own for each slot: in one pool a token is compared with what all the others hold, too, to no end
        # (eight slots of 600 tokens: a fifth of the reading). Slots that take part are made neighbours (Slots.gather).
        parameters.kv_unified = False
        parameters.swa_full = False
        parameters.flash_attn_type = lib.LLAMA_FLASH_ATTN_TYPE_ENABLED
        return parameters

    def _install_abort(self) -> None:
        """Let llama.cpp ask C's `strlen` whether to stop: "" is no, one byte is yes, and Python need not wake up."""
        library = ctypes.CDLL("msvcrt") if os.name == "nt" else ctypes.CDLL(None)
        callback = ctypes.cast(library.strlen, lib.ggml_abort_callback)
        lib.llama_set_abort_callback(self._handle, callback, ctypes.cast(self._abort_flag, ctypes.c_void_p))

    def close(self) -> None:
        """Free the memory of all sequences, and the model with it."""
        if self._handle:
            lib.llama_free(self._handle)
            self._handle = None
            self.model.close()

    def clear(self) -> None:
        """Begin a new batch; an interruption asked for earlier no longer counts."""
        self._batch.llama.n_tokens = 0
        self._abort_flag[0] = b"\0"

    @property
    def goes_back(self) -> bool:
        """Whether `keep` can always take back the newest tokens; not with sliding windows or recurrent layers."""
        return self._partial and not self.model.window

    def add(self, slot: int, tokens: Sequence[int], *, position: int, logits: int) -> int:
        """Append a slot's next tokens, the last `logits` of them with logits; returns the row of the first of these."""
        return self._batch.add(slot, tokens, position=position, logits=logits)

    def decode(self) -> bool:
        """Compute the batch; False when it was interrupted, and then the memory holds any part of it.

        Raises:
            NotEnoughMemoryError: when memory ran out.
            ModelError: when llama.cpp could not compute it.
        """
        started = time.perf_counter()
        status = lib.llama_decode(self._handle, self._batch.llama)
        self.seconds = time.perf_counter() - started
        if status == ALLOCATION_FAILED:
            raise NotEnoughMemoryError(
                "The memory ran out while the answer was written. The model is loaded with less; ask again in a minute."
            )
        if status not in (0, ABORTED):
            raise ModelError(f"The model could not compute the next token (llama.cpp status {status}). Try again.")
        return bool(status == 0)

    def interrupt(self) -> None:
        """Make a running `decode` return early; may be called from any thread."""
        self._abort_flag[0] = b"\1"

    def check(self, sampling: Sampling) -> None:
        """See that llama.cpp can sample so; may be called from any thread.

        Raises:
            InvalidRequestError: for a grammar that is none, and tokens the model does not have.
        """
        if not all(0 <= token < self.model.vocabulary_size for token in sampling.compared):
            raise InvalidRequestError("Only tokens of the model can be compared.")
        if sampling.grammar:
            self._sampler(sampling).close()

    def sampler(self, sampling: Sampling) -> Sampler | None:
        """Return what chooses this request's tokens; None for plain greedy choice."""
        return None if sampling.plain and not sampling.grammar else self._sampler(sampling)

    def _sampler(self, sampling: Sampling) -> Sampler:
        size = self.model.vocabulary_size
        return Sampler(sampling, vocabulary=self.model.vocabulary, vocabulary_size=size)

    def choose(self, row: int, sampler: Sampler | None) -> int:
        """Return the next token after a row of the last batch, and let the sampler remember it.

        Raises:
            InvalidRequestError: when the request's grammar allows no token.
        """
        if sampler is None:
            return int(self._logits(row).argmax())
        if sampler.grammar:
            return sampler.choose_allowed(self._logits(row))
        return int(lib.llama_sampler_sample(sampler.chain, self._handle, row))

    def logprob(self, row: int, token: int) -> float:
        """Return the natural logarithm of the model's own probability of a token after a row."""
        logits = self._logits(row)
        highest = float(logits.max())
        return float(logits[token]) - highest - math.log(float(np.exp(logits - highest).sum()))

    def _logits(self, row: int) -> npt.NDArray[np.float32]:
        pointer = lib.llama_get_logits_ith(self._handle, row)
        return np.ctypeslib.as_array(pointer, shape=(self.model.vocabulary_size,))

    def piece(self, token: int) -> bytes:
        """Return the bytes a token stands for; none for a marker token."""
        return self.model.piece(token)

    def ends(self, token: int) -> bool:
        """Whether the token says that the answer is complete."""
        return self.model.ends(token)

    def keep(self, slot: int, length: int) -> int:
        """Cut a slot back to its first `length` tokens; returns how many are usable: `length`, or 0 and it is empty.

        A sliding-window layer forgets tokens outside its window, so going back is only right when the window of the
        next token is still there; llama.cpp reports success otherwise too, and then computes wrong logits. Recurrent
        models cannot go back at all, and llama.cpp says so.
        """
        forgotten = lib.llama_memory_seq_pos_min(self._memory, slot) > max(0, length - self.model.window)
        held = lib.llama_memory_seq_pos_max(self._memory, slot) + 1
        usable = 0 < length <= held and not (self._partial and forgotten)
        if usable and lib.llama_memory_seq_rm(self._memory, slot, length, -1):
            return length
        lib.llama_memory_seq_rm(self._memory, slot, -1, -1)
        return 0

    def copy(self, source: int, target: int, length: int) -> int:
        """Give `target` the first `length` tokens of `source` in place of its own; returns how many it got, or 0.

        Through a state, which is copied at once: llama.cpp's own copy of a sequence waits for the next `decode`, and
        what is restored into the source until then would be copied.
        """
        if not self.goes_back:
            return self.keep(target, 0)
        return self.restore(target, self.state(source), length)

    def state(self, slot: int) -> Bytes:
        """Return what a slot holds, as only `restore` of the same model, types and version understands it."""
        state = np.empty(lib.llama_state_seq_get_size(self._handle, slot), np.uint8)
        taken = lib.llama_state_seq_get_data(self._handle, _pointer(state), state.nbytes, slot)
        return state[:taken]

    def restore(self, slot: int, state: Bytes, length: int) -> int:
        """Give a slot the first tokens of a state in place of its own; returns how many are usable, all or 0."""
        lib.llama_memory_seq_rm(self._memory, slot, -1, -1)
        lib.llama_state_seq_set_data(self._handle, _pointer(state), state.nbytes, slot)
        return self.keep(slot, length)  # of a state llama.cpp refused the slot holds nothing, so nothing is kept


def _pointer(data: Bytes) -> Any:
    return data.ctypes.data_as(ctypes.POINTER(ctypes.c_uint8))


class Batch:
    """The arrays llama_decode reads, ours to fill."""

    def __init__(self, capacity: int) -> None:
        """Reserve room for `capacity` tokens."""
        self._tokens = np.zeros(capacity, np.int32)
        self._positions = np.zeros(capacity, np.int32)
        self._slots = np.zeros(capacity, np.int32)
        self._slots_each = np.ones(capacity, np.int32)
        self._logits = np.zeros(capacity, np.int8)
        addresses = self._slots.ctypes.data + np.arange(capacity, dtype=np.uint64) * self._slots.itemsize
        self._slot_addresses = addresses.astype(np.uintp)
        batch: Any = lib.llama_batch()
        batch.token = self._tokens.ctypes.data_as(ctypes.POINTER(lib.llama_token))
        batch.pos = self._positions.ctypes.data_as(ctypes.POINTER(lib.llama_pos))
        batch.n_seq_id = self._slots_each.ctypes.data_as(ctypes.POINTER(ctypes.c_int32))
        batch.seq_id = self._slot_addresses.ctypes.data_as(ctypes.POINTER(ctypes.POINTER(lib.llama_seq_id)))
        batch.logits = self._logits.ctypes.data_as(ctypes.POINTER(ctypes.c_int8))
        self.llama = batch
        """The structure that points at the arrays."""

    def add(self, slot: int, tokens: Sequence[int], *, position: int, logits: int) -> int:
        """Append tokens of one slot, the last `logits` of them with logits; returns the row of the first of these."""
        begin = self.llama.n_tokens
        end = begin + len(tokens)
        self._tokens[begin:end] = tokens
        self._positions[begin:end] = np.arange(position, position + len(tokens))
        self._slots[begin:end] = slot
        self._logits[begin:end] = 0
        self._logits[end - logits : end] = 1
        self.llama.n_tokens = end
        return int(end - logits)
