"""Engines for the tests: scripted ones at once, real ones once a session."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.settings import Settings
from models.embedder import Embedder
from models.engine import Engine
from models.loading import start_here
from models.plan import Wish
from models.saved import SavedStates
from models.weights import find
from tests.fakes import ScriptedMemory, ScriptedVocabulary
from tests.models.peers import NativeServer


def scripted_engine(memory: ScriptedMemory, *, max_waiting: int = 64, saved: SavedStates | None = None) -> Engine:
    return Engine(ScriptedVocabulary(), memory, max_waiting=max_waiting, saved=saved)


def weights() -> Path:
    """Return the folder `make test` fetched the weights into."""
    return Settings().weights


def real_engine(name: str, *, context_tokens: int, slots: int) -> Engine:
    """Return an engine on a model of the catalogue, as this machine would plan it."""
    return start_here(find(name, directory=weights()), Wish(context_tokens=context_tokens, slots=slots))


@pytest.fixture(scope="session")
def tiny() -> Iterator[Engine]:
    """Gemma 3 270M: a base model with sliding-window attention."""
    engine = real_engine("tiny", context_tokens=2048, slots=3)
    yield engine
    engine.close()


@pytest.fixture(scope="session")
def small() -> Iterator[Engine]:
    """Qwen2.5 Coder 0.5B Instruct."""
    engine = real_engine("small", context_tokens=1024, slots=2)
    yield engine
    engine.close()


@pytest.fixture(scope="session")
def minilm() -> Embedder:
    """The embedding model of the catalogue."""
    return Embedder.load(find("minilm", directory=weights()))


@pytest.fixture(scope="session")
def minilm_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same as a GGUF file."""
    from tests.models import minilm_file  # noqa: PLC0415 - a machine that only checks may be without its libraries

    target = tmp_path_factory.mktemp("minilm") / "mini.gguf"
    return minilm_file.write(find("minilm", directory=weights()), target)


@pytest.fixture(scope="session")
def native() -> Iterator[NativeServer]:
    """llama.cpp's own server on the same model as `small`."""
    with NativeServer(find("small", directory=weights())) as server:
        yield server
