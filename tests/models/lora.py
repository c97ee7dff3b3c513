"""LoRA adapters made for the tests: of rank 1, for the query weights of a model's first layer."""

import struct
from pathlib import Path
from typing import Any

import numpy as np

from models.gguf import read_header
from tests.models.test_gguf import entry, text

TENSOR = "blk.0.attn_q.weight"
F32, FLOAT = 0, 6


def lora(path: Path, *, model: Path, strength: float = 0.0, parts: str = "ab", narrower: int = 0) -> Path:
    """Write an adapter for a model: at strength 0 it changes nothing; `narrower` makes it fit another size."""
    header = read_header(model)
    width, out = next(tensor.shape for tensor in header.tensors if tensor.name == TENSOR)
    random = np.random.default_rng(7)
    rows = {
        "a": ((width - narrower, 1), random.standard_normal(width - narrower)),
        "b": ((1, out), strength * random.standard_normal(out)),
    }
    metadata = {"general.type": "adapter", "adapter.type": "lora", "general.architecture": header.architecture}
    write(path, metadata, {f"{TENSOR}.lora_{part}": rows[part] for part in parts})
    return path


def write(path: Path, metadata: dict[str, str], tensors: dict[str, tuple[tuple[int, int], Any]]) -> None:
    """Write a GGUF file of f32 tensors, with the strength of an adapter among its metadata."""
    head = b"GGUF" + struct.pack("<IQQ", 3, len(tensors), len(metadata) + 1)
    head += b"".join(entry(key, value) for key, value in metadata.items())
    head += text("adapter.lora.alpha") + struct.pack("<If", FLOAT, 1.0)
    body = b""
    for name, (shape, values) in tensors.items():
        head += text(name) + struct.pack("<IQQIQ", len(shape), *shape, F32, len(body))
        data = np.asarray(values, dtype="<f4").tobytes()
        body += data + bytes(-len(data) % 32)
    path.write_bytes(head + bytes(-len(head) % 32) + body)
