"""Chat over model servers: real ones (llama.cpp's own) behind a proxy that makes every kind of fault."""

import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest
from langchain_core.messages import AIMessageChunk, HumanMessage

from app import assemble, voices
from app.answers import LOCAL_ACTOR, Answer, Question
from app.chat_model.choosing import NotSwitchedError, choose
from app.chat_model.model_servers import ask_servers
from app.settings import Settings, SettingsError
from models.errors import (
    EngineBusyError,
    InvalidRequestError,
    ModelError,
    PromptTooLongError,
    ServerFailedError,
    ServersDownError,
)
from models.remote import RemoteChat, RemoteEngine
from models.servers import FAILURES, Servers
from retrieval.sources import bytes_source
from tests.fakes import ScriptedChat
from tests.light import light_parts
from tests.models.peers import NativeServer
from tests.served import doors_of

pytestmark = pytest.mark.weights

COUNT = [HumanMessage(content="Count from one to fifty, one number a line.")]
TOO_MANY = b"HTTP/1.1 429 Too Many Requests\r\nContent-Length: 2\r\n\r\n{}"
BROKEN = b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n"
SENSELESS = b"HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\ndata: {{{{\n\n"
NOT_HTTP = b"220 mail.example ready\r\n"


class FaultProxy:
    """Stands before a server on loopback and passes bytes on until it is told to do otherwise."""

    def __init__(self, target: tuple[str, int]) -> None:
        self.target = target
        self.says: bytes | None = None
        """Answer this instead of asking the server."""
        self.silent = False
        """Accept and read, and answer nothing."""
        self.cut_after: int | None = None
        """Close the connection after so many bytes of an answer."""
        self.asked = 0
        self.keys: set[bytes] = set()
        """The credentials it was shown."""
        self.open = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}/v1"
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Refuse every further connection."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        self.open += 1
        with client, suppress(OSError):
            question = client.recv(1 << 16)
            self.asked += b"/chat/completions" in question
            self.keys |= set(re.findall(rb"Authorization: ([^\r]*)", question))
            if self.says is not None:
                client.sendall(self.says)
            elif self.silent:
                while client.recv(1 << 16):  # a question's head and body may come one after the other
                    pass
            else:
                self._pass_on(client, question)
        self.open -= 1

    def _pass_on(self, client: socket.socket, question: bytes) -> None:
        with socket.create_connection(self.target) as server:
            server.sendall(question)
            threading.Thread(target=_pump, args=(client, server), daemon=True).start()
            passed = 0
            while data := server.recv(256):
                client.sendall(data)
                passed += len(data)
                if self.cut_after is not None and passed >= self.cut_after:
                    client.shutdown(socket.SHUT_RDWR)  # closing waits for who still reads from it
                    return


def _pump(source: socket.socket, target: socket.socket) -> None:
    """Pass on what the client still sends, and its end."""
    with suppress(OSError):
        while data := source.recv(1 << 16):
            target.sendall(data)
        target.shutdown(socket.SHUT_RDWR)


@pytest.fixture(name="proxies")
def _proxies(native: NativeServer) -> Iterator[list[FaultProxy]]:
    """Two proxies before one server."""
    proxies = [FaultProxy(native.place), FaultProxy(native.place)]
    yield proxies
    for proxy in proxies:
        proxy.close()


@pytest.fixture(name="chat")
def _chat(proxies: list[FaultProxy]) -> RemoteChat:
    return RemoteChat(servers=Servers([proxy.url for proxy in proxies]), max_tokens=24, first_word_seconds=60)


def settled(proxy: FaultProxy) -> bool:
    """Whether, within seconds, nothing is connected to a proxy any more."""
    return soon(lambda: not proxy.open)


def soon(true: Callable[[], bool]) -> bool:
    """Whether something becomes true within seconds."""
    until = time.monotonic() + 20
    while not true() and time.monotonic() < until:
        time.sleep(0.02)
    return true()


@pytest.mark.parametrize("fault", [BROKEN, TOO_MANY, SENSELESS, NOT_HTTP])
def test_a_question_a_server_fails_before_the_first_word_goes_to_the_next(
    chat: RemoteChat, proxies: list[FaultProxy], fault: bytes
) -> None:
    proxies[0].says = fault
    assert "one" in chat.invoke(COUNT).text.lower() or "1" in chat.invoke(COUNT).text
    assert proxies[0].asked == 1
    assert proxies[1].asked >= 1


def test_a_server_that_is_not_there_is_passed_over(chat: RemoteChat, proxies: list[FaultProxy]) -> None:
    proxies[0].close()
    assert chat.invoke(COUNT).text


def test_a_server_that_takes_too_long_to_its_first_word_is_passed_over(
    chat: RemoteChat, proxies: list[FaultProxy]
) -> None:
    proxies[0].silent = True
    chat.first_word_seconds = 0.5
    proxies[1].says = TOO_MANY
    with pytest.raises(EngineBusyError):
        chat.invoke(COUNT)
    assert [proxy.asked for proxy in proxies] == [1, 1]


def test_an_answer_that_breaks_off_fails_and_is_not_asked_again(chat: RemoteChat, proxies: list[FaultProxy]) -> None:
    for proxy in proxies:
        proxy.cut_after = 1500
    written: list[str] = []
    with pytest.raises(ServerFailedError):
        written.extend(chunk.text for chunk in chat.stream(COUNT))
    assert "".join(written)
    assert sum(proxy.asked for proxy in proxies) == 1


def test_a_server_that_keeps_failing_is_left_alone_until_it_is_found_well(
    chat: RemoteChat, proxies: list[FaultProxy]
) -> None:
    proxies[0].says = proxies[1].says = BROKEN
    for _ in range(FAILURES):
        with pytest.raises(ServersDownError):
            chat.invoke(COUNT)
    asked = [proxy.asked for proxy in proxies]
    assert asked == [FAILURES, FAILURES]
    with pytest.raises(ServersDownError):
        chat.invoke(COUNT)
    assert [proxy.asked for proxy in proxies] == asked
    proxies[1].says = None
    with closing(RemoteEngine(chat, seconds=0.1)):
        until = time.monotonic() + 20
        while not chat.servers.working and time.monotonic() < until:
            time.sleep(0.02)
    assert chat.invoke(COUNT).text
    assert proxies[1].asked == FAILURES + 1


def test_stop_closes_the_connection(chat: RemoteChat, proxies: list[FaultProxy]) -> None:
    chat.max_tokens = 400
    stream = chat.stream(COUNT)
    assert any(chunk.text for chunk in stream)
    stream.close()  # type: ignore[attr-defined]  # a generator, which LangChain calls an iterator
    assert settled(proxies[0])
    assert soon(lambda: not any(server.busy for server in chat.servers.all))


def test_stop_reaches_a_server_that_has_not_answered_yet(chat: RemoteChat, proxies: list[FaultProxy]) -> None:
    for proxy in proxies:
        proxy.silent = True
    stream = chat.stream(COUNT)
    next(stream)
    stream.close()  # type: ignore[attr-defined]
    assert all(settled(proxy) for proxy in proxies)
    assert sum(proxy.asked for proxy in proxies) <= 1


def test_a_deadline_ends_an_answer(chat: RemoteChat) -> None:
    *_, last = chat.stream(COUNT, deadline=0.5, max_tokens=400)
    assert isinstance(last, AIMessageChunk)
    assert last.response_metadata["finish_reason"] == "deadline"


def test_what_a_server_refuses_is_its_own_sentence(chat: RemoteChat, proxies: list[FaultProxy]) -> None:
    refusal = b'{"error": {"message": "no such \\u0007 model"}}'
    proxies[0].says = b"HTTP/1.1 400 Bad Request\r\nContent-Length: %d\r\n\r\n%b" % (len(refusal), refusal)
    with pytest.raises(InvalidRequestError, match="refused the question: no such   model"):
        chat.invoke(COUNT)
    assert proxies[1].asked == 0


def test_a_prompt_that_is_too_long_is_refused_before_anybody_is_asked(
    chat: RemoteChat, proxies: list[FaultProxy]
) -> None:
    with pytest.raises(PromptTooLongError, match="4,096"):
        chat.invoke([HumanMessage(content="word " * 4000)])
    assert sum(proxy.asked for proxy in proxies) == 0


def test_usage_and_reason_are_those_of_the_server(chat: RemoteChat) -> None:
    answer = chat.invoke(COUNT, max_tokens=5)
    assert answer.response_metadata["finish_reason"] == "length"
    assert answer.usage_metadata is not None
    assert answer.usage_metadata["output_tokens"] == 5
    assert answer.usage_metadata["input_tokens"] > 10


def test_counts_are_rather_too_high_than_too_low(chat: RemoteChat) -> None:
    real = chat.invoke(COUNT, max_tokens=1).usage_metadata
    assert real is not None
    assert real["input_tokens"] <= chat.count_prompt_tokens(COUNT) + 24  # this model's template adds a system message


def test_many_questions_are_spread(chat: RemoteChat, proxies: list[FaultProxy]) -> None:
    errors: list[ModelError] = []

    def ask() -> None:
        try:
            chat.invoke(COUNT)
        except ModelError as error:
            errors.append(error)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert [proxy.asked for proxy in proxies] == [2, 2]


def test_the_product_answers_through_model_servers(
    proxies: list[FaultProxy], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(voices, "load_embedder", light_parts()["load_embedder"])
    key = tmp_path / "token"
    key.write_text("secret\n")
    settings = Settings(
        home=tmp_path / "home",
        key_source="file",
        key_file=tmp_path / "key",
        model_servers=tuple(proxy.url for proxy in proxies),
        model_server_key_file=key,
    )
    source = bytes_source("pay.md", b"# Allowances\n\nThe zeppelin allowance is 4711 pelicans a month.\n")
    with closing(assemble.assemble(settings, tell=print)) as product:
        collection = product.collections.create(LOCAL_ACTOR, "Pay").collection_id
        list(product.knowledge.learn([source], collection_id=collection))
        *_, answer = product.assistant().ask(LOCAL_ACTOR, Question(text="What is the zeppelin allowance a month?"))
        assert isinstance(answer, Answer)
        assert "4711" in answer.text
        assert [citation.document for citation in answer.citations] == ["pay.md"]
        assert "2 of 2 can be asked" in product.engine().sentence
        program = doors_of(product, ScriptedChat()).program()
        shown = program.get("/api/models/now").json()
        assert (shown["state"], shown["figures"]["slots"]) == ("ready", 2)
        assert program.get("/api/models").status_code == 200
        with pytest.raises(NotSwitchedError, match="choose the model"):
            choose(settings, product.serving, "small", pause=False, told=print)
    assert sum(proxy.asked for proxy in proxies) == 1
    assert proxies[0].keys | proxies[1].keys == {b"Bearer secret"}


def test_a_key_file_that_is_missing_is_named(tmp_path: Path) -> None:
    settings = Settings(model_servers=("http://127.0.0.1:1/v1",), model_server_key_file=tmp_path / "none")
    with pytest.raises(SettingsError, match="model_server_key_file"):
        ask_servers(settings)
