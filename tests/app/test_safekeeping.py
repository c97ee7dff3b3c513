"""Backups and the recovery key over HTTP: whole files, sealed, and nothing left behind."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from app.custody.restoring import open_backup, restore
from app.store.errors import WrongPassphraseError
from app.store.keys import read_recovery_file
from app.store.recovery import read_recovery_key
from tests.served import Doors, open_doors

PASSPHRASE = "a zeppelin over the bay"


@pytest.fixture(name="opened")
def _opened(tmp_path: Path) -> Iterator[Doors]:
    with open_doors(tmp_path / "home") as doors:
        yield doors


@pytest.fixture(name="browser")
def _browser(opened: Doors) -> TestClient:
    return opened.browser()


def test_backup_is_one_file_that_restores_and_none_stays(opened: Doors, browser: TestClient, tmp_path: Path) -> None:
    taken = browser.post("/api/backups", json={"passphrase": PASSPHRASE})
    assert taken.status_code == 200
    assert ".inhouse-backup" in taken.headers["content-disposition"]
    assert list((opened.product.settings.home / "exports").iterdir()) == []
    assert b"Lisbon" not in taken.content
    backup = tmp_path / "taken.inhouse-backup"
    backup.write_bytes(taken.content)
    master, elsewhere = opened.product.backups.key.master, tmp_path / "elsewhere"
    elsewhere.mkdir()
    restoring = restore(elsewhere, open_backup(backup, masters={}, passphrase=PASSPHRASE), master=master)
    assert [step.text for step in restoring]
    assert (elsewhere / "inhouse.db").exists()


def test_a_second_backup_waits_for_the_first(opened: Doors, browser: TestClient, tmp_path: Path) -> None:
    first = opened.product.backups.write(tmp_path / "first.inhouse-backup")
    next(first)
    refused = browser.post("/api/backups", json={})
    assert refused.status_code == 409
    assert "Wait until it has ended" in refused.json()["error"]["message"]
    assert [step.text for step in first]
    assert (tmp_path / "first.inhouse-backup").exists()
    assert browser.post("/api/backups", json={}).status_code == 200


def test_recovery_key_is_sealed_by_the_passphrase(opened: Doors, browser: TestClient) -> None:
    taken = browser.post("/api/recovery-key", json={"passphrase": PASSPHRASE}).content
    _, key = read_recovery_file(taken, PASSPHRASE)
    assert read_recovery_key(key) == opened.product.backups.key.master
    with pytest.raises(WrongPassphraseError):
        read_recovery_file(taken, "another passphrase")
    assert browser.post("/api/recovery-key", json={"passphrase": "short"}).status_code == 422


def test_page_is_told_of_the_key_retention_and_what_lies_open(opened: Doors, browser: TestClient) -> None:
    home = opened.product.settings.home
    told = browser.get("/api/safekeeping").json()
    assert told["key"] == {"source": "file", "generation": 1, "rotated": ""}
    assert {"kind": "conversations", "days": None} in told["retention"]
    before = {one["name"]: one["ok"] for one in told["findings"]}
    assert before["file modes"]
    assert not before["backups"]
    browser.post("/api/backups", json={})
    assert next(one for one in browser.get("/api/safekeeping").json()["findings"] if one["name"] == "backups")["ok"]
    (home / "inhouse.db").chmod(0o644)
    home.chmod(0o755)
    after = next(one for one in browser.get("/api/safekeeping").json()["findings"] if one["name"] == "file modes")
    assert not after["ok"]
    assert "chmod" in after["remedy"]
