"""Exports in files: in clear for the person themself, sealed where somebody else makes one for them.

The passphrase of a sealed one is kept for that person alone, sealed with their own key: whoever makes the export never
sees it. Knows nothing of what is exported.
"""

import os
import secrets
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from sqlalchemy import Engine, insert, select

from app.answers import Actor
from app.store.container import SealedReader, SealedWriter
from app.store.database import reading
from app.store.errors import FileExistsAlreadyError, ForeignFileError, WrongPassphraseError
from app.store.files import fault_of
from app.store.ledger import Ledger
from app.store.owners import own_row
from app.store.recovery import ALPHABET
from app.store.schema import exports

KIND = "an export"
SUFFIX = ".inhouse-export"
FOLDER = "exports"
"""Of a data directory: sealed files on their way to whoever asked for them."""
GROUPS, GROUP = 5, 4
"""Twenty characters of five bits each: nobody guesses 100 bits."""
COPY_BYTES = 2**20


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeExport:
    """A sealed export that somebody made for a person."""

    export_id: str
    made: float
    made_by: str
    file: str


class Exports:
    """The sealed exports of everybody; each passphrase is opened only for the person it is about."""

    def __init__(self, engine: Engine, ledger: Ledger) -> None:
        """Use the main database and the ledger that holds the keys."""
        self._engine, self._ledger = engine, ledger
        self._reading = reading(engine)

    def seal(self, actor: Actor, person: str, path: Path, pieces: Iterable[bytes]) -> MadeExport:
        """Write an export of somebody else, sealed with a passphrase that only that person can have shown.

        Raises:
            FileExistsAlreadyError: there is a file at the path.
            DiskFullError: it does not fit; there is no file then.
        """
        passphrase, export_id = new_passphrase(), secrets.token_hex(8)
        sealed = self._ledger.seal(person, passphrase.encode(), place=_place(export_id))
        made = MadeExport(export_id=export_id, made=time.time(), made_by=actor.user_id, file=path.name)
        row = {"user_id": person, "passphrase": sealed, "made": made.made, "made_by": made.made_by, "file": made.file}
        write_file(path, pieces, passphrase=passphrase)
        with self._engine.begin() as connection:
            connection.execute(insert(exports).values(row | {"export_id": export_id}))
        return made

    def of(self, actor: Actor) -> list[MadeExport]:
        """Return the exports that others made for the actor, the newest first."""
        mine = select(exports).where(exports.c.user_id == actor.user_id).order_by(exports.c.made.desc())
        with self._reading.connect() as connection:
            rows = connection.execute(mine).all()
        return [MadeExport(export_id=row.export_id, made=row.made, made_by=row.made_by, file=row.file) for row in rows]

    def passphrase(self, actor: Actor, export_id: str) -> str:
        """Return the passphrase of an export of the actor.

        Raises:
            NotFoundError: there is none of this id, or it is somebody else's.
        """
        with self._reading.connect() as connection:
            row = own_row(connection, exports, actor, export_id=export_id)
        return self._ledger.unseal(actor.user_id, row.passphrase, place=_place(export_id)).decode()


def write_file(path: Path, pieces: Iterable[bytes], *, passphrase: str = "") -> None:
    """Write pieces into a new file of this person alone, sealed where a passphrase is given.

    Raises:
        FileExistsAlreadyError: there is a file at the path.
        DiskFullError: it does not fit; there is no file then.
    """
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
    except FileExistsError as error:
        raise FileExistsAlreadyError(f"There is a file at {path} already; it is not replaced.") from error
    except OSError as error:
        raise fault_of(error, path) from error
    try:
        with os.fdopen(descriptor, "wb") as file:
            _fill(file, pieces, passphrase)
    except OSError as error:
        path.unlink(missing_ok=True)
        raise fault_of(error, path) from error
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def opened(path: Path, passphrase: str) -> Iterator[bytes]:
    """Yield what a sealed export holds.

    Raises:
        ForeignFileError: it is none.
        WrongPassphraseError: it opens with another passphrase.
        DamagedFileError: it was changed or cut off.
    """
    try:
        stream = path.open("rb")
    except OSError as error:
        raise ForeignFileError(f"{path} cannot be read: {error.strerror}.") from error
    with stream:
        reader = SealedReader(stream, kind=KIND)
        if not reader.unlock(passphrase=passphrase):
            raise WrongPassphraseError
        while data := reader.read(COPY_BYTES):
            yield data


def new_passphrase() -> str:
    """Return a passphrase that can be read aloud."""
    groups = ("".join(secrets.choice(ALPHABET) for _ in range(GROUP)) for _ in range(GROUPS))
    return "-".join(groups)


def _fill(file: BinaryIO, pieces: Iterable[bytes], passphrase: str) -> None:
    if not passphrase:
        file.writelines(pieces)
        return
    writer = SealedWriter(file, {"kind": KIND}, passphrase=passphrase)
    for piece in pieces:
        writer.write(piece)
    writer.close()


def _place(export_id: str) -> str:
    return f"exports.passphrase:{export_id}"
