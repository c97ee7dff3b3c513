"""Find the files to learn under the paths a person names.

Knows paths and names only; reads nothing yet. Symbolic links are not followed out of a folder: like a device or a
pipe, such a link is a file that cannot be read, and says so. Hidden files and Office's lock files are passed over.
"""

import os
import stat
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from retrieval.errors import FolderGoneError, UnreachablePathError, UnreadableDocumentError
from retrieval.names import path_name, safe_name
from retrieval.readers import limits

_ATTEMPTS = 3
"""To read a file that changes meanwhile."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One file to learn."""

    name: str
    """Relative to what was named, `/` between folders; for a single file its name."""
    read: Callable[[], bytes]
    """Its bytes; raises UnreadableDocumentError with a sentence where they cannot be had, and FolderGoneError where the
    folder that was named is there no more."""
    question: str = ""
    """What it answers, where it is a verified answer: a line of it that is embedded by itself as well."""


def collect(paths: Sequence[Path]) -> list[Source]:
    """Return the files at and below the paths, by name.

    Raises:
        UnreachablePathError: a path does not exist, may not be read, or two files would have the same name.
    """
    found: dict[str, tuple[Path, Path]] = {}
    for path in paths:
        for name, file in _files(path):
            if name in found and not _same(found[name][0], file):
                raise UnreachablePathError(f"Two files would both be called {name}. Name the folder that holds both.")
            found[name] = (file, path)
    return [_source(name, *found[name]) for name in sorted(found)]


def bytes_source(name: str, data: bytes) -> Source:
    """Return a source for bytes that are in memory already, such as an upload; its name is made safe to show."""
    return Source(name=safe_name(name), read=lambda: data)


def _files(path: Path) -> Iterator[tuple[str, Path]]:
    if path.is_file():
        yield path.name, path
    elif path.is_dir():
        yield from _below(path)
    else:
        raise UnreachablePathError(f"There is no file or folder at {path}.")


def _below(folder: Path) -> Iterator[tuple[str, Path]]:
    def refuse(error: OSError) -> None:
        raise UnreachablePathError(f"The folder {error.filename} cannot be read: {error.strerror}.")

    root = folder.resolve()
    for place, folders, files in os.walk(root, onerror=refuse):
        folders[:] = [name for name in folders if not name.startswith(".")]
        links = [name for name in folders if _leads_outside(Path(place) / name, root)]  # others are met on their own
        for name in [*files, *links]:
            if not name.startswith((".", "~$")):
                file = Path(place) / name
                yield file.relative_to(root).as_posix(), file


def _leads_outside(path: Path, root: Path) -> bool:
    return path.is_symlink() and not path.resolve().is_relative_to(root)


def _source(name: str, path: Path, named: Path) -> Source:
    """Return a file as a source; what it is, is looked at when it is read, as it may have changed until then."""

    def read() -> bytes:
        try:
            if path != named and _leads_outside(path, named.resolve()):
                raise UnreadableDocumentError(f"{path.name} is a link that leads out of {named}. Name its target.")
            return _whole(path)
        except OSError as error:
            if path != named and not named.exists():
                raise FolderGoneError(
                    f"{named} vanished while it was being read. Nothing was removed; make it available and try again."
                ) from error
            raise UnreadableDocumentError(f"{path.name} cannot be opened: {error.strerror}.") from error

    return Source(name=path_name(name), read=read)


def _whole(path: Path) -> bytes:
    """Return the bytes of a file that did not change while they were read."""
    for _ in range(_ATTEMPTS):
        before = path.stat()
        if not stat.S_ISREG(before.st_mode):
            raise UnreadableDocumentError(f"{path.name} is no ordinary file and cannot be read.")
        if before.st_size > limits.FILE_BYTES:
            raise UnreadableDocumentError(f"{path.name} is larger than {limits.FILE_BYTES // 2**20} MB. Split it.")
        data = path.read_bytes()
        after = path.stat()
        if (before.st_size, before.st_mtime_ns) == (after.st_size, after.st_mtime_ns) == (len(data), after.st_mtime_ns):
            return data
    raise UnreadableDocumentError(
        f"{path.name} is being written to. It is read the next time, when whoever writes it has finished."
    )


def _same(one: Path, other: Path) -> bool:
    return one.resolve() == other.resolve()
