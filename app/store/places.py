"""Where a master key can be kept: the system keyring, a passphrase's card, a systemd credential, a file.

Each place says in a sentence what is wrong with it. Knows no database; what a key opens is known to `app.store.keys`.
"""

import getpass
import os
import stat
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

import keyring
from keyring.backend import KeyringBackend
from keyring.backends.chainer import ChainerBackend
from keyring.errors import KeyringError, KeyringLocked

from app.store.derivation import KEY_BYTES
from app.store.errors import KeyFileError, KeyringLockedError, NoKeyringError, PassphraseError, WrongKeyError
from app.store.files import write_privately
from app.store.keycard import KeyCard, save_card, seal_key, unseal_key

KeySource = Literal["keyring", "passphrase", "credential", "file"]
AskPassphrase = Callable[[str], str]
"""A prompt -> what was typed; `getpass.getpass` is one."""

CREDENTIAL = "inhouse-master-key"
SHORTEST_PASSPHRASE = 12
PUT_BACK = "Nothing was changed. Put the right one back, or run `inhouse keys restore` with the recovery key."
TRUSTED_KEYRINGS = frozenset({"SecretService", "libsecret", "kwallet", "macOS", "Windows"})
"""The backends of the `keyring` package that hand the key to the operating system's own store."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Handover:
    """What is left to do outside of the data directory when another key comes into force, or is given up."""

    key_file: str = ""
    """The key file; the next key lies beside it."""
    old_entry: str = ""
    new_entry: str = ""
    """Entries of the system keyring."""


class Place(Protocol):
    """Somewhere a key can be kept; `str` of it names it in a sentence."""

    def read(self) -> bytes | None:
        """Return the key, or None where there is none."""

    def write(self, master: bytes, /) -> None:
        """Keep a key where there is none."""

    def handover(self, following: KeyCard, /) -> Handover:
        """Say what `stage` would leave to do; a place that cannot keep another key refuses."""

    def stage(self, master: bytes, following: KeyCard, /) -> KeyCard:
        """Put the next key beside the one in force, and return the card that goes with it."""


def take_over(left: Handover) -> None:
    """Let the next key be the one in force, as far as its place is outside of the data directory; can be repeated."""
    if left.key_file and (following := _beside(Path(left.key_file))).exists():
        following.replace(left.key_file)
    _forget_entry(left.old_entry)


def give_up(left: Handover) -> None:
    """Forget the next key; can be repeated."""
    if left.key_file:
        _beside(Path(left.key_file)).unlink(missing_ok=True)
    _forget_entry(left.new_entry)


def place_of(
    home: Path,
    card: KeyCard,
    source: KeySource,
    key_file: Path | None,
    credentials: Path | None,
    ask_passphrase: AskPassphrase | None,
) -> Place:
    """Return the place for a source, without opening it."""
    match source:
        case "keyring":
            return _SystemKeyring(entry_of(card))
        case "passphrase":
            return _SealedCard(home, card, ask_passphrase or ask_in_terminal)
        case "credential":
            return _Credential(credentials)
        case "file":
            return _KeyFile(key_file)


class _SystemKeyring:
    """An entry of its own in the operating system's keyring for each data directory."""

    def __init__(self, name: str) -> None:
        self._name = name
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

    def handover(self, following: KeyCard) -> Handover:
        return Handover(old_entry=self._name, new_entry=entry_of(following))

    def stage(self, master: bytes, following: KeyCard) -> KeyCard:
        _SystemKeyring(entry_of(following)).write(master)
        return following


def entry_of(card: KeyCard) -> str:
    """Return the name of a data directory's entry in the keyring; each key it had has another one."""
    return f"master key {card.installation}" + (f" {card.generation}" if card.generation > 1 else "")


def _forget_entry(name: str) -> None:
    """Delete an entry of the system keyring; one that cannot be deleted opens nothing any more and stays."""
    if name:
        with suppress(KeyringError, OSError, NoKeyringError):
            _trusted_keyring().delete_password("Inhouse", name)


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
        save_card(self._home, seal_key(self._card, master, self._new_passphrase()))

    def handover(self, _following: KeyCard, /) -> Handover:
        return Handover()

    def stage(self, master: bytes, following: KeyCard) -> KeyCard:
        return seal_key(following, master, self._new_passphrase())

    def _new_passphrase(self) -> str:
        return ask_twice(self._ask)


def ask_twice(ask: AskPassphrase) -> str:
    """Return a new passphrase that was typed twice.

    Raises:
        PassphraseError: it is too short, or the two differ.
    """
    passphrase = ask(f"New passphrase (at least {SHORTEST_PASSPHRASE} characters): ")
    if len(passphrase) < SHORTEST_PASSPHRASE:
        raise PassphraseError
    if ask("The same passphrase again: ") != passphrase:
        raise PassphraseError("The two passphrases differ. Nothing was changed; try again.")
    return passphrase


def ask_in_terminal(prompt: str) -> str:
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

    def handover(self, _following: KeyCard, /) -> Handover:
        raise KeyFileError(
            "systemd keeps this key, and Inhouse cannot replace it there. Stop the service, set "
            "INHOUSE_KEY_SOURCE=file and INHOUSE_KEY_FILE, put the key there with `inhouse keys restore`, rotate it, "
            f"and give systemd the new one with `systemd-creds encrypt --name={CREDENTIAL}`. Nothing was changed."
        )

    def stage(self, _master: bytes, following: KeyCard, /) -> KeyCard:
        self.handover(following)
        return following


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
        write_privately(self._path, master, chosen=True)

    def handover(self, _following: KeyCard, /) -> Handover:
        return Handover(key_file=str(self._path.resolve()))

    def stage(self, master: bytes, following: KeyCard) -> KeyCard:
        write_privately(_beside(self._path.resolve()), master, chosen=True)
        return following


def _beside(key_file: Path) -> Path:
    """Return where the next key waits."""
    return key_file.with_name(key_file.name + ".next")


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
