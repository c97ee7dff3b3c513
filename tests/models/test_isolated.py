"""The engine in a process of its own: the same answers, and a death costs only the answers in flight."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict
from io import BytesIO
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import psutil
import pytest

from models.engine import Engine
from models.errors import (
    EngineClosedError,
    EngineCrashedError,
    EngineRestartingError,
    InvalidRequestError,
    ModelError,
    ModelFileDamagedError,
    ModelMissingError,
    NotEnoughMemoryError,
    PromptTooLongError,
)
from models.frames import (
    FRAME_BYTES,
    BrokenPipeProtocolError,
    pack_error,
    read_frame,
    unpack_error,
    write_frame,
)
from models.generation import Event, Finished, Reading, Text, Waiting
from models.isolated import IsolatedEngine
from models.plan import Wish
from models.process import ROOT, Order
from models.protocol import pack_event, unpack_event
from models.request import Sampling
from models.weights import find
from models.worker import Desk
from tests.fakes import ScriptedMemory
from tests.light import speeds
from tests.models.conftest import scripted_engine, weights

EVENTS: list[Event] = [
    Waiting(1, 2),
    Reading(3, 4),
    Text("é\ud800", -0.5),
    Finished(reason="stop", prompt_tokens=1, completion_tokens=2, cached_tokens=3),
]


def test_frames_are_read_as_they_were_written() -> None:
    stream = BytesIO()
    frames: list[dict[str, Any]] = [{"number": 1, "text": "é\n\ud800"}, {"tokens": [1, 2, 3]}]
    for frame in frames:
        write_frame(stream, frame)
    stream.seek(0)
    assert [read_frame(stream), read_frame(stream), read_frame(stream)] == [*frames, None]


def test_a_frame_that_is_cut_off_is_an_end() -> None:
    stream = BytesIO()
    write_frame(stream, {"a": 1})
    assert read_frame(BytesIO(stream.getvalue()[:-1])) is None
    assert read_frame(BytesIO(stream.getvalue()[:2])) is None


@pytest.mark.parametrize(
    "data",
    [
        b"\x03\x00\x00\x00abc",
        b"\x02\x00\x00\x0012",
        (FRAME_BYTES + 1).to_bytes(4, "little") + b"{}",
        (200_000).to_bytes(4, "little") + b"[" * 200_000,
    ],
)
def test_what_is_no_frame_is_refused(data: bytes) -> None:
    with pytest.raises(BrokenPipeProtocolError):
        read_frame(BytesIO(data))


@pytest.mark.parametrize("event", EVENTS)
def test_events_are_unpacked_as_they_were_packed(event: Event) -> None:
    assert unpack_event(pack_event(event)) == event


def test_errors_keep_their_kind_and_their_sentence() -> None:
    error = unpack_error(pack_error(PromptTooLongError("The prompt has 9 tokens.")))
    assert isinstance(error, PromptTooLongError)
    assert str(error) == "The prompt has 9 tokens."
    assert str(unpack_error(pack_error(NotEnoughMemoryError()))) == ""


@pytest.mark.parametrize("name", ["KeyboardInterrupt", "ROOT", "annotations", "", "Exception"])
def test_an_error_no_engine_raises_is_the_plain_one(name: str) -> None:
    assert type(unpack_error({"error": name, "sentence": "?"})) is ModelError


def test_a_fault_of_ours_in_a_step_ends_its_answer_only() -> None:
    memory = ScriptedMemory(slots=1, slot_tokens=64, answer="fine")
    frames: SimpleQueue[dict[str, Any]] = SimpleQueue()
    with closing(scripted_engine(memory)) as engine:
        desk = Desk(engine, frames.put)
        memory.fails = ZeroDivisionError("what somebody asked")
        for number in (1, 2):
            asked = {"prompt": [63], "sampling": asdict(Sampling()), "max_tokens": 8}
            desk.answer({"number": number, "call": "submit", "arguments": asked})
            told = [frames.get(timeout=30)]
            while "error" not in told[-1] and told[-1].get("event") != "Finished":
                told.append(frames.get(timeout=30))
            if number == 1:
                assert told[-1] == {"generation": 1, "error": "ModelError", "sentence": ""}
        assert "".join(frame.get("text", "") for frame in told) == "fine"


def test_a_fault_of_ours_takes_no_text_along() -> None:
    assert pack_error(ValueError("the salaries of everybody")) == {"error": "ModelError", "sentence": ""}


def order(path: Path, *, slots: int = 2) -> Order:
    return Order(path=path, wish=Wish(context_tokens=512, slots=slots), max_waiting=4, speeds=speeds())


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def isolated(told: list[str]) -> Iterator[IsolatedEngine]:
    tiny = find("tiny", directory=weights())
    engine = IsolatedEngine(order(tiny), tell=told.append, first_pause=0.05)
    yield engine
    engine.close()


def text_of(engine: Engine | IsolatedEngine, prompt: str, *, max_tokens: int = 12) -> str:
    tokens = [engine.model.begin or 0, *engine.tokenize(prompt)]
    events = engine.submit(tokens, max_tokens=max_tokens)
    return "".join(event.text for event in events if isinstance(event, Text))


@pytest.mark.weights
def test_it_answers_like_the_engine_within_this_process(isolated: IsolatedEngine, tiny: Engine) -> None:
    assert isolated.pid != os.getpid()
    assert isolated.model.name == tiny.model.name
    assert isolated.model.special_texts == tiny.model.special_texts
    assert isolated.context_tokens == 512
    assert isolated.tokenize("Ein Käse\ud800 <bos>") == tiny.tokenize("Ein Käse\ud800 <bos>")
    assert isolated.count_tokens("one two") == tiny.count_tokens("one two")
    assert text_of(isolated, "The capital of France is") == text_of(tiny, "The capital of France is")
    assert isolated.describe().counters["finished"] >= 1
    assert isolated.sentence.startswith("All 18 layers on ")


@pytest.mark.weights
def test_what_the_engine_refuses_is_refused_at_once(isolated: IsolatedEngine) -> None:
    with pytest.raises(PromptTooLongError, match="600 tokens"):
        isolated.submit([2] * 600, max_tokens=1)
    with pytest.raises(InvalidRequestError):
        isolated.submit([10**9], max_tokens=1)
    with pytest.raises(InvalidRequestError):
        isolated.submit([2], max_tokens=1, sampling=Sampling(temperature=9.0))
    assert isolated.describe().running == 0


@pytest.mark.weights
def test_cancelling_frees_the_slot(isolated: IsolatedEngine) -> None:
    generation = isolated.submit(isolated.tokenize("Once upon a time"), max_tokens=400)
    while not isinstance(generation.next_event(), Text):
        pass
    generation.cancel()
    *_, last = generation
    assert isinstance(last, Finished)
    assert last.reason == "cancelled"
    assert isolated.describe().running == 0


@pytest.mark.weights
def test_a_death_fails_the_answers_in_flight_and_the_next_question_is_answered(
    isolated: IsolatedEngine, told: list[str]
) -> None:
    generation = isolated.submit(isolated.tokenize("Once upon a time"), max_tokens=400)
    while not isinstance(generation.next_event(), Text):
        pass
    first = isolated.pid
    os.kill(first, signal.SIGSEGV)
    with pytest.raises(EngineCrashedError):
        list(generation)
    assert text_of(isolated, "The capital of France is")
    assert isolated.pid != first
    assert "started again" in told[-1]
    assert (isolated.restarts, isolated.alive, isolated.failure) == (1, True, None)


@pytest.mark.weights
def test_an_engine_that_hangs_is_killed_and_the_next_question_is_answered(
    told: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("models.isolated.HANG_SECONDS", 1.5)
    tiny = find("tiny", directory=weights())
    engine = IsolatedEngine(order(tiny), tell=told.append, first_pause=0.05)
    try:
        generation = engine.submit(engine.tokenize("Once upon a time"), max_tokens=400)
        while not isinstance(generation.next_event(), Text):
            pass
        os.kill(engine.pid, signal.SIGSTOP)
        with pytest.raises(EngineCrashedError):
            list(generation)
        assert text_of(engine, "The capital of France is")
    finally:
        engine.close()


@pytest.mark.weights
def test_an_engine_that_dies_again_and_again_stays_down_with_a_sentence(
    isolated: IsolatedEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("models.isolated.MOST_DEATHS", 1)
    generation = isolated.submit(isolated.tokenize("Once upon a time"), max_tokens=400)
    os.kill(isolated.pid, signal.SIGKILL)
    with pytest.raises(EngineCrashedError):
        list(generation)
    with pytest.raises(EngineRestartingError, match="again and again"):
        isolated.tokenize("anybody there?")
    assert not isolated.alive
    assert isinstance(isolated.failure, EngineRestartingError)


@pytest.mark.weights
def test_after_a_decode_without_memory_the_next_engine_is_smaller(
    isolated: IsolatedEngine, told: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    process = isolated._process
    assert process is not None
    generation = isolated.submit(isolated.tokenize("Once upon a time"), max_tokens=400)
    process._deliver({"generation": 1_000_000} | pack_error(NotEnoughMemoryError("No memory.")))
    with pytest.raises(EngineCrashedError):
        list(generation)
    assert text_of(isolated, "The capital of France is")
    assert isolated.plan.slots == 1
    assert isolated.describe().slots == 1
    assert any("There is less memory than was wished for" in sentence for sentence in told)


@pytest.mark.weights
def test_a_closed_engine_leaves_no_process_and_says_so(isolated: IsolatedEngine) -> None:
    pid = isolated.pid
    isolated.close()
    isolated.close()
    assert not psutil.pid_exists(pid)
    with pytest.raises(EngineClosedError):
        isolated.tokenize("anybody there?")


@pytest.mark.weights
def test_the_engine_ends_with_a_product_that_was_killed() -> None:
    script = (
        "import sys, time\nfrom pathlib import Path\nfrom models.isolated import IsolatedEngine\n"
        "from models.plan import Wish\nfrom models.process import Order\n"
        "order = Order(path=Path(sys.argv[1]), wish=Wish(context_tokens=512, slots=1), max_waiting=1,"
        " speeds=Path(sys.argv[2]))\n"
        "print(IsolatedEngine(order, tell=print).pid, flush=True)\ntime.sleep(600)\n"
    )
    command = [sys.executable, "-c", script, str(find("tiny", directory=weights())), str(speeds())]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT, text=True) as product:
        assert product.stdout is not None
        engine = psutil.Process(int(product.stdout.readline()))
        product.kill()
    gone, _ = psutil.wait_procs([engine], timeout=30)
    assert gone


@pytest.mark.parametrize(("content", "error"), [(None, ModelMissingError), (b"GGUF\x03", ModelFileDamagedError)])
def test_a_file_that_cannot_be_loaded_is_a_sentence(
    tmp_path: Path, content: bytes | None, error: type[ModelError]
) -> None:
    path = tmp_path / "model.gguf"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(error, match="model"):
        IsolatedEngine(order(path), tell=lambda _: None)
