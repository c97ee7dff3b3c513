"""`key.json`: what a data directory remembers about its key, none of it secret by itself.

An installation id (so that two data directories never share a keyring entry), the source the key was put into, a
check value that tells a right key from a wrong one, and with the passphrase source the sealed key.
"""

import hmac
import json
import secrets
import unicodedata
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from app.store.derivation import CHECK, KEY_BYTES, derive
from app.store.errors import DamagedDatabaseError, KeyProblemError, WrongPassphraseError
from app.store.files import write_privately
from app.store.sealing import seal, unseal

SCRYPT_N = 2**17
"""With r = 8, p = 1: 128 MiB and about 0.4 s a guess (OWASP's first recommendation for scrypt)."""

HARDEST_SCRYPT_N = 2**20
"""A file cannot ask for more than 1 GiB and a few seconds to try a passphrase on it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyCard:
    """The contents of `key.json`; binary fields are hexadecimal."""

    installation: str
    source: str
    check: str = ""
    """Empty until a key was accepted."""
    salt: str = ""
    scrypt_n: int = SCRYPT_N
    sealed_key: str = ""
    """The master key under the passphrase; other sources leave it empty."""
    generation: int = 1
    """How many keys the directory has had."""
    former: tuple[str, ...] = ()
    """Check values of the keys that were replaced."""
    rotated: str = ""
    """When that was last: a day and time of ISO 8601."""


def new_card(source: str, *, installation: str = "") -> KeyCard:
    """Return the card of a directory that has no key yet; `installation` where it takes over one."""
    return KeyCard(installation=installation or secrets.token_hex(8), source=source)


def load_card(home: Path) -> KeyCard | None:
    """Return the card of a data directory, or None when there is none.

    Raises:
        KeyProblemError: when the file is there but cannot be understood.
    """
    path = home / "key.json"
    try:
        return read_card(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError) as error:
        sentence = f"{path} cannot be read. Put it back from a backup, or move it away and use the recovery key."
        raise KeyProblemError(sentence) from error


def read_card(text: str) -> KeyCard:
    """Return the card a text is; what a newer program added to it is passed over.

    Raises:
        ValueError, TypeError: it is none.
    """
    written = json.loads(text)
    card = KeyCard(**{name: written[name] for name in KeyCard.__dataclass_fields__ if name in written})
    texts = (card.installation, card.source, card.check, card.salt, card.sealed_key, card.rotated, *card.former)
    counts = (card.scrypt_n, card.generation)
    if not all(isinstance(one, str) for one in texts) or not all(type(one) is int and one > 0 for one in counts):
        raise ValueError("a field is of another type")
    if card.scrypt_n.bit_count() != 1 or not 1 < card.scrypt_n <= HARDEST_SCRYPT_N:
        raise ValueError("no honest card asks for this")
    for one in (card.check, card.salt, card.sealed_key, *card.former):
        bytes.fromhex(one)
    return replace(card, former=tuple(card.former))


def save_card(home: Path, card: KeyCard) -> None:
    """Write the card in one step."""
    write_privately(home / "key.json", (json.dumps(asdict(card), indent=1) + "\n").encode())


def accept(card: KeyCard, master: bytes) -> KeyCard:
    """Return the card with the check value of this key."""
    return replace(card, check=derive(master, CHECK).hex())


def is_right(card: KeyCard, master: bytes) -> bool:
    """Whether this is the key the card was made for."""
    return hmac.compare_digest(card.check, derive(master, CHECK).hex())


def was_right(card: KeyCard, master: bytes) -> bool:
    """Whether this was the key before it was replaced."""
    return derive(master, CHECK).hex() in card.former


def following(card: KeyCard, master: bytes) -> KeyCard:
    """Return the card for the next key of the same data directory."""
    former, now = (*card.former, card.check), datetime.now(UTC).isoformat(timespec="seconds")
    fresh = replace(card, generation=card.generation + 1, former=former, rotated=now, salt="", sealed_key="")
    return accept(fresh, master)


def seal_key(card: KeyCard, master: bytes, passphrase: str) -> KeyCard:
    """Return the card with the master key sealed under a passphrase."""
    salt = secrets.token_bytes(16)
    sealed = seal(stretch(passphrase, salt, SCRYPT_N), master, place=card.installation)
    return replace(card, salt=salt.hex(), scrypt_n=SCRYPT_N, sealed_key=sealed.hex())


def unseal_key(card: KeyCard, passphrase: str) -> bytes:
    """Return the master key that was sealed under this passphrase.

    Raises:
        WrongPassphraseError: when it is another one.
    """
    key = stretch(passphrase, bytes.fromhex(card.salt), card.scrypt_n)
    try:
        return unseal(key, bytes.fromhex(card.sealed_key), place=card.installation)
    except DamagedDatabaseError as error:
        raise WrongPassphraseError from error


def stretch(passphrase: str, salt: bytes, n: int) -> bytes:
    """Return the key that a passphrase stands for, however it was typed.

    Source: Percival and Josefsson, RFC 7914 (scrypt).
    """
    normal = unicodedata.normalize("NFC", passphrase).encode()
    return Scrypt(salt=salt, length=KEY_BYTES, n=n, r=8, p=1).derive(normal)
