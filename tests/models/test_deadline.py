"""Answers nobody needs any more end by themselves, by a clock nobody can set."""

import threading
import time
from collections.abc import Iterator

import pytest

from models.batching import Batching
from models.engine import Engine
from models.errors import InvalidRequestError
from models.generation import Finished, Reading
from tests.fakes import ScriptedMemory
from tests.models.conftest import scripted_engine
from tests.models.test_batching import events, request, text_of
from tests.models.test_engine import SECONDS

LONG = "a" * 400


class Clock:
    """A clock that stands still until it is told to go on."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr("models.generation.monotonic", clock)
    return clock


@pytest.fixture
def memory() -> ScriptedMemory:
    return ScriptedMemory(slots=1, slot_tokens=2000, answer=LONG)


@pytest.fixture
def engine(memory: ScriptedMemory) -> Iterator[Engine]:
    engine = scripted_engine(memory)
    yield engine
    if memory.gate:
        memory.gate.set()
    engine.close()


def test_an_answer_ends_at_its_deadline_with_what_was_written(clock: Clock, memory: ScriptedMemory) -> None:
    batching = Batching(memory)
    generation = request("Who?", max_tokens=400, deadline=5.0)
    batching.admit(generation)
    for _ in range(3):
        batching.step()
    clock.now += 4.9
    batching.remove_unwanted()
    assert batching.generations == [generation]
    clock.now += 0.2
    batching.remove_unwanted()
    found = events(generation)
    assert text_of(found) == "a" * 3
    assert found[-1] == Finished(reason="deadline", prompt_tokens=4, completion_tokens=3)
    assert batching.has_free_slot
    assert memory.samplers[0].closed


def test_who_waits_past_the_deadline_leaves_the_queue(clock: Clock, engine: Engine, memory: ScriptedMemory) -> None:
    memory.gate = threading.Event()
    first = engine.submit([63], max_tokens=5)
    assert first.next_event(seconds=SECONDS) == Reading(0, 1)
    waiting = engine.submit([63], max_tokens=5, deadline=5.0)
    clock.now += 6.0
    memory.gate.set()
    assert list(waiting)[-1] == Finished(reason="deadline", prompt_tokens=1, completion_tokens=0)
    assert text_of(list(first)) == "a" * 5


def test_setting_the_clock_back_changes_nothing(monkeypatch: pytest.MonkeyPatch, engine: Engine) -> None:
    monkeypatch.setattr(time, "time", lambda: 0.0)
    generation = engine.submit([63], max_tokens=5, deadline=0.000_001)
    assert list(generation)[-1] == Finished(reason="deadline", prompt_tokens=1, completion_tokens=0)


@pytest.mark.parametrize("seconds", [0.0, -1.0, float("nan")])
def test_a_deadline_in_the_past_is_refused(engine: Engine, seconds: float) -> None:
    with pytest.raises(InvalidRequestError, match="must be some seconds ahead"):
        engine.submit([63], max_tokens=5, deadline=seconds)
