"""Switching between two real models in processes of their own, while an answer is being written."""

import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil
import pytest

from app import assemble, voices
from app.answers import LOCAL_ACTOR, Answer, Delta, Progress, Question
from app.chat_model.choosing import NotSwitchedError, choose
from app.product import Product
from tests.fakes import HashEmbedder
from tests.light import around_small
from tests.served import QUESTION, learn

pytestmark = pytest.mark.weights


@contextmanager
def assembled(home: Path, **settings: Any) -> Iterator[Product]:
    """Assemble a product around the small model, with one document."""
    chosen = around_small(home, general_answers=True, **settings)
    with closing(assemble.assemble(chosen, tell=print)) as product:
        learn(product)
        yield product


@pytest.fixture(autouse=True)
def _light(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("INHOUSE_MODEL", raising=False)
    monkeypatch.setattr(voices, "load_embedder", lambda _settings: HashEmbedder())


@pytest.fixture(name="product")
def _product(tmp_path: Path) -> Iterator[Product]:
    with assembled(tmp_path) as product:
        yield product


def chosen(product: Product, name: str, *, pause: bool = False) -> list[str]:
    told: list[str] = []
    choose(product.settings, product.serving, name, pause=pause, told=told.append)
    return told


def gone(pid: int) -> bool:
    with suppress(psutil.NoSuchProcess):
        psutil.Process(pid).wait(60)
    return not psutil.pid_exists(pid)


def test_answer_in_flight_is_finished_by_its_model_and_the_next_is_written_by_the_other(product: Product) -> None:
    product.assistant()
    small = product.serving()
    events = product.assistant().ask(LOCAL_ACTOR, Question(text="Tell me a story about a king and his three sons."))
    while not isinstance(next(events), Delta):
        pass
    chosen(product, "tiny")
    assert product.serving.name == "tiny"
    assert psutil.pid_exists(small.engine.pid)
    *_, first = events
    assert isinstance(first, Answer)
    assert (first.model, first.outcome) == ("small", "finished")
    assert gone(small.engine.pid)
    *_, second = product.assistant().ask(LOCAL_ACTOR, Question(text=QUESTION))
    assert isinstance(second, Answer)
    assert second.model == "tiny"
    assert product.engine().model.name.startswith("gemma")
    assert product.engine().describe().counters["finished"] >= 2


def test_with_a_pause_one_process_ends_before_the_other_begins_and_questions_wait(product: Product) -> None:
    product.assistant()
    before = product.engine().pid
    switch = threading.Thread(target=lambda: chosen(product, "tiny", pause=True))
    switch.start()
    assert gone(before)
    events = list(product.assistant().ask(LOCAL_ACTOR, Question(text=QUESTION)))
    switch.join()
    assert Progress(stage="loading") in events
    assert isinstance(events[-1], Answer)
    assert events[-1].model == "tiny"


def test_a_file_that_is_no_model_leaves_the_first_one_answering(product: Product, tmp_path: Path) -> None:
    product.assistant()
    first = product.engine().pid
    whole = product.settings.weights / "gemma-3-270m-q4_k_m.gguf"
    damaged = tmp_path / "damaged.gguf"
    content = bytearray(whole.read_bytes())
    at = content.index(b"gemma3")
    content[at : at + 6] = b"gemmaX"  # an architecture that llama.cpp does not know
    damaged.write_bytes(content)
    with pytest.raises(NotSwitchedError, match=r"damaged.* small goes on answering\.$"):
        chosen(product, str(damaged))
    assert product.engine().pid == first
    *_, answer = product.assistant().ask(LOCAL_ACTOR, Question(text=QUESTION))
    assert isinstance(answer, Answer)
    assert answer.model == "small"


def test_a_model_nobody_asks_gives_its_memory_back_until_the_next_question(tmp_path: Path) -> None:
    with assembled(tmp_path, unload_after_minutes=0.02) as product:
        product.assistant()
        voice = product.serving.voice
        assert voice is None or gone(voice.engine.pid)
        assert product.serving.resting
        *_, answer = product.assistant().ask(LOCAL_ACTOR, Question(text=QUESTION))
        assert isinstance(answer, Answer)
        assert (answer.model, answer.outcome) == ("small", "finished")
