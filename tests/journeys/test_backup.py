"""`inhouse backup` and `inhouse restore`: everything back at once, also elsewhere, and nobody who was erased."""

import json
import re
import shutil
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from app.answers import LOCAL_ACTOR
from app.store.audit import Only
from app.store.recovery import recovery_key
from tests import dying, light
from tests.children import Child
from tests.kept import QUESTION, expect_everything, fill
from tests.light import opened

Command = Callable[..., tuple[int, str, str]]


def run(home: Path, *words: str, typed: str = "", die_at: int = 0) -> tuple[int, str, str]:
    """Run a command that reads what is typed; return status, output and what it said."""
    arguments = [str(die_at), typed, *words]
    done = Child(dying.typing, arguments, environment=light.environment(home)).finish(90)
    return done.returncode, done.stdout, done.stderr


@pytest.fixture(name="made", scope="module")
def _made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A filled data directory, a backup of it and a copy of people's keys, and its recovery key in a file."""
    place = fill(tmp_path_factory.mktemp("made"))
    status, out, said = run(
        place / "home", "backup", str(place / "all.inhouse-backup"), "--keys", str(place / "keys"), "--json"
    )
    assert status == 0, said
    told = json.loads(out)
    assert (told["originals"], told["vectors"]) == (6, 6)
    assert told["bytes"] == (place / "all.inhouse-backup").stat().st_size
    (place / "recovery").write_text(recovery_key(light.key_file(place / "home").read_bytes()))
    return place


@pytest.fixture(name="place")
def _place(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "place"))


def elsewhere(place: Path) -> Path:
    """Return a data directory of a machine on which there is nothing, not even a key."""
    (place / "elsewhere").mkdir()
    home = place / "elsewhere" / "home"
    light.key_file(home).unlink()
    shutil.copy(place / "cosine", home.parent)
    return home


def without_key_file(home: Path) -> dict[str, str]:
    """Return the environment for a directory whose key file is still to be written."""
    environment = light.environment(home)
    light.key_file(home).unlink()
    return environment


def test_nothing_of_a_backup_is_readable_and_it_is_its_owners_alone(place: Path) -> None:
    content = (place / "all.inhouse-backup").read_bytes()
    for word in (b"zeppelin", b"allowances", b"SQLite format", b"inhouse.db", b"manifest"):
        assert word not in content
    assert (place / "all.inhouse-backup").stat().st_mode & 0o777 == 0o600
    assert not (place / "home" / "backup").exists()


def test_no_backup_is_made_where_the_keys_that_go_with_it_cannot_be_written(place: Path) -> None:
    for keys, sentence in (("all.inhouse-backup", "another file at"), ("next", "needs a file of its own")):
        status, out, said = run(place / "home", "backup", str(place / "next"), "--keys", str(place / keys))
        assert (status, out, sentence in said) == (1, "", True)
        assert not (place / "next").exists()


def test_a_backup_that_was_made_is_told_of_where_its_keys_fail(place: Path) -> None:
    (place / "a file").touch()
    keys = place / "a file" / "keys"
    status, _, said = run(place / "home", "backup", str(place / "next"), "--keys", str(keys))
    assert (status, (place / "next").exists()) == (1, True)
    assert "next holds everything, and was read back. The copy of people's keys was not written" in said


def test_backup_is_restored_over_what_was_lost(place: Path) -> None:
    home = place / "home"
    with opened(home) as product:
        (collection,) = product.collections.list(LOCAL_ACTOR)
        product.delete_collection(LOCAL_ACTOR, collection.collection_id)
        (conversation,) = product.history.conversations(LOCAL_ACTOR)
        product.history.delete(LOCAL_ACTOR, conversation.conversation_id)
    status, _, said = run(home, "restore", str(place / "all.inhouse-backup"))
    assert status == 0, said
    expect_everything(home)
    with opened(home) as product:
        assert [row.result for row in product.audit.rows(Only(actions=("restored",)))] == ["done"]


def test_backup_is_restored_on_another_machine_with_recovery_key_and_peoples_keys(place: Path) -> None:
    home = elsewhere(place)
    environment = without_key_file(home)
    words = ["0", (place / "recovery").read_text(), "restore", str(place / "all.inhouse-backup")]
    refused = Child(dying.typing, words, environment=environment).finish(60)
    assert refused.returncode == 1
    assert "--keys FILE" in refused.stderr
    assert not (home / "inhouse.db").exists()
    done = Child(dying.typing, [*words, "--keys", str(place / "keys")], environment=environment).finish(60)
    assert done.returncode == 0, done.stderr
    assert expect_everything(home) == (place / "recovery").read_text()


def test_documents_alone_are_restored_where_nobodys_key_is_there(place: Path) -> None:
    home = elsewhere(place)
    environment = without_key_file(home)
    backup = str(place / "all.inhouse-backup")
    words = ["0", (place / "recovery").read_text(), "restore", backup, "--without-conversations", "--json"]
    done = Child(dying.typing, words, environment=environment).finish(60)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["left_out"] == 1
    with opened(home) as product:
        assert product.history.conversations(LOCAL_ACTOR) == []
        assert product.knowledge.disagreements() == []


def test_backup_with_a_passphrase_opens_with_it_under_a_key_of_its_own(place: Path) -> None:
    passphrase = "a long passphrase"
    backup = place / "second.inhouse-backup"
    typed = f"{passphrase}\n{passphrase}"
    assert run(place / "home", "backup", str(backup), "--passphrase", typed=typed)[0] == 0
    home = elsewhere(place)
    environment = without_key_file(home)
    words = ["restore", str(backup), "--passphrase", "--without-conversations"]
    wrong = Child(dying.typing, ["0", "a wrong passphrase", *words], environment=environment).finish(60)
    assert "does not open with this passphrase" in wrong.stderr
    done = Child(dying.typing, ["0", passphrase, *words], environment=environment).finish(60)
    assert done.returncode == 0, done.stderr
    shown = re.search(r"INHOUSE(?:-\w{4})+", done.stderr)
    assert shown
    assert shown[0] == recovery_key(light.key_file(home).read_bytes()) != (place / "recovery").read_text()
    with opened(home) as product:
        (collection,) = product.collections.list(LOCAL_ACTOR)
        found = product.retriever().search(QUESTION, collection_ids=[collection.collection_id])
        assert "zeppelin" in found[0].text


def test_backup_from_before_a_rotation_opens_with_the_recovery_key_from_then(place: Path) -> None:
    home = place / "home"
    assert run(home, "keys", "rotate", "--yes")[0] == 0
    status, _, said = run(home, "restore", str(place / "all.inhouse-backup"))
    assert status == 1
    assert "rotated since" in said
    typed = (place / "recovery").read_text()
    status, _, said = run(home, "restore", str(place / "all.inhouse-backup"), "--recovery-key", typed=typed)
    assert status == 0, said
    assert expect_everything(home) != typed


def test_backup_beside_a_running_server(place: Path) -> None:
    (place / "home" / "demonstration").touch()
    with light.Served(place / "home") as server:
        path = place / "live.inhouse-backup"
        status, _, said = run(place / "home", "backup", str(path))
        assert (status, path.exists()) == (0, True), said
        assert "--keys" in said
        status, _, said = run(place / "home", "restore", str(path))
        assert status == 1
        assert "Stop it first" in said
        assert server.end() == 0
    assert run(place / "home", "restore", str(path))[0] == 0
    expect_everything(place / "home")


def test_foreign_backup_is_refused_and_changes_nothing(place: Path) -> None:
    (place / "other").mkdir()
    other = fill(place / "other") / "home"
    status, _, said = run(other, "restore", str(place / "all.inhouse-backup"))
    assert status == 1
    assert "another installation" in said
    typed = (place / "recovery").read_text()
    status, _, said = run(other, "restore", str(place / "all.inhouse-backup"), "--recovery-key", typed=typed)
    assert status == 1
    assert "empty data directory" in said
    expect_everything(other)


@pytest.mark.parametrize("damage", ["bit", "shorter", "much shorter", "longer", "another file", "header", "empty"])
def test_damaged_backup_is_a_sentence_and_changes_nothing(place: Path, damage: str) -> None:
    path = place / "all.inhouse-backup"
    content = bytearray(path.read_bytes())
    match damage:
        case "bit":
            content[len(content) // 2] ^= 1
        case "shorter":
            del content[-1:]
        case "much shorter":
            del content[len(content) // 2 :]
        case "longer":
            content += b"more"
        case "another file":
            content[:] = b"%PDF-1.7 and so on"
        case "header":
            content[30] ^= 1
        case "empty":
            content.clear()
    path.write_bytes(content)
    status, _, said = run(place / "home", "restore", str(path))
    assert status == 1
    assert "damaged" in said or "not a file that Inhouse wrote" in said
    expect_everything(place / "home")


@pytest.fixture(name="moments", scope="module")
def _moments(made: Path, tmp_path_factory: pytest.TempPathFactory) -> int:
    """How many files a restore makes, moves and removes."""
    place = shutil.copytree(made, tmp_path_factory.mktemp("counted") / "place")
    return int(run(place / "home", "restore", str(place / "all.inhouse-backup"))[2].split()[-1])


@pytest.mark.parametrize(
    "part",
    [each / 5 for each in range(1, 6)] + [pytest.param(each / 90, marks=pytest.mark.long) for each in range(90)],
)
def test_killed_restore_leaves_what_was_there_or_the_backup(place: Path, moments: int, part: float) -> None:
    home = place / "home"
    with opened(home) as product:
        (conversation,) = product.history.conversations(LOCAL_ACTOR)
        product.history.rename(LOCAL_ACTOR, conversation.conversation_id, "Later than the backup")
    status, _, _ = run(home, "restore", str(place / "all.inhouse-backup"), die_at=max(1, round(part * moments)))
    assert status == -signal.SIGKILL
    expect_everything(home)
    with opened(home) as product:
        (conversation,) = product.history.conversations(LOCAL_ACTOR)
        assert conversation.title in {"Later than the backup", QUESTION}


@pytest.mark.parametrize("moment", [4, 6, 7])
def test_killed_backup_leaves_nothing_behind_that_counts(place: Path, moment: int) -> None:
    path = place / "killed.inhouse-backup"
    status, _, _ = run(place / "home", "backup", str(path), die_at=moment)
    assert status == -signal.SIGKILL
    assert not path.exists()
    expect_everything(place / "home")
    assert not (place / "home" / "backup").exists()
    assert run(place / "home", "backup", str(path))[0] == 0


def test_backup_never_replaces_a_file(place: Path) -> None:
    before = (place / "all.inhouse-backup").read_bytes()
    status, _, said = run(place / "home", "backup", str(place / "all.inhouse-backup"))
    assert status == 1
    assert "not replaced" in said
    assert (place / "all.inhouse-backup").read_bytes() == before


@pytest.mark.parametrize("words", [("backup", "new.inhouse-backup"), ("restore", "all.inhouse-backup")])
def test_full_disk_is_a_sentence_and_changes_nothing(place: Path, words: tuple[str, str]) -> None:
    command, name = words
    arguments = ["100000", "", command, str(place / name)]
    done = Child(dying.limited, arguments, environment=light.environment(place / "home")).finish(60)
    assert done.returncode == 1
    assert "disk" in done.stderr
    assert not (place / "new.inhouse-backup").exists()
    assert not list(place.glob("*.part"))
    expect_everything(place / "home")


def test_rotation_takes_the_copy_of_peoples_keys_along(place: Path) -> None:
    home, keys = place / "home", str(place / "own keys")
    assert run(home, "backup", str(place / "first"), "--keys", keys)[0] == 0
    assert run(home, "keys", "rotate", "--yes")[0] == 0
    assert run(home, "backup", str(place / "second"))[0] == 0
    there = elsewhere(place)
    environment = without_key_file(there)
    typed = recovery_key(light.key_file(home).read_bytes())
    words = ["0", typed, "restore", str(place / "second"), "--keys", keys]
    done = Child(dying.typing, words, environment=environment).finish(60)
    assert done.returncode == 0, done.stderr
    assert expect_everything(there) == typed
