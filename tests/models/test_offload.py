"""Offloading for real, to a stand-in card: memory, layers, the same answers, too little memory, a card that goes."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app.install.packages import ROOT
from models.embedding import unit
from models.errors import EngineCrashedError
from models.generation import Text
from models.isolated import IsolatedEngine
from models.plan import Wish
from models.process import Order
from models.weights import find
from tests.light import speeds
from tests.models.conftest import weights
from tests.models.standin import wait_for
from tests.ports import free_port

pytestmark = [
    pytest.mark.weights,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the stand-in card is built on Linux only"),
]
LAYERS = 18


@contextmanager
def card(port: int, *limits: int) -> Iterator["subprocess.Popen[bytes]"]:
    """Run a card on a port, with at most so many bytes of memory."""
    command = [sys.executable, "-m", "tests.models.standin", "serve", str(port), *map(str, limits)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            wait_for(port)
            yield process
        finally:
            process.kill()


def attempt(port: int, layers: int | str) -> dict[str, Any]:
    """Load the tiny model with so many layers on the card, in a process of its own."""
    return in_a_process("try", port, find("tiny", directory=weights()), layers)


def in_a_process(what: str, port: int, model: Path, layers: int | str) -> dict[str, Any]:
    """Do something with a model and the card in a process of its own; return what it says of it."""
    command = [sys.executable, "-m", "tests.models.standin", what, str(port), str(model), str(layers)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr[-2000:]
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """A card with room for everything."""
    port = free_port()
    with card(port):
        yield port


def test_none_some_and_all_layers_on_the_card_write_the_same(port: int) -> None:
    none, some, everything = attempt(port, 0), attempt(port, 6), attempt(port, "auto")
    assert [one["gpu_layers"] for one in (none, some, everything)] == [0, 6, LAYERS + 1]
    assert none["text"] == some["text"] == everything["text"] != ""
    ((name, free, total),) = none["gpus"]
    assert str(port) in name
    assert 0 < free <= total
    assert none["buffers"] == []
    for kind in ("model buffer", "KV buffer", "compute buffer"):
        assert any(kind in line for line in everything["buffers"]), kind
        assert any(kind in line for line in some["buffers"]), kind
    assert some["sentence"].startswith(f"6 of {LAYERS} layers on ")
    assert everything["sentence"].startswith(f"All {LAYERS} layers on ")


def test_a_card_with_too_little_memory_gets_fewer_layers_and_that_is_said() -> None:
    port = free_port()
    with card(port, 150 * 2**20):
        found = attempt(port, "auto")
    assert found["gpu_layers"] < LAYERS + 1
    assert found["text"]
    assert any("did not fit into memory" in sentence for sentence in found["told"])


def test_a_card_that_goes_in_the_middle_of_an_answer_costs_that_answer_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("models.isolated.PATIENCE_SECONDS", 120)  # loading takes its time where tests share the cores
    port = free_port()
    (tmp_path / "sitecustomize.py").write_text(f"from tests.models.standin import attach\nattach({port})\n")
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}:{ROOT}")
    order = Order(
        path=find("tiny", directory=weights()),
        wish=Wish(context_tokens=512, slots=1),
        max_waiting=2,
        speeds=speeds(),
    )
    told: list[str] = []
    with card(port) as process:
        engine = IsolatedEngine(order, tell=told.append, first_pause=0.05)
        try:
            assert engine.plan.gpu_layers == LAYERS + 1
            prompt = engine.tokenize("Once upon a time")
            generation = engine.submit(prompt, max_tokens=400)
            while not isinstance(generation.next_event(), Text):
                pass
            process.kill()
            process.wait()
            with pytest.raises(EngineCrashedError):
                list(generation)
            assert any(isinstance(event, Text) for event in engine.submit(prompt, max_tokens=8))
            assert engine.plan.gpu_layers == 0
            assert "started again" in told[0]
        finally:
            engine.close()


def test_an_embedding_model_on_the_card_gives_the_same_embeddings(port: int, minilm_file: Path) -> None:
    none, everything = (in_a_process("embed", port, minilm_file, layers) for layers in (0, "auto"))
    assert not any("model buffer" in line for line in none["buffers"])
    assert any("model buffer" in line for line in everything["buffers"])
    first, second = (unit(np.array(found["rows"], np.float32)) for found in (none, everything))
    assert (first * second).sum(axis=1).min() > 0.9999


def test_an_embedding_model_that_does_not_fit_on_the_card_is_computed_by_the_processor(minilm_file: Path) -> None:
    port = free_port()
    with card(port, 16 * 2**20):
        found = in_a_process("embed", port, minilm_file, "auto")
    assert np.isfinite(found["rows"]).all()
    assert found["refused"]
