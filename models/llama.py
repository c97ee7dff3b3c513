"""llama.cpp through its low-level interface: weights and vocabulary of a model.

Knows no request and no context. The vocabulary may be used from any thread.
"""

import collections
import ctypes
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import llama_cpp.llama_cpp as lib

from models.errors import InvalidRequestError, ModelFileDamagedError, ModelMissingError, NotEnoughMemoryError

ERROR_LEVEL = 4
_NO_MEMORY = re.compile(r"alloc|out of memory", re.IGNORECASE)
_complaints: collections.deque[str] = collections.deque(maxlen=8)
"""llama.cpp's own last error lines, for the sentence when a load fails."""


def _note_complaint(level: int, line: bytes, _data: object) -> None:
    if level == ERROR_LEVEL:
        _complaints.append(line.decode("utf-8", "replace").strip())


_log_callback = lib.llama_log_callback(_note_complaint)
"""llama.cpp's log goes nowhere but for error lines; llama.cpp holds a bare pointer to this, so it must stay."""

lib.llama_log_set(_log_callback, ctypes.c_void_p(0))
lib.llama_backend_init()


def _load_adapter(handle: Any, path: Path) -> Any:
    """Return llama.cpp's handle of an adapter; the model's own frees it."""
    _complaints.clear()
    adapter = lib.llama_adapter_lora_init(handle, str(path).encode())
    if adapter:
        return adapter
    reason = _complaints[0] if _complaints else "llama.cpp gave no reason"
    raise ModelFileDamagedError(f"The adapter {path.name} cannot be used with this model ({reason}).")


def _load(path: Path, parameters: Any) -> Any:
    """Return llama.cpp's handle of a model file, or raise what it complained of."""
    _complaints.clear()
    handle = lib.llama_model_load_from_file(str(path).encode(), parameters)
    if handle:
        return handle
    if any(_NO_MEMORY.search(complaint) for complaint in _complaints):
        raise NotEnoughMemoryError
    reason = _complaints[0] if _complaints else "llama.cpp gave no reason"
    raise ModelFileDamagedError(f"The model file {path.name} cannot be loaded ({reason}). Fetch it again.")


class Model:
    """Weights and vocabulary, read from a GGUF file."""

    def __init__(
        self,
        path: Path,
        *,
        adapter: Path | None = None,
        gpu_layers: int | None = None,
        split: Sequence[int] = (),
        vocabulary_only: bool = False,
    ) -> None:
        """Read the file.

        Args:
            path: the GGUF file.
            adapter: the file of a LoRA adapter to use with it.
            gpu_layers: how many layers, the last ones, go to graphics cards; None: llama.cpp decides.
            split: how many of them each card takes; empty: llama.cpp decides.
            vocabulary_only: read no weights.

        Raises:
            ModelMissingError: when there is no such file.
            NotEnoughMemoryError: when the weights do not fit where they should go.
            ModelFileDamagedError: when llama.cpp cannot load it, with llama.cpp's reason.
        """
        if not path.is_file():
            raise ModelMissingError(f"The model file {path} is not there. Run `inhouse models fetch NAME`.")
        parameters = self._parameters(gpu_layers, split)
        parameters.vocab_only = vocabulary_only
        self.handle: Any = _load(path, parameters)
        self.adapter: Any = _load_adapter(self.handle, adapter) if adapter else None
        self.name = path.stem
        self.vocabulary: Any = lib.llama_model_get_vocab(self.handle)
        self.vocabulary_size: int = lib.llama_vocab_n_tokens(self.vocabulary)
        self.trained_context: int = lib.llama_model_n_ctx_train(self.handle)
        self.window: int = lib.llama_model_n_swa(self.handle)
        """Tokens a sliding-window layer looks back; 0: every layer sees everything."""
        self.begin: int | None = self._begin_token()
        self._pieces: dict[int, bytes] = {}

    def _parameters(self, gpu_layers: int | None, split: Sequence[int]) -> Any:
        parameters = lib.llama_model_default_params()
        # Not mapped: on a CPU llama.cpp packs the weights anew for speed, and a mapped file would then stay in memory
        # beside its copy (starter model, 2 x 4,096 tokens: 2,127 MB mapped, 1,390 MB read).
        parameters.load_mode = lib.LLAMA_LOAD_MODE_NONE
        if gpu_layers is not None:
            parameters.n_gpu_layers = gpu_layers
        if split:
            self._split = (ctypes.c_float * lib.LLAMA_MAX_DEVICES)(*split)  # llama.cpp holds a bare pointer to it
            parameters.tensor_split = self._split
        return parameters

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
        ids = {"bos_token": lib.llama_vocab_bos(self.vocabulary), "eos_token": lib.llama_vocab_eos(self.vocabulary)}
        return {name: self.piece(token, special=True).decode("utf-8", "replace") for name, token in ids.items()}

    def _begin_token(self) -> int | None:
        token: int = lib.llama_vocab_bos(self.vocabulary)
        return token if lib.llama_vocab_get_add_bos(self.vocabulary) and token >= 0 else None

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
        count = lib.llama_tokenize(self.vocabulary, data, len(data), buffer, room, False, special)  # noqa: FBT003
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
            size = lib.llama_token_to_piece(self.vocabulary, token, buffer, 64, 0, special)
            if size < 0:
                buffer = ctypes.create_string_buffer(-size)
                size = lib.llama_token_to_piece(self.vocabulary, token, buffer, -size, 0, special)
            found = buffer.raw[:size]
            if not special:
                self._pieces[token] = found
        return found

    def ends(self, token: int) -> bool:
        """Whether the token says that the answer is complete."""
        return bool(lib.llama_vocab_is_eog(self.vocabulary, token))
