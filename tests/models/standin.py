"""A stand-in for a graphics card: llama.cpp's RPC backend over the processor of another process.

`python -m tests.models.standin serve PORT [BYTES]` is the card, with at most so much memory. `… try PORT MODEL LAYERS`
loads a model with so many layers on it and prints what came of it as JSON, `… embed PORT MODEL LAYERS` an embedding
model. `attach(PORT)` makes it a card of the process it is called in.
"""

import ctypes
import json
import os
import resource
import socket
import sys
import time
from pathlib import Path
from typing import Any

from app.install.packages import ROOT
from app.install.standin import standin_path

THREADS = 2


def library() -> ctypes.CDLL:
    """Load the backend into this process, and let ggml know it."""
    import llama_cpp

    from models.backends import registry

    libraries = Path(llama_cpp.__file__).parent / "lib"
    ctypes.CDLL(str(libraries / "libggml-base.so.0"), mode=ctypes.RTLD_GLOBAL)
    path = str(standin_path(ROOT))
    loaded = ctypes.CDLL(path)
    registry().ggml_backend_load.argtypes = [ctypes.c_char_p]
    registry().ggml_backend_load.restype = ctypes.c_void_p
    assert registry().ggml_backend_load(path.encode())
    return loaded


def serve(port: int, memory: int | None) -> None:
    """Be the card until killed."""
    from models.backends import registry

    backend = library()
    registry().ggml_backend_dev_by_name.argtypes = [ctypes.c_char_p]
    registry().ggml_backend_dev_by_name.restype = ctypes.c_void_p
    devices = (ctypes.c_void_p * 1)(registry().ggml_backend_dev_by_name(b"CPU"))
    text, size = ctypes.c_char_p, ctypes.c_size_t
    backend.ggml_backend_rpc_start_server.argtypes = [text, text, size, size, ctypes.c_void_p]
    if memory is not None:
        used = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (used + memory, used + memory))
    backend.ggml_backend_rpc_start_server(f"127.0.0.1:{port}".encode(), None, THREADS, 1, devices)


def attach(port: int) -> None:
    """Make the card one of this process's, if it is there."""
    from models.backends import registry

    with socket.socket() as probe:
        if probe.connect_ex(("127.0.0.1", port)):
            return
    backend = library()
    backend.ggml_backend_rpc_add_server.argtypes = [ctypes.c_char_p]
    backend.ggml_backend_rpc_add_server.restype = ctypes.c_void_p
    registry().ggml_backend_register.argtypes = [ctypes.c_void_p]
    registry().ggml_backend_register(backend.ggml_backend_rpc_add_server(f"127.0.0.1:{port}".encode()))


def overhear(port: int) -> tuple[list[str], object]:
    """Attach the card; return the list llama.cpp's lines come into, for as long as the other thing returned is kept."""
    import llama_cpp.llama_cpp as lib

    from models import llama

    lines: list[str] = []

    def note(_level: int, line: bytes, _data: object) -> None:
        lines.append(line.decode("utf-8", "replace").strip())
        llama._note_complaint(_level, line, _data)

    attach(port)
    callback = lib.llama_log_callback(note)
    lib.llama_log_set(callback, ctypes.c_void_p(0))
    return lines, callback


def attempt(port: int, path: Path, layers: int | None) -> None:
    """Load a model with so many layers (None: as the plan says) on the card, let it write, and print what happened."""
    import llama_cpp.llama_cpp as lib

    from models import backends
    from models.generation import Text
    from models.loading import plan_for, start, start_or_step_down
    from models.plan import Wish, sentence

    lines, _callback = overhear(port)
    defaults = lib.llama_model_default_params

    def plain() -> Any:
        """Keep the processor's weights as the card's are, or both would round differently."""
        parameters = defaults()
        parameters.use_extra_bufts = False
        return parameters

    lib.llama_model_default_params = plain
    told: list[str] = []
    wish = Wish(context_tokens=512, slots=2, gpu_layers=layers)
    plan, shape, machine = plan_for(path, wish)
    engine, plan = start_or_step_down(path, plan, shape, machine, start=start, tell=told.append)
    tokens = [engine.model.begin or 0, *engine.tokenize("The capital of France is")]
    text = "".join(event.text for event in engine.submit(tokens, max_tokens=16) if isinstance(event, Text))
    engine.close()
    found = {
        "gpus": backends.gpus(),
        "gpu_layers": plan.gpu_layers,
        "split": plan.split,
        "sentence": sentence(plan),
        "text": text,
        "told": told,
        "buffers": [line for line in lines if "buffer size =" in line and "RPC" in line],
    }
    print(json.dumps(found))  # noqa: T201


def embed(port: int, path: Path, layers: int | None) -> None:
    """Load an embedding model with so many layers (None: all or none) on the card, embed, and print what came of it."""
    from models.pooling import Pooling

    lines, _callback = overhear(port)
    model = Pooling(path, gpu_layers=layers, threads=THREADS)
    rows = model.embed([[101, 2054, 102], [101, 3007, 1997, 2605, 102]])
    model.close()
    buffers = [line for line in lines if "buffer size =" in line and "RPC" in line]
    refused = [line for line in lines if "failed to alloc" in line]
    print(json.dumps({"rows": rows.tolist(), "buffers": buffers, "refused": refused}))  # noqa: T201


def wait_for(port: int, *, seconds: float = 60) -> None:
    """Return when the card answers."""
    end = time.monotonic() + seconds
    while True:
        with socket.socket() as probe:
            if not probe.connect_ex(("127.0.0.1", port)):
                return
        assert time.monotonic() < end, "the stand-in card did not come up"
        time.sleep(0.1)


if __name__ == "__main__":
    import models  # noqa: F401 - sets how OpenMP's threads wait

    command, *given = sys.argv[1:]
    if command == "serve":
        serve(int(given[0]), int(given[1]) if given[1:] else None)
    else:
        run = embed if command == "embed" else attempt
        run(int(given[0]), Path(given[1]), None if given[2] == "auto" else int(given[2]))
    os._exit(0)  # what the backend holds open needs no good order
