"""What the `inhouse keys` commands do: options in, exit status out.

They need no product. Telling of the key and exporting its recovery key works beside a running Inhouse; whoever
replaces or restores the key must own the data directory.
"""

import argparse
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.console.terminal import ProgressLine, interruptible, print_value, say
from app.console.typed import agreed, secret
from app.errors import AppError, explain

if TYPE_CHECKING:
    from app.settings import Settings
    from app.store.keys import OpenedKey
    from app.store.ownership import Ownership

NEW_KEY = """\
The new recovery key of {home}, shown only this once:

    {key}

Write it down and keep it away from this machine. The former one opens nothing any more once this has ended well.
"""


class StoppedError(AppError):
    """Stopped. The key from before is in force everywhere, with its recovery key; the one that was shown is not."""

    status = 499


class FileExistsAlreadyError(AppError):
    """There is a file of this name already; it is not replaced."""

    status = 409


class StillRunningError(AppError):
    """Inhouse is running on this data directory. Stop it, then try again; nothing was changed."""

    status = 409


def status(options: argparse.Namespace) -> int:
    """Print where the key is kept, how many there were, and whether the right one is there."""
    from app.custody.asked_rotation import asked
    from app.settings import load_settings
    from app.store.errors import StoreError
    from app.store.keycard import load_card
    from app.store.staging import pending

    settings = load_settings()
    card = load_card(settings.home)
    check_set_up(settings)
    told: dict[str, Any] = {"home": str(settings.home), "source": settings.key_source}
    told |= {"generation": card.generation, "rotated": card.rotated} if card else {"generation": 1, "rotated": ""}
    told |= {"pending": pending(settings.home), "asked": asked(settings.home) is not None}
    try:
        opened_key(settings)
        told |= {"right": True, "sentence": f"The key of {settings.home} is there and is the right one."}
    except StoreError as error:
        told |= {"right": False, "sentence": explain(error)}
    print_value(told, command="keys status", as_json=options.json)
    return 0 if told["right"] else 1


def rotate(options: argparse.Namespace) -> int:
    """Replace the master key, showing the new recovery key before it comes into force."""
    from app.custody.rotating import rotate as rotating
    from app.settings import load_settings
    from app.store.keycard import load_card, new_card
    from app.store.places import place_of

    settings, line = load_settings(), ProgressLine()
    shown: list[str] = []

    def show(key: str) -> None:
        line.clear()
        shown.append(key)
        say(NEW_KEY.format(home=settings.home, key=key))
        if not options.yes and sys.stdin.isatty():
            say("Type its last four characters to go on:")
            if not agreed(key[-4:]):
                raise StoppedError

    with interruptible() as stop, owned(settings):
        check_set_up(settings)
        key, card = opened_key(settings), load_card(settings.home) or new_card(settings.key_source)
        place = place_of(
            settings.home, card, settings.key_source, settings.key_file, settings.credentials_directory, secret
        )
        with closing(rotating(settings.home, key, place, show=show)) as steps:
            for step in steps:
                line.show(step.text, step.done, step.total)
                if stop.is_set():
                    raise StoppedError
    line.clear()
    sentence = "The key was rotated. Backups made before it open with the recovery key from before."
    print_value({"sentence": sentence, "recovery_key": shown[0]}, command="keys rotate", as_json=options.json)
    return 0


def export(options: argparse.Namespace) -> int:
    """Write the recovery key into a file, sealed by a passphrase."""
    from app.settings import load_settings
    from app.store.files import write_privately
    from app.store.keys import recovery_file
    from app.store.places import ask_twice

    settings, path = load_settings(), options.file.absolute()
    if path.exists():
        raise FileExistsAlreadyError(f"There is a file at {path} already; it is not replaced. Choose another place.")
    check_set_up(settings)
    key = opened_key(settings)
    write_privately(path, recovery_file(settings.home, key, ask_twice(secret)), chosen=True)
    sentence = f"{path} holds the recovery key. It opens with the passphrase and `inhouse keys restore {path.name}`."
    print_value({"sentence": sentence, "path": str(path)}, command="keys export-recovery", as_json=options.json)
    return 0


def restore(options: argparse.Namespace) -> int:
    """Put the master key that a recovery key stands for into the key source again; the data stays as it is."""
    from app.settings import load_settings
    from app.store.keys import restore_key

    settings = load_settings()
    with owned(settings):
        known, typed = _recovery_key(options.file)
        source, key_file = settings.key_source, settings.key_file
        restore_key(settings.home, typed, source=source, key_file=key_file, ask_passphrase=secret, known=known)
    value = {"source": settings.key_source, "sentence": f"The key is in the source {settings.key_source!r} again."}
    print_value(value, command="keys restore", as_json=options.json)
    return 0


def _recovery_key(file: Path | None) -> tuple[Any, str]:
    """Return the recovery key that is typed, or the one in a file with the card that came with it."""
    from app.store.errors import RecoveryKeyError
    from app.store.keys import read_recovery_file

    if file is None:
        say("Type the recovery key that was shown at the first start, or when the key was rotated last:")
        return None, sys.stdin.readline()
    try:
        content = file.read_bytes()
    except OSError as error:
        raise RecoveryKeyError(f"{file} cannot be read: {error.strerror}.") from error
    return read_recovery_file(content, secret("Passphrase of this file: "))


def owned(settings: "Settings") -> "Ownership":
    """Own the data directory, with whatever was begun in it settled."""
    from app.store.errors import DirectoryInUseError
    from app.store.ownership import Ownership
    from app.store.staging import settle

    try:
        owned = Ownership.acquire(settings.home)
    except DirectoryInUseError as error:
        raise StillRunningError(f"{error} Stop it first, then try again; nothing was changed.") from error
    if settled := settle(settings.home):
        say(settled)
    return owned


def opened_key(settings: "Settings") -> "OpenedKey":
    """Return the key in force; none is made."""
    from app.store.keys import open_key

    return open_key(
        settings.home,
        source=settings.key_source,
        key_file=settings.key_file,
        credentials=settings.credentials_directory,
        ask_passphrase=secret,
    )


def check_set_up(settings: "Settings") -> None:
    """Refuse a data directory in which there is nothing yet."""
    from app.store.errors import MissingKeyError

    if not (settings.home / "key.json").exists() and not (settings.home / "inhouse.db").exists():
        raise MissingKeyError(f"There is nothing in {settings.home} yet. Run `inhouse setup`.")
