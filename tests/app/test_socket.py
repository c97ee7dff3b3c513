"""The local socket carries commands to the owner of the data directory, and to nobody else."""

import errno
import json
import os
import stat
import threading
import time
from collections.abc import Iterator
from multiprocessing.connection import Client, Listener
from pathlib import Path
from typing import Any

import pytest

from app import socket
from app.errors import AppError
from app.socket import Item, NoServerError, RemoteError, ServerEndedError, call, listening


class QuotaError(AppError):
    """The disk is full. Make room and try again."""

    status = 507


class Commands:
    """Stands in for the product: what was called, and whether it was asked to stop."""

    def __init__(self) -> None:
        self.stopped = threading.Event()
        self.ended = threading.Event()

    def run(self, name: str, arguments: dict[str, Any], stop: threading.Event) -> Iterator[Item]:
        if name == "fail":
            raise QuotaError
        if name == "break":
            raise RuntimeError(arguments["secret"])
        if name == "long":
            yield from self._until_stopped(stop)
        else:
            yield {"kind": "result", "value": {"name": name, **arguments}}

    def _until_stopped(self, stop: threading.Event) -> Iterator[Item]:
        for done in range(1000):
            yield {"kind": "progress", "done": done}
            if stop.wait(0.02):
                self.stopped.set()
                break
        self.ended.set()


def collect(home: Path, name: str, **arguments: object) -> list[Item]:
    return list(call(home, name, arguments, threading.Event()))


def test_items_come_back_in_order_and_unchanged(tmp_path: Path) -> None:
    with listening(tmp_path, Commands().run):
        assert collect(tmp_path, "echo", text="Grüße \u2028 😀") == [
            {"kind": "result", "value": {"name": "echo", "text": "Grüße \u2028 😀"}}
        ]


def test_the_sentence_and_status_of_a_failure_come_back(tmp_path: Path) -> None:
    with listening(tmp_path, Commands().run), pytest.raises(RemoteError, match="The disk is full") as raised:
        collect(tmp_path, "fail")
    assert raised.value.status == 507


def test_a_fault_of_ours_tells_its_kind_and_not_its_text(tmp_path: Path) -> None:
    with listening(tmp_path, Commands().run), pytest.raises(RemoteError, match="RuntimeError") as raised:
        collect(tmp_path, "break", secret="salaries")
    assert "salaries" not in str(raised.value)


def test_a_client_that_stops_stops_the_command_and_gets_its_last_items(tmp_path: Path) -> None:
    commands, stop = Commands(), threading.Event()
    with listening(tmp_path, commands.run):
        items = []
        for item in call(tmp_path, "long", {}, stop):
            items.append(item)
            stop.set()
    assert commands.stopped.is_set()
    assert len(items) < 500


def test_a_client_that_goes_away_stops_the_command(tmp_path: Path) -> None:
    commands = Commands()
    with listening(tmp_path, commands.run):
        items = call(tmp_path, "long", {}, threading.Event())
        next(items)
        items.close()  # type: ignore[attr-defined]  # a generator, as every command is
        assert commands.ended.wait(60)
    assert commands.stopped.is_set()


def test_the_end_of_the_server_stops_its_commands_and_waits_for_them(tmp_path: Path) -> None:
    commands = Commands()
    with listening(tmp_path, commands.run):
        items = call(tmp_path, "long", {}, threading.Event())
        next(items)
    assert commands.ended.is_set()
    assert commands.stopped.is_set()
    assert len(list(items)) < 500


def test_clients_are_served_at_the_same_time(tmp_path: Path) -> None:
    with listening(tmp_path, Commands().run):
        first = call(tmp_path, "long", {}, threading.Event())
        next(first)
        assert collect(tmp_path, "echo")
        first.close()  # type: ignore[attr-defined]


def test_a_wrong_key_is_turned_away_and_the_next_client_served(tmp_path: Path) -> None:
    with listening(tmp_path, Commands().run):
        announcement = tmp_path / "run" / "server.json"
        told = json.loads(announcement.read_text())
        announcement.write_text(json.dumps(told | {"key": "00" * 32}))
        with pytest.raises(NoServerError):
            collect(tmp_path, "echo")
        announcement.write_text(json.dumps(told))
        assert collect(tmp_path, "echo")


def test_a_client_that_says_nothing_holds_up_nobody(tmp_path: Path) -> None:
    with listening(tmp_path, Commands().run):
        told = json.loads((tmp_path / "run" / "server.json").read_text())
        with Client(told["address"]):
            assert collect(tmp_path, "echo")


@pytest.mark.parametrize("request_bytes", [b"not json", b"[]", b'{"command": "echo"}', b"\x80\x04pickle"])
def test_a_malformed_request_is_turned_away(tmp_path: Path, request_bytes: bytes) -> None:
    with listening(tmp_path, Commands().run):
        told = json.loads((tmp_path / "run" / "server.json").read_text())
        with Client(told["address"], authkey=bytes.fromhex(told["key"])) as connection:
            connection.send_bytes(request_bytes)
            with pytest.raises(EOFError):
                connection.recv_bytes()
        assert collect(tmp_path, "echo")


@pytest.mark.skipif(os.name == "nt", reason="file modes")
def test_only_the_owner_can_read_where_the_socket_is(tmp_path: Path) -> None:
    with listening(tmp_path, Commands().run):
        assert stat.S_IMODE((tmp_path / "run" / "server.json").stat().st_mode) == 0o600
        assert stat.S_IMODE((tmp_path / "run").stat().st_mode) == 0o700


def test_nothing_answers_after_the_end(tmp_path: Path) -> None:
    with listening(tmp_path, Commands().run):
        pass
    with pytest.raises(NoServerError):
        collect(tmp_path, "echo")


def test_an_announcement_left_by_a_killed_process_is_recognised(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    left = {"address": str(tmp_path / "run" / "socket"), "key": "00" * 32, "process": 1}
    (tmp_path / "run" / "server.json").write_text(json.dumps(left))
    with pytest.raises(NoServerError):
        collect(tmp_path, "echo")
    with listening(tmp_path, Commands().run):
        assert collect(tmp_path, "echo")


def test_a_path_too_long_for_a_socket_file_uses_loopback(tmp_path: Path) -> None:
    home = tmp_path / ("long" * 30)
    with listening(home, Commands().run):
        address = json.loads((home / "run" / "server.json").read_text())["address"]
        assert os.name == "nt" or address[0] == "127.0.0.1"
        assert collect(home, "echo")


def test_the_end_of_the_server_is_a_sentence_for_the_waiting_client(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "_pass_on", lambda *_: time.sleep(0.05))
    with listening(tmp_path, Commands().run), pytest.raises(ServerEndedError):
        collect(tmp_path, "echo")


def test_commands_are_answered_again_after_too_many_files_were_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    accept, failed = Listener.accept, threading.Event()

    def faulty(listener: Listener) -> object:
        if not failed.is_set():
            failed.set()
            raise OSError(errno.EMFILE, "Too many open files")
        return accept(listener)

    monkeypatch.setattr(Listener, "accept", faulty)
    answered: list[Item] = []
    with listening(tmp_path, Commands().run):
        assert failed.wait(20)
        asking = threading.Thread(target=lambda: answered.extend(collect(tmp_path, "echo")), daemon=True)
        asking.start()
        asking.join(20)
    assert answered == [{"kind": "result", "value": {"name": "echo"}}]
