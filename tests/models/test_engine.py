"""The engine's thread, queue and doors, on a scripted context."""

import threading
import time
from collections.abc import Callable, Iterator

import pytest

from models.engine import Engine
from models.errors import EngineBusyError, EngineClosedError, InvalidRequestError, ModelError, PromptTooLongError
from models.generation import Event, Finished, Generation, Reading, Text, Waiting
from models.slot import Work
from tests.fakes import ScriptedMemory
from tests.models.conftest import scripted_engine

SECONDS = 60.0


@pytest.fixture
def memory() -> ScriptedMemory:
    return ScriptedMemory(slots=1, answer="fine")


@pytest.fixture
def engine(memory: ScriptedMemory) -> Iterator[Engine]:
    engine = scripted_engine(memory, max_waiting=3)
    yield engine
    if memory.gate:
        memory.gate.set()
    engine.close()


def ask(engine: Engine, text: str = "Who?", *, person: str = "") -> Generation:
    return engine.submit(engine.tokenize(text), max_tokens=50, person=person)


def text_of(events: list[Event]) -> str:
    return "".join(event.text for event in events if isinstance(event, Text))


def until(true: Callable[[], object]) -> None:
    deadline = time.monotonic() + SECONDS
    while not true():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.002)


def hold(memory: ScriptedMemory, engine: Engine) -> Generation:
    """Let a generation take the only slot and stay in it."""
    memory.gate = threading.Event()
    generation = ask(engine, "first?")
    assert generation.next_event(seconds=SECONDS) == Reading(0, 6)
    return generation


def test_a_request_is_answered(engine: Engine) -> None:
    assert text_of(list(ask(engine))) == "fine"


def test_many_threads_are_answered(engine: Engine) -> None:
    texts: list[str] = []
    threads = [threading.Thread(target=lambda n=n: texts.append(text_of(list(ask(engine, f"{n}?"))))) for n in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(SECONDS)
    assert texts == ["fine"] * 3


def test_who_waits_is_told_the_place_in_the_queue(engine: Engine, memory: ScriptedMemory) -> None:
    hold(memory, engine)
    second, third = ask(engine, person="a"), ask(engine, person="a")
    assert memory.gate is not None
    memory.gate.set()
    assert [event for event in second if isinstance(event, Waiting)][:1] in ([], [Waiting(1, 2)])
    waited = [event.position for event in third if isinstance(event, Waiting)]
    assert waited == sorted(waited, reverse=True)


def test_cancelling_a_read_frees_the_slot_within_the_step(engine: Engine, memory: ScriptedMemory) -> None:
    first = hold(memory, engine)
    first.cancel()
    until(lambda: engine.describe().running == 0)
    assert next(event for event in first if isinstance(event, Finished)).reason == "cancelled"
    assert memory.batches == [], "the step in work was interrupted, not waited for"


def test_cancelling_one_of_two_does_not_interrupt_the_other(memory: ScriptedMemory) -> None:
    memory = ScriptedMemory(slots=2, answer="fine")
    engine = scripted_engine(memory)
    memory.gate = threading.Event()
    first, second = ask(engine, "1?"), ask(engine, "2?")
    until(lambda: engine.describe().running == 2)
    first.cancel()
    memory.gate.set()
    assert text_of(list(second)) == "fine"
    assert engine.describe().counters["cancelled"] == 1
    engine.close()


def test_cancelling_who_waits_takes_it_out_of_the_queue(engine: Engine, memory: ScriptedMemory) -> None:
    hold(memory, engine)
    waiting = ask(engine)
    waiting.cancel()
    assert memory.gate is not None
    memory.gate.set()
    assert list(waiting)[-1] == Finished(reason="cancelled", prompt_tokens=4, completion_tokens=0)
    assert engine.describe().waiting == 0


def test_a_full_queue_refuses_with_a_sentence(engine: Engine, memory: ScriptedMemory) -> None:
    hold(memory, engine)
    for _ in range(3):
        ask(engine)
    with pytest.raises(EngineBusyError, match=r"^3 questions are waiting already\. Try again in a minute\.$"):
        ask(engine)


def test_a_prompt_longer_than_the_context_is_refused_with_the_numbers(engine: Engine) -> None:
    with pytest.raises(PromptTooLongError, match="has 2,001 tokens and the model can read 511"):
        ask(engine, "x" * 2000 + "?")
    assert engine.describe().waiting == 0


@pytest.mark.parametrize("tokens", [[], [-1], [258], [10**9]])
def test_an_empty_prompt_or_unknown_tokens_are_refused(engine: Engine, tokens: list[int]) -> None:
    with pytest.raises(InvalidRequestError, match="empty or holds tokens"):
        engine.submit(tokens, max_tokens=5)


def test_a_failing_step_ends_the_generation_with_its_sentence_and_the_engine_goes_on(
    engine: Engine, memory: ScriptedMemory
) -> None:
    memory.fails = ModelError("The card fell out.")
    with pytest.raises(ModelError, match=r"The card fell out\."):
        list(ask(engine))
    assert text_of(list(ask(engine))) == "fine"


def once(fault: Exception) -> Callable[..., None]:
    """Return what raises a fault when it is called first, and does nothing else."""
    left = [fault]

    def failing(*_: object, **__: object) -> None:
        if left:
            raise left.pop()

    return failing


def test_a_request_that_cannot_join_hears_why_and_the_engine_goes_on(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin = Work.begin
    fails = once(ValueError("of ours"))

    def failing(generation: Generation, memory: ScriptedMemory) -> Work:
        fails()
        return begin(generation, memory)

    monkeypatch.setattr(Work, "begin", failing)
    with pytest.raises(ValueError, match="of ours"):
        list(ask(engine))
    assert text_of(list(ask(engine))) == "fine"


def test_a_fault_between_steps_ends_who_has_a_slot_and_the_engine_goes_on(
    engine: Engine, memory: ScriptedMemory, monkeypatch: pytest.MonkeyPatch
) -> None:
    running = hold(memory, engine)
    monkeypatch.setattr(engine, "_forget", once(ValueError("of ours")))
    assert memory.gate
    memory.gate.set()
    with pytest.raises(ValueError, match="of ours"):
        list(running)
    assert text_of(list(ask(engine))) == "fine"


def test_closing_ends_everybody_and_frees_the_model(engine: Engine, memory: ScriptedMemory) -> None:
    running = hold(memory, engine)
    waiting = ask(engine)
    engine.close()
    for generation in (running, waiting):
        with pytest.raises(EngineClosedError):
            list(generation)
    assert memory.closed
    with pytest.raises(EngineClosedError):
        ask(engine)
    engine.close()


def test_an_idle_engine_takes_no_steps(engine: Engine) -> None:
    list(ask(engine))
    steps = engine.describe().counters["steps"]
    time.sleep(0.05)
    assert engine.describe().counters["steps"] == steps


def test_of_two_thousand_questions_at_once_those_too_many_are_refused_with_a_sentence(memory: ScriptedMemory) -> None:
    engine = scripted_engine(memory, max_waiting=64)
    accepted = [hold(memory, engine)]
    for number in range(2000):
        if number < 64:
            accepted.append(ask(engine, person=str(number)))
        else:
            with pytest.raises(EngineBusyError, match=r"^64 questions are waiting already\. Try again in a minute\.$"):
                ask(engine, person=str(number))
    assert memory.gate is not None
    memory.gate.set()
    assert all(text_of(list(generation)) == "fine" for generation in accepted)
    engine.close()


def test_a_consumer_that_stops_reading_holds_up_nobody(engine: Engine) -> None:
    unread = ask(engine)
    assert text_of(list(ask(engine))) == "fine"
    assert unread._mailbox.qsize() <= engine.context_tokens + 4
    assert text_of(list(unread)) == "fine", "and may go on reading later"
