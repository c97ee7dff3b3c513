"""The whole product with light models: real stores and doors, a scripted chat model, a hash embedder.

`python -m tests.light COMMAND …` is `inhouse COMMAND …` without weights, for journeys in child processes.
"""

import os
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from app import assemble, cli
from tests.fakes import HashEmbedder, ScriptedChat

if TYPE_CHECKING:
    from models.chat import LocalChat
    from models.embedder import Embedder

ANSWER = "The zeppelin allowance is 4711 pelicans a month."
WORD_SECONDS = 0.02


class SlowChat(ScriptedChat):
    """Takes its time for each word, for whoever wants to interrupt it."""

    def _words(self, *arguments: Any) -> Iterator[Any]:
        for chunk in super()._words(*arguments):
            time.sleep(WORD_SECONDS)
            yield chunk


def use_light_models(*, answer: str = ANSWER) -> None:
    """Let `assemble` build light models from now on, in this process."""
    assemble.load_chat = lambda _: cast("LocalChat", SlowChat(texts=[answer]))
    assemble.load_embedder = lambda _: cast("Embedder", HashEmbedder())


def environment(home: Path) -> dict[str, str]:
    """Return the environment of a child process for a data directory, whose key is a file beside it."""
    key = home.with_name(home.name + ".key")
    if not key.exists():
        key.parent.mkdir(parents=True, exist_ok=True)
        key.touch(mode=0o600)
        key.write_bytes(secrets.token_bytes(32))
    ours = {
        "INHOUSE_HOME": str(home),
        "INHOUSE_KEY_SOURCE": "file",
        "INHOUSE_KEY_FILE": str(key),
        "INHOUSE_OFFLINE": "1",
    }
    return os.environ | ours | {"PYTHONPATH": str(Path(__file__).parent.parent), "PYTHONUTF8": "1"}


def run(home: Path, *arguments: str, timeout: float = 60) -> subprocess.CompletedProcess[str]:
    """Run a command in a child process and return it with what it printed."""
    command = [sys.executable, "-m", "tests.light", *arguments]
    return subprocess.run(
        command, env=environment(home), capture_output=True, text=True, encoding="utf-8", timeout=timeout, check=False
    )


if __name__ == "__main__":
    use_light_models()
    sys.exit(cli.main())
