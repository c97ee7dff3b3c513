"""The sources of the master key, and what is said when it is missing, wrong or unprotected."""

import os
from collections.abc import Iterator
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends.fail import Keyring as FailKeyring
from keyring.backends.null import Keyring as NullKeyring

from app.store.errors import (
    KeyFileError,
    KeyProblemError,
    MissingKeyError,
    NoKeyringError,
    PassphraseError,
    RecoveryKeyError,
    WrongKeyError,
    WrongPassphraseError,
)
from app.store.keys import AskPassphrase, open_key, restore_key
from app.store.recovery import read_recovery_key, recovery_key

posix_only = pytest.mark.skipif(os.name != "posix", reason="Windows has no file modes")


def typing(*passphrases: str) -> AskPassphrase:
    answers = iter(passphrases)
    return lambda _prompt: next(answers)


def test_key_file_is_made_once_and_read_afterwards(home: Path, tmp_path: Path) -> None:
    first = open_key(home, source="file", key_file=tmp_path / "key", create=True)
    second = open_key(home, source="file", key_file=tmp_path / "key", create=True)
    assert len(first.master) == 32
    assert second.master == first.master == (tmp_path / "key").read_bytes()


def test_recovery_key_is_shown_only_when_the_key_is_made(home: Path, tmp_path: Path) -> None:
    first = open_key(home, source="file", key_file=tmp_path / "key", create=True)
    assert first.recovery_key is not None
    assert read_recovery_key(first.recovery_key) == first.master
    assert open_key(home, source="file", key_file=tmp_path / "key").recovery_key is None


def test_key_never_appears_in_the_text_of_its_value(home: Path, tmp_path: Path) -> None:
    opened = open_key(home, source="file", key_file=tmp_path / "key", create=True)
    assert opened.recovery_key is not None
    assert repr(opened) == "OpenedKey(checked=True)"


def test_a_key_given_for_a_new_directory_is_taken_into_use(home: Path, tmp_path: Path) -> None:
    (tmp_path / "key").touch(mode=0o600)
    (tmp_path / "key").write_bytes(bytes(range(32)))
    opened = open_key(home, source="file", key_file=tmp_path / "key")
    assert opened.master == bytes(range(32))
    assert opened.recovery_key == recovery_key(opened.master)


def test_new_directory_gets_no_key_unless_one_is_asked_for(home: Path, tmp_path: Path) -> None:
    with pytest.raises(MissingKeyError, match="inhouse setup"):
        open_key(home, source="file", key_file=tmp_path / "key")
    assert not (tmp_path / "key").exists()


def test_missing_key_of_an_existing_directory_is_never_replaced(home: Path, tmp_path: Path) -> None:
    open_key(home, source="file", key_file=tmp_path / "key", create=True)
    (tmp_path / "key").unlink()
    with pytest.raises(MissingKeyError, match="recovery key"):
        open_key(home, source="file", key_file=tmp_path / "key", create=True)
    assert not (tmp_path / "key").exists()


def test_database_without_key_card_gets_no_new_key(home: Path, tmp_path: Path) -> None:
    home.mkdir()
    (home / "inhouse.db").write_bytes(b"something")
    with pytest.raises(MissingKeyError, match="recovery key"):
        open_key(home, source="file", key_file=tmp_path / "key", create=True)


def test_wrong_key_is_refused(home: Path, tmp_path: Path) -> None:
    open_key(home, source="file", key_file=tmp_path / "key", create=True)
    open_key(tmp_path / "other", source="file", key_file=tmp_path / "other key", create=True)
    with pytest.raises(WrongKeyError, match="is not the key of"):
        open_key(home, source="file", key_file=tmp_path / "other key")


def test_key_made_by_a_process_that_was_killed_is_taken_into_use(home: Path, tmp_path: Path) -> None:
    first = open_key(home, source="file", key_file=tmp_path / "key", create=True)
    (home / "key.json").unlink()
    again = open_key(home, source="file", key_file=tmp_path / "key", create=True)
    assert again.master == first.master
    assert again.recovery_key == first.recovery_key


@posix_only
def test_key_file_is_readable_by_its_owner_only(home: Path, tmp_path: Path) -> None:
    open_key(home, source="file", key_file=tmp_path / "key", create=True)
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600
    (tmp_path / "key").chmod(0o640)
    with pytest.raises(KeyFileError, match="chmod 600"):
        open_key(home, source="file", key_file=tmp_path / "key")


@pytest.mark.parametrize("content", [b"", b"short", bytes(33)])
def test_key_file_of_another_length_is_refused(home: Path, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "key").touch(mode=0o600)
    (tmp_path / "key").write_bytes(content)
    with pytest.raises(KeyFileError, match="instead of 32"):
        open_key(home, source="file", key_file=tmp_path / "key", create=True)


def test_key_file_that_is_a_folder_is_refused(home: Path, tmp_path: Path) -> None:
    with pytest.raises(KeyFileError, match="cannot be read"):
        open_key(home, source="file", key_file=tmp_path, create=True)


def test_source_file_needs_a_file(home: Path) -> None:
    with pytest.raises(KeyFileError, match="INHOUSE_KEY_FILE"):
        open_key(home, source="file", create=True)


def test_credential_is_read_from_the_directory_systemd_passes(home: Path, tmp_path: Path) -> None:
    (tmp_path / "inhouse-master-key").write_bytes(bytes(range(32)))
    assert open_key(home, source="credential", credentials=tmp_path).master == bytes(range(32))


def test_missing_credential_names_how_to_make_one(home: Path, tmp_path: Path) -> None:
    with pytest.raises(KeyFileError, match="systemd-creds encrypt"):
        open_key(home, source="credential", credentials=tmp_path, create=True)
    with pytest.raises(KeyFileError, match="LoadCredentialEncrypted"):
        open_key(home, source="credential", create=True)


def test_passphrase_opens_the_key_it_sealed(home: Path) -> None:
    made = open_key(home, source="passphrase", create=True, ask_passphrase=typing(*["correct horse battery"] * 2))
    opened = open_key(home, source="passphrase", ask_passphrase=typing("correct horse battery"))
    assert opened.master == made.master
    assert made.master.hex() not in (home / "key.json").read_text()


def test_wrong_passphrase_is_refused(home: Path) -> None:
    open_key(home, source="passphrase", create=True, ask_passphrase=typing(*["correct horse battery"] * 2))
    with pytest.raises(WrongPassphraseError):
        open_key(home, source="passphrase", ask_passphrase=typing("correct horse cattery"))


def test_passphrase_typed_on_another_keyboard_is_the_same(home: Path) -> None:
    composed, decomposed = "grüne Wolken 12", "gru\u0308ne Wolken 12"
    made = open_key(home, source="passphrase", create=True, ask_passphrase=typing(composed, composed))
    assert open_key(home, source="passphrase", ask_passphrase=typing(decomposed)).master == made.master


@pytest.mark.parametrize("typed", [("short", "short"), ("correct horse battery", "correct horse cattery")])
def test_short_or_mistyped_new_passphrase_is_refused(home: Path, typed: tuple[str, str]) -> None:
    with pytest.raises(PassphraseError):
        open_key(home, source="passphrase", create=True, ask_passphrase=typing(*typed))
    made = open_key(home, source="passphrase", create=True, ask_passphrase=typing(*["correct horse battery"] * 2))
    assert made.recovery_key is not None


def test_passphrase_without_a_terminal_says_so(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", None)
    with pytest.raises(PassphraseError, match="terminal"):
        open_key(home, source="passphrase", create=True)


def test_recovery_key_brings_the_key_back_into_another_source(home: Path, tmp_path: Path) -> None:
    made = open_key(home, source="passphrase", create=True, ask_passphrase=typing(*["correct horse battery"] * 2))
    assert made.recovery_key is not None
    restored = restore_key(home, made.recovery_key, source="file", key_file=tmp_path / "key")
    assert restored.master == made.master
    assert open_key(home, source="file", key_file=tmp_path / "key").master == made.master


def test_recovery_key_sets_a_new_passphrase(home: Path) -> None:
    made = open_key(home, source="passphrase", create=True, ask_passphrase=typing(*["correct horse battery"] * 2))
    assert made.recovery_key is not None
    restore_key(home, made.recovery_key, source="passphrase", ask_passphrase=typing(*["another passphrase"] * 2))
    assert open_key(home, source="passphrase", ask_passphrase=typing("another passphrase")).master == made.master


def test_recovery_key_of_another_directory_is_refused(home: Path, tmp_path: Path) -> None:
    open_key(home, source="file", key_file=tmp_path / "key", create=True)
    with pytest.raises(WrongKeyError, match="another data directory"):
        restore_key(home, recovery_key(bytes(32)), source="file", key_file=tmp_path / "new")
    with pytest.raises(RecoveryKeyError):
        restore_key(home, "INHOUSE-0000", source="file", key_file=tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_restoring_never_overwrites_a_file(home: Path, tmp_path: Path) -> None:
    made = open_key(home, source="file", key_file=tmp_path / "key", create=True)
    (tmp_path / "letter").write_text("dear")
    assert made.recovery_key is not None
    with pytest.raises(KeyFileError, match="already"):
        restore_key(home, made.recovery_key, source="file", key_file=tmp_path / "letter")
    assert (tmp_path / "letter").read_text() == "dear"


NAMED = '{"installation": "x", "source": "file", '


@pytest.mark.parametrize(
    "content",
    ["", "{", "[]", '{"source": "file"}', "\udcff", NAMED + '"salt": 5}', NAMED + '"scrypt_n": 1099511627776}'],
)
def test_key_card_that_cannot_be_understood_is_a_sentence(home: Path, tmp_path: Path, content: str) -> None:
    home.mkdir()
    (home / "key.json").write_bytes(content.encode("utf-8", "surrogateescape"))
    with pytest.raises(KeyProblemError, match=r"key\.json cannot be read"):
        open_key(home, source="file", key_file=tmp_path / "key", create=True)
    assert not (tmp_path / "key").exists()


class PlaintextKeyring(KeyringBackend):
    """Keeps passwords in clear, as keyrings.alt.file.PlaintextKeyring does."""

    priority = 10

    def get_password(self, service: str, username: str) -> str | None:
        raise AssertionError("asked for the key")

    def set_password(self, service: str, username: str, password: str) -> None:
        raise AssertionError("given the key")


@pytest.fixture
def usual_keyring() -> Iterator[None]:
    before = keyring.get_keyring()
    yield
    keyring.set_keyring(before)


@pytest.mark.usefixtures("usual_keyring")
@pytest.mark.parametrize("backend", [PlaintextKeyring, NullKeyring, FailKeyring])
def test_keyring_that_does_not_protect_is_refused(home: Path, backend: type[KeyringBackend]) -> None:
    keyring.set_keyring(backend())
    with pytest.raises(NoKeyringError, match=r"passphrase, credential .* or file"):
        open_key(home, source="keyring", create=True)
    assert not home.exists()
