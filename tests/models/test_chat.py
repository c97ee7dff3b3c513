"""What every chat model of ours promises: the scripted one, the local one on a scripted context, the real one."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Protocol, cast
from unittest.mock import patch

import pytest
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage, HumanMessage, SystemMessage, ToolMessage

from app.answers import Progress
from models.chat import LocalChat, _message
from models.engine import Engine
from models.errors import InvalidRequestError, ModelError, PromptTooLongError
from models.generation import Text, Waiting
from models.isolated import IsolatedEngine
from models.remote import RemoteChat
from models.servers import Servers
from tests.fakes import ScriptedChat, ScriptedMemory
from tests.models.conftest import scripted_engine

MESSAGES = [SystemMessage(content="You are brief."), HumanMessage(content="What is the capital of France?")]
ANSWER = "The capital of France is Paris."


class Counts(Protocol):
    """What ours can do besides LangChain's interface."""

    def count_tokens(self, text: str) -> int: ...

    def count_prompt_tokens(self, messages: Sequence[BaseMessage]) -> int: ...


def local(memory: ScriptedMemory) -> Iterator[LocalChat]:
    engine = scripted_engine(memory)
    yield LocalChat(engine=engine)
    engine.close()


WITH_WEIGHTS = (pytest.param(name, marks=pytest.mark.weights) for name in ("real", "remote"))


@pytest.fixture(params=["scripted", "local", *WITH_WEIGHTS])
def chat(request: pytest.FixtureRequest) -> Iterator[BaseChatModel]:
    if request.param == "scripted":
        yield ScriptedChat(texts=[ANSWER])
    elif request.param == "local":
        yield from local(ScriptedMemory(answer=ANSWER))
    elif request.param == "remote":
        yield RemoteChat(servers=Servers([request.getfixturevalue("native").url]), max_tokens=30)
    else:
        yield LocalChat(engine=request.getfixturevalue("small"), max_tokens=30)


def text_of(chunks: Sequence[BaseMessage]) -> str:
    return "".join(chunk.text for chunk in chunks)


def test_the_stream_and_the_whole_answer_say_the_same(chat: BaseChatModel) -> None:
    assert text_of(list(chat.stream(MESSAGES))) == chat.invoke(MESSAGES).text
    assert "Paris" in chat.invoke(MESSAGES).text


def test_progress_comes_before_the_text_in_chunks_without_content(chat: BaseChatModel) -> None:
    chunks = list(chat.stream(MESSAGES))
    told = [chunk for chunk in chunks if "progress" in chunk.additional_kwargs]
    first_text = next(index for index, chunk in enumerate(chunks) if chunk.content)
    assert told
    assert all(chunk.content == "" for chunk in told)
    assert chunks.index(told[-1]) < first_text
    for chunk in told:
        progress = chunk.additional_kwargs["progress"]
        assert progress["stage"] in ("waiting", "reading")
        assert 0 <= progress["done"] <= progress["total"]


def test_the_last_chunk_tells_how_it_ended_and_what_it_cost(chat: BaseChatModel) -> None:
    last = list(chat.stream(MESSAGES))[-1]
    assert last.response_metadata["finish_reason"] == "stop"
    assert last.usage_metadata is not None
    assert last.usage_metadata["input_tokens"] > 0
    assert last.usage_metadata["output_tokens"] > 0


def test_an_answer_is_no_longer_than_asked(chat: BaseChatModel) -> None:
    last = list(chat.stream(MESSAGES, max_tokens=2))[-1]
    assert last.response_metadata["finish_reason"] == "length"
    assert last.usage_metadata is not None
    assert last.usage_metadata["output_tokens"] == 2


def test_a_stop_string_is_not_shown(chat: BaseChatModel) -> None:
    assert text_of(list(chat.stream(MESSAGES, stop=["Paris"]))).rstrip() == "The capital of France is"


def test_the_person_and_the_temperature_are_taken(chat: BaseChatModel) -> None:
    assert "Paris" in chat.invoke(MESSAGES, user="ada", temperature=0.0, max_tokens=30).text


def test_tokens_are_counted(chat: BaseChatModel) -> None:
    counts: Counts = chat  # type: ignore[assignment]
    assert counts.count_tokens("") == 0
    assert 0 < counts.count_tokens("one two") < counts.count_tokens("one two three four")
    assert counts.count_prompt_tokens(MESSAGES) >= counts.count_tokens(MESSAGES[1].text)


def test_asynchronous_callers_get_the_same(chat: BaseChatModel) -> None:
    async def collect() -> str:
        return "".join([chunk.text async for chunk in chat.astream(MESSAGES)])

    assert asyncio.run(collect()) == chat.invoke(MESSAGES).text


def test_an_asynchronous_stream_blocks_nobody_and_comes_piece_by_piece(single: LocalChat) -> None:
    memory = cast("ScriptedMemory", cast("Engine", single.engine)._memory)
    memory.gate = gate = threading.Event()

    async def collect() -> list[BaseMessage]:
        chunks: list[BaseMessage] = []

        async def read() -> None:
            chunks.extend([chunk async for chunk in single.astream(MESSAGES)])

        reading = asyncio.create_task(read())
        await asyncio.sleep(0.05)  # the loop runs while the model does not
        assert not reading.done()
        gate.set()
        await asyncio.wait_for(reading, 20)
        return chunks

    chunks = asyncio.run(collect())
    assert text_of(chunks) == ANSWER
    assert len([chunk for chunk in chunks if chunk.content]) > 5


class Halt(threading.Event):
    """A gate that lets so many steps pass and is shut then, so that no answer ends before it is left."""

    def __init__(self, *, after: int) -> None:
        super().__init__()
        self._after = after

    def wait(self, timeout: float | None = None) -> bool:
        self._after -= 1
        return self._after >= 0 or super().wait(timeout)


@pytest.mark.parametrize("how", ["close", "cancel"])
def test_leaving_an_asynchronous_stream_ends_decoding(how: str) -> None:
    memory = ScriptedMemory(slots=1, slot_tokens=5000, answer="word " * 900)

    async def leave(chat: LocalChat) -> None:
        stream = chat.astream(MESSAGES, max_tokens=4500)
        if how == "close":
            memory.gate = Halt(after=50)
            while not (await anext(stream)).content:
                pass
            await stream.aclose()  # type: ignore[attr-defined]
        else:
            memory.gate = Halt(after=0)
            reading = asyncio.ensure_future(anext(stream))
            await asyncio.to_thread(wait_until, lambda: not idle(chat.engine))
            reading.cancel()
            await asyncio.wait([reading])

    for chat in local(memory):
        asyncio.run(leave(chat))
        wait_until(partial(idle, chat.engine))
        assert chat.engine.describe().counters["cancelled"] == 1


def idle(engine: Engine | IsolatedEngine) -> bool:
    return engine.describe().running == 0


def wait_until(true: Callable[[], object]) -> None:
    deadline = time.monotonic() + 60
    while not true():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.002)


def test_closing_the_stream_ends_decoding() -> None:
    memory = ScriptedMemory(slots=1, slot_tokens=5000, answer="word " * 900)
    memory.gate = Halt(after=50)
    for chat in local(memory):
        stream = chat.stream(MESSAGES, max_tokens=4500)
        while not next(stream).content:
            pass
        stream.close()  # type: ignore[attr-defined]
        wait_until(partial(idle, chat.engine))
        assert chat.engine.describe().counters["cancelled"] == 1


@pytest.mark.weights
def test_closing_the_stream_of_the_real_model_ends_decoding(small: Engine) -> None:
    chat = LocalChat(engine=small, max_tokens=500)
    cancelled = small.describe().counters["cancelled"]
    stream = chat.stream([HumanMessage(content="Count from one to five hundred in words.")])
    while not next(stream).content:
        pass
    stream.close()  # type: ignore[attr-defined]
    wait_until(lambda: small.describe().running == 0)
    written = small.describe().counters["written_tokens"]
    assert small.describe().counters["cancelled"] == cancelled + 1
    time.sleep(0.3)
    assert small.describe().counters["written_tokens"] == written


def test_while_nothing_happens_progress_is_repeated() -> None:
    memory = ScriptedMemory(answer=ANSWER)
    memory.gate = threading.Event()
    for chat in local(memory):
        stream = chat.stream(MESSAGES)
        beats = [next(stream).additional_kwargs["progress"] for _ in range(3)]
        assert beats[1] == beats[2] == {"stage": "reading", "done": 0, "total": beats[1]["total"]}
        memory.gate.set()
        assert text_of(list(stream)) == ANSWER


@pytest.fixture
def single() -> Iterator[LocalChat]:
    """One slot, on a scripted context."""
    yield from local(ScriptedMemory(slots=1, answer=ANSWER))


def test_who_waits_is_told_for_how_long_once_an_answer_has_shown_it(single: LocalChat) -> None:
    memory = cast("ScriptedMemory", cast("Engine", single.engine)._memory)
    single.invoke(MESSAGES)
    memory.gate = threading.Event()
    first, second = single.stream(MESSAGES), single.stream(MESSAGES)
    next(first)
    wait_until(lambda: single.engine.describe().running)
    next(second)
    memory.gate.set()
    assert text_of(list(first)) == ANSWER
    told = [chunk.additional_kwargs["progress"] for chunk in second if "progress" in chunk.additional_kwargs]
    waited = [Progress(**progress) for progress in told if progress["stage"] == "waiting" and progress["done"]]
    assert waited
    assert all(progress.seconds is not None and progress.seconds >= 0 for progress in waited)


def test_priority_and_deadline_reach_the_engine(single: LocalChat) -> None:
    with patch.object(single.engine, "submit", wraps=single.engine.submit) as submit:
        single.invoke(MESSAGES, priority="background", deadline=60.0)
    assert submit.call_args.kwargs["priority"] == "background"
    assert submit.call_args.kwargs["deadline"] == 60.0
    with pytest.raises(InvalidRequestError, match="some seconds ahead"):
        single.invoke(MESSAGES, deadline=-1.0)


def test_what_stands_before_a_message_said_once_is_lasting(single: LocalChat) -> None:
    with patch.object(single.engine, "submit", wraps=single.engine.submit) as submit:
        single.invoke([MESSAGES[0], HumanMessage("Many passages.", additional_kwargs={"once": True})])
        single.invoke(MESSAGES)
    once, repeated = submit.call_args_list
    before = single.engine.tokenize("<end>system: You are brief. <end>user: ", special=True)
    assert list(once.args[0][: once.kwargs["lasting"]]) == [single.engine.model.begin, *before]
    assert repeated.kwargs["lasting"] is None


def test_messages_and_answers_of_earlier_turns_are_reused() -> None:
    for chat in local(ScriptedMemory(slots=1, answer="yes")):
        chat.invoke([HumanMessage(content="So")])
        turns = [HumanMessage(content="So"), AIMessage(content="yes"), HumanMessage(content="Why")]
        usage = chat.invoke(turns).usage_metadata
        assert usage is not None
        assert usage["input_token_details"]["cache_read"] > 0


def test_what_the_model_cannot_do_is_said() -> None:
    for chat in local(ScriptedMemory()):
        with pytest.raises(InvalidRequestError, match="does not know the option 'tools'"):
            chat.invoke(MESSAGES, tools=[])
        with pytest.raises(InvalidRequestError, match="messages of the kind 'tool'"):
            chat.invoke([ToolMessage(content="x", tool_call_id="1")])
        with pytest.raises(InvalidRequestError, match="temperature must be between 0 and 2"):
            chat.invoke(MESSAGES, temperature=-3.0)
        with pytest.raises(PromptTooLongError):
            chat.invoke([HumanMessage(content="x" * 10_000)])


@pytest.mark.weights
def test_a_lone_surrogate_does_not_break_the_prompt(small: Engine) -> None:
    assert small.tokenize("a\ud800b") == small.tokenize("a?b")


def test_an_error_of_the_engine_reaches_the_caller() -> None:
    memory = ScriptedMemory()
    memory.fails = ModelError("The card fell out.")
    for chat in local(memory):
        with pytest.raises(ModelError, match="The card fell out"):
            list(chat.stream(MESSAGES))


@pytest.mark.weights
def test_marker_tokens_in_a_message_are_only_text(small: Engine) -> None:
    chat = LocalChat(engine=small)
    end = small.tokenize("<|im_end|>", special=True)
    assert len(end) == 1
    prompt = chat.prompt_tokens([HumanMessage(content="a<|im_end|>b")])
    plain = chat.prompt_tokens([HumanMessage(content="ab")])
    assert prompt.count(end[0]) == plain.count(end[0])


def test_chunks_of_a_stream_can_be_added() -> None:
    for chat in local(ScriptedMemory(answer=ANSWER)):
        total: AIMessageChunk | None = None
        for chunk in chat.stream(MESSAGES):
            total = chunk if total is None else total + chunk
        assert total is not None
        assert total.text == ANSWER


def test_estimates_of_the_wait_that_change_do_not_break_the_end_of_a_stream() -> None:
    chunks = [_message(Waiting(2, 2, 7.4)), _message(Waiting(1, 2, 3.2)), _message(Text("Paris"))]
    whole = sum(chunks[1:], start=chunks[0])  # as LangChain does when a stream ends
    assert whole.text == "Paris"
