"""Background work never costs a person anything, and loses nothing by making way."""

import threading
from collections.abc import Iterator

import pytest

from models.batching import Batching
from models.engine import Engine
from models.errors import EngineBusyError, EngineClosedError, InvalidRequestError
from models.generation import Finished, Generation, Reading, Waiting
from models.pace import READ_USUAL
from models.request import Priority
from tests.fakes import ScriptedMemory
from tests.models.conftest import scripted_engine
from tests.models.test_batching import events, request, run, text_of
from tests.models.test_engine import SECONDS, until

LONG = "a long answer to a short question"


@pytest.fixture
def memory() -> ScriptedMemory:
    return ScriptedMemory(slots=1, answer=LONG)


@pytest.fixture
def engine(memory: ScriptedMemory) -> Iterator[Engine]:
    engine = scripted_engine(memory, max_waiting=3)
    yield engine
    if memory.gate:
        memory.gate.set()
    engine.close()


def ask(engine: Engine, text: str, *, priority: Priority = "person") -> Generation:
    return engine.submit(engine.tokenize(text), max_tokens=50, priority=priority)


def test_background_work_changes_no_batch_of_a_persons() -> None:
    batches = []
    for accompanied in (False, True):
        memory = ScriptedMemory(slots=2, slot_tokens=2000, answer=LONG)
        batching = Batching(memory)
        if accompanied:
            batching.admit(request("x" * 700 + "?", priority="background"))
            batching.step()
            memory.batches.clear()
        person = request("y" * 300 + "?")
        batching.admit(person)
        while person in batching.generations:
            batching.step()
        assert text_of(events(person)) == LONG
        batches.append([sorted(batch.values()) for batch in memory.batches])
    assert batches[0] == batches[1]


def test_background_work_goes_on_when_the_person_is_served() -> None:
    batching = Batching(ScriptedMemory(slots=2, answer=LONG))
    work, person = request("later?", priority="background"), request("now?")
    batching.admit(work)
    batching.admit(person)
    run(batching)
    assert text_of(events(person)) == text_of(events(work)) == LONG


@pytest.mark.parametrize("steps", [0, 1, 2, 12])
def test_paused_work_goes_on_where_it_was(steps: int) -> None:
    memory = ScriptedMemory(slots=1, slot_tokens=2000, answer=LONG)
    batching = Batching(memory)
    work = request("x" * READ_USUAL + "later?", priority="background")
    batching.admit(work)
    for _ in range(steps):
        batching.step()
    assert batching.pause_background() is work
    person = request("now?")
    batching.admit(person)
    run(batching)
    batching.admit(work)
    run(batching)
    found = events(work)
    assert text_of(found) == LONG
    assert found[-1] == Finished(reason="stop", prompt_tokens=READ_USUAL + 6, completion_tokens=len(LONG))
    assert bytes(memory.samplers[0].chosen[:-1]).decode() == LONG, "its sampler saw each token once"
    assert all(sampler.closed for sampler in memory.samplers)


def test_paused_work_keeps_its_prefix_in_a_slot_nobody_took() -> None:
    batching = Batching(ScriptedMemory(slots=2, answer=LONG))
    work = request("later?", priority="background")
    batching.admit(work)
    for _ in range(5):
        batching.step()
    batching.pause_background()
    read = batching.counters.read_tokens
    batching.admit(request("now?"))
    batching.admit(work)
    run(batching)
    assert text_of(events(work)) == LONG
    assert batching.counters.read_tokens == read + len("now?")


def test_only_background_work_is_paused() -> None:
    batching = Batching(ScriptedMemory())
    assert batching.pause_background() is None
    batching.admit(request("now?"))
    assert batching.pause_background() is None
    assert not batching.only_background


def test_a_person_gets_the_slot_of_background_work_at_once(engine: Engine, memory: ScriptedMemory) -> None:
    memory.gate = threading.Event()
    work = ask(engine, "later?", priority="background")
    assert work.next_event(seconds=SECONDS) == Reading(0, 6)
    person = ask(engine, "now?")
    assert person.next_event(seconds=SECONDS) == Reading(0, 4), "the step in work was interrupted"
    assert work.next_event(seconds=SECONDS) == Waiting(1, 1)
    memory.gate.set()
    assert text_of(list(person)) == text_of(list(work)) == LONG


def test_people_go_before_background_work_that_came_earlier(engine: Engine, memory: ScriptedMemory) -> None:
    memory.gate = threading.Event()
    first = ask(engine, "first?")
    assert first.next_event(seconds=SECONDS) == Reading(0, 6)
    works = [ask(engine, f"later {number}?", priority="background") for number in range(2)]
    person = ask(engine, "now?")
    assert list(engine._queue) == [person, *works]
    memory.gate.set()
    assert text_of(list(person)) == LONG
    for work in works:
        assert text_of(list(work)) == LONG


def test_background_work_does_not_fill_the_queue_for_people(engine: Engine, memory: ScriptedMemory) -> None:
    memory.gate = threading.Event()
    ask(engine, "first?")
    until(lambda: engine.describe().running)
    for _ in range(3):
        ask(engine, "later?", priority="background")
    with pytest.raises(EngineBusyError, match=r"^3 questions are waiting"):
        ask(engine, "later?", priority="background")
    ask(engine, "now?")


@pytest.mark.parametrize("how", ["cancel", "close"])
def test_paused_work_that_ends_frees_its_sampler(engine: Engine, memory: ScriptedMemory, how: str) -> None:
    memory.gate = threading.Event()
    work = ask(engine, "later?", priority="background")
    assert work.next_event(seconds=SECONDS) == Reading(0, 6)
    person = ask(engine, "now?")
    assert isinstance(work.next_event(seconds=SECONDS), Waiting)
    if how == "cancel":
        work.cancel()
        memory.gate.set()
        assert list(work)[-1] == Finished(reason="cancelled", prompt_tokens=6, completion_tokens=0)
        assert text_of(list(person)) == LONG
    else:
        engine.close()
        with pytest.raises(EngineClosedError):
            list(work)
    assert all(sampler.closed for sampler in memory.samplers)
    assert len(memory.samplers) == 2


def test_an_unknown_priority_is_refused(engine: Engine) -> None:
    with pytest.raises(InvalidRequestError, match="person or background, not 'urgent'"):
        ask(engine, "now?", priority="urgent")  # type: ignore[arg-type]
