"""The whole product with light models: real stores and doors, a scripted chat model, a hash embedder.

`python -m tests.light COMMAND …` is `inhouse COMMAND …` without weights, for journeys in child processes. Before the
command may stand `--long` (answers take a minute) and `--die-at N` (the process kills itself at that step of STEPS).
"""

import contextlib
import json
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from http.client import HTTPConnection
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, cast
from unittest.mock import patch

import pytest

from app import assemble, cli, voices
from app.product import Product
from app.settings import Settings
from app.store.history import History
from app.store.originals import Originals
from retrieval.chunks import ChunkStore
from retrieval.index import VectorIndex
from retrieval.retriever import Retriever
from tests.children import ROOT, Child
from tests.fakes import HashEmbedder, ScriptedChat, scripted_engine

if TYPE_CHECKING:
    from models.chat import LocalChat

ANSWER = "The zeppelin allowance is 4711 pelicans a month."
LONG_ANSWER = " ".join([ANSWER] * 400)
WORD_SECONDS = 0.02


class SlowChat(ScriptedChat):
    """Takes its time for each word, for whoever wants to interrupt it."""

    def _words(self, *arguments: Any) -> Iterator[Any]:
        for chunk in super()._words(*arguments):
            time.sleep(WORD_SECONDS)
            yield chunk


def speeds() -> Path:
    """Return the folder in which all tests remember how fast models are, for measuring takes seconds.

    Apart from the product's: with tests beside them models are slower than on their own.
    """
    folder = Settings().cache / "speeds-of-tests"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def around_small(home: Path, **chosen: Any) -> Settings:
    """Return the settings of a product around the real small model, whose answers are short."""
    chosen |= {"home": home, "key_source": "file", "key_file": home / "key", "offline": True}
    return Settings.model_validate(chosen | {"model": "small", "context_tokens": 1024, "answer_tokens": 40})


def light_parts(*, answer: str = ANSWER) -> dict[str, Any]:
    """Return what takes the place of the functions of `app.voices` that load models, by their names."""

    def load_chat(_engine: object) -> "LocalChat":
        return cast("LocalChat", SlowChat(texts=[answer]))

    def load_embedder(_settings: Settings) -> HashEmbedder:
        return HashEmbedder()

    return {"load_engine": scripted_engine, "load_chat": load_chat, "load_embedder": load_embedder}


def use_light_models(monkeypatch: pytest.MonkeyPatch, *, answer: str = ANSWER) -> None:
    """Let `app.voices` load light models until the test ends."""
    for name, part in light_parts(answer=answer).items():
        monkeypatch.setattr(voices, name, part)


@contextlib.contextmanager
def opened(home: Path) -> Iterator[Product]:
    """Open a data directory in this process, with the key the child processes use, as the next start would."""
    settings = Settings(home=home, key_source="file", key_file=key_file(home))
    with patch.multiple(voices, **light_parts()):
        product = assemble.assemble(settings, tell=print)
        try:
            yield product
        finally:
            product.close()


def key_file(home: Path) -> Path:
    """Return the key file of a data directory, which lies beside it; made when it is missing."""
    key = home.with_name(home.name + ".key")
    if not key.exists():
        key.parent.mkdir(parents=True, exist_ok=True)
        key.touch(mode=0o600)
        key.write_bytes(secrets.token_bytes(32))
    return key


def environment(home: Path) -> dict[str, str]:
    """Return the environment of a child process for a data directory, whose key is a file beside it."""
    ours = {
        "INHOUSE_HOME": str(home),
        "INHOUSE_KEY_SOURCE": "file",
        "INHOUSE_KEY_FILE": str(key_file(home)),
        "INHOUSE_OFFLINE": "1",
        "PYTHONPATH": str(ROOT),
        "PYTHONUTF8": "1",
    }
    return os.environ | ours


def start(home: Path, *arguments: str, folder: Path = ROOT, **more: str) -> Child:
    """Start a command in a child process, in a folder and with more variables of the environment."""
    return Child(main, arguments, environment=environment(home) | more, folder=folder)


def run(home: Path, *arguments: str, timeout: float = 60, **options: Any) -> subprocess.CompletedProcess[str]:
    """Run a command in a child process and return it with what it printed."""
    return start(home, *arguments, **options).finish(timeout)


class Served:
    """A server in a child process; what it says goes to `server.log` beside the data directory."""

    def __init__(self, home: Path, *options: str, **more: str) -> None:
        """Start it and wait until it answers; `options` are those of this module, `more` is for its environment."""
        self.home = home
        with (home.parent / "server.log").open("ab") as log:
            arguments = (*options, "serve", "--port", "0", "--json")
            self.process = Child(main, arguments, environment=environment(home) | more, stderr=log)
        with self.process.stdout as out:
            told: dict[str, str] = json.loads(out.readline())
        self.address, self.link = told["address"], told["link"]

    def request(self, method: str, path: str, body: bytes | None = None) -> tuple[int, str]:
        """Call the API with the local token; return the status and the whole body."""
        token = (self.home / "run" / "token").read_text().strip()
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        host, port = self.address.removeprefix("http://").split(":")
        connection = HTTPConnection(host, int(port), timeout=60)
        with contextlib.closing(connection):
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()

    def end(self) -> int:
        """Ask it to end, as a service manager does, and return its exit status."""
        if self.process.poll() is None:
            self.process.terminate()
        return self.process.wait(timeout=30)

    def kill(self) -> None:
        """Kill it, as a power cut would."""
        self.process.kill()

    def __enter__(self) -> Self:
        """Return itself; however the block ends, the server does not outlive it."""
        return self

    def __exit__(self, *_: object) -> None:
        """Kill it unless it has ended."""
        self.kill()


def main(arguments: Sequence[str]) -> int:
    """Run the command line with light models, after the options of this module."""
    words = list(arguments)
    long = words[:1] == ["--long"]
    words = words[long:]
    for name, part in light_parts(answer=LONG_ANSWER if long else ANSWER).items():
        setattr(voices, name, part)
    if words[:1] == ["--die-at"]:
        die_at(int(words[1]))
        words = words[2:]
    return cli.main(words)


def die_at(step: int) -> None:
    """Kill this process, as a power cut would, at a step of STEPS: even numbers before it, odd ones after it."""
    classes = {each.__name__: each for each in (History, Originals, ChunkStore, VectorIndex, Retriever, SlowChat)}
    name, times = STEPS[step // 2]
    holder, method = name.split(".")
    doomed = classes[holder]
    real = getattr(doomed, method)
    setattr(doomed, method, _doomed(real, times=times, after=bool(step % 2)))


def _doomed(real: Callable[..., Any], *, times: int, after: bool) -> Callable[..., Any]:
    calls = 0

    def call(*arguments: Any, **options: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == times and not after:
            os.kill(os.getpid(), signal.SIGKILL)
        done = real(*arguments, **options)
        if calls == times:
            os.kill(os.getpid(), signal.SIGKILL)
        return done

    return call


INGEST_STEPS = [
    ("Originals.keep", 1),
    ("ChunkStore.add_pending", 1),
    ("ChunkStore.add_pending", 3),
    ("VectorIndex.put", 1),
    ("ChunkStore.finish", 1),
    ("VectorIndex.remove", 1),
    ("ChunkStore.removed", 1),
]
ANSWER_STEPS = [
    ("History.begin_turn", 1),
    ("Retriever.search", 1),
    ("SlowChat.count_tokens", 3),
    ("SlowChat._stream", 1),
    ("History.finish_turn", 1),
]
STEPS = INGEST_STEPS + ANSWER_STEPS
"""Method and which of its calls; the process can die before and after each."""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
