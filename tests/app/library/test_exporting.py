"""A collection is described, reviewed and exported: its originals and a manifest, nothing of it left on the disk."""

import errno
import io
import json
import stat
import threading
import zipfile
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from app import commands
from app.answers import LOCAL_ACTOR
from app.commands.documents import FileThereError
from app.library.exporting import export
from retrieval.sources import bytes_source
from tests.fakes import ScriptedChat
from tests.served import OFFICES, Doors, doors_of, learn, light_product

NAMED = {"name": "Handbook"}
ZEPPELIN = b"# Pay\n\nThe zeppelin allowance is 4711 pelicans."


@pytest.fixture(name="doors")
def _doors(tmp_path: Path) -> Iterator[Doors]:
    with light_product(tmp_path / "home", ScriptedChat()) as product:
        collection = learn(product)
        sources = [bytes_source("pay/z\u00e4.md", ZEPPELIN), bytes_source("broken.pdf", b"%PDF-1.7 nothing")]
        list(product.knowledge.learn(sources, collection_id=collection.collection_id))
        yield doors_of(product, ScriptedChat())


def handbook(doors: Doors) -> str:
    return doors.product.collections.by_name(LOCAL_ACTOR, "Handbook").collection_id


def test_export_holds_every_original_and_says_what_it_is(doors: Doors) -> None:
    answer = doors.browser().get(f"/api/collections/{handbook(doors)}/export")
    assert answer.headers["content-disposition"].startswith('attachment; filename="Handbook.zip"')
    package = zipfile.ZipFile(io.BytesIO(answer.content))
    assert package.testzip() is None
    assert package.read("documents/offices.md").decode() == OFFICES
    assert package.read("documents/pay/zä.md") == ZEPPELIN
    manifest = json.loads(package.read("manifest.json"))
    assert manifest["collection"]["name"] == "Handbook"
    assert {one["file"] for one in manifest["documents"]} == set(package.namelist()) - {"manifest.json"}
    assert [one["name"] for one in manifest["problems"]] == ["broken.pdf"]


def test_lost_original_is_named_and_the_rest_is_exported(doors: Doors) -> None:
    product = doors.product
    lost = next(one for one in product.chunks.documents(handbook(doors)) if one.name == "offices.md")
    product.originals.remove(lost.sha256)
    collection = product.collections.get(LOCAL_ACTOR, handbook(doors))
    parts = export(collection, chunks=product.chunks, originals=product.originals, versions=product.versions)
    package = zipfile.ZipFile(io.BytesIO(b"".join(parts)))
    told = {one["name"]: one for one in json.loads(package.read("manifest.json"))["documents"]}
    assert told["offices.md"]["missing"]
    assert "documents/pay/zä.md" in package.namelist()


def test_export_leaves_nothing_readable_behind(doors: Doors) -> None:
    doors.browser().get(f"/api/collections/{handbook(doors)}/export")
    for file in doors.product.settings.home.rglob("*"):
        assert not file.is_file() or b"zeppelin" not in file.read_bytes()


def test_export_of_the_command_line_is_private_and_replaces_nothing(doors: Doors, tmp_path: Path) -> None:
    file = tmp_path / "out.zip"
    arguments = {"name": "Handbook", "path": str(file)}
    *_, done = commands.run(doors.product, "collections export", arguments, stop=threading.Event())
    assert done["value"]["bytes"] == file.stat().st_size
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with pytest.raises(FileThereError, match="already"):
        list(commands.run(doors.product, "collections export", arguments, stop=threading.Event()))


def test_export_that_does_not_fit_leaves_no_file(doors: Doors, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "out.zip"

    def full(*_: object) -> bytes:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(type(doors.product.originals), "read", full)
    arguments = {"name": "Handbook", "path": str(file)}
    with pytest.raises(FileThereError, match="No space left"):
        list(commands.run(doors.product, "collections export", arguments, stop=threading.Event()))
    assert not file.exists()


def test_export_that_is_stopped_ends_and_leaves_no_file(doors: Doors, tmp_path: Path) -> None:
    file, stop = tmp_path / "out.zip", threading.Event()
    stop.set()
    arguments = {"name": "Handbook", "path": str(file)}
    items = list(commands.run(doors.product, "collections export", arguments, stop=stop))
    assert [item["kind"] for item in items] == ["progress"]
    assert not file.exists()


def test_collection_is_described_anew_and_what_is_left_out_stays(doors: Doors) -> None:
    path = f"/api/collections/{handbook(doors)}"
    client = doors.browser()
    first = client.patch(path, json={"owner": "HR", "review_on": "2999-01-01"}).json()
    assert (first["name"], first["owner"], first["review_on"]) == ("Handbook", "HR", "2999-01-01")
    assert not first["review_due"]
    assert first["readers"]
    second = client.patch(path, json={"description": "All rules", "review_on": ""}).json()
    assert (second["owner"], second["description"], second["review_on"]) == ("HR", "All rules", None)
    assert client.patch(path, json={"name": ""}).status_code == 422
    assert client.patch(path, json={"review_on": "soon"}).status_code == 422
    assert client.patch("/api/collections/nothing", json={}).status_code == 404


@pytest.mark.parametrize(("days", "due"), [(-1, True), (0, True), (2, False)])
def test_review_is_due_from_its_day_on(doors: Doors, days: int, due: bool) -> None:  # noqa: FBT001 - a parameter
    on = (date.today() + timedelta(days=days)).isoformat()  # noqa: DTZ011 - as the page counts
    told = doors.browser().patch(f"/api/collections/{handbook(doors)}", json={"review_on": on}).json()
    assert told["review_due"] is due


def test_an_export_that_is_stopped_leaves_no_half_file(doors: Doors, tmp_path: Path) -> None:
    stop, target = threading.Event(), tmp_path / "half.zip"
    for item in commands.run(doors.product, "collections export", NAMED | {"path": str(target)}, stop):
        assert item["kind"] == "progress"
        stop.set()
    assert not target.exists()
