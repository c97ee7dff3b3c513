"""The local socket: how a command reaches the process that owns the data directory.

Carries named commands with plain arguments one way and JSON items back; knows no command. Only the person who owns
the data directory can read where the socket is and the key both ends must prove to have. Nothing is ever unpickled.
"""

import contextlib
import json
import logging
import os
import secrets
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client, Connection, Listener, answer_challenge, deliver_challenge
from pathlib import Path
from typing import Any

from app.errors import AppError, explain, status_of, where

log = logging.getLogger(__name__)

Item = dict[str, Any]
"""What a command yields: a JSON object with a "kind"."""
Run = Callable[[str, dict[str, Any], threading.Event], Iterator[Item]]
"""Name, arguments and the event that asks it to stop -> the command's items."""

MESSAGE_BYTES = 64 * 2**20
"""More than any file of questions we know; a bound, so that a faulty client cannot fill the memory."""
UNIX_PATH_BYTES = 100
"""Linux allows 107 and macOS 103 for the path of a socket."""
END_SECONDS = 10.0
"""How long the end of the server waits for commands to stop; an answer needs less than a second for it."""
LOOK_SECONDS = 0.2
"""How often a waiting client looks whether it was asked to stop."""


class NoServerError(AppError):
    """No running Inhouse answers for this data directory. Start it with `inhouse serve`."""

    status = 503


class ServerEndedError(AppError):
    """The running Inhouse ended before it had finished. What it had stored is kept; start it and try again."""

    status = 503


class RemoteError(AppError):
    """What went wrong in the process that ran the command; its text is the sentence from there."""

    def __init__(self, sentence: str, status: int) -> None:
        """Keep the sentence and the status of the original error."""
        super().__init__(sentence)
        self.status = status


@contextlib.contextmanager
def listening(home: Path, run: Run) -> Iterator[None]:
    """Answer commands on the local socket of `home` while the block runs. The caller owns the data directory.

    At the end of the block the commands that are still being run are asked to stop, and waited for.
    """
    folder = home / "run"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    key = secrets.token_bytes(32)
    calls, ended = _Calls(), threading.Event()
    listener = _listen(folder)
    try:
        _announce(folder / "server.json", {"address": listener.address, "key": key.hex(), "process": os.getpid()})
        accept = (listener, key, run, calls, ended)
        threading.Thread(target=_accept, args=accept, name="local-socket", daemon=True).start()
        yield
    finally:
        ended.set()
        (folder / "server.json").unlink(missing_ok=True)
        listener.close()
        calls.end()


class _Calls:
    """The commands that are being run for clients."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._stops: set[threading.Event] = set()

    @contextlib.contextmanager
    def running(self) -> Iterator[threading.Event]:
        """Hold the event that asks a command to stop, while it runs."""
        stop = threading.Event()
        with self._changed:
            self._stops.add(stop)
        try:
            yield stop
        finally:
            with self._changed:
                self._stops.discard(stop)
                self._changed.notify_all()

    def end(self) -> None:
        """Ask every command to stop, and wait until they have."""
        with self._changed:
            for stop in self._stops:
                stop.set()
            self._changed.wait_for(lambda: not self._stops, END_SECONDS)


def call(home: Path, name: str, arguments: dict[str, Any], stop: threading.Event) -> Iterator[Item]:
    """Send a command to the process that owns `home` and return its items as they come.

    Once `stop` is set the command is asked to stop; what it still yields is passed on.

    Raises:
        NoServerError: nothing answers there; raised by the call itself, before any item.
        ServerEndedError: it went away before the end.
        RemoteError: the command failed, with its sentence.
    """
    connection = _connect(home / "run" / "server.json")
    return _exchange(connection, {"command": name, "arguments": arguments}, stop)


def _exchange(connection: Connection, request: Item, stop: threading.Event) -> Iterator[Item]:
    with contextlib.closing(connection):
        try:
            _send(connection, request)
            yield from _items(connection, stop)
        except (EOFError, OSError) as error:
            raise ServerEndedError from error


def _items(connection: Connection, stop: threading.Event) -> Iterator[Item]:
    asked_to_stop = False
    while True:
        if stop.is_set() and not asked_to_stop:
            _send(connection, {"stop": True})
            asked_to_stop = True
        if not connection.poll(LOOK_SECONDS):
            continue
        item: Item = json.loads(connection.recv_bytes(MESSAGE_BYTES))
        if item["kind"] == "end":
            return
        if item["kind"] == "error":
            raise RemoteError(item["message"], item["status"])
        yield item


def _connect(announcement: Path) -> Connection:
    try:
        told = json.loads(announcement.read_text(encoding="utf-8"))
        address = tuple(told["address"]) if isinstance(told["address"], list) else told["address"]
        return Client(address, authkey=bytes.fromhex(told["key"]))
    except (OSError, EOFError, ValueError, KeyError, TypeError, AuthenticationError) as error:
        raise NoServerError from error


def _listen(folder: Path) -> Listener:
    if sys.platform == "win32":
        return Listener(family="AF_PIPE")
    path = folder / "socket"
    if len(os.fsencode(path)) <= UNIX_PATH_BYTES:
        path.unlink(missing_ok=True)  # left by a process that was killed; we own the directory, so nobody listens there
        return Listener(str(path), family="AF_UNIX")
    return Listener(("127.0.0.1", 0), family="AF_INET")


def _announce(path: Path, content: dict[str, Any]) -> None:
    """Write the file whole and readable by its owner alone, so that a client never reads half of it."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".server-")
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(content, file)
    Path(name).replace(path)


def _accept(listener: Listener, key: bytes, run: Run, calls: _Calls, ended: threading.Event) -> None:
    while not ended.is_set():
        try:
            connection = listener.accept()
        except OSError:  # closed, for the product ends, or for a moment too many files are open
            ended.wait(LOOK_SECONDS)
            continue
        answer = (connection, key, run, calls)
        threading.Thread(target=_answer, args=answer, name="local-command", daemon=True).start()


def _answer(connection: Connection, key: bytes, run: Run, calls: _Calls) -> None:
    """Serve one client to its end. The challenge is put here, so that a silent client holds up nobody else."""
    with contextlib.closing(connection):
        try:
            deliver_challenge(connection, key)
            answer_challenge(connection, key)
            request = json.loads(connection.recv_bytes(MESSAGE_BYTES))
            with calls.running() as stop:
                _pass_on(connection, run(str(request["command"]), dict(request["arguments"]), stop), stop)
        except (AuthenticationError, EOFError, OSError, ValueError, KeyError, TypeError) as error:
            log.warning("a local client was turned away: %s", type(error).__name__)


def _pass_on(connection: Connection, items: Iterator[Item], stop: threading.Event) -> None:
    """Send a command's items; when the client asks or has gone, stop the command and let it end properly."""
    try:
        for item in items:
            _deliver(connection, item, stop)
            if not stop.is_set() and connection.poll(0):
                stop.set()
        _deliver(connection, {"kind": "end"}, stop)
    except Exception as error:  # noqa: BLE001  the door: whatever a command raises becomes a sentence
        log.warning("a local command failed: %s at %s", type(error).__name__, where(error))
        _deliver(connection, {"kind": "error", "message": explain(error), "status": status_of(error)}, stop)


def _deliver(connection: Connection, item: Item, stop: threading.Event) -> None:
    try:
        _send(connection, item)
    except OSError:  # the client has gone
        stop.set()


def _send(connection: Connection, message: Item) -> None:
    connection.send_bytes(json.dumps(message, ensure_ascii=False).encode())
