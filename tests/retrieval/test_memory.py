"""Freed memory never comes to the disk by way of the vector index."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from retrieval.memory import overwrite_freed_memory

SAID = b"This was said in confidence. "
PROGRAM = """
import sys
from pathlib import Path
import numpy as np
import chromadb
from retrieval.index import VectorIndex

said, between = [], []
for _ in range(200):
    said.append(bytearray({said!r} * 1700))
    between.append(bytearray(2000))
index = VectorIndex(Path(sys.argv[1]))
del said
for name in "abc":
    index.put(name, [f"{{name}}{{number}}" for number in range(3)], np.eye(3, 64, dtype=np.float32))
    index.nearest(name, np.eye(1, 64, dtype=np.float32)[0], limit=1)
index.close()
"""
"""Frees many texts of the size of an index's block; with one arena the threads of Chroma get that memory."""


@pytest.mark.skipif(not overwrite_freed_memory(), reason="only glibc can be told to overwrite what is freed")
def test_what_was_freed_in_memory_is_not_in_the_files_of_the_index(tmp_path: Path) -> None:
    environment = os.environ | {"MALLOC_ARENA_MAX": "1"}
    subprocess.run([sys.executable, "-c", PROGRAM.format(said=SAID), tmp_path], check=True, env=environment)
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert "data_level0.bin" in {path.name for path in files}
    assert [path.name for path in files if SAID in path.read_bytes()] == []
