"""One question to one OpenAI-compatible server over HTTP: send it, yield the answer's events, end it from any thread.

Plain `http.client`: its socket can be shut down while another thread waits for it, so Stop reaches the server at once.
Proxies of the environment are not used. Knows no other server and no LangChain.
"""

import json
import socket
from collections.abc import Iterator
from contextlib import closing, suppress
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from typing import Any
from urllib.parse import urlsplit

from models.errors import EngineBusyError, InvalidRequestError, ServerFailedError
from models.generation import Finished, Reason, Text

CONNECT_SECONDS = 5.0
PAUSE_SECONDS = 60.0
"""So long a server may be silent in the middle of an answer."""
LINE_BYTES = 1_000_000
SENTENCE_CHARACTERS = 300
"""Of a server's complaint that are shown."""
OK, BUSY, SERVER_ERRORS = 200, 429, 500
REASONS: dict[str, Reason] = {"stop": "stop", "length": "length"}


class Exchange:
    """A question and its answer; `close` may be called from any thread, everything else from one."""

    def __init__(self, url: str, *, key: str, first_word_seconds: float) -> None:
        """Be ready to ask; nothing is opened.

        Args:
            url: the server's base URL, up to and with `/v1`.
            key: the bearer token, "" for none.
            first_word_seconds: how long it may take to begin its answer.
        """
        parts = urlsplit(url)
        kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        self._connection = kind(parts.hostname or "", parts.port, timeout=CONNECT_SECONDS)
        self._path = parts.path
        self._headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {key}"} if key else {})
        self._first_word_seconds = first_word_seconds
        self._socket: socket.socket | None = None
        """The connection's own, kept here: where a server says that it closes, http.client lets go of it."""
        self._closed = False

    def close(self) -> None:
        """End the exchange at once; whoever reads it gets a ServerFailedError."""
        self._closed = True
        if self._socket:
            with suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)

    def alive(self) -> bool:
        """Whether the server names its models."""
        try:
            with closing(self._connection), closing(self._send("GET", "/models")) as response:
                return response.status == OK
        except (OSError, HTTPException, ValueError):  # the last for a name that cannot be looked up
            return False

    def answer(self, body: dict[str, Any]) -> Iterator[Text | Finished]:
        """Ask, and yield the pieces of the answer and last how it ended.

        Raises:
            ServerFailedError: the server cannot be reached, failed, or broke off.
            EngineBusyError: it has too much to do.
            InvalidRequestError: it refused the question, with its own sentence.
        """
        try:
            asked = json.dumps(body).encode()
            with closing(self._connection), closing(self._send("POST", "/chat/completions", asked)) as response:
                _refuse(response)
                yield from _events(self._lines(response))
        except (OSError, HTTPException, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise ServerFailedError from error

    def _send(self, method: str, path: str, body: bytes | None = None) -> HTTPResponse:
        self._connection.connect()
        self._socket = self._connection.sock
        self._wait(self._first_word_seconds)
        if self._closed:  # it was closed before there was anything to shut down
            raise ConnectionAbortedError
        self._connection.request(method, self._path + path, body, self._headers)
        return self._connection.getresponse()

    def _wait(self, seconds: float) -> None:
        """Wait so long for the next bytes."""
        if self._socket:
            self._socket.settimeout(seconds)

    def _lines(self, response: HTTPResponse) -> Iterator[bytes]:
        while line := response.readline(LINE_BYTES):
            self._wait(PAUSE_SECONDS)
            yield line


def _refuse(response: HTTPResponse) -> None:
    """Raise what a status other than 200 means."""
    if response.status == OK:
        return
    if response.status == BUSY:
        raise EngineBusyError
    if response.status >= SERVER_ERRORS:
        raise ServerFailedError
    raise InvalidRequestError(f"The model server refused the question: {_complaint(response.read(LINE_BYTES))}")


def _complaint(body: bytes) -> str:
    """Return the sentence of an error in OpenAI's form, or in none."""
    try:
        error = json.loads(body)["error"]
        sentence = str(error["message"] if isinstance(error, dict) else error)
    except (ValueError, KeyError, TypeError, RecursionError):
        sentence = body.decode("utf-8", "replace")
    shown = "".join(letter if letter.isprintable() else " " for letter in sentence)
    return shown[:SENTENCE_CHARACTERS].strip() or "it does not say why."


def _events(lines: Iterator[bytes]) -> Iterator[Text | Finished]:
    """Yield the events that the lines of a stream carry.

    Raises:
        ServerFailedError: the stream ends before the answer does.
    """
    reason: Reason | None = None
    usage: dict[str, Any] = {}
    pieces = 0
    for value in _values(lines):
        usage = value.get("usage") or usage
        for choice in value.get("choices", ()):
            if text := choice.get("delta", {}).get("content"):
                pieces += 1
                yield Text(str(text))
            if ended := choice.get("finish_reason"):
                reason = REASONS.get(ended, "stop")
    if reason is None:
        raise ServerFailedError
    cached = (usage.get("prompt_tokens_details") or {}).get("cached_tokens") or 0
    yield Finished(
        reason=reason,
        prompt_tokens=int(usage.get("prompt_tokens", 0)),
        completion_tokens=int(usage.get("completion_tokens", pieces)),
        cached_tokens=int(cached),
    )


def _values(lines: Iterator[bytes]) -> Iterator[dict[str, Any]]:
    """Yield what the events of a stream carry, until it says that it is done."""
    for line in lines:
        data = line.removeprefix(b"data:").strip()
        if data == b"[DONE]":
            return
        if data and line.startswith(b"data:"):
            value = json.loads(data)
            if "error" in value:
                raise ServerFailedError
            yield value
