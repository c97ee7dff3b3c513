"""Read the header of a GGUF file: enough to tell whether it is one, whether it is whole, and what it holds.

Never reads the weights. The file is somebody else's: every count and length in it is doubted before it is used.

Source: the GGUF specification, https://github.com/ggml-org/ggml/blob/master/docs/gguf.md.
"""

import mmap
import os
import stat
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.errors import ModelFileDamagedError, ModelMissingError

MAGIC = b"GGUF"
VERSIONS = (2, 3)
HEADER_BYTES = 256 * 2**20
"""A vocabulary of 262,144 tokens needs some 8 MB; more than this is no honest header."""
MOST_ENTRIES = 100_000
MOST_DIMENSIONS = 4
STRING, ARRAY = 8, 9
SCALARS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}

# Number in the file -> (weights in a block, bytes of a block), from ggml.c.
TENSOR_TYPES = {
    0: (1, 4),
    1: (1, 2),
    2: (32, 18),
    3: (32, 20),
    6: (32, 22),
    7: (32, 24),
    8: (32, 34),
    9: (32, 36),
    10: (256, 84),
    11: (256, 110),
    12: (256, 144),
    13: (256, 176),
    14: (256, 210),
    15: (256, 292),
    16: (256, 66),
    17: (256, 74),
    18: (256, 98),
    19: (256, 50),
    20: (32, 18),
    21: (256, 110),
    22: (256, 82),
    23: (256, 136),
    24: (1, 1),
    25: (1, 2),
    26: (1, 4),
    27: (1, 8),
    28: (1, 8),
    29: (256, 56),
    30: (1, 2),
    34: (256, 54),
    35: (256, 66),
    39: (32, 17),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Tensor:
    """Where one tensor lies."""

    name: str
    shape: tuple[int, ...]
    kind: int
    offset: int
    """Bytes from the beginning of the tensor data."""

    @property
    def size(self) -> int:
        """Bytes; 0 for a type this module does not know."""
        weights = 1
        for length in self.shape:
            weights *= length
        block, size = TENSOR_TYPES.get(self.kind, (1, 0))
        return weights // block * size


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What stands before the weights."""

    version: int
    metadata: dict[str, Any]
    """Scalars and strings as they are; of an array only its length, or its values where they were asked for."""
    tensors: tuple[Tensor, ...]
    data: int
    """Where the tensor data begins, in bytes from the beginning of the file."""

    @property
    def architecture(self) -> str:
        """The family of models it belongs to: "qwen2", "gemma3"."""
        return str(self.metadata.get("general.architecture", ""))

    @property
    def needed(self) -> int:
        """How long the file must be, in bytes."""
        return self.data + max((tensor.offset + tensor.size for tensor in self.tensors), default=0)


class _Damaged(Exception):  # noqa: N818 - never leaves this module
    """What is wrong with the header."""


class _Reader:
    """Reads values off a file that may end, or lie, at any point."""

    def __init__(self, data: mmap.mmap, arrays: frozenset[str]) -> None:
        self._data = data
        self._wanted = arrays
        self._end = min(len(data), HEADER_BYTES)
        self._at = 0

    def take(self, size: int) -> bytes:
        begin = self._at
        self._at += size
        if self._at > self._end:
            whole = self._end < HEADER_BYTES
            raise _Damaged("it ends within its header" if whole else "its header is larger than any model needs")
        return self._data[begin : self._at]

    def scalar(self, kind: int) -> Any:
        code = SCALARS.get(kind)
        if code is None:
            raise _Damaged(f"its header holds a value of the unknown kind {kind}")
        return struct.unpack("<" + code, self.take(struct.calcsize("<" + code)))[0]

    def count(self, most: int) -> int:
        number = int(self.scalar(10))
        if number > most:
            raise _Damaged(f"its header announces {number} entries")
        return number

    def string(self) -> str:
        return self.take(self.count(HEADER_BYTES)).decode("utf-8", "replace")

    def value(self, kind: int) -> Any:
        if kind == STRING:
            return self.string()
        return self.array() if kind == ARRAY else self.scalar(kind)

    def array(self) -> int:
        """Pass over an array and return its length."""
        kind, length = self.scalar(4), self.count(HEADER_BYTES)
        if kind in SCALARS:
            self.take(length * struct.calcsize("<" + SCALARS[kind]))
        elif kind == STRING:
            self._pass_strings(length)
        else:
            raise _Damaged("its header holds arrays within arrays")
        return length

    def entry(self) -> tuple[str, Any]:
        """Return a name and its value, of an array its values where they are wanted."""
        name, kind = self.string(), self.scalar(4)
        return name, self.values() if kind == ARRAY and name in self._wanted else self.value(kind)

    def values(self) -> list[Any]:
        """Return what is in an array."""
        kind, length = self.scalar(4), self.count(HEADER_BYTES)
        if kind == STRING:
            return [self.string() for _ in range(length)]
        code = SCALARS.get(kind)
        if code is None:
            raise _Damaged("its header holds arrays within arrays")
        return list(struct.unpack(f"<{length}{code}", self.take(length * struct.calcsize("<" + code))))

    def _pass_strings(self, number: int) -> None:
        """Pass over strings; a vocabulary is 300,000 of them, so this does without the steps of `string`."""
        at, size = self._at, struct.Struct("<Q")
        for _ in range(number):
            if at + size.size > self._end:
                break
            at += size.size + size.unpack_from(self._data, at)[0]
        self._at = at
        self.take(0)

    def tensor(self) -> Tensor:
        name, dimensions = self.string(), self.scalar(4)
        if dimensions > MOST_DIMENSIONS:
            raise _Damaged(f"a tensor has {dimensions} dimensions")
        shape = tuple(self.scalar(10) for _ in range(dimensions))
        return Tensor(name=name, shape=shape, kind=self.scalar(4), offset=self.scalar(10))

    def header(self) -> Header:
        if self.take(4) != MAGIC:
            raise _Damaged("it is not a GGUF file")
        version = self.scalar(4)
        if version not in VERSIONS:
            raise _Damaged(f"it is written in version {version} of the format")
        tensors, entries = self.count(MOST_ENTRIES), self.count(MOST_ENTRIES)
        metadata = dict(self.entry() for _ in range(entries))
        found = tuple(self.tensor() for _ in range(tensors))
        alignment = metadata.get("general.alignment", 32)
        if not isinstance(alignment, int) or not 0 < alignment <= 2**16:
            raise _Damaged("its alignment is not a number that can be")
        data = -(-self._at // alignment) * alignment
        return Header(version=version, metadata=metadata, tensors=found, data=data)


def named(text: str) -> Path:
    """Return the path somebody means by a text, in which ~ is home; nobody's home is left as it is."""
    return Path(os.path.expanduser(text))  # noqa: PTH111 - pathlib's raises where there is no such person


def is_here(path: Path) -> bool:
    """Whether there is such a file; a name no file can have is none."""
    return os.path.isfile(path)  # noqa: PTH113 - pathlib's raises for names that are too long


def in_file(path: Path) -> bool:
    """Whether this is a GGUF file, there or not, rather than a folder."""
    return path.is_file() or path.suffix.lower() == ".gguf"


def read_header(path: Path, *, arrays: frozenset[str] = frozenset()) -> Header:
    """Read the header of a GGUF file and see that the file is as long as the header says.

    Args:
        path: the file.
        arrays: the names of those whose values are wanted, not only their lengths.

    Raises:
        ModelMissingError: when there is no such file or it cannot be opened.
        ModelFileDamagedError: when it is not a GGUF file, is cut off, or its header contradicts itself.
    """
    try:
        _refuse_pipe(path)
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            header = _parse(file.fileno(), size, arrays)
    except (OSError, ValueError) as error:  # a name with a null character is a ValueError
        why = getattr(error, "strerror", None) or "no file can have this name"
        raise ModelMissingError(f"The model file {path} cannot be opened ({why}).") from error
    except _Damaged as error:
        raise ModelFileDamagedError(f"{path.name} cannot be used as a model: {error}.") from error
    if size < header.needed:
        raise ModelFileDamagedError(
            f"{path.name} is cut off: {size:,} of {header.needed:,} bytes are there. Fetch it again."
        )
    return header


def _refuse_pipe(path: Path) -> None:
    """Refuse what waits, once it is opened, until somebody writes into it."""
    if stat.S_ISFIFO(path.stat().st_mode):
        raise _Damaged("it is a pipe, not a file")


def _parse(descriptor: int, size: int, arrays: frozenset[str]) -> Header:
    if not size:
        raise _Damaged("it is empty")
    with mmap.mmap(descriptor, 0, access=mmap.ACCESS_READ) as data:
        header = _Reader(data, arrays).header()
    if not header.tensors or not header.architecture:
        raise _Damaged("it holds no weights")
    return header
