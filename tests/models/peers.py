"""llama.cpp's own server in a process of its own, from the package that `app.install.peer` fetched."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from app.install.peer import peer_path

PROGRAM = Path(__file__).with_name("native.py")


class NativeServer:
    """A running server."""

    def __init__(self, model: Path, *, streams: int = 2, context_tokens: int = 2048) -> None:
        """Start it on a model and wait until it serves."""
        command = [sys.executable, str(PROGRAM), str(model), str(streams), str(context_tokens)]
        self._process = subprocess.Popen(
            command,
            env=os.environ | {"PYTHONPATH": str(peer_path())},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self.url = self._line() + "/v1"

    @property
    def place(self) -> tuple[str, int]:
        """Its host and port."""
        parts = urlsplit(self.url)
        return str(parts.hostname), int(parts.port or 0)

    def cpu_seconds(self) -> float:
        """Return how much of the processor it has used."""
        assert self._process.stdin is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        return float(self._line())

    def _line(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline().strip()
        assert line, "the server ended"
        return line

    def close(self) -> None:
        """End it."""
        self._process.kill()
        self._process.communicate()

    def __enter__(self) -> Self:
        """Return itself; it ends with the block."""
        return self

    def __exit__(self, *_: object) -> None:
        """End it."""
        self.close()
