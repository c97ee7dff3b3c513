"""Build a stand-in for a graphics card, for the tests only: llama.cpp's RPC backend, which computes on the processor.

To llama.cpp it is a card with memory of its own, so offloading is tested for real on machines without one. It has no
authentication; the product never loads it.
"""

from __future__ import annotations

import shutil
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from app.install.engine import find_compiler
from app.install.machine import cache_directory
from app.install.packages import ENGINE, engine_version
from app.install.progress import run

if TYPE_CHECKING:
    from app.install.packages import Environment

SOURCES = ("ggml-rpc.cpp", "transport.cpp")
WANTED = ("/ggml/include/", "/ggml/src/ggml-rpc/")


def standin_path(root: Path) -> Path:
    """Return where the built backend lies for the engine's version, which its interface belongs to."""
    return cache_directory() / "standin" / engine_version(root) / "libggml-rpc-standin.so"


def install_standin(environment: Environment) -> None:
    """Build the backend unless it is there; only where tests of it run."""
    target = standin_path(environment.root)
    if target.exists() or not sys.platform.startswith("linux"):
        return
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        version = engine_version(environment.root)
        download = ["download", "--no-deps", "--no-binary", ENGINE, "-d", folder, f"{ENGINE}=={version}"]
        environment.pip("Downloading the source of llama.cpp for the stand-in card (77 MB)", "standin-source", download)
        (archive,) = work.glob("llama_cpp_python-*.tar.gz")
        _unpack(archive, work)
        (backend,) = work.glob("*/vendor/llama.cpp/ggml/src/ggml-rpc")
        built = work / target.name
        headers = [f"-I{backend.parent}", f"-I{backend.parent.parent / 'include'}"]
        defines = ["-DGGML_BACKEND_DL", "-DGGML_BACKEND_BUILD", "-DGGML_BACKEND_SHARED", "-DGGML_SHARED"]
        files = [str(backend / name) for name in SOURCES]
        # Its symbols of ggml come from the engine's own library, which the process has loaded before.
        command = [find_compiler().cxx, "-std=c++17", "-O1", "-shared", "-fPIC", *defines, *headers, *files]
        run("Building the stand-in card", [*command, "-o", str(built)], log=environment.log("standin"))
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(str(built), target)


def _unpack(archive: Path, folder: Path) -> None:
    """Unpack what the backend is built from."""
    with tarfile.open(archive) as packed:
        for member in packed:
            deep = member.name.partition("/vendor/llama.cpp")[2]
            header = deep.startswith("/ggml/src/") and deep.count("/") == 3 and deep.endswith(".h")  # noqa: PLR2004
            if member.isfile() and (deep.startswith(WANTED) or header):
                member.name = str(Path(member.name))
                packed.extract(member, folder, set_attrs=False)
