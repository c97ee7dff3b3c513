"""Files that take the place of a data directory's own: all of them or none, wherever the process is killed.

They are made complete in the folder `next`; one mark, written in one step, decides that they count. Whoever owns the
directory settles first: what is marked is moved to its place, what is not is thrown away. No key is needed for either.
"""

import json
import os
import shutil
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path

from app.store import untold
from app.store.audit_words import Action, Result
from app.store.copies import COMPANIONS
from app.store.errors import KeyProblemError, StoreError
from app.store.files import fault_of, sync_folder, write_privately
from app.store.places import Handover, give_up, take_over

FOLDER = "next"
_FILES, _PLAN, _DECIDED = "files", "plan.json", "decided.json"
_TOLD = {
    ("rotation", True): "The key was rotated: the new recovery key counts, the former one opens nothing any more.",
    ("rotation", False): "A rotation of the key was not completed and was undone: the key and recovery key from before "
    "count, one that was shown meanwhile does not.",
    ("restore", True): "The backup was restored.",
    ("restore", False): "A restore was not completed and was undone: everything is as it was before.",
}
_ACTIONS = {"rotation": Action.KEYS_ROTATED, "restore": Action.RESTORED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is to happen once the files count, beside moving them."""

    purpose: str
    """Why they are made: "rotation" or "restore"."""
    key: Handover = field(default_factory=Handover)
    remove: tuple[str, ...] = ()
    """What goes from the data directory and is not among the files: removing may be repeated after they were moved."""


def prepare(home: Path, plan: Plan) -> Path:
    """Return the empty folder in which the files are to be made; what an earlier attempt left is thrown away."""
    settle(home)
    folder = home / FOLDER / _FILES
    try:
        folder.mkdir(mode=0o700, parents=True)
    except OSError as error:
        raise fault_of(error, folder) from error
    write_privately(home / FOLDER / _PLAN, json.dumps(asdict(plan)).encode())
    return folder


def decide(home: Path) -> None:
    """Let the files count: from here on they take the place of the others, now or at the next start."""
    folder = home / FOLDER
    try:
        _sync(folder / _FILES)
        (folder / _PLAN).replace(folder / _DECIDED)
        sync_folder(folder)
    except OSError as error:
        raise fault_of(error, folder) from error
    settle(home)


def settle(home: Path) -> str:
    """Move files that count to their places, throw others away; return what that was, in a sentence.

    Whoever calls owns the data directory and has none of its files open. Can be killed and called again.

    Raises:
        DiskFaultError: a file cannot be moved; the next call goes on.
    """
    folder = home / FOLDER
    if not folder.exists():
        return ""
    try:
        decided = (folder / _DECIDED).exists()
        plan = _read(folder / (_DECIDED if decided else _PLAN))
        if decided:
            _move(folder / _FILES, home, plan)
            take_over(plan.key)
            untold.leave(home, _ACTIONS[plan.purpose])
        else:
            give_up(plan.key)
        shutil.rmtree(folder / _FILES, ignore_errors=True)  # before the plan, which says what is left to do
        shutil.rmtree(folder)
    except OSError as error:
        raise fault_of(error, folder) from error
    if not decided and plan.purpose and (home / "inhouse.db").exists():
        with suppress(StoreError):  # a full disk, perhaps; that it was undone matters more
            untold.leave(home, _ACTIONS[plan.purpose], Result.FAILED)
    return _TOLD.get((plan.purpose, decided), "")


def pending(home: Path) -> bool:
    """Whether something was begun that the next start completes or throws away."""
    return (home / FOLDER).exists()


def _read(path: Path) -> Plan:
    try:
        written = json.loads(path.read_text(encoding="utf-8"))
        return Plan(purpose=written["purpose"], key=Handover(**written["key"]), remove=tuple(written["remove"]))
    except FileNotFoundError:
        return Plan(purpose="")  # killed before it was written, or after everything was done
    except (ValueError, KeyError, TypeError) as error:
        raise KeyProblemError(f"{path} cannot be read. Put a backup of the data directory back.") from error


def _move(files: Path, home: Path, plan: Plan) -> None:
    """Put each file and folder in its place; one that is missing here is there already."""
    for name in plan.remove:
        _remove(home / name)
    for fresh in sorted(files.iterdir()) if files.is_dir() else ():
        for companion in COMPANIONS:  # of a database; it would be taken for a part of the new one
            (home / (fresh.name + companion)).unlink(missing_ok=True)
        if fresh.is_dir():
            _remove(home / fresh.name)
        fresh.replace(home / fresh.name)
    sync_folder(home)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _sync(folder: Path) -> None:
    """See that everything in a folder is on the disk."""
    for place, _, names in os.walk(folder):
        for name in names:
            descriptor = os.open(Path(place) / name, os.O_RDWR)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
        sync_folder(Path(place))
