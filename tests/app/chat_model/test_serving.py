"""The model that answers: loaded once, held while it writes, replaced without a pause or with one."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, cast

import pytest

from app.answering.writer import Writer
from app.chat_model.resting import Rest
from app.chat_model.serving import Serving, SwitchingError, Voice
from app.prompts import Budget
from models.errors import EngineClosedError, ModelError, NotEnoughMemoryError
from tests.fakes import ScriptedChat


@dataclass
class Bench:
    """What loads models for a `Serving`, and remembers what happened in which order."""

    happened: list[str] = field(default_factory=list)
    broken: set[str] = field(default_factory=set)
    """Models that cannot be loaded."""
    mute: set[str] = field(default_factory=set)
    """Models that answer no trial question."""
    gates: dict[str, threading.Event] = field(default_factory=dict)
    """Models whose loading waits."""
    loading: dict[str, threading.Event] = field(default_factory=dict)

    def load(self, name: str) -> Voice:
        self.happened.append(f"load {name}")
        self.loading.setdefault(name, threading.Event()).set()
        if name in self.gates:
            assert self.gates[name].wait(30)
        if name in self.broken:
            raise NotEnoughMemoryError(f"{name} is too large.")
        chat = ScriptedChat()
        budget = Budget(context_tokens=100, answer_tokens=10, passage_tokens=10)
        writer = Writer(name=name, model=chat, count_tokens=chat.count_tokens, budget=lambda: budget)
        return Voice(name=name, engine=cast("Any", Closing(name, self.happened)), chat=cast("Any", chat), writer=writer)

    def prove(self, voice: Voice) -> None:
        self.happened.append(f"try {voice.name}")
        if voice.name in self.mute:
            raise ModelError("It wrote nothing.")

    def serving(self) -> Serving:
        return Serving("a", load=self.load, prove=self.prove)

    def count(self, event: str) -> int:
        return self.happened.count(event)


@dataclass
class Closing:
    """An engine that can only be closed."""

    name: str
    happened: list[str]

    def close(self) -> None:
        self.happened.append(f"close {self.name}")


def in_thread(do: Callable[[], object]) -> threading.Thread:
    thread = threading.Thread(target=do, daemon=True)
    thread.start()
    return thread


def end(thread: threading.Thread) -> None:
    thread.join(30)
    assert not thread.is_alive()


def until(bench: Bench, event: str) -> None:
    """Wait for something that another thread does."""
    for _ in range(3000):
        if event in bench.happened:
            return
        threading.Event().wait(0.01)
    raise AssertionError(bench.happened)


def quiet(_sentence: str) -> None:
    """Hear nothing."""


@pytest.fixture(name="bench")
def _bench() -> Bench:
    return Bench()


@pytest.fixture(name="serving")
def _serving(bench: Bench) -> Iterator[Serving]:
    serving = bench.serving()
    yield serving
    serving.close()


def test_nothing_is_loaded_before_it_is_needed_and_then_once_for_all(bench: Bench, serving: Serving) -> None:
    assert not serving.ready
    assert bench.happened == []
    bench.gates["a"] = threading.Event()
    threads = [in_thread(serving) for _ in range(6)]
    bench.gates["a"].set()
    for thread in threads:
        end(thread)
    assert serving.ready
    assert bench.happened == ["load a"]


def test_a_model_that_could_not_be_loaded_is_tried_again(bench: Bench, serving: Serving) -> None:
    bench.broken.add("a")
    with pytest.raises(NotEnoughMemoryError):
        serving()
    assert isinstance(serving.failure, NotEnoughMemoryError)
    bench.broken.clear()
    assert serving().name == "a"
    assert serving.failure is None


def test_who_waits_for_a_model_is_told_so_and_may_leave(bench: Bench, serving: Serving) -> None:
    bench.gates["a"] = threading.Event()
    waiting = serving.waking()
    next(waiting)
    next(waiting)
    waiting.close()  # type: ignore[attr-defined]
    bench.gates["a"].set()
    assert list(serving.waking()) is not None
    assert serving.ready
    assert list(serving.waking()) == []


def test_who_waits_for_a_model_that_fails_gets_its_error(bench: Bench, serving: Serving) -> None:
    bench.broken.add("a")
    with pytest.raises(NotEnoughMemoryError, match="a is too large"):
        list(serving.waking())


def test_the_other_model_answers_only_after_its_trial(bench: Bench, serving: Serving) -> None:
    serving()
    told: list[str] = []
    serving.replace("b", pause=False, told=told.append)
    assert (serving.name, serving().name) == ("b", "b")
    until(bench, "close a")
    assert bench.happened == ["load a", "load b", "try b", "close a"]
    assert told == ["Loading b; a goes on answering.", "Asking b a trial question."]


def test_the_present_model_answers_while_the_other_is_loaded(bench: Bench, serving: Serving) -> None:
    serving()
    bench.gates["b"] = threading.Event()
    switch = in_thread(lambda: serving.replace("b", pause=False, told=quiet))
    until(bench, "load b")
    with serving.writing() as writer:
        assert writer.name == "a"
    bench.gates["b"].set()
    end(switch)
    with serving.writing() as writer:
        assert writer.name == "b"


def test_answers_being_written_keep_their_model_until_the_last_is_done(bench: Bench, serving: Serving) -> None:
    with serving.writing() as first:
        with serving.writing():
            serving.replace("b", pause=False, told=quiet)
            assert serving().name == "b"
        assert first.name == "a"
        assert "close a" not in bench.happened
    until(bench, "close a")
    assert bench.count("close b") == 0


@pytest.mark.parametrize("fault", ["broken", "mute"])
def test_the_present_model_goes_on_when_the_other_fails(bench: Bench, serving: Serving, fault: str) -> None:
    serving()
    getattr(bench, fault).add("b")
    with pytest.raises(ModelError):
        serving.replace("b", pause=False, told=quiet)
    assert serving().name == serving.name == "a"
    assert serving.failure is None
    assert "close a" not in bench.happened
    assert bench.count("close b") == (fault == "mute")


def test_with_a_pause_the_present_model_is_closed_before_the_other_is_loaded(bench: Bench, serving: Serving) -> None:
    with serving.writing():
        switch = in_thread(lambda: serving.replace("b", pause=True, told=quiet))
        until_paused(serving)
        asked = serving.waking()
        next(asked)
        assert bench.happened == ["load a"]
    end(switch)
    list(asked)
    assert serving().name == "b"
    assert bench.happened == ["load a", "close a", "load b", "try b"]


def until_paused(serving: Serving) -> None:
    for _ in range(3000):
        if not serving.ready:
            return
        threading.Event().wait(0.01)
    raise AssertionError


@pytest.mark.parametrize("fault", ["broken", "mute"])
def test_after_a_pause_for_nothing_the_first_model_is_loaded_again(bench: Bench, serving: Serving, fault: str) -> None:
    serving()
    getattr(bench, fault).add("b")
    with pytest.raises(ModelError):
        serving.replace("b", pause=True, told=quiet)
    assert serving.ready
    assert serving().name == serving.name == "a"
    assert serving.failure is None
    assert bench.count("load a") == 2
    assert bench.count("close b") == (fault == "mute")


def test_every_engine_that_still_runs_can_be_reached(bench: Bench, serving: Serving) -> None:
    assert serving.engines == ()
    with serving.writing():
        serving.replace("b", pause=False, told=quiet)
        running: list[Any] = list(serving.engines)
        assert {engine.name for engine in running} == {"a", "b"}
    until(bench, "close a")
    serving.close()
    assert serving.engines == ()


def test_where_no_model_could_be_loaded_another_one_takes_its_place(bench: Bench, serving: Serving) -> None:
    bench.broken.add("a")
    with pytest.raises(NotEnoughMemoryError):
        serving()
    serving.replace("b", pause=False, told=quiet)
    assert serving().name == "b"
    assert serving.failure is None


def test_one_switch_at_a_time(bench: Bench, serving: Serving) -> None:
    serving()
    bench.gates["b"] = threading.Event()
    switch = in_thread(lambda: serving.replace("b", pause=False, told=quiet))
    until(bench, "load b")
    with pytest.raises(SwitchingError):
        serving.replace("c", pause=False, told=quiet)
    bench.gates["b"].set()
    end(switch)
    serving.replace("c", pause=False, told=quiet)
    assert serving().name == "c"


def test_closing_closes_the_models_before_too_and_one_that_comes_later(bench: Bench, serving: Serving) -> None:
    with serving.writing():
        serving.replace("b", pause=False, told=quiet)
        bench.gates["c"] = threading.Event()
        failed: list[BaseException] = []
        switch = in_thread(lambda: failed.append(failure_of(lambda: serving.replace("c", pause=False, told=quiet))))
        until(bench, "load c")
        serving.close()
        assert {"close a", "close b"} <= set(bench.happened)
        bench.gates["c"].set()
        end(switch)
    assert isinstance(failed[0], EngineClosedError)
    assert "close c" in bench.happened
    with pytest.raises(EngineClosedError):
        serving()


def failure_of(do: Callable[[], object]) -> BaseException:
    with pytest.raises(EngineClosedError) as caught:
        do()
    return caught.value


def test_work_nobody_looks_at_makes_way_for_answers(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    serving = bench.serving()
    serving.make_way()
    began, done = threading.Event(), threading.Event()

    def work() -> None:
        began.set()
        serving.make_way()
        done.set()

    with serving.writing():
        assert serving.busy
        thread = in_thread(work)
        began.wait(30)
        assert not done.wait(0.2)
    assert done.wait(30), "at once when the answer is written"
    thread.join()
    assert not serving.busy
    monkeypatch.setattr("app.chat_model.serving.MAKE_WAY_SECONDS", 0.01)
    with serving.writing():
        serving.make_way()  # it goes on all the same, or nothing would be learned where people ask all day
    serving.close()


@pytest.fixture(name="sleepy")
def _sleepy(bench: Bench) -> Iterator[Serving]:
    """A model that is unloaded as soon as nobody holds it."""
    serving = Serving("a", load=bench.load, prove=bench.prove, rest=Rest(after=0.05))
    yield serving
    serving.close()


def test_a_model_nobody_needs_is_unloaded_and_the_next_question_loads_it(bench: Bench, sleepy: Serving) -> None:
    with sleepy.writing():
        pass
    until(bench, "close a")
    assert sleepy.resting
    assert not sleepy.ready
    assert sleepy.name == "a"
    list(sleepy.waking())
    assert bench.happened[:3] == ["load a", "close a", "load a"]


def test_a_model_that_writes_is_not_unloaded(bench: Bench, sleepy: Serving) -> None:
    with sleepy.writing():
        before = list(bench.happened)
        threading.Event().wait(0.3)
        assert bench.happened == before
        assert not sleepy.resting
    until(bench, "close a")


def test_a_model_that_rests_can_be_replaced_and_the_other_one_rests_too(bench: Bench, sleepy: Serving) -> None:
    with sleepy.writing():
        pass
    until(bench, "close a")
    sleepy.replace("b", pause=False, told=quiet)
    until(bench, "close b")
    assert (sleepy.name, sleepy.resting) == ("b", True)


def test_a_failed_switch_leaves_a_resting_model_to_the_next_question(bench: Bench, sleepy: Serving) -> None:
    with sleepy.writing():
        pass
    until(bench, "close a")
    bench.broken.add("b")
    with pytest.raises(NotEnoughMemoryError):
        sleepy.replace("b", pause=False, told=quiet)
    assert sleepy.failure is None
    assert sleepy.resting
    assert sleepy().name == "a"


@pytest.mark.parametrize("short", [False, True])
def test_a_model_nobody_needs_makes_room_when_memory_is_short(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, *, short: bool
) -> None:
    monkeypatch.setattr("app.chat_model.resting.QUIET_SECONDS", 0.05)
    monkeypatch.setattr("app.chat_model.resting.LOOK_AT_MEMORY_SECONDS", 0.01)
    looks: list[threading.Event] = [threading.Event() for _ in range(5)]

    def looked() -> bool:
        next(look for look in [*looks, threading.Event()] if not look.is_set()).set()
        return short

    serving = Serving("a", load=bench.load, prove=bench.prove, rest=Rest(short=looked))
    with serving.writing():
        threading.Event().wait(0.2)
        assert not looks[0].is_set(), "whoever writes is not asked for room"
    if short:
        until(bench, "close a")
        assert serving.resting
        assert serving().name == "a"
    else:
        assert looks[-1].wait(30)
        assert bench.happened == ["load a"]
    serving.close()


def test_without_a_setting_nothing_is_unloaded(bench: Bench, serving: Serving) -> None:
    with serving.writing():
        pass
    threading.Event().wait(0.3)
    assert bench.happened == ["load a"]
