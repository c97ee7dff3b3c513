"""Conversations that left the engine's memory, in sealed files, so that they come back at once.

A file holds the tokens a slot had read and the state the model was in after them. It is a cache: whatever is wrong
with a file or the disk, the tokens are read again. Names tell nothing: a keyed mark of the model, and chance. Knows no
slot and no llama.cpp; files are read and written by threads of its own, the index is used by the engine's thread.
"""

import contextlib
import hashlib
import hmac
import os
import secrets
import shutil
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

from models.errors import NotErasedError
from models.sealed import Bytes, DamagedFileError, Seal, read_body, read_header, write_sealed

SUFFIX, UNFINISHED = ".state", ".part"
FORMAT = "1"
WAITING = 2
"""States on their way to a file at once; each takes as much memory as its slot, so further ones are not saved."""
SHARE_OF_DISK = 10
"""At most one part in so many of the disk's free space is used, whatever the limit."""

Tokens = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where states are saved."""

    folder: Path
    key: bytes = field(repr=False)
    """32 bytes that seal nothing else."""
    most_bytes: int
    """How large the folder may become; those unused for longest leave it first."""


@dataclass(frozen=True, slots=True, eq=False)
class Saved:
    """One file, and what it holds."""

    path: Path
    tokens: Tokens

    def shared(self, wanted: Tokens) -> int:
        """Return how many tokens from its beginning it has."""
        length = min(len(self.tokens), len(wanted))
        differing = np.flatnonzero(self.tokens[:length] != wanted[:length])
        return int(differing[0]) if len(differing) else length

    def helps(self, wanted: Tokens, *, whole: bool) -> int:
        """Return the same; with `whole`, 0 unless it has nothing else."""
        shared = self.shared(wanted)
        return 0 if whole and shared < len(self.tokens) else shared


@dataclass(frozen=True, slots=True, eq=False)
class Fetched:
    """A state out of its file."""

    state: Bytes
    length: int
    """How many of its tokens the prompt begins with."""


class SavedStates:
    """The saved states of one model, and the bound on all of them."""

    def __init__(self, place: Place, *, about: str) -> None:
        """Look through the folder.

        Args:
            place: where they lie; made where it is missing.
            about: everything a state depends on: model, types, version. Files of another one are left alone.
        """
        self._place = place
        self._about = f"{FORMAT} {about}".encode()
        self._mark = hmac.digest(place.key, b"model " + self._about, hashlib.sha256).hex()[:16]
        self._writing = ThreadPoolExecutor(1, "saving")
        self._reading = ThreadPoolExecutor(1, "fetching")
        self._lock = threading.Lock()
        self._waiting = 0
        self._saved: dict[Path, Saved] = {}
        self._room: Path | None = None
        self.move_in()

    @property
    def evicted(self) -> bool:
        """Whether somebody else destroyed everything: nothing read until now may be saved, then it is to move in."""
        return self._room is not None and not self._room.is_dir()

    def move_in(self) -> None:
        """Use the one folder in the place, or make one, and note what lies there; without one nothing is saved.

        Its name is chance: what is destroyed goes with its folder, so an engine that was not told writes nowhere.
        """
        try:
            self._place.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            rooms = sorted(child for child in self._place.folder.iterdir() if child.is_dir())
            room = rooms[0] if rooms else self._place.folder / secrets.token_hex(8)
            room.mkdir(mode=0o700, exist_ok=True)
            for file in room.glob(f"*{UNFINISHED}"):
                file.unlink(missing_ok=True)
            found = [self._look(file) for file in room.glob(f"{self._mark}-*{SUFFIX}")]
        except OSError:
            return
        with self._lock:
            self._room = room
            self._saved = {saved.path: saved for saved in found if saved}

    def _seal(self, path: Path) -> Seal:
        return Seal(hmac.digest(self._place.key, b"file " + path.stem.encode(), hashlib.sha256), self._about)

    def _look(self, path: Path) -> Saved | None:
        """Return what a file holds; a damaged one is removed."""
        try:
            with path.open("rb") as stream:
                header, _ = read_header(stream, self._seal(path))
            return Saved(path, np.frombuffer(header, np.int32))
        except (OSError, ValueError, DamagedFileError):
            self._remove(path)
            return None

    def _remove(self, path: Path) -> None:
        with self._lock:
            self._saved.pop(path, None)
        with contextlib.suppress(OSError):
            path.unlink(missing_ok=True)

    def shared(self, wanted: Sequence[int], *, whole: bool = False) -> int | None:
        """Return how many tokens from a prompt's beginning are saved; None where nothing at all is.

        Args:
            wanted: the prompt.
            whole: count only states that the prompt begins with altogether.
        """
        tokens, saved = np.asarray(wanted, np.int32), self._all()
        return max((each.helps(tokens, whole=whole) for each in saved), default=None)

    def fetch(self, wanted: Sequence[int], *, least: int, whole: bool) -> Future[Fetched | None] | None:
        """Begin to read the state that helps a prompt most; None where none does.

        Args:
            wanted: the prompt.
            least: how many of its tokens a state must have to be worth it.
            whole: whether a state helps only when the prompt goes on after all of it.
        """
        tokens = np.asarray(wanted, np.int32)[:-1]  # the last is always read again
        ranked = [(saved.helps(tokens, whole=whole), saved) for saved in self._all()]
        length, best = max(ranked, key=lambda each: each[0], default=(0, None))
        return self._reading.submit(self._read, best, length) if best and length >= least else None

    def _all(self) -> list[Saved]:
        with self._lock:
            return list(self._saved.values())

    def _read(self, saved: Saved, length: int) -> Fetched | None:
        try:
            with saved.path.open("rb") as stream:
                seal = self._seal(saved.path)
                _, size = read_header(stream, seal)
                state = read_body(stream, seal, size)
            os.utime(saved.path)
        except (OSError, MemoryError, DamagedFileError):
            self._remove(saved.path)
            return None
        return Fetched(state, length)

    def save(self, tokens: Sequence[int], take: Callable[[], Bytes], *, then: Callable[[], None]) -> None:
        """Have a state written; nothing happens where there is no room, or too many are being written.

        Args:
            tokens: what the slot has read.
            take: copies its state; called at once, or never.
            then: called when the file is there, by another thread.
        """
        with self._lock:
            room = self._room
            if room is None or self._waiting == WAITING:
                return
            self._waiting += 1
        saved = Saved(room / f"{self._mark}-{secrets.token_hex(16)}{SUFFIX}", np.asarray(tokens, np.int32))
        try:
            state = take()
            self._writing.submit(self._write, saved, state, then)
        except BaseException:
            with self._lock:
                self._waiting -= 1
            raise

    def _write(self, saved: Saved, state: Bytes, then: Callable[[], None]) -> None:
        try:
            written = self._make_room(state.nbytes) and self._write_file(saved, state)
        finally:
            with self._lock:
                self._waiting -= 1
        if written:
            then()

    def _write_file(self, saved: Saved, state: Bytes) -> bool:
        """Write the file; False where the disk refuses, and then nothing of it is left."""
        part = saved.path.with_suffix(UNFINISHED)
        try:
            descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
            with os.fdopen(descriptor, "wb") as stream:
                write_sealed(stream, self._seal(saved.path), header=saved.tokens.tobytes(), body=state)
            # Not synced: of a power cut a damaged file is left at worst, which the next start removes.
            part.replace(saved.path)
        except OSError:
            with contextlib.suppress(OSError):
                part.unlink(missing_ok=True)
            return False
        self._note(saved)
        return True

    def _note(self, saved: Saved) -> None:
        """Add a file to the index; those it begins with have had their day."""
        for old in self._all():
            if old.shared(saved.tokens) == len(old.tokens):
                self._remove(old.path)
        with self._lock:
            self._saved[saved.path] = saved

    def _make_room(self, size: int) -> bool:
        """Remove the files unused for longest until this many bytes more are within the bound."""
        try:
            files = sorted(_files(self._place.folder))
            used = sum(length for _, length, _ in files)
            free = shutil.disk_usage(self._place.folder).free
        except OSError:
            return False
        bound = min(self._place.most_bytes, (free + used) // SHARE_OF_DISK)
        for _, length, path in files if size <= bound else ():
            if used + size <= bound:
                break
            self._remove(path)
            used -= length
        return size <= bound

    def settle(self) -> None:
        """Wait until everything is written that is on its way."""
        with contextlib.suppress(RuntimeError):  # closed: nothing is
            self._writing.submit(lambda: None).result()

    def forget(self) -> None:
        """Destroy everything that was saved, of other models too.

        Raises:
            NotErasedError: something is still there.
        """
        with self._lock:
            self._saved, self._room = {}, None
        self.settle()
        try:
            destroy(self._place.folder)
        finally:
            self.move_in()

    def close(self) -> None:
        """Write what is on its way, and end."""
        self._writing.shutdown()
        self._reading.shutdown()


def destroy(folder: Path) -> None:
    """Remove every saved state, whichever model's, in a folder that may not even exist.

    Raises:
        NotErasedError: something is still there.
    """
    shutil.rmtree(folder, ignore_errors=True)
    if any(left.is_file() for left in folder.rglob("*")):
        raise NotErasedError(
            f"What the engine saved of conversations in {folder} cannot be removed. Check the folder's permissions "
            "and the disk, then try again."
        )


def _files(folder: Path) -> Iterator[tuple[int, int, Path]]:
    """Yield when each file was last used, its bytes and its path."""
    for file in folder.glob(f"*/*{SUFFIX}"):
        with contextlib.suppress(FileNotFoundError):
            about = file.stat()
            yield about.st_mtime_ns, about.st_size, file
