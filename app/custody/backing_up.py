"""One encrypted file with everything a data directory keeps, written while it is used.

Within: the database as it was at one moment, the sealed originals, the vectors, the settings, and last a manifest with
the SHA-256 of each. The file opens with the master key (so with the recovery key) and, when one is given, with a
passphrase. People's keys are not in it (docs/decisions/0034-backups-and-peoples-keys.md).
"""

import hashlib
import io
import json
import os
import shutil
import struct
import tarfile
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import BinaryIO, cast

from sqlalchemy import select

from app.errors import AppError
from app.store.container import SealedReader, SealedWriter
from app.store.copied_keys import check_place, write_keys
from app.store.copies import check_copy, snapshot
from app.store.derivation import BACKUPS, DATABASE, derive
from app.store.errors import DamagedFileError, FileExistsAlreadyError
from app.store.files import fault_of
from app.store.keycard import load_card
from app.store.keys import OpenedKey
from app.store.opening import Store
from app.store.schema import originals
from retrieval.errors import RetrievalError
from retrieval.generations import embedder_of
from retrieval.library import Library

KIND = "a backup"
SUFFIX = ".inhouse-backup"
WORKPLACE = "backup"
ABOUT, MANIFEST, DATABASE_FILE = "about.json", "manifest.json", "inhouse.db"
VECTORS, ORIGINALS = "vectors", "originals"
SMALL_FILES = ("inhouse.toml", "demonstration")
COPY_BYTES = 2**20


@dataclass(frozen=True, slots=True, kw_only=True)
class Copying:
    """How far a backup is."""

    text: str
    done: int = 0
    total: int = 0


class BackupRunningError(AppError):
    """A backup is being made already. Wait until it has ended, then try again."""

    status = 409


@dataclass(frozen=True, slots=True, kw_only=True)
class Backups:
    """Makes backups of an open data directory, one at a time: they copy the database into the same place."""

    home: Path
    key: OpenedKey
    store: Store
    library: Callable[[], Library]
    turn: Lock = field(default_factory=Lock)

    def write(self, path: Path, *, passphrase: str = "") -> Generator[Copying, None, dict[str, int]]:
        """Write a backup and read it back, yielding progress; return how much of what is in it.

        Stopped or failed, it leaves no file.

        Raises:
            FileExistsAlreadyError: there is a file at the path.
            BackupRunningError: another one is being made.
            DiskFullError: it does not fit there, or a copy of the database does not fit into the data directory.
            DamagedDatabaseError: a page of the database is damaged; a backup would be too.
        """
        if path.exists():
            raise FileExistsAlreadyError(f"There is a file at {path} already; it is not replaced. Choose another name.")
        part = path.with_name(path.name + ".part")
        if not self.turn.acquire(blocking=False):
            raise BackupRunningError
        with ExitStack() as undone:
            undone.callback(self.turn.release)
            undone.callback(shutil.rmtree, self.home / WORKPLACE, ignore_errors=True)
            undone.callback(part.unlink, missing_ok=True)
            try:
                part.unlink(missing_ok=True)
                descriptor = os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
                with os.fdopen(descriptor, "w+b") as stream:
                    counted = yield from self._write(stream, passphrase)
                    stream.flush()
                    os.fsync(stream.fileno())
                    yield from _read_back(stream, derive(self.key.master, BACKUPS))
                part.replace(path)
            except OSError as error:
                raise fault_of(error, path, chosen=True) from error
            return counted

    def write_keys(self, path: Path) -> None:
        """Write a copy of people's keys, without which no backup opens a conversation on another machine.

        Raises:
            FileExistsAlreadyError: something else is at the path.
        """
        installation = self._installation()
        write_keys(path, ledger=self.store.ledger_engine, master=self.key.master, installation=installation)

    def check_keys(self, path: Path, *, beside: Path) -> None:
        """See that a copy of people's keys may be written to a path, before the backup it goes with is made.

        Raises:
            FileExistsAlreadyError: something else is at the path, or will be.
        """
        if path.resolve() == beside.resolve():
            raise FileExistsAlreadyError("The copy of people's keys needs a file of its own. Choose another place.")
        check_place(path, installation=self._installation())

    def _installation(self) -> str:
        card = load_card(self.home)
        return card.installation if card else ""

    def _write(self, stream: BinaryIO, passphrase: str) -> Generator[Copying, None, dict[str, int]]:
        card = load_card(self.home)
        about = {"installation": self._installation(), "made": datetime.now(UTC).isoformat()}
        header = {"kind": KIND, **about}
        sealed = SealedWriter(stream, header, key=derive(self.key.master, BACKUPS), passphrase=passphrase)
        with tarfile.open(fileobj=cast("BinaryIO", sealed), mode="w|", bufsize=COPY_BYTES) as package:
            packing = _Packing(package)
            yield Copying(text="Copying the database")
            library = self._library()
            with library.turn.first() if library else nullcontext():  # nothing is learned or removed meanwhile
                files = self._freeze()
                vectors = (yield from _pack_vectors(packing, library)) if library else 0
            yield Copying(text="Reading the copy of the database")
            check_copy(self.home / WORKPLACE / DATABASE_FILE, key=derive(self.key.master, DATABASE))
            for done, (name, file) in enumerate(files):
                yield Copying(text="Writing", done=done, total=len(files))
                packing.add_file(name, file)
            counted = {"originals": len(files) - 1, "vectors": vectors}
            told = about | counted | {"database_key": derive(self.key.master, DATABASE).hex()}
            index = library.index.directory if library else self.home / "index"  # another serves after a change-over
            told |= {"embedder": embedder_of(index), "generation": card.generation if card else 1}
            for name in SMALL_FILES:
                if (self.home / name).is_file():
                    packing.add(name, (self.home / name).read_bytes())
            packing.add(ABOUT, json.dumps(told).encode())
            packing.finish()
        sealed.close()
        return counted

    def _freeze(self) -> list[tuple[str, Path]]:
        """Hold on to the database and the originals as they are now; return the name of each in the backup."""
        place = self.home / WORKPLACE
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(mode=0o700)
        snapshot(self.store.engine, place / DATABASE_FILE)
        files = [(DATABASE_FILE, place / DATABASE_FILE)]
        with self.store.engine.connect() as connection:
            names = list(connection.scalars(select(originals.c.file).order_by(originals.c.file)))
        for name in names:
            sealed = self.home / ORIGINALS / name[:2] / f"{name}.sealed"
            if sealed.exists():
                _hold(sealed, place / sealed.name)
                files.append((f"{ORIGINALS}/{name[:2]}/{sealed.name}", place / sealed.name))
        return files

    def _library(self) -> Library | None:
        """Return both stores; None where the index cannot be used, without which nothing is learned either."""
        try:
            return self.library()
        except RetrievalError:
            return None


def _pack_vectors(packing: "_Packing", library: Library) -> Generator[Copying, None, int]:
    """Pack all vectors, a thousand together; those that cannot be read are left out, for they can be made again."""
    done = 0
    try:
        for collection_id in library.chunks.collection_ids():
            for number, (chunk_ids, vectors) in enumerate(library.index.vectors(collection_id)):
                ids = json.dumps(chunk_ids).encode()
                content = struct.pack("<II", len(ids), vectors.shape[1]) + ids + vectors.astype("<f4").tobytes()
                packing.add(f"{VECTORS}/{collection_id}/{number}", content)
                done += len(chunk_ids)
                yield Copying(text="Writing vectors", done=done)
    except RetrievalError:
        yield Copying(text="The index cannot be read; the rest of it is left out")
    return done


class _Packing:
    """Adds files to a backup and notes what they were."""

    def __init__(self, package: tarfile.TarFile) -> None:
        self._package, self._noted = package, dict[str, str]()

    def add(self, name: str, content: bytes) -> None:
        """Add a small file."""
        self._add(name, len(content), io.BytesIO(content))

    def add_file(self, name: str, path: Path) -> None:
        """Add a file of any size."""
        with path.open("rb") as stream:
            self._add(name, os.fstat(stream.fileno()).st_size, stream)

    def finish(self) -> None:
        """Add the manifest."""
        self.add(MANIFEST, json.dumps(self._noted).encode())

    def _add(self, name: str, size: int, stream: BinaryIO) -> None:
        info = tarfile.TarInfo(name)
        info.size, info.mode = size, 0o600
        hashed = Hashing(stream)
        self._package.addfile(info, cast("BinaryIO", hashed))
        self._noted[name] = hashed.digest


class Hashing:
    """A stream that knows the SHA-256 of what was read of it."""

    def __init__(self, stream: BinaryIO) -> None:
        """Read from another stream."""
        self._stream, self._hash = stream, hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        """Return up to so many bytes.

        Raises:
            DamagedFileError: it is of a backup that is cut off within it.
        """
        try:
            data = self._stream.read(size)
        except tarfile.TarError as error:
            raise DamagedFileError from error
        self._hash.update(data)
        return data

    @property
    def digest(self) -> str:
        """Of what was read until now."""
        return self._hash.hexdigest()


def members(reader: SealedReader) -> Iterator[tuple[str, BinaryIO]]:
    """Yield name and stream of each file in a backup, in order; at the end all of them agreed with the manifest.

    Raises:
        DamagedFileError: the backup was changed, or a part of it is missing.
    """
    noted: dict[str, str] = {}
    told: dict[str, str] | None = None
    try:
        with tarfile.open(fileobj=cast("BinaryIO", reader), mode="r|", bufsize=COPY_BYTES) as package:
            for info in package:
                stream = package.extractfile(info)
                if stream is None:
                    raise DamagedFileError
                if info.name == MANIFEST:
                    told = json.loads(stream.read())
                    continue
                hashed = Hashing(cast("BinaryIO", stream))
                yield info.name, cast("BinaryIO", hashed)
                while hashed.read(COPY_BYTES):
                    pass
                noted[info.name] = hashed.digest
        reader.read()  # to the end: the last piece says that nothing is missing
    except (tarfile.TarError, ValueError) as error:
        raise DamagedFileError from error
    if told != noted:
        raise DamagedFileError


def _read_back(stream: BinaryIO, key: bytes) -> Iterator[Copying]:
    """Read a backup that was written just now, to its end."""
    stream.seek(0)
    reader = SealedReader(stream, kind=KIND)
    if not reader.unlock(key=key):
        raise DamagedFileError
    for done, _ in enumerate(members(reader)):
        yield Copying(text="Reading it back", done=done)


def _hold(source: Path, target: Path) -> None:
    """Keep a file under another name too, so that it stays when the first is removed."""
    try:
        os.link(source, target)
    except OSError:  # a file system without links
        shutil.copyfile(source, target)
