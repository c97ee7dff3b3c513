"""One question to a model server that does what some servers do; no model and no engine."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from models.errors import InvalidRequestError, ServerFailedError
from models.exchange import Exchange
from models.generation import Finished, Text

PIECE = b'data: {"choices":[{"delta":{"content":"one"}}]}\n\n'
END = b'data: {"choices":[{"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n'
CLOSES = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"
OLD = b"HTTP/1.0 200 OK\r\n\r\n"
NESTED = b"[" * 200_000


class Server:
    """Says something to whoever asks; notices when the other side goes away."""

    def __init__(self, says: bytes) -> None:
        self.says = says
        self.left = threading.Event()
        """Whether the one who asked has gone."""
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}/v1"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        client, _ = self._listener.accept()
        with client:
            asked = b""
            while not asked.endswith(b"{}"):
                asked += client.recv(1 << 16)
            client.sendall(self.says)
            if self.says.endswith(PIECE):
                client.recv(1)
                self.left.set()

    def close(self) -> None:
        """Listen no more."""
        self._listener.close()


@contextmanager
def asked(says: bytes) -> Iterator[tuple[Server, Exchange]]:
    """A server, and an exchange with it that waits for a minute."""
    server = Server(says)
    try:
        yield server, Exchange(server.url, key="", first_word_seconds=60)
    finally:
        server.close()


@pytest.mark.parametrize("head", [CLOSES, OLD])
def test_close_ends_an_answer_of_a_server_that_closes_its_connections(head: bytes) -> None:
    with asked(head + PIECE) as (server, exchange):
        answer = exchange.answer({})
        assert next(answer) == Text("one")
        exchange.close()
        assert server.left.wait(20)
        with pytest.raises(ServerFailedError):
            next(answer)


@pytest.mark.parametrize("head", [CLOSES, OLD])
def test_an_answer_of_a_server_that_closes_its_connections_is_read_to_its_end(head: bytes) -> None:
    with asked(head + PIECE + END) as (_, exchange):
        events = list(exchange.answer({}))
    assert events == [Text("one"), Finished(reason="stop", prompt_tokens=0, completion_tokens=1)]


def test_an_event_nested_too_deeply_is_a_servers_failure() -> None:
    with asked(CLOSES + b"data: " + NESTED + b"\n\n") as (_, exchange), pytest.raises(ServerFailedError):
        list(exchange.answer({}))


def test_a_complaint_nested_too_deeply_is_told_as_it_is_written() -> None:
    refusal = b"HTTP/1.1 422 No\r\nConnection: close\r\n\r\n" + NESTED
    with asked(refusal) as (_, exchange), pytest.raises(InvalidRequestError, match=r"\[\[\["):
        list(exchange.answer({}))


def test_a_server_whose_name_cannot_be_looked_up_is_not_alive() -> None:
    assert not Exchange("https://models..example/v1", key="", first_word_seconds=1).alive()
