"""An erased person stays erased: after a kill -9 in the middle, and whatever old backup is restored."""

import json
import shutil
import signal
import zipfile
from pathlib import Path

import pytest

from app.answers import LOCAL_ACTOR
from app.store.recovery import recovery_key
from tests import dying, light
from tests.children import Child
from tests.journeys.test_backup import elsewhere, run, without_key_file
from tests.kept import QUESTION, fill
from tests.light import opened


@pytest.fixture(name="made", scope="module")
def _made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory, and a backup with people's keys from before the erasure."""
    place = fill(tmp_path_factory.mktemp("made"))
    assert run(place / "home", "backup", str(place / "old"), "--keys", str(place / "old keys"))[0] == 0
    return place


@pytest.fixture(name="place")
def _place(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "place"))


def expect_nothing_of_the_person(home: Path) -> None:
    """Check that the conversation is gone and the documents are not."""
    with opened(home) as product:
        assert product.history.conversations(LOCAL_ACTOR) == []
        (collection,) = product.collections.list(LOCAL_ACTOR)
        assert product.retriever().search(QUESTION, collection_ids=[collection.collection_id])
        with product.database.connect() as connection:
            for table in ("conversations", "turns", "feedback", "disputes", "exports"):
                assert connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar() == 0  # noqa: S608
        assert not list((home / "states").rglob("*.state"))


def test_backup_from_before_an_erasure_does_not_bring_the_person_back(place: Path) -> None:
    home = place / "home"
    status, out, said = run(home, "users", "erase", "local", "--json")
    assert status == 0, said
    receipt = json.loads(out)["receipt"]
    assert receipt["destroyed"]["conversations"] == 1
    assert run(home, "restore", str(place / "old"))[0] == 0
    expect_nothing_of_the_person(home)
    status, out, said = run(home, "users", "receipts", "--json")
    assert json.loads(out)["receipts"] == [receipt]


def test_nor_does_it_on_another_machine_with_the_newest_keys(place: Path) -> None:
    home = place / "home"
    assert run(home, "backup", str(place / "later"), "--keys", str(place / "keys"))[0] == 0
    assert run(home, "users", "erase", "local")[0] == 0
    typed = recovery_key(light.key_file(home).read_bytes())
    there = elsewhere(place)
    environment = without_key_file(there)
    words = ["0", typed, "restore", str(place / "old"), "--keys", str(place / "keys")]
    done = Child(dying.typing, words, environment=environment).finish(60)
    assert done.returncode == 0, done.stderr
    expect_nothing_of_the_person(there)


def test_nor_do_old_keys_restored_where_the_erasure_is_known(place: Path) -> None:
    home = place / "home"
    assert run(home, "users", "erase", "local")[0] == 0
    assert run(home, "restore", str(place / "old"), "--keys", str(place / "old keys"))[0] == 0
    expect_nothing_of_the_person(home)


@pytest.fixture(name="moments", scope="module")
def _moments(made: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[int, int]:
    """At how many moments a start and an erasure change files: those of the start alone, and of both."""
    place = shutil.copytree(made, tmp_path_factory.mktemp("counted") / "place")
    start = int(run(place / "home", "users", "holds")[2].split()[-1])
    return start, int(run(place / "home", "users", "erase", "local")[2].split()[-1])


@pytest.mark.parametrize("part", [each / 6 for each in range(1, 7)])
def test_killed_erasure_is_completed_or_was_never_begun(place: Path, moments: tuple[int, int], part: float) -> None:
    home = place / "home"
    for name in ("inhouse.db", "ledger.db"):
        shutil.copy(home / name, home / f"{name}.before-upgrade")
    (home / "states" / "room").mkdir(parents=True, exist_ok=True)
    (home / "states" / "room" / "saved.state").write_text("made from conversations")
    start, both = moments
    status, _, _ = run(home, "users", "erase", "local", die_at=start + round(part * (both - start)))
    assert status == -signal.SIGKILL
    with opened(home) as product:
        receipts = product.erasure.receipts(LOCAL_ACTOR)
    if receipts:
        expect_nothing_of_the_person(home)
        assert not list(home.glob("*.before-upgrade"))
    else:
        with opened(home) as product:
            assert len(product.history.conversations(LOCAL_ACTOR)) == 1
    assert run(home, "users", "erase", "local")[0] == 0
    expect_nothing_of_the_person(home)


def test_commands_beside_a_running_server(place: Path) -> None:
    home = place / "home"
    (home / "demonstration").touch()
    with light.Served(home) as server:
        status, out, said = run(home, "users", "export", "local", str(place / "mine.zip"), "--json")
        assert status == 0, said
        with zipfile.ZipFile(place / "mine.zip") as package:
            assert QUESTION in package.read("export.json").decode()
        status, out, said = run(home, "users", "hold", "local", "--reason", "Case 47", "--json")
        hold = json.loads(out)["hold"]
        status, _, said = run(home, "users", "erase", "local")
        assert status == 1
        assert "Case 47" in said
        assert "in force" in run(home, "users", "holds")[1]
        assert run(home, "users", "release", hold)[0] == 0
        status, out, said = run(home, "users", "erase", "local", "--json")
        assert status == 0, said
        (place / "receipt.json").write_text(out)
        assert run(home, "users", "verify", str(place / "receipt.json"))[0] == 0
        (place / "receipt.json").write_text(out.replace('"by": "local"', '"by": "ada"'))
        assert run(home, "users", "verify", str(place / "receipt.json"))[0] == 1
        assert server.end() == 0
    expect_nothing_of_the_person(home)


def test_sealed_export_is_opened_at_the_command_line(place: Path) -> None:
    home, sealed = place / "home", place / "ada.inhouse-export"
    assert run(home, "users", "export", "ada", str(sealed))[0] == 1
    assert run(home, "users", "add", "Ada")[0] == 0
    assert run(home, "users", "export", "ada", str(sealed))[0] == 0
    with opened(home) as product:
        ada = product.people.accounts.by_name("Ada").actor
        (made,) = product.exports.of(ada)
        passphrase = product.exports.passphrase(ada, made.export_id)
    status, _, said = run(home, "users", "open", str(sealed), str(place / "ada.zip"), typed="wrong")
    assert status == 1
    assert "passphrase is wrong" in said
    assert run(home, "users", "open", str(sealed), str(place / "ada.zip"), typed=passphrase)[0] == 0
    with zipfile.ZipFile(place / "ada.zip") as package:
        assert json.loads(package.read("export.json"))["conversations"] == []
