"""See that memory which is used again holds nothing of what it held before.

Chroma's index (hnswlib) writes its whole block of memory to the disk, also the part no vector was put into yet. By
default that part holds whatever was freed there earlier: questions, answers, quotes, perhaps a key. Knows no index.
"""

import ctypes
import sys

_M_PERTURB = -6
"""What the C library fills freed memory with, and new memory with its complement. Source: man 3 mallopt."""
_FREED = 0xFF
"""Its complement is zero."""


def overwrite_freed_memory() -> bool:
    """Let the C library overwrite what is freed from now on, and give out zeros; returns whether it can: glibc's does.

    Embedding and searching take as long as before (docs/benchmarks.md). To be called before anything secret is known.
    """
    if sys.platform != "linux":
        return False
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    return mallopt is not None and mallopt(_M_PERTURB, _FREED) == 1
