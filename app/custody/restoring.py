"""A backup put back: all of it or nothing, in the place it came from or on another machine.

Everything is made beside the data directory's own files and takes their place at once (`app.store.staging`). Whoever
was erased since the backup was made stays erased.
"""

import json
import shutil
import struct
from collections.abc import Generator, Iterator, Mapping
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from app.custody.backing_up import (
    ABOUT,
    COPY_BYTES,
    DATABASE_FILE,
    KIND,
    ORIGINALS,
    SMALL_FILES,
    VECTORS,
    Copying,
    members,
)
from app.errors import AppError
from app.library.changeover import open_index
from app.store import staging
from app.store.container import SealedReader
from app.store.copied_keys import CopiedKeys, merge_keys
from app.store.copies import OLD_COPIES, check_copy, rekey, snapshot
from app.store.database import open_database
from app.store.derivation import BACKUPS, DATABASE, LEDGER, derive
from app.store.erased import bury, drop_unreadable, people, tombstones
from app.store.errors import DamagedFileError, ForeignFileError, WrongKeyError
from app.store.files import fault_of, write_privately
from app.store.keycard import load_card
from app.store.migrate import LEDGER_LISTS, migrate
from retrieval.chunks import ChunkStore
from retrieval.generations import check_embedder, followers_of

LEDGER_FILE = "ledger.db"
OF_THIS_MACHINE = ("home", "cache", "key_source", "key_file", "credentials_directory", "host", "port")
"""Settings of a backup that do not go to another machine."""
ITS_SETTINGS = "inhouse.toml.from-backup"


class NoKeysError(AppError):
    """This backup holds conversations, and people's keys are not here. Give the copy of them with `--keys`."""

    status = 409


@dataclass(frozen=True, slots=True, kw_only=True)
class Backup:
    """A backup that was opened."""

    stream: BinaryIO
    reader: SealedReader
    installation: str
    made: str


@dataclass(slots=True, kw_only=True)
class Restored:
    """What a restore put back."""

    made: str
    originals: int = 0
    vectors: int = 0
    missing_vectors: int = 0
    settings_apart: bool = False
    """Whether the settings of the backup were put beside those of this machine."""
    unreadable: int = 0
    """People whose conversations were left out, because their key is not here."""
    about: dict[str, Any] = field(default_factory=dict)


def open_backup(path: Path, *, masters: Mapping[str, bytes], passphrase: str = "") -> Backup:
    """Open a backup with whichever of these keys is the right one.

    Args:
        path: the backup.
        masters: master keys that may open it, by what they are called in a sentence.
        passphrase: one that may open it.

    Raises:
        ForeignFileError: it is no backup, or cannot be read.
        WrongKeyError: none of the keys opens it.
    """
    try:
        stream = path.open("rb")
    except OSError as error:
        raise ForeignFileError(f"{path} cannot be read: {error.strerror}. Nothing was changed.") from error
    with ExitStack() as opened:
        opened.callback(stream.close)
        reader = SealedReader(stream, kind=KIND)
        keys = [derive(master, BACKUPS) for master in masters.values()]
        if not any(reader.unlock(key=key) for key in keys) and not (
            passphrase and reader.unlock(passphrase=passphrase)
        ):
            made, tried = str(reader.header.get("made", "")), " or ".join(masters) or "this passphrase"
            raise WrongKeyError(
                f"This backup of {made[:10]} does not open with {tried}: it belongs to another installation, or the "
                "key was rotated since it was made. Give the recovery key from then with `--recovery-key`. Nothing was "
                "changed."
            )
        opened.pop_all()
    header = {name: str(reader.header.get(name, "")) for name in ("installation", "made")}
    return Backup(stream=stream, reader=reader, **header)


def restore(
    home: Path, backup: Backup, *, master: bytes, copied: CopiedKeys | None = None, without_conversations: bool = False
) -> Generator[Copying, None, Restored]:
    """Put a backup in the place of what a data directory holds, yielding progress.

    Args:
        home: the data directory, which the caller owns; none of its files is open.
        backup: opened; it is read to its end.
        master: the key in force, or the one that will be.
        copied: a copy of people's keys, where they are not here or not all of them.
        without_conversations: leave out what nobody's key opens, rather than refuse.

    Raises:
        ForeignFileError: the directory belongs to another installation.
        DamagedFileError: the backup is damaged.
        NewerDatabaseError: a newer Inhouse made it.
        NoKeysError: it holds conversations of people whose keys are not here.
        DiskFullError: there is no room for it beside what is there.
    """
    card = load_card(home)
    if (home / DATABASE_FILE).exists() and card is not None and card.installation != backup.installation:
        raise ForeignFileError(
            f"This backup comes from another installation than {home}. Restore it into an empty data directory "
            "(INHOUSE_HOME names one). Nothing was changed."
        )
    restored = Restored(made=backup.made)
    plan = staging.Plan(
        purpose="restore", remove=(*OLD_COPIES, *(one.name for one in followers_of(Path("index"))), "states")
    )
    files = staging.prepare(home, plan)
    with ExitStack() as undone:
        undone.callback(staging.settle, home)
        yield from _unpack(home, files, backup, restored)
        yield Copying(text="Reading the database")
        yield from _prepare_database(home, files, restored, master, copied, without_conversations)
        yield Copying(text="Putting the backup in place")
        staging.decide(home)
        undone.pop_all()
    return restored


def _unpack(home: Path, files: Path, backup: Backup, restored: Restored) -> Iterator[Copying]:
    """Write every file of a backup beside the data directory's own."""
    with closing(backup.stream):
        for done, (name, stream) in enumerate(members(backup.reader)):
            yield Copying(text="Reading the backup", done=done)
            first, *rest = name.split("/")
            if name == ABOUT:
                restored.about = json.loads(stream.read())
            elif name in SMALL_FILES:
                _keep_small(home, files, name, stream.read(), restored)
            elif name == DATABASE_FILE or (first in {ORIGINALS, VECTORS} and rest and ".." not in rest):
                restored.originals += first == ORIGINALS
                _write(files.parent / name if first == VECTORS else files / name, stream)
            else:
                raise DamagedFileError
    if not restored.about or not (files / DATABASE_FILE).exists():
        raise DamagedFileError
    (files / ORIGINALS).mkdir(exist_ok=True)


def _prepare_database(
    home: Path,
    files: Path,
    restored: Restored,
    master: bytes,
    copied: CopiedKeys | None,
    without_conversations: bool,  # noqa: FBT001
) -> Iterator[Copying]:
    """Bring the restored database under the key in force, up to date, and to what people's keys open."""
    _change_key(files / DATABASE_FILE, old=bytes.fromhex(restored.about["database_key"]), new=derive(master, DATABASE))
    if (home / LEDGER_FILE).exists() or copied is not None:
        _prepare_ledger(home, files / LEDGER_FILE, master, copied)
    engine = open_database(files / DATABASE_FILE, key=derive(master, DATABASE))
    try:
        migrate(engine)
        readers: set[str] = set()
        if (files / LEDGER_FILE).exists():
            ledger = open_database(files / LEDGER_FILE, key=derive(master, LEDGER))
            bury(engine, tombstones(ledger))
            readers = people(ledger)
            ledger.dispose()
        restored.unreadable = drop_unreadable(engine, readers)
        if restored.unreadable and not without_conversations and copied is None and not readers:
            raise NoKeysError(
                "This backup holds conversations, and people's keys are not here. Give the copy of them that `inhouse "
                "backup --keys FILE` wrote with `--keys FILE`, or leave conversations out with "
                "`--without-conversations`. Nothing was changed."
            )
        yield from _fill_index(files, ChunkStore(engine), restored, master)
    finally:
        engine.dispose()


def _prepare_ledger(home: Path, path: Path, master: bytes, copied: CopiedKeys | None) -> None:
    """Make the ledger that will be in force: the one that is here, with what a copy of people's keys adds to it."""
    if (home / LEDGER_FILE).exists():
        here = open_database(home / LEDGER_FILE, key=derive(master, LEDGER))
        snapshot(here, path)
        here.dispose()
    ledger = open_database(path, key=derive(master, LEDGER))
    try:
        migrate(ledger, lists=LEDGER_LISTS)
        if copied is not None:
            merge_keys(ledger, copied, master=master)
    finally:
        ledger.dispose()


def _fill_index(files: Path, chunks: ChunkStore, restored: Restored, master: bytes) -> Iterator[Copying]:
    """Put the vectors of chunks that are there into a new index."""
    if restored.about["embedder"]:
        check_embedder(files / "index", restored.about["embedder"])
    with closing(open_index(files / "index", master)) as index:
        for collection_id in chunks.collection_ids():
            wanted = chunks.chunk_ids(collection_id)
            for batch in sorted((files.parent / VECTORS / collection_id).glob("*")):
                chunk_ids, vectors = _read_vectors(batch.read_bytes())
                there = [place for place, chunk_id in enumerate(chunk_ids) if chunk_id in wanted]
                if there:
                    index.put(collection_id, [chunk_ids[place] for place in there], vectors[there])
                restored.vectors += len(there)
                yield Copying(text="Filling the index", done=restored.vectors)
            restored.missing_vectors += len(wanted) - index.count(collection_id)
    shutil.rmtree(files.parent / VECTORS, ignore_errors=True)


def _read_vectors(content: bytes) -> tuple[list[str], Any]:
    size, dimension = struct.unpack_from("<II", content)
    chunk_ids = json.loads(content[8 : 8 + size])
    return chunk_ids, np.frombuffer(content[8 + size :], dtype="<f4").reshape(len(chunk_ids), dimension)


def _change_key(path: Path, *, old: bytes, new: bytes) -> None:
    if old == new:
        check_copy(path, key=new)
    else:
        rekey(path, old=old, new=new)


def _keep_small(home: Path, files: Path, name: str, content: bytes, restored: Restored) -> None:
    """Keep the mark of the demonstration; keep settings whole where there are none, else beside those that are here."""
    if name == "inhouse.toml":
        content, there = _anywhere(content), home / name
        restored.settings_apart = there.exists() and _anywhere(there.read_bytes()) != content
        if restored.settings_apart:
            name = ITS_SETTINGS
        elif there.exists():
            return
    write_privately(files / name, content)


def _anywhere(settings: bytes) -> bytes:
    """Return settings without those of one machine alone."""
    lines = settings.decode(errors="replace").splitlines()
    kept = [line for line in lines if line.partition("=")[0].strip() not in OF_THIS_MACHINE]
    return "".join(f"{line}\n" for line in kept).encode()


def _write(path: Path, stream: BinaryIO) -> None:
    """Write a stream to a file that only this person may read, piece by piece."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.touch(mode=0o600)
        with path.open("wb") as file:
            while data := stream.read(COPY_BYTES):
                file.write(data)
    except OSError as error:
        raise fault_of(error, path) from error
