"""Backups and the recovery key over HTTP: whole files, sealed, and nothing left behind."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from app.answers import LOCAL_ACTOR
from app.custody.asked_rotation import AtTheTerminalError, ask
from app.custody.restoring import open_backup, restore
from app.settings import load_settings
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
    assert told["key"] == {"source": "file", "generation": 1, "rotated": "", "asked": None, "by_itself": True}
    assert {"kind": "conversations", "days": None, "from_next_start": None} in told["retention"]
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


def test_how_long_data_is_kept_is_changed_for_the_next_start(opened: Doors, browser: TestClient) -> None:
    home = opened.product.settings.home
    (home / "inhouse.toml").write_text("port = 8080\nkeep_feedback_days = 10\n")
    assert browser.put("/api/retention", json={"conversations": 400, "feedback": None}).status_code == 200
    told = {one["kind"]: one for one in browser.get("/api/safekeeping").json()["retention"]}
    assert (told["conversations"]["days"], told["conversations"]["from_next_start"]) == (None, 400)
    assert told["feedback"]["from_next_start"] is None
    following = load_settings(home=home)
    assert (following.port, following.keep_conversations_days, following.keep_feedback_days) == (8080, 400, None)
    for wrong in ({"audit": 29}, {"conversations": 0}, {"conversations": "x"}, {"weights": 3}):
        assert browser.put("/api/retention", json=wrong).status_code == 422
    assert load_settings(home=home).keep_conversations_days == 400


def test_a_rotation_is_asked_for_only_where_nobody_has_to_type_anything(tmp_path: Path) -> None:
    assert ask(tmp_path, source="keyring").generation == 2
    for source in ("passphrase", "credential"):
        with pytest.raises(AtTheTerminalError):
            ask(tmp_path, source=source)


def test_receipts_are_verified_on_the_page(opened: Doors, browser: TestClient) -> None:
    receipt = opened.product.erasure.erase(LOCAL_ACTOR, "somebody")
    assert browser.post("/api/erasures/verify", json=receipt).json()["valid"] is True
    false = browser.post("/api/erasures/verify", json=receipt | {"person": "somebody else"})
    assert false.status_code == 422
    assert "receipt" in false.text
