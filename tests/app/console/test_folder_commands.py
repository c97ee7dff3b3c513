"""Watched folders by command: how often, pause, go on, and a look right now, beside a server or without one."""

import argparse
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app import cli, commands
from app.answers import LOCAL_ACTOR
from app.console import folder_actions
from app.library.watching import FolderRefusedError
from app.product import Product
from app.store.errors import NotFoundError
from tests.fakes import ScriptedChat
from tests.served import doors_of, light_product


@pytest.fixture(name="product")
def _product(tmp_path: Path) -> Iterator[Product]:
    with light_product(tmp_path / "home", ScriptedChat()) as opened:
        opened.collections.create(LOCAL_ACTOR, "Rules")
        yield opened


@pytest.fixture(name="folder")
def _folder(tmp_path: Path, product: Product) -> Path:
    folder = tmp_path / "rules"
    folder.mkdir()
    (folder / "a.md").write_text("# A\n\nEverybody may ask for a desk.")
    run(product, "folders add", folder=folder, minutes=60)
    return folder


def items(product: Product, command: str, /, folder: Path, **arguments: Any) -> list[dict[str, Any]]:
    arguments |= {"folder": str(folder), "collection": "Rules"}
    return list(commands.run(product, command, arguments, threading.Event()))


def run(product: Product, command: str, /, folder: Path, **arguments: Any) -> dict[str, Any]:
    """Run a command and return its result."""
    (value,) = (item["value"] for item in items(product, command, folder, **arguments) if item["kind"] == "result")
    return dict(value)


def listed(product: Product) -> dict[str, Any]:
    (result,) = commands.run(product, "folders list", {}, threading.Event())
    (watched,) = result["value"]["folders"]
    return dict(watched)


def names(product: Product) -> list[str]:
    return [
        one.name for one in product.chunks.documents(product.collections.by_name(LOCAL_ACTOR, "Rules").collection_id)
    ]


def test_paused_folder_is_looked_at_no_more_until_it_goes_on(product: Product, folder: Path) -> None:
    assert "is paused" in run(product, "folders change", folder, paused=True)["sentence"]
    assert listed(product)["paused"]
    assert product.watching.look_once() == 0
    assert "every 60 minutes" in run(product, "folders change", folder, paused=False)["sentence"]
    assert product.watching.look_once() == 1
    assert names(product) == ["rules/a.md"]


def test_minutes_are_changed_within_the_bounds(product: Product, folder: Path) -> None:
    assert run(product, "folders change", folder, minutes=30)["minutes"] == 30
    assert (listed(product)["minutes"], listed(product)["paused"]) == (30, False)
    with pytest.raises(FolderRefusedError, match="every 5 minutes"):
        run(product, "folders change", folder, minutes=4)
    assert listed(product)["minutes"] == 30


def test_without_a_server_a_folder_is_looked_at_by_the_command(product: Product, folder: Path) -> None:
    run(product, "folders change", folder, paused=True)
    *steps, result = items(product, "folders run", folder)
    assert [step["total"] for step in steps if step["kind"] == "progress"]
    assert result["value"]["documents"]["added"] == 1
    assert result["value"]["sentence"] == f"{folder}: 1 added."
    assert names(product) == ["rules/a.md"]
    assert listed(product)["last_result"]["documents"]["added"] == 1
    assert product.watching.running is None


def test_a_look_that_is_stopped_notes_nothing_and_goes_on_the_next_time(product: Product, folder: Path) -> None:
    stop = threading.Event()
    arguments = {"folder": str(folder), "collection": "Rules"}
    for item in commands.run(product, "folders run", arguments, stop):
        assert item["kind"] == "progress"
        stop.set()
    assert listed(product)["last_run"] is None
    assert (listed(product)["running"], names(product)) == (None, [])
    assert run(product, "folders run", folder)["documents"]["added"] == 1


def test_a_folder_that_vanished_fails_with_its_sentence(product: Product, folder: Path) -> None:
    run(product, "folders run", folder)
    (folder / "a.md").unlink()
    *_, noted, result = items(product, "folders run", folder)
    assert "holds no files" in noted["text"]
    assert result["failed"]
    assert names(product) == ["rules/a.md"]


def test_beside_a_server_its_thread_is_asked_to_look(product: Product, folder: Path) -> None:
    run(product, "folders change", folder, paused=True)
    product.watching.start()
    try:
        assert "looked at now" in run(product, "folders run", folder)["sentence"]
        end = time.monotonic() + 30
        while not listed(product)["last_run"]:
            assert time.monotonic() < end
            time.sleep(0.02)
    finally:
        product.watching.close()
    assert names(product) == ["rules/a.md"]


def test_list_tells_what_the_api_tells(product: Product, folder: Path) -> None:
    run(product, "folders run", folder)
    collection_id = product.collections.by_name(LOCAL_ACTOR, "Rules").collection_id
    (over_http,) = doors_of(product, ScriptedChat()).browser().get(f"/api/collections/{collection_id}/folders").json()
    assert listed(product) == {"collection": "Rules"} | over_http


@pytest.mark.parametrize("command", ["folders change", "folders run", "folders remove"])
def test_folder_that_is_not_watched_is_told(product: Product, folder: Path, command: str) -> None:
    with pytest.raises(NotFoundError, match="does not watch"):
        run(product, command, folder / "deeper")


def test_what_was_changed_stands_in_the_audit_log(product: Product, folder: Path) -> None:
    run(product, "folders change", folder, paused=True)
    run(product, "folders run", folder)
    assert [row.action for row in product.audit.rows(limit=2)] == ["folder watched"] * 2


@pytest.mark.parametrize(
    ("typed", "command", "given"),
    [
        (["pause"], "folders change", {"paused": True}),
        (["resume"], "folders change", {"paused": False}),
        (["edit", "--minutes", "30"], "folders change", {"minutes": 30}),
        (["run"], "folders run", {}),
        (["remove"], "folders remove", {}),
    ],
)
def test_what_is_typed_is_the_command(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, typed: list[str], command: str, given: dict[str, Any]
) -> None:
    asked: list[tuple[str, dict[str, Any]]] = []

    def invoke(_options: argparse.Namespace, name: str, /, **arguments: Any) -> int:
        asked.append((name, arguments))
        return 0

    monkeypatch.setattr(folder_actions, "invoke", invoke)
    assert cli.main(["folders", *typed, str(tmp_path), "--collection", "Rules"]) == 0
    assert asked == [(command, given | {"folder": str(tmp_path), "collection": "Rules"})]
