"""Commands beside a running server, its end, and whatever stands in its way."""

import json
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.answers import LOCAL_ACTOR
from tests import light
from tests.light import Served, opened
from tests.models.test_gguf import gguf

TEXT = "# Allowances\n\nThe zeppelin allowance is 4711 pelicans a month. It is paid on Fridays.\n"
QUESTION = "What is the zeppelin allowance?"


def printed(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    assert done.returncode == 0, done.stderr
    value: dict[str, Any] = json.loads(done.stdout)
    return value


@pytest.fixture(name="server", scope="module")
def _server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with Served(tmp_path_factory.mktemp("served") / "home", "--long") as server:
        yield server


@pytest.fixture(name="folder", scope="module")
def _folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("documents")
    (folder / "pay.md").write_text(TEXT)
    return folder


def test_documents_loaded_beside_the_server_are_found_beside_it(server: Served, folder: Path) -> None:
    report = printed(light.run(server.home, "ingest", str(folder), "--collection", "Pay", "--json"))
    assert report["documents"]["added"] == 1
    again = printed(light.run(server.home, "ingest", str(folder), "--collection", "Pay", "--json"))
    assert again["documents"]["unchanged"] == 1
    found = printed(light.run(server.home, "search", "zeppelin allowance", "--collection", "Pay", "--json"))
    assert found["passages"][0]["document"] == "pay.md"


def test_collections_are_managed_beside_the_server(server: Served) -> None:
    printed(light.run(server.home, "collections", "create", "Travel", "--json"))
    listed = printed(light.run(server.home, "collections", "list", "--json"))["collections"]
    assert {"Travel", "Handbook"} <= {collection["collection"] for collection in listed}
    printed(light.run(server.home, "collections", "delete", "Travel", "--json"))
    unknown = light.run(server.home, "search", "x", "--collection", "Travel")
    assert unknown.returncode == 1
    assert "Handbook" in unknown.stderr


def test_documents_are_listed_shown_and_removed_beside_the_server(server: Served, folder: Path) -> None:
    printed(light.run(server.home, "ingest", str(folder), "--collection", "Shown", "--json"))
    (listed,) = printed(light.run(server.home, "documents", "list", "Shown", "--json"))["documents"]
    shown = printed(light.run(server.home, "documents", "show", "Shown", "pay.md", "--json"))
    assert shown["document_id"] == listed["document_id"]
    assert "zeppelin allowance" in shown["indexed"][0]["text"]
    assert printed(light.run(server.home, "documents", "remove", "Shown", "pay.md", "--json"))["removed"] == 1
    assert printed(light.run(server.home, "documents", "list", "Shown", "--json"))["documents"] == []


def test_relative_paths_are_those_of_the_person_and_not_of_the_server(server: Served, folder: Path) -> None:
    done = light.run(server.home, "ingest", "pay.md", "--collection", "Relative", "--json", folder=folder)
    assert printed(done)["documents"]["added"] == 1


def test_the_model_is_switched_beside_the_server_and_remembered(server: Served, tmp_path: Path) -> None:
    other = tmp_path / "other.gguf"
    other.write_bytes(gguf())
    chosen = printed(light.run(server.home, "models", "use", str(other), "--json"))
    assert chosen["model"] == str(other)
    assert "answers now" in chosen["sentence"]
    status, told = server.request("GET", "/api/models/now")
    assert (status, json.loads(told)["model"]) == (200, str(other))
    assert str(other) in (server.home / "inhouse.toml").read_text()
    missing = light.run(server.home, "models", "use", "nobody")
    assert (missing.returncode, missing.stdout) == (1, "")
    assert "There is no model called nobody" in missing.stderr


def test_ctrl_c_at_the_client_ends_the_answer_in_the_server(server: Served, folder: Path) -> None:
    light.run(server.home, "ingest", str(folder), "--collection", "Pay")
    asking = light.start(server.home, "--long", "ask", QUESTION, "--collection", "Pay")
    assert asking.stdout.read(20)
    asking.send_signal(signal.SIGINT)
    done = asking.finish()
    assert done.returncode == 1
    assert done.stderr.strip().endswith("Stopped. What was finished before is kept.")
    assert len(done.stdout.split()) < 2000
    assert server.request("GET", "/readyz")[0] == 200


def test_a_second_server_is_refused_with_a_sentence(server: Served) -> None:
    second = light.run(server.home, "serve", "--port", "0")
    assert second.returncode == 1
    assert str(server.process.pid) in second.stderr
    assert "Traceback" not in second.stderr


def test_a_port_in_use_is_a_sentence(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        refused = light.run(tmp_path / "home", "serve", "--port", port)
    assert refused.returncode == 1
    assert port in refused.stderr.splitlines()[-1]


@pytest.mark.parametrize("host", ["0.0.0.0", "example.org"])  # noqa: S104
def test_a_host_that_is_not_this_machine_is_refused(tmp_path: Path, host: str) -> None:
    refused = light.run(tmp_path / "home", "serve", "--host", host, "--port", "0")
    assert refused.returncode == 1
    assert "this machine only" in refused.stderr.splitlines()[-1]


def test_a_server_that_is_killed_leaves_a_directory_that_commands_and_servers_can_use(
    tmp_path: Path, folder: Path
) -> None:
    home = tmp_path / "home"
    with Served(home) as killed:
        printed(light.run(home, "ingest", str(folder), "--collection", "Pay", "--json"))
        killed.kill()
    assert (home / "run" / "server.json").exists()
    found = printed(light.run(home, "search", "zeppelin allowance", "--collection", "Pay", "--json"))
    assert found["passages"]
    with Served(home) as next_one:
        assert printed(light.run(home, "search", "zeppelin", "--collection", "Pay", "--json"))["passages"]
        assert next_one.end() == 0
    assert not (home / "run" / "server.json").exists()


def test_sigterm_in_the_middle_of_an_answer_stores_what_was_written(tmp_path: Path, folder: Path) -> None:
    home = tmp_path / "home"
    with opened(home) as product:
        conversation = product.history.start(LOCAL_ACTOR).conversation_id
    with Served(home, "--long") as server:
        light.run(home, "ingest", str(folder), "--collection", "Pay")
        asking = light.start(home, "ask", QUESTION, "--conversation", conversation)
        assert asking.stdout.read(20)
        assert server.end() == 0
        done = asking.finish()
    assert "Traceback" not in done.stderr
    with opened(home) as product:
        (turn,) = product.history.turns(LOCAL_ACTOR, conversation)
    assert turn.question == QUESTION
    assert turn.state == "stopped"
    assert turn.written.startswith(light.ANSWER[:20])
