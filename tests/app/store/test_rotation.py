"""The places of a key when it is replaced, and the recovery key in a file."""

import json
from contextlib import closing
from pathlib import Path

import pytest

from app.answers import Actor
from app.custody.rotating import NotRotatedError, rotate
from app.store.errors import DiskFaultError, KeyFileError, PassphraseError, RecoveryKeyError, WrongPassphraseError
from app.store.keycard import load_card
from app.store.keys import KeySource, OpenedKey, open_key, read_recovery_file, recovery_file, restore_key
from app.store.opening import open_store
from app.store.places import AskPassphrase, place_of
from app.store.recovery import recovery_key
from app.store.staging import settle
from tests.app.store.test_system_keyring import in_session, pytestmark

needs_keyring = pytestmark
OLD, NEW = "correct horse battery", "another horse battery"


def typing(*passphrases: str) -> AskPassphrase:
    answers = iter(passphrases)
    return lambda _prompt: next(answers)


def rotated(
    home: Path,
    key: OpenedKey,
    source: KeySource,
    *,
    key_file: Path | None = None,
    ask: AskPassphrase | None = None,
    credentials: Path | None = None,
) -> str:
    """Rotate the key of a directory and return the recovery key that was shown."""
    card = load_card(home)
    assert card is not None
    shown: list[str] = []
    for _ in rotate(home, key, place_of(home, card, source, key_file, credentials, ask), show=shown.append):
        pass
    return shown[0]


def test_rotated_key_file_is_replaced_and_people_still_read_theirs(home: Path, tmp_path: Path, ada: Actor) -> None:
    key = open_key(home, source="file", key_file=tmp_path / "key", create=True)
    store = open_store(home, key)
    conversation = store.history.start(ada)
    store.history.rename(ada, conversation.conversation_id, "Zeppelins")
    store.close()
    shown = rotated(home, key, "file", key_file=tmp_path / "key")
    after = open_key(home, source="file", key_file=tmp_path / "key")
    assert recovery_key(after.master) == shown != recovery_key(key.master)
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600
    store = open_store(home, after)
    assert [one.title for one in store.history.conversations(ada)] == ["Zeppelins"]
    store.close()


def test_rotation_under_a_passphrase_asks_for_the_new_one(home: Path) -> None:
    key = open_key(home, source="passphrase", create=True, ask_passphrase=typing(OLD, OLD))
    open_store(home, key).close()
    with pytest.raises(PassphraseError):
        rotated(home, key, "passphrase", ask=typing(NEW, OLD))
    assert open_key(home, source="passphrase", ask_passphrase=typing(OLD)).master == key.master
    shown = rotated(home, key, "passphrase", ask=typing(NEW, NEW))
    assert recovery_key(open_key(home, source="passphrase", ask_passphrase=typing(NEW)).master) == shown
    with pytest.raises(WrongPassphraseError):
        open_key(home, source="passphrase", ask_passphrase=typing(OLD))


def test_credential_is_refused_with_the_way_round(home: Path, tmp_path: Path) -> None:
    (tmp_path / "inhouse-master-key").write_bytes(bytes(range(32)))
    key = open_key(home, source="credential", credentials=tmp_path, create=True)
    open_store(home, key).close()
    with pytest.raises(KeyFileError, match="systemd-creds encrypt"):
        rotated(home, key, "credential", credentials=tmp_path)
    assert open_key(home, source="credential", credentials=tmp_path).master == key.master
    assert not (home / "next").exists()


def test_key_file_in_a_folder_that_takes_no_other_is_a_sentence(home: Path, tmp_path: Path) -> None:
    key = open_key(home, source="file", key_file=tmp_path / "key", create=True)
    open_store(home, key).close()
    (tmp_path / "key.next").mkdir()
    with pytest.raises(DiskFaultError):
        rotated(home, key, "file", key_file=tmp_path / "key")
    (tmp_path / "key.next").rmdir()
    settle(home)
    assert open_key(home, source="file", key_file=tmp_path / "key").master == key.master


def test_directory_that_lost_its_key_card_is_not_rotated(home: Path, tmp_path: Path) -> None:
    key = open_key(home, source="file", key_file=tmp_path / "key", create=True)
    open_store(home, key).close()
    card = load_card(home)
    assert card is not None
    (home / "key.json").unlink()
    with pytest.raises(NotRotatedError, match="inhouse keys restore"):
        list(rotate(home, key, place_of(home, card, "file", tmp_path / "key", None, None), show=print))


@needs_keyring[0]
@needs_keyring[1]
def test_rotated_key_is_the_only_one_in_a_real_keyring(tmp_path: Path) -> None:
    script = (
        "import sys\n"
        "from pathlib import Path\n"
        "from app.custody.rotating import rotate\n"
        "from app.store.keycard import load_card\n"
        "from app.store.keys import open_key\n"
        "from app.store.opening import open_store\n"
        "from app.store.places import entry_of, place_of, _trusted_keyring\n"
        "home = Path(sys.argv[1], 'first')\n"
        "key = open_key(home, source='keyring', create=True)\n"
        "open_store(home, key).close()\n"
        "old = load_card(home)\n"
        "place = place_of(home, old, 'keyring', None, None, None)\n"
        "list(rotate(home, key, place, show=print))\n"
        "again = open_key(home, source='keyring')\n"
        "open_store(home, again).close()\n"
        "print(again.master != key.master, _trusted_keyring().get_password('Inhouse', entry_of(old)))\n"
    )
    assert in_session(tmp_path, script).splitlines()[-1] == "True None"


@needs_keyring[0]
@needs_keyring[1]
def test_a_rotation_that_was_asked_for_replaces_the_key_in_a_real_keyring(tmp_path: Path) -> None:
    script = (
        "import sys\n"
        "from pathlib import Path\n"
        "from threading import Event\n"
        "from app.custody.asked_rotation import ask, asked, rotate_as_asked\n"
        "from app.store.keys import open_key\n"
        "from app.store.opening import open_store\n"
        "home = Path(sys.argv[1], 'first')\n"
        "key = open_key(home, source='keyring', create=True)\n"
        "open_store(home, key).close()\n"
        "ask(home, source='keyring')\n"
        "for _ in range(2):\n"
        "    rotate_as_asked(home, source='keyring', key_file=None, stop=Event(), tell=lambda _told: None)\n"
        "again = open_key(home, source='keyring')\n"
        "open_store(home, again).close()\n"
        "print(again.master != key.master, asked(home))\n"
    )
    assert in_session(tmp_path, script).splitlines()[-1] == "True None"


def test_recovery_file_opens_with_its_passphrase_alone(home: Path, tmp_path: Path) -> None:
    key = open_key(home, source="file", key_file=tmp_path / "key", create=True)
    content = recovery_file(home, key, NEW)
    assert key.master.hex().encode() not in content
    with pytest.raises(WrongPassphraseError):
        read_recovery_file(content, OLD)
    card, typed = read_recovery_file(content, NEW)
    elsewhere = tmp_path / "elsewhere"
    restore_key(elsewhere, typed, source="file", key_file=tmp_path / "other key", known=card)
    assert open_key(elsewhere, source="file", key_file=tmp_path / "other key").master == key.master
    there = load_card(elsewhere)
    assert there is not None
    assert there.installation == card.installation


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b"\xff", json.dumps({"source": "recovery file"}).encode()])
def test_another_file_is_no_recovery_file(content: bytes) -> None:
    with pytest.raises(RecoveryKeyError, match="export-recovery"):
        read_recovery_file(content, NEW)


def recorded(home: Path, tmp_path: Path) -> list[tuple[str, str]]:
    """Return what the audit log says was done to the key, the first first."""
    key = open_key(home, source="file", key_file=tmp_path / "key")
    store = open_store(home, key)
    told = [(row.action, row.result) for row in store.audit.rows() if row.action.startswith("keys")]
    assert store.audit.faults() == []
    store.close()
    return told[::-1]


def test_the_audit_log_tells_of_a_rotation_once_and_of_one_that_was_undone(home: Path, tmp_path: Path) -> None:
    key = open_key(home, source="file", key_file=tmp_path / "key", create=True)
    open_store(home, key).close()
    rotated(home, key, "file", key_file=tmp_path / "key")
    assert recorded(home, tmp_path) == recorded(home, tmp_path) == [("keys rotated", "done")]
    card = load_card(home)
    assert card is not None
    key, place = (
        open_key(home, source="file", key_file=tmp_path / "key"),
        place_of(home, card, "file", tmp_path / "key", None, None),
    )
    with closing(rotate(home, key, place, show=lambda _key: None)) as steps:
        next(steps)
    assert recorded(home, tmp_path) == [("keys rotated", "done"), ("keys rotated", "failed")]


def test_the_audit_log_tells_that_the_key_was_put_back(home: Path, tmp_path: Path) -> None:
    key = open_key(home, source="file", key_file=tmp_path / "key", create=True)
    open_store(home, key).close()
    (tmp_path / "key").unlink()
    restore_key(home, recovery_key(key.master), source="file", key_file=tmp_path / "key")
    assert recorded(home, tmp_path) == [("keys restored", "done")]
