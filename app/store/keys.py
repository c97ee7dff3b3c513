"""The master key: where it is kept, how it is made once, and what is said when it is missing or wrong.

Four sources, one of which is chosen explicitly; there is no fallback from one to another, and never a key in clear
next to the data. Knows no database: a key is recognised by the check value in `key.json`.
"""

import getpass
import os
import secrets
import stat
import sys
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal, Protocol

import keyring
from keyring.backend import KeyringBackend
from keyring.backends.chainer import ChainerBackend
from keyring.errors import KeyringError, KeyringLocked

from app.store.derivation import KEY_BYTES, derive, rotation_matrix
from app.store.errors import (
    KeyFileError,
    KeyringLockedError,
    MissingKeyError,
    NoKeyringError,
    PassphraseError,
    WrongKeyError,
)
from app.store.files import write_privately
from app.store.keycard import KeyCard, accept, is_right, load_card, new_card, save_card, seal_key, unseal_key
from app.store.recovery import read_recovery_key, recovery_key

__all__ = ["AskPassphrase", "KeySource", "OpenedKey", "derive", "open_key", "restore_key", "rotation_matrix"]

KeySource = Literal["keyring", "passphrase", "credential", "file"]
AskPassphrase = Callable[[str], str]
"""A prompt -> what was typed; `getpass.getpass` is one."""

CREDENTIAL = "inhouse-master-key"
SHORTEST_PASSPHRASE = 12
PUT_BACK = "Nothing was changed. Put the right one back, or run `inhouse keys restore` with the recovery key."
TRUSTED_KEYRINGS = frozenset({"SecretService", "libsecret", "kwallet", "macOS", "Windows"})
"""The backends of the `keyring` package that hand the key to the operating system's own store."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedKey:
    """The master key of a data directory."""

    master: bytes = field(repr=False)
    checked: bool
    """Whether the key is known to be the right one; False only when `key.json` was lost."""
    recovery_key: str | None = field(default=None, repr=False)
    """To be shown once: given when the key was made or taken into use just now."""


def open_key(
    home: Path,
    *,
    source: KeySource,
    create: bool = False,
    key_file: Path | None = None,
    credentials: Path | None = None,
    ask_passphrase: AskPassphrase | None = None,
) -> OpenedKey:
    """Return the master key of a data directory from the source that was chosen.

    Args:
        home: the data directory.
        source: where the key is kept; nothing else is tried.
        create: make a key when the directory is new and has none; an existing directory never gets a new key.
        key_file: for the source "file": 32 bytes, readable by this person only.
        credentials: for the source "credential": the directory systemd passes to the process.
        ask_passphrase: for the source "passphrase"; without one it is asked in the terminal.

    Raises:
        KeyProblemError: the key is missing, wrong or not accessible; its sentence names the remedy.
    """
    card = load_card(home) or new_card(source)
    place = _place(home, card, source, key_file, credentials, ask_passphrase)
    master = place.read()
    fresh = not card.check and not (home / "inhouse.db").exists()
    if master is None:
        if not fresh:
            raise MissingKeyError(_missing(place, card))
        if not create:
            raise MissingKeyError("This data directory has no key yet. Run `inhouse setup` to make one.")
        save_card(home, card)
        master = secrets.token_bytes(KEY_BYTES)
        place.write(master)
    if fresh:
        save_card(home, accept(replace(load_card(home) or card, source=source), master))
        return OpenedKey(master=master, checked=True, recovery_key=recovery_key(master))
    if card.check and not is_right(card, master):
        raise WrongKeyError(f"The key in {place} is not the key of {home}. {PUT_BACK}")
    return OpenedKey(master=master, checked=bool(card.check))


def restore_key(
    home: Path,
    typed: str,
    *,
    source: KeySource,
    key_file: Path | None = None,
    ask_passphrase: AskPassphrase | None = None,
) -> OpenedKey:
    """Put the master key that a recovery key stands for into a source again.

    Raises:
        RecoveryKeyError: it is incomplete or mistyped.
        WrongKeyError: it is the recovery key of another data directory.
        KeyProblemError: the source cannot take it.
    """
    master = read_recovery_key(typed)
    card = load_card(home) or new_card(source)
    if card.check and not is_right(card, master):
        raise WrongKeyError(f"This is the recovery key of another data directory, not of {home}. Nothing was changed.")
    save_card(home, card)
    _place(home, card, source, key_file, None, ask_passphrase).write(master)
    save_card(home, replace(load_card(home) or card, source=source))
    return OpenedKey(master=master, checked=bool(card.check))


class _Place(Protocol):
    """Somewhere a key can be kept; `str` of it names it in a sentence."""

    def read(self) -> bytes | None: ...

    def write(self, master: bytes, /) -> None: ...


def _place(
    home: Path,
    card: KeyCard,
    source: KeySource,
    key_file: Path | None,
    credentials: Path | None,
    ask_passphrase: AskPassphrase | None,
) -> _Place:
    """Return the place for a source, without opening it."""
    match source:
        case "keyring":
            return _SystemKeyring(card.installation)
        case "passphrase":
            return _SealedCard(home, card, ask_passphrase or _ask_in_terminal)
        case "credential":
            return _Credential(credentials)
        case "file":
            return _KeyFile(key_file)


def _missing(place: _Place, card: KeyCard) -> str:
    """Say that an existing directory's key is gone, where it was, and how to bring it back."""
    return (
        f"The key of this data directory is not in {place}, and without it nothing in it can be read. "
        f"It was put into the source {card.source!r} (INHOUSE_KEY_SOURCE chooses). If it is lost, bring it back with "
        "the recovery key shown at the first start: run `inhouse keys restore`."
    )


class _SystemKeyring:
    """An entry of its own in the operating system's keyring for each data directory."""

    def __init__(self, installation: str) -> None:
        self._name = f"master key {installation}"
        self._backend = _trusted_keyring()

    def __str__(self) -> str:
        return "the system keyring"

    def read(self) -> bytes | None:
        try:
            text = self._backend.get_password("Inhouse", self._name)
            return None if text is None else bytes.fromhex(text)
        except KeyringLocked as error:
            raise KeyringLockedError from error
        except ValueError as error:
            raise WrongKeyError(f"The entry {self._name!r} in the system keyring is not a key. {PUT_BACK}") from error
        except (KeyringError, OSError) as error:
            raise NoKeyringError(_no_keyring("does not answer")) from error

    def write(self, master: bytes) -> None:
        try:
            self._backend.set_password("Inhouse", self._name, master.hex())
        except KeyringLocked as error:
            raise KeyringLockedError from error
        except (KeyringError, OSError) as error:
            raise NoKeyringError(_no_keyring("does not take the key")) from error


def _trusted_keyring() -> KeyringBackend:
    """Return the first backend that is the operating system's own; files in clear and stand-ins are refused."""
    found = keyring.get_keyring()
    for backend in found.backends if isinstance(found, ChainerBackend) else [found]:
        package, _, name = type(backend).__module__.rpartition(".")
        if package == "keyring.backends" and name in TRUSTED_KEYRINGS:
            return backend
    raise NoKeyringError(_no_keyring("is not available here"))


def _no_keyring(what: str) -> str:
    return (
        f"The system keyring {what}, and a key is never kept unprotected instead. Log in to a desktop session with a "
        "keyring, or choose another source with INHOUSE_KEY_SOURCE: passphrase, credential (systemd) or file "
        "(with INHOUSE_KEY_FILE)."
    )


class _SealedCard:
    """The key in `key.json`, sealed under a passphrase."""

    def __init__(self, home: Path, card: KeyCard, ask: AskPassphrase) -> None:
        self._home, self._card, self._ask = home, card, ask

    def __str__(self) -> str:
        return "key.json"

    def read(self) -> bytes | None:
        return unseal_key(self._card, self._ask("Passphrase: ")) if self._card.sealed_key else None

    def write(self, master: bytes) -> None:
        passphrase = self._ask(f"New passphrase (at least {SHORTEST_PASSPHRASE} characters): ")
        if len(passphrase) < SHORTEST_PASSPHRASE:
            raise PassphraseError
        if self._ask("The same passphrase again: ") != passphrase:
            raise PassphraseError("The two passphrases differ. Nothing was changed; try again.")
        save_card(self._home, seal_key(self._card, master, passphrase))


def _ask_in_terminal(prompt: str) -> str:
    """Read a passphrase from the terminal without showing it."""
    if not sys.stdin or not sys.stdin.isatty():
        raise PassphraseError("A passphrase is needed and there is no terminal to ask in. Start Inhouse in a terminal.")
    return getpass.getpass(prompt)


class _Credential:
    """The credential `inhouse-master-key` that systemd hands to its service; systemd keeps it, we only read it."""

    def __init__(self, directory: Path | None) -> None:
        if directory is None:
            raise KeyFileError(
                "systemd passed no credentials (CREDENTIALS_DIRECTORY is not set). Start Inhouse as a systemd service "
                f"with LoadCredentialEncrypted={CREDENTIAL}."
            )
        self._path = directory / CREDENTIAL

    def __str__(self) -> str:
        return f"the systemd credential {CREDENTIAL}"

    def read(self) -> bytes | None:
        return _read_exactly(self._path)

    def write(self, _master: bytes, /) -> None:
        raise KeyFileError(
            f"The credential {CREDENTIAL} does not exist. Make 32 random bytes with `head -c 32 /dev/urandom | "
            f"systemd-creds encrypt --name={CREDENTIAL} - FILE` and load FILE with LoadCredentialEncrypted."
        )


class _KeyFile:
    """32 bytes in a file that only this person may read."""

    def __init__(self, path: Path | None) -> None:
        if path is None:
            raise KeyFileError("The key source is a file, but no file is named. Set INHOUSE_KEY_FILE.")
        self._path = path

    def __str__(self) -> str:
        return f"the file {self._path}"

    def read(self) -> bytes | None:
        if os.name == "posix" and self._path.is_file() and stat.S_IMODE(self._path.stat().st_mode) & 0o077:
            raise KeyFileError(f"Others may read the key file {self._path}. Run `chmod 600 {self._path}`.")
        return _read_exactly(self._path)

    def write(self, master: bytes) -> None:
        if self._path.exists():
            raise KeyFileError(f"There is a file at {self._path} already; it is not replaced. Choose another place.")
        write_privately(self._path, master)


def _read_exactly(path: Path) -> bytes | None:
    """Return the 32 bytes of a key file, or None when there is no such file."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise KeyFileError(f"The key file {path} cannot be read: {error.strerror}.") from error
    if len(content) != KEY_BYTES:
        raise KeyFileError(
            f"The key file {path} holds {len(content)} bytes instead of {KEY_BYTES}; it is not a key. {PUT_BACK}"
        )
    return content
