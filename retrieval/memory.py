"""See that memory which is used again holds nothing of what it held before.

Chroma's index (hnswlib) writes its whole block of memory to the disk, also the part no vector was put into yet. By
default that part holds whatever was freed there earlier: questions, answers, quotes, perhaps a key. Knows no index.
"""

import ctypes
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_M_PERTURB = -6
"""What the C library fills freed memory with, and new memory with its complement. Source: man 3 mallopt."""
_FREED = 0xFF
"""Its complement is zero."""
FROM_THE_KERNEL = 32 * 2**20
"""A block of so many bytes never holds what was freed before: glibc has the kernel make it, full of zeros."""
_one_at_a_time = threading.Lock()


def overwrite_freed_memory() -> bool:
    """Let the C library overwrite what is freed from now on, and give out zeros; returns whether it can: glibc's does.

    Embedding and searching take as long as before (docs/benchmarks.md). To be called before anything secret is known.
    """
    mallopt = _of_c("mallopt")
    return mallopt is not None and mallopt(_M_PERTURB, _FREED) == 1


@contextmanager
def unfilled() -> Iterator[None]:
    """Let the C library give out blocks without filling them, for reading what has large ones with much room left.

    Filled, a block takes all its memory at once; from the kernel it comes full of zeros and takes what is used. What
    is freed meanwhile is not overwritten where it lies, only when it is given out after the block has ended: so this
    is for a moment, and for blocks of at least `FROM_THE_KERNEL`.
    """
    mallopt = _of_c("mallopt")
    with _one_at_a_time:
        if mallopt is not None:
            mallopt(_M_PERTURB, 0)
        try:
            yield
        finally:
            overwrite_freed_memory()


def give_back_freed_memory() -> None:
    """Let the C library return to the system what it keeps of freed memory: after an ingest some 17 MiB."""
    trim = _of_c("malloc_trim")
    if trim is not None:
        trim(0)


def _of_c(name: str) -> Any:
    """Return a function of glibc; None elsewhere."""
    return getattr(ctypes.CDLL(None), name, None) if sys.platform == "linux" else None
