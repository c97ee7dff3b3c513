"""Exports in files: in clear for the person themself, sealed where somebody else makes one for them.

The passphrase of a sealed one is kept for that person alone, sealed with their own key: whoever makes the export never
sees it. Knows nothing of what is exported.
"""

import hmac
import io
import os
import secrets
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import BinaryIO

from sqlalchemy import Engine, insert, select

from app.answers import Actor
from app.store.container import SealedReader, SealedWriter
from app.store.database import reading
from app.store.errors import (
    DamagedFileError,
    FileExistsAlreadyError,
    ForeignFileError,
    StoreError,
    WrongPassphraseError,
)
from app.store.files import fault_of
from app.store.keycard import SCRYPT_N
from app.store.ledger import Ledger
from app.store.owners import own_row
from app.store.recovery import ALPHABET
from app.store.schema import exports

KIND = "an export"
EXPORT_ID = "export_id"
"""Of the header, which is in clear: it tells whose file this is to whom it is about, and nothing to others."""
SUFFIX = ".inhouse-export"
FOLDER = "exports"
"""Of a data directory: sealed files on their way to whoever asked for them."""
GROUPS, GROUP = 5, 4
"""Twenty characters of five bits each: nobody guesses 100 bits."""
COPY_BYTES = 2**20


class SomebodyElsesExportError(StoreError):
    """This export was made for somebody else, or by another Inhouse: it is not among those made for you here."""

    status = 403


class WrongExportPassphraseError(StoreError):
    """This passphrase does not open the file. It stands beside the export's name on your account page."""

    status = 422


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
        self._one_at_a_time = Lock()
        """Trying a passphrase takes 128 MiB."""

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
        write_file(path, pieces, passphrase=passphrase, export_id=export_id)
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

    def open(self, actor: Actor, content: bytes, passphrase: str) -> bytes:
        """Return what the sealed export of the actor holds; nothing of it is written anywhere.

        A passphrase is tried on the file only where it is that of an export of the actor, and only once, for it costs
        memory and time.

        Raises:
            ForeignFileError: it is no export.
            SomebodyElsesExportError: it was not made here for the actor.
            WrongExportPassphraseError: it opens with another passphrase.
            DamagedFileError: it was changed or cut off.
        """
        reader = SealedReader(io.BytesIO(content), kind=KIND)
        mine = [one.export_id for one in self.of(actor)]
        named = reader.header.get(EXPORT_ID)  # those made before it was noted do not say
        if named is not None and named not in mine:
            raise SomebodyElsesExportError
        known = [self.passphrase(actor, one).encode() for one in mine if named in {None, one}]
        if not any([hmac.compare_digest(one, passphrase.encode()) for one in known]):  # noqa: C419 - all, always
            raise WrongExportPassphraseError
        if [lock.get("scrypt_n") for lock in reader.header["locks"]] != [SCRYPT_N]:
            raise DamagedFileError
        with self._one_at_a_time:
            if not reader.unlock(passphrase=passphrase):
                raise WrongExportPassphraseError
        return reader.read()


def write_file(path: Path, pieces: Iterable[bytes], *, passphrase: str = "", export_id: str = "") -> None:
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
        raise fault_of(error, path, chosen=True) from error
    try:
        with os.fdopen(descriptor, "wb") as file:
            _fill(file, pieces, passphrase, export_id)
    except OSError as error:
        path.unlink(missing_ok=True)
        raise fault_of(error, path, chosen=True) from error
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


def _fill(file: BinaryIO, pieces: Iterable[bytes], passphrase: str, export_id: str) -> None:
    if not passphrase:
        file.writelines(pieces)
        return
    writer = SealedWriter(file, {"kind": KIND, EXPORT_ID: export_id}, passphrase=passphrase)
    for piece in pieces:
        writer.write(piece)
    writer.close()


def _place(export_id: str) -> str:
    return f"exports.passphrase:{export_id}"
