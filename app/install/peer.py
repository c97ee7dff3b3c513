"""Fetch llama.cpp's own server, for the tests and benchmarks only: a real model server to ask and to compare with.

It is the package xllamacpp in a folder of its own, because it brings its own llama.cpp. The product never loads it.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from app.install.machine import cache_directory

if TYPE_CHECKING:
    from app.install.packages import Environment

PACKAGE, VERSION = "xllamacpp", "2026.10.11549"


def peer_path() -> Path:
    """Return the folder that the package is imported from."""
    return cache_directory() / "peer" / VERSION


def install_peer(environment: Environment) -> None:
    """Fetch the package unless it is there."""
    target = peer_path()
    if target.exists():
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        arguments = ["install", "--no-deps", "--target", folder, f"{PACKAGE}=={VERSION}"]
        environment.pip("Fetching llama.cpp's own server, to test against (40 MB)", "peer", arguments)
        shutil.move(folder, target)
        Path(folder).mkdir()  # for the context manager to remove
