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


READING = """
import sys
from pathlib import Path
import numpy as np
import psutil
import retrieval.index
from retrieval.index import VectorIndex

retrieval.index.FROM_THE_KERNEL = int(sys.argv[2])
filled = Path(sys.argv[1]).exists()
index = VectorIndex(Path(sys.argv[1]))
before = psutil.Process().memory_full_info().uss
if not filled:
    vectors = np.random.default_rng(0).standard_normal((3010, 2048), dtype=np.float32)
    index.put("a", [str(number) for number in range(3010)], vectors)
index.nearest("a", np.eye(1, 2048, dtype=np.float32)[0], limit=1)
print(psutil.Process().memory_full_info().uss - before)
index.close()
"""
"""Chroma makes room for 4,096 vectors of 8 kB when it reads them: 1,000 of them, 8 MB, are not there."""


def said_by(program: str, *arguments: object) -> str:
    command = [sys.executable, "-c", program, *map(str, arguments)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


@pytest.mark.skipif(not overwrite_freed_memory(), reason="only glibc can be told to overwrite what is freed")
def test_room_that_no_vector_is_in_yet_takes_no_memory_after_a_restart(tmp_path: Path) -> None:
    never, always = 2**40, 1
    said_by(READING, tmp_path / "index", never)
    taken = {least: int(said_by(READING, tmp_path / "index", least)) for least in (never, always)}
    assert taken[always] < taken[never] - 5_000_000


FREED = """
from retrieval.memory import give_back_freed_memory, overwrite_freed_memory, unfilled
import ctypes
libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p
overwrite_freed_memory()
with unfilled():
    pass
place = libc.malloc(5000)
ctypes.memset(place, 65, 5000)
libc.free(ctypes.c_void_p(place))
print(ctypes.string_at(place + 100, 2000).count(b"A"))
give_back_freed_memory()
"""


@pytest.mark.skipif(not overwrite_freed_memory(), reason="only glibc can be told to overwrite what is freed")
def test_freed_memory_is_overwritten_again_after_a_large_index_was_read() -> None:
    assert said_by(FREED).strip() == "0"
