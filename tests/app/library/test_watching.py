"""Watched folders: what changed is learned when its time has come, and nothing else of the collection is touched."""

import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.answers import LOCAL_ACTOR
from app.library.watching import FolderRefusedError
from app.product import Product
from app.store.errors import DiskFaultError, NotFoundError
from app.store.watches import Watch, free_label
from retrieval.sources import bytes_source
from tests.fakes import ScriptedChat
from tests.served import Doors, doors_of, learn, light_product


@pytest.fixture(name="doors")
def _doors(tmp_path: Path) -> Iterator[Doors]:
    with light_product(tmp_path / "home", ScriptedChat()) as product:
        learn(product)
        yield doors_of(product, ScriptedChat())


@pytest.fixture(name="product")
def _product(doors: Doors) -> Product:
    return doors.product


@pytest.fixture(name="folder")
def _folder(tmp_path: Path) -> Path:
    folder = tmp_path / "share" / "rules"
    (folder / "travel").mkdir(parents=True)
    (folder / "travel" / "a.md").write_text("# Flying\n\nNobody may fly.")
    (folder / "b.txt").write_text("Everybody may ask.")
    return folder


def handbook(product: Product) -> str:
    return product.collections.by_name(LOCAL_ACTOR, "Handbook").collection_id


def names(product: Product) -> list[str]:
    return [one.name for one in product.chunks.documents(handbook(product))]


def watch(product: Product, folder: Path, minutes: int = 60) -> Watch:
    return product.watching.add(LOCAL_ACTOR, handbook(product), folder=str(folder), minutes=minutes)


def result(product: Product) -> dict[str, object]:
    return product.watches.of(handbook(product))[0].last_result


def test_new_folder_is_learned_at_once_and_again_only_when_due(product: Product, folder: Path) -> None:
    watch(product, folder)
    assert product.watching.look_once() == 1
    assert names(product) == ["offices.md", "rules/b.txt", "rules/travel/a.md"]
    assert product.watching.look_once() == 0
    (kept,) = product.watches.of(handbook(product))
    assert product.versions.of(handbook(product), "rules/b.txt")[0].added_by == f"folder:{folder}"
    assert kept.next_run - (kept.last_run or 0) == pytest.approx(3600)


def test_exactly_what_changed_is_added_updated_and_removed(product: Product, folder: Path) -> None:
    added = watch(product, folder)
    product.watching.look_once()
    (folder / "b.txt").unlink()
    (folder / "travel" / "a.md").write_text("# Flying\n\nEverybody may fly.")
    (folder / "c.md").write_text("# New\n\nRules.")
    product.watching.run_now(added.watch_id)
    product.watching.look_once()
    counts = result(product)["documents"]
    assert isinstance(counts, dict)
    assert {name: count for name, count in counts.items() if count} == {"added": 1, "updated": 1, "removed": 1}
    assert names(product) == ["offices.md", "rules/c.md", "rules/travel/a.md"]


def test_two_folders_of_a_collection_leave_each_other_alone(product: Product, folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "other" / "rules"
    shutil.copytree(folder, other)
    watch(product, folder)
    second = watch(product, other)
    assert second.label == "rules 2"
    product.watching.look_once()
    (other / "b.txt").unlink()
    product.watching.run_now(second.watch_id)
    product.watching.look_once()
    assert names(product) == ["offices.md", "rules 2/travel/a.md", "rules/b.txt", "rules/travel/a.md"]


@pytest.mark.parametrize("harm", ["empty", "gone"])
def test_folder_whose_disk_is_not_there_costs_nothing(product: Product, folder: Path, harm: str) -> None:
    added = watch(product, folder)
    product.watching.look_once()
    before = names(product)
    shutil.rmtree(folder)
    if harm == "empty":
        folder.mkdir()
    product.watching.run_now(added.watch_id)
    product.watching.look_once()
    assert str(folder) in str(result(product)["error"])
    assert names(product) == before


def test_paused_folder_is_not_looked_at_unless_asked(product: Product, folder: Path) -> None:
    added = watch(product, folder)
    product.watches.change(added.watch_id, paused=True)
    assert product.watching.look_once() == 0
    product.watching.run_now(added.watch_id)
    assert product.watching.look_once() == 1
    assert "rules/b.txt" in names(product)


def test_interval_counts_from_the_last_time(product: Product, folder: Path) -> None:
    added = watch(product, folder, minutes=1440)
    product.watching.look_once()
    changed = product.watches.change(added.watch_id, minutes=5)
    assert changed.next_run - (changed.last_run or 0) == pytest.approx(300)


def test_removed_watch_leaves_its_documents(doors: Doors, folder: Path) -> None:
    added = watch(doors.product, folder)
    doors.product.watching.look_once()
    path = f"/api/collections/{handbook(doors.product)}/folders/{added.watch_id}"
    assert doors.browser().delete(path).status_code == 204
    assert "rules/b.txt" in names(doors.product)
    with pytest.raises(NotFoundError):
        doors.product.watching.run_now(added.watch_id)


def test_deleted_collection_watches_nothing(doors: Doors, folder: Path) -> None:
    watch(doors.product, folder)
    collection_id = handbook(doors.product)
    assert doors.browser().delete(f"/api/collections/{collection_id}").status_code == 204
    assert doors.product.watches.due() == []


@pytest.mark.parametrize(
    ("which", "sentence"),
    [("", "in full"), ("rules", "in full"), ("/nowhere/at/all", "no folder"), ("HOME", "own data"), ("/", "own data")],
)
def test_folder_that_cannot_be_watched_is_refused(product: Product, which: str, sentence: str) -> None:
    folder = str(product.settings.home) if which == "HOME" else which
    with pytest.raises(FolderRefusedError, match=sentence):
        product.watching.add(LOCAL_ACTOR, handbook(product), folder=folder, minutes=60)


def test_folder_is_watched_once_and_not_too_often(product: Product, folder: Path) -> None:
    watch(product, folder)
    with pytest.raises(FolderRefusedError, match="already"):
        watch(product, folder)
    for minutes in (0, 4, 10_081):
        with pytest.raises(FolderRefusedError, match="every 5 minutes"):
            watch(product, folder / "travel", minutes)


def test_server_looks_by_itself_and_tells(doors: Doors, folder: Path) -> None:
    client, path = doors.browser(), f"/api/collections/{handbook(doors.product)}/folders"
    doors.product.watching.start()
    added = client.post(path, json={"folder": str(folder), "minutes": 60}).json()
    end = time.monotonic() + 30
    while not (told := client.get(path).json()[0])["last_run"]:
        assert time.monotonic() < end
        time.sleep(0.05)
    assert told["last_result"]["documents"]["added"] == 2
    assert told["next_run"] > told["last_run"]
    changed = client.patch(f"{path}/{added['watch_id']}", json={"paused": True}).json()
    assert changed["paused"]
    assert changed["next_run"] is None
    assert client.patch(f"{path}/{added['watch_id']}", json={"minutes": 1}).status_code == 422
    assert client.post(f"{path}/{added['watch_id']}/run").status_code == 202
    assert client.post(f"{path}/unknown/run").status_code == 404
    doors.product.watching.close()


def test_label_is_never_the_beginning_of_other_names(product: Product) -> None:
    assert free_label("rules", ["rules.md", "rulesbook/a.md"]) == "rules"
    assert free_label("rules", ["rules/a.md", "rules 2"]) == "rules 3"
    list(product.knowledge.learn([bytes_source("x.md", b"# X\n\nText.")], collection_id=handbook(product)))
    assert free_label("", names(product)) == "folder"


def test_folder_asked_for_in_the_middle_of_a_look_is_looked_at_next(
    product: Product, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    added = watch(product, folder)
    product.watching.look_once()
    get, looks = product.watches.get, iter([product.watching.look_once])

    def while_looking(watch_id: str) -> Watch:
        for look in looks:  # once, as the thread does that looks
            look()
        return get(watch_id)

    monkeypatch.setattr(product.watches, "get", while_looking)
    product.watching.run_now(added.watch_id)
    assert product.watching.look_once() == 1


def test_folders_are_looked_at_again_after_a_fault(product: Product, monkeypatch: pytest.MonkeyPatch) -> None:
    due, failed, again = product.watches.due, threading.Event(), threading.Event()

    def faulty() -> list[Watch]:
        if not failed.is_set():
            failed.set()
            raise DiskFaultError
        again.set()
        return due()

    monkeypatch.setattr(product.watches, "due", faulty)
    product.watching.start()
    assert failed.wait(20)
    product.watching._woken.set()  # as when somebody adds a folder
    assert again.wait(20)
    product.watching.close()
