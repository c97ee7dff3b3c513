"""A rotation of the master key that somebody asked for on a page: noted in the data directory, done by the next start.

Rotating needs everything closed, so nobody can do it while Inhouse serves. Until the start it can be taken back; killed
in the middle, the start after that goes on with it. Knows no page; who may ask is the doors' to say.
"""

import json
import threading
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path

from app.custody.rotating import rotate
from app.errors import AppError, explain
from app.store import untold
from app.store.audit_words import Action, Result
from app.store.files import write_privately
from app.store.keycard import load_card, new_card
from app.store.keys import open_key
from app.store.ownership import Ownership
from app.store.places import KeySource, place_of
from app.store.staging import settle
from retrieval.errors import RetrievalError

FILE = "rotation.json"
BY_ITSELF: frozenset[KeySource] = frozenset({"keyring", "file"})
"""Where another key can be put without anybody typing something."""
DONE = """\
The master key was replaced, as was asked for. The former recovery key opens nothing any more: take out the new one on
the Safekeeping page, or with `inhouse keys export-recovery FILE`, and keep it away from this machine.
"""


class AtTheTerminalError(AppError):
    """This key is sealed by a passphrase or kept by systemd. Stop Inhouse and run `inhouse keys rotate`."""

    status = 409


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """That another master key is wanted."""

    at: float
    """Seconds since 1970."""
    generation: int
    """Which key of the directory it will be: once it has that many, this is done."""


def ask(home: Path, *, source: KeySource) -> Asked:
    """Note that the next start shall rotate the key; asking twice is asking once.

    Raises:
        AtTheTerminalError: somebody has to be there to put the next key into its place.
        DiskFullError: it cannot be noted.
    """
    if source not in BY_ITSELF:
        raise AtTheTerminalError
    if known := asked(home):
        return known
    wanted = Asked(at=time.time(), generation=_generation(home) + 1)
    write_privately(home / FILE, json.dumps(asdict(wanted)).encode())
    return wanted


def asked(home: Path) -> Asked | None:
    """Return what the next start is to do; None where nothing was asked for, or it was done."""
    try:
        wanted = Asked(**json.loads((home / FILE).read_bytes()))
    except (OSError, ValueError, TypeError):
        return None
    return wanted if _generation(home) < wanted.generation else None


def cancel(home: Path) -> None:
    """Take back what was asked for; nothing happens where nothing was."""
    (home / FILE).unlink(missing_ok=True)


def rotate_as_asked(
    home: Path, *, source: KeySource, key_file: Path | None, stop: threading.Event, tell: Callable[[str], None]
) -> None:
    """Rotate the key where that was asked for; call it at a start, before anything of the directory is open.

    What cannot be done is told and forgotten, and the old key stays in force; stopped, the next start does it.

    Raises:
        DirectoryInUseError: another process owns the directory.
        DiskFaultError: what a killed process left cannot be moved.
        KeyProblemError: the key cannot be had, so nothing can be opened either; the next start tries again.
    """
    if not (home / FILE).exists():
        return
    owned = Ownership.acquire(home)
    try:
        if settled := settle(home):
            tell(settled)
        if asked(home) is not None and not _rotate(home, source, key_file, stop, tell):
            return
        cancel(home)
    finally:
        owned.release()


def _rotate(
    home: Path, source: KeySource, key_file: Path | None, stop: threading.Event, tell: Callable[[str], None]
) -> bool:
    """Rotate; whether it is over, well or not."""
    key = open_key(home, source=source, key_file=key_file) if source in BY_ITSELF else None
    tell("The master key is being replaced, as was asked for on the Safekeeping page.")
    try:
        if key is None:
            raise AtTheTerminalError
        place = place_of(home, load_card(home) or new_card(source), source, key_file, None, None)
        with closing(rotate(home, key, place, show=_to_nobody)) as steps:
            for _ in steps:
                if stop.is_set():
                    return False
    except (AppError, RetrievalError) as error:
        untold.leave(home, Action.KEYS_ROTATED, Result.FAILED)
        tell(f"The master key was not replaced. {explain(error)}")
        return True
    tell(DONE)
    return True


def _to_nobody(_key: str) -> None:
    """Show the recovery key to nobody: what a service says stands in a journal, and whoever asked is not there."""


def _generation(home: Path) -> int:
    card = load_card(home)
    return card.generation if card else 1
