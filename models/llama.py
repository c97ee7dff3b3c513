"""llama.cpp through its low-level interface: a model, its vocabulary, and one context of several sequences.

Beside `models.backends` the only importer of llama_cpp. Knows no request, no queue and no thread: whoever holds a
`Context` calls it from one thread at a time (`interrupt` excepted). The vocabulary may be used from any thread.
"""

import collections
import ctypes
import math
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import llama_cpp.llama_cpp as lib
import numpy as np
import numpy.typing as npt

from models.errors import (
    InvalidRequestError,
    ModelError,
    ModelFileDamagedError,
    ModelMissingError,
    NotEnoughMemoryError,
)
from models.generation import Sampling

ABORTED = 2
"""What llama_decode returns after the abort callback said so."""

ERROR_LEVEL = 4
PENALTY_WINDOW = 64
"""Over so many tokens `repeat_penalty` looks back."""

_complaints: collections.deque[str] = collections.deque(maxlen=8)
"""llama.cpp's own last error lines, for the sentence when a load fails."""


def _note_complaint(level: int, line: bytes, _data: object) -> None:
    if level == ERROR_LEVEL:
        _complaints.append(line.decode("utf-8", "replace").strip())


_log_callback = lib.llama_log_callback(_note_complaint)
"""llama.cpp's log goes nowhere but for error lines; llama.cpp holds a bare pointer to this, so it must stay."""

lib.llama_log_set(_log_callback, ctypes.c_void_p(0))
lib.llama_backend_init()


class Model:
    """Weights and vocabulary, read from a GGUF file."""

    def __init__(self, path: Path, *, gpu_layers: int | None = None, vocabulary_only: bool = False) -> None:
        """Read the file; with `gpu_layers` None llama.cpp puts as many layers on a GPU as fit.

        Raises:
            ModelMissingError: when there is no such file.
            ModelFileDamagedError: when llama.cpp cannot load it, with llama.cpp's reason.
        """
        if not path.is_file():
            raise ModelMissingError(f"The model file {path} is not there. Run `inhouse models fetch NAME`.")
        parameters = lib.llama_model_default_params()
        # Not mapped: on a CPU llama.cpp packs the weights anew for speed, and a mapped file would then stay in memory
        # beside its copy (starter model, 2 x 4,096 tokens: 2,127 MB mapped, 1,390 MB read).
        parameters.load_mode = lib.LLAMA_LOAD_MODE_NONE
        parameters.vocab_only = vocabulary_only
        if gpu_layers is not None:
            parameters.n_gpu_layers = gpu_layers
        _complaints.clear()
        self.handle: Any = lib.llama_model_load_from_file(str(path).encode(), parameters)
        if not self.handle:
            reason = _complaints[0] if _complaints else "llama.cpp gave no reason"
            raise ModelFileDamagedError(f"The model file {path.name} cannot be loaded ({reason}). Fetch it again.")
        self.name = path.stem
        self._vocabulary: Any = lib.llama_model_get_vocab(self.handle)
        self.vocabulary_size: int = lib.llama_vocab_n_tokens(self._vocabulary)
        self.trained_context: int = lib.llama_model_n_ctx_train(self.handle)
        self.window: int = lib.llama_model_n_swa(self.handle)
        """Tokens a sliding-window layer looks back; 0: every layer sees everything."""
        self.begin: int | None = self._begin_token()
        self._pieces: dict[int, bytes] = {}

    def close(self) -> None:
        """Free the weights; contexts made from them must be closed before."""
        if self.handle:
            lib.llama_model_free(self.handle)
            self.handle = None

    @property
    def template(self) -> str | None:
        """The chat template in the file: somebody else's code, to be rendered in a sandbox; None when it has none."""
        found = lib.llama_model_chat_template(self.handle, None)
        return found.decode("utf-8", "replace") if found else None

    @property
    def special_texts(self) -> dict[str, str]:
        """The names chat templates know the marker tokens by, with their texts."""
        ids = {"bos_token": lib.llama_vocab_bos(self._vocabulary), "eos_token": lib.llama_vocab_eos(self._vocabulary)}
        return {name: self.piece(token, special=True).decode("utf-8", "replace") for name, token in ids.items()}

    def _begin_token(self) -> int | None:
        token: int = lib.llama_vocab_bos(self._vocabulary)
        return token if lib.llama_vocab_get_add_bos(self._vocabulary) and token >= 0 else None

    def tokenize(self, text: str, *, special: bool = False) -> list[int]:
        """Return the tokens of a text, without a beginning-of-text token.

        Args:
            text: lone surrogates, which no UTF-8 can hold, become "?".
            special: whether the spelling of a marker token ("<|im_end|>") means that token. Only for text we wrote
                ourselves: in a document or a question it would let the text end its own message.
        """
        data = text.encode("utf-8", "replace")
        room = len(data) + 8
        buffer = (lib.llama_token * room)()
        count = lib.llama_tokenize(self._vocabulary, data, len(data), buffer, room, False, special)  # noqa: FBT003
        if count < 0:
            raise InvalidRequestError("The text cannot be turned into tokens.")
        return list(buffer[:count])

    def piece(self, token: int, *, special: bool = False) -> bytes:
        """Return the bytes a token stands for; none for a marker token unless `special`."""
        if not 0 <= token < self.vocabulary_size:
            return b""
        found = None if special else self._pieces.get(token)
        if found is None:
            buffer = ctypes.create_string_buffer(64)
            size = lib.llama_token_to_piece(self._vocabulary, token, buffer, 64, 0, special)
            if size < 0:
                buffer = ctypes.create_string_buffer(-size)
                size = lib.llama_token_to_piece(self._vocabulary, token, buffer, -size, 0, special)
            found = buffer.raw[:size]
            if not special:
                self._pieces[token] = found
        return found

    def ends(self, token: int) -> bool:
        """Whether the token says that the answer is complete."""
        return bool(lib.llama_vocab_is_eog(self._vocabulary, token))


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


class Context:
    """The memory of several sequences ("slots") and one batch of tokens to decode for any of them.

    `clear`, then `add` for each slot that takes part, then `decode`, then `choose` for each row that asked for logits.
    """

    def __init__(
        self, model: Model, *, slot_tokens: int, slots: int, batch_tokens: int, threads: int | None = None
    ) -> None:
        """Reserve memory for `slots` sequences of `slot_tokens` tokens each, and batches of `batch_tokens`.

        Raises:
            NotEnoughMemoryError: when llama.cpp cannot have that much.
        """
        self.model = model
        self.slot_tokens = slot_tokens
        self.slots = slots
        self.batch_tokens = batch_tokens
        parameters = self._parameters()
        if threads is not None:
            parameters.n_threads = parameters.n_threads_batch = threads
        self._handle: Any = lib.llama_init_from_model(model.handle, parameters)
        if not self._handle:
            raise NotEnoughMemoryError
        self._memory: Any = lib.llama_get_memory(self._handle)
        self._partial = not (lib.llama_model_is_recurrent(model.handle) or lib.llama_model_is_hybrid(model.handle))
        self._batch = Batch(batch_tokens)
        self._abort_flag = ctypes.create_string_buffer(2)
        self._install_abort()

    def _parameters(self) -> Any:
        parameters = lib.llama_context_default_params()
        parameters.n_ctx = self.slot_tokens * self.slots
        parameters.n_seq_max = self.slots
        parameters.n_batch = parameters.n_ubatch = self.batch_tokens
        parameters.n_outputs_max = self.slots
        # One pool of cells for all slots: a copied prefix then costs nothing, and one pass serves unequal slots.
        parameters.kv_unified = True
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

    def add(self, slot: int, tokens: Sequence[int], *, position: int, logits: bool) -> int:
        """Append a slot's next tokens to the batch; returns the row of the last one, which alone can have logits."""
        return self._batch.add(slot, tokens, position=position, logits=logits)

    def decode(self) -> bool:
        """Compute the batch; False when it was interrupted, and then the memory holds any part of it.

        Raises:
            ModelError: when llama.cpp could not compute it.
        """
        status = lib.llama_decode(self._handle, self._batch.llama)
        if status not in (0, ABORTED):
            raise ModelError(f"The model could not compute the next token (llama.cpp status {status}). Try again.")
        return bool(status == 0)

    def interrupt(self) -> None:
        """Make a running `decode` return early; may be called from any thread."""
        self._abort_flag[0] = b"\1"

    def sampler(self, sampling: Sampling) -> Sampler | None:
        """Return what chooses this request's tokens; None for plain greedy choice."""
        if sampling.temperature == 0.0 and sampling.repeat_penalty == 1.0:
            return None
        return Sampler(sampling, vocabulary_size=self.model.vocabulary_size)

    def choose(self, row: int, sampler: Sampler | None) -> int:
        """Return the next token after a row of the last batch."""
        if sampler is None:
            return int(self._logits(row).argmax())
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
        """Give `target` the first `length` tokens of `source` in place of its own; returns how many it got, or 0."""
        lib.llama_memory_seq_rm(self._memory, target, -1, -1)
        if not self._partial or self.model.window:
            return 0
        lib.llama_memory_seq_cp(self._memory, source, target, 0, length)
        return length


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

    def add(self, slot: int, tokens: Sequence[int], *, position: int, logits: bool) -> int:
        """Append tokens of one slot; returns the row of the last."""
        begin = self.llama.n_tokens
        end = begin + len(tokens)
        self._tokens[begin:end] = tokens
        self._positions[begin:end] = np.arange(position, position + len(tokens))
        self._slots[begin:end] = slot
        self._logits[begin:end] = 0
        self._logits[end - 1] = logits
        self.llama.n_tokens = end
        return int(end - 1)
