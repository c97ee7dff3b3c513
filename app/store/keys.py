"""The master key: where it is kept, how it is made once, and what is said when it is missing or wrong.

Four sources, one of which is chosen explicitly; there is no fallback from one to another, and never a key in clear
next to the data. Knows no database: a key is recognised by the check value in `key.json`.
"""

import json
import secrets
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from app.store import untold
from app.store.audit_words import Action
from app.store.derivation import KEY_BYTES, derive, rotation_matrix
from app.store.errors import MissingKeyError, RecoveryKeyError, WrongKeyError
from app.store.keycard import (
    KeyCard,
    accept,
    is_right,
    load_card,
    new_card,
    read_card,
    save_card,
    seal_key,
    unseal_key,
    was_right,
)
from app.store.places import PUT_BACK, AskPassphrase, KeySource, Place, place_of
from app.store.recovery import read_recovery_key, recovery_key

RECOVERY_FILE = "recovery file"
"""Stands in such a file where a card names its key source."""
_NO_RECOVERY_FILE = "This is not a file that `inhouse keys export-recovery` wrote."
__all__ = ["AskPassphrase", "KeySource", "OpenedKey", "derive", "open_key", "restore_key", "rotation_matrix"]


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
    place = place_of(home, card, source, key_file, credentials, ask_passphrase)
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
        raise WrongKeyError(_wrong(home, card, master, f"The key in {place}"))
    return OpenedKey(master=master, checked=bool(card.check))


def restore_key(
    home: Path,
    typed: str,
    *,
    source: KeySource,
    key_file: Path | None = None,
    ask_passphrase: AskPassphrase | None = None,
    known: KeyCard | None = None,
) -> OpenedKey:
    """Put the master key that a recovery key stands for into a source again.

    Args:
        home: the data directory; it may be empty, on another machine for instance.
        typed: the recovery key.
        source: where the key is to be kept.
        key_file: for the source "file".
        ask_passphrase: for the source "passphrase"; without one it is asked in the terminal.
        known: the card that came with the key, for a directory that has none.

    Raises:
        RecoveryKeyError: it is incomplete or mistyped.
        WrongKeyError: it is the recovery key of another data directory.
        KeyProblemError: the source cannot take it.
    """
    master = read_recovery_key(typed)
    card = load_card(home) or known or new_card(source)
    if card.check and not is_right(card, master):
        raise WrongKeyError(_wrong(home, card, master, "This recovery key"))
    save_card(home, card)
    place_of(home, card, source, key_file, None, ask_passphrase).write(master)
    save_card(home, replace(load_card(home) or card, source=source))
    untold.leave(home, Action.KEYS_RESTORED)
    return OpenedKey(master=master, checked=bool(card.check))


def recovery_file(home: Path, key: OpenedKey, passphrase: str) -> bytes:
    """Return the content of a file that holds the recovery key of a data directory, sealed by a passphrase."""
    card = load_card(home) or new_card("")
    sealed = seal_key(replace(card, source=RECOVERY_FILE), key.master, passphrase)
    return (json.dumps(asdict(sealed), indent=1) + "\n").encode()


def read_recovery_file(content: bytes, passphrase: str) -> tuple[KeyCard, str]:
    """Return the card in such a file, without what was sealed, and the recovery key.

    Raises:
        RecoveryKeyError: it is no such file.
        WrongPassphraseError: it was sealed by another passphrase.
    """
    try:
        card = read_card(content.decode())
    except (ValueError, TypeError, AttributeError) as error:
        raise RecoveryKeyError(_NO_RECOVERY_FILE) from error
    if card.source != RECOVERY_FILE:
        raise RecoveryKeyError(_NO_RECOVERY_FILE)
    return replace(card, salt="", sealed_key=""), recovery_key(unseal_key(card, passphrase))


def _missing(place: Place, card: KeyCard) -> str:
    """Say that an existing directory's key is gone, where it was, and how to bring it back."""
    return (
        f"The key of this data directory is not in {place}, and without it nothing in it can be read. "
        f"It was put into the source {card.source!r} (INHOUSE_KEY_SOURCE chooses). If it is lost, bring it back with "
        "the recovery key shown at the first start: run `inhouse keys restore`."
    )


def _wrong(home: Path, card: KeyCard, master: bytes, what: str) -> str:
    """Say that a key is not the one in force: an earlier one, or of another data directory."""
    if was_right(card, master):
        return (
            f"{what} is one that was replaced: the key of {home} was rotated, last on {card.rotated[:10]}. Nothing was "
            "changed. Use the key that was made then, or its recovery key."
        )
    return (
        f"{what} is not the key of {home}: it belongs to another data directory, or this is a copy from before the key "
        f"was rotated, which only the former key opens. {PUT_BACK}"
    )
