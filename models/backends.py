"""What llama.cpp itself says of the processor and the graphics cards.

Knows no model.
"""

import ctypes
from functools import cache
from pathlib import Path

import llama_cpp.llama_cpp as lib
from llama_cpp._ggml import libggml

GPU_KINDS = (1, 2)
"""ggml's numbers for a graphics card of its own and one within the processor."""


@cache
def registry() -> ctypes.CDLL:
    """Return the library that holds llama.cpp's list of devices.

    On Linux a wheel holds copies instead of links, and llama_cpp opens another copy of ggml than llama.cpp itself does,
    with a list of its own. The name with the version is the one llama.cpp is linked to.
    """
    linked = Path(lib.__file__).parent / "lib" / "libggml.so.0"
    ggml = ctypes.CDLL(str(linked)) if linked.exists() else libggml
    ggml.ggml_backend_dev_get.argtypes = [ctypes.c_size_t]
    ggml.ggml_backend_dev_get.restype = ctypes.c_void_p
    ggml.ggml_backend_dev_count.restype = ctypes.c_size_t
    ggml.ggml_backend_dev_type.argtypes = [ctypes.c_void_p]
    ggml.ggml_backend_dev_description.argtypes = [ctypes.c_void_p]
    ggml.ggml_backend_dev_description.restype = ctypes.c_char_p
    sizes = ctypes.POINTER(ctypes.c_size_t)
    ggml.ggml_backend_dev_memory.argtypes = [ctypes.c_void_p, sizes, sizes]
    return ggml


def features() -> str:
    """Return what of the processor this build of llama.cpp uses."""
    return bytes(lib.llama_print_system_info()).decode("utf-8", "replace").strip()


def gpus() -> list[tuple[str, int, int]]:
    """Return the graphics cards llama.cpp can compute on: description, free and total bytes."""
    ggml = registry()
    found = []
    for index in range(ggml.ggml_backend_dev_count()):
        device = ggml.ggml_backend_dev_get(index)
        if ggml.ggml_backend_dev_type(device) in GPU_KINDS:
            free, total = ctypes.c_size_t(), ctypes.c_size_t()
            ggml.ggml_backend_dev_memory(device, ctypes.byref(free), ctypes.byref(total))
            name = ggml.ggml_backend_dev_description(device).decode("utf-8", "replace")
            found.append((name, free.value, total.value))
    return found
