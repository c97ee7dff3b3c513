"""The files people loaded, sealed, one file each under a random name.

Addressed by the SHA-256 of their bytes; the address, the name on disk and the file's own key are in the encrypted
database only. So nobody who reads the disk can tell which documents there are, a removed original is unreadable at
once even where its bytes linger, and a change of the master key rewrites no file.
"""

import hashlib
import secrets
import time
from pathlib import Path

from sqlalchemy import Engine, delete, insert, select

from app.store.database import reading
from app.store.derivation import KEY_BYTES
from app.store.errors import DamagedDatabaseError, NotFoundError
from app.store.files import write_privately
from app.store.schema import originals
from app.store.sealing import seal, unseal


class Originals:
    """Sealed originals. Knows no reader: whoever hands one out checks first who may read its document."""

    def __init__(self, engine: Engine, directory: Path) -> None:
        """Use the main database and the folder of sealed files."""
        self._engine = engine
        self._reading = reading(engine)
        self._directory = directory

    def keep(self, sha256: str, data: bytes) -> None:
        """Store a file's bytes under their digest; does nothing when they are stored already.

        Raises:
            ValueError: the digest is not the digest of these bytes.
            DiskFullError: there is no room; nothing is stored.
        """
        if self.has(sha256):
            return
        if hashlib.sha256(data).hexdigest() != sha256:
            raise ValueError("the digest does not belong to the bytes")
        name, key = secrets.token_hex(16), secrets.token_bytes(KEY_BYTES)
        write_privately(self._path(name), seal(key, data, place=f"originals:{sha256}"))
        row = {"sha256": sha256, "file": name, "data_key": key, "size": len(data), "stored": time.time()}
        with self._engine.begin() as connection:
            # An entry whose file was lost, or another thread's: its file, if any, is swept at the next start.
            connection.execute(delete(originals).where(originals.c.sha256 == sha256))
            connection.execute(insert(originals).values(row))

    def has(self, sha256: str) -> bool:
        """Whether the original is stored and its file is there."""
        try:
            return self._path(self._row(sha256)[0]).exists()
        except NotFoundError:
            return False

    def read(self, sha256: str) -> bytes:
        """Return the bytes of an original.

        Raises:
            NotFoundError: it is not stored.
            DamagedDatabaseError: its file is missing or was changed.
        """
        name, key = self._row(sha256)
        try:
            return unseal(key, self._path(name).read_bytes(), place=f"originals:{sha256}")
        except FileNotFoundError as error:
            raise DamagedDatabaseError(
                "The stored file of this document is missing. Load the document again."
            ) from error

    def digests(self) -> set[str]:
        """Return the SHA-256 of every original that is stored."""
        with self._reading.connect() as connection:
            return set(connection.scalars(select(originals.c.sha256)))

    def remove(self, sha256: str) -> None:
        """Destroy an original: its key first, then its file. Does nothing when there is none."""
        try:
            name, _ = self._row(sha256)
        except NotFoundError:
            return
        with self._engine.begin() as connection:
            connection.execute(delete(originals).where(originals.c.sha256 == sha256))
        self._path(name).unlink(missing_ok=True)

    def sweep(self) -> int:
        """Delete files without an entry, left by a process that was killed; how many. Call once at the start."""
        with self._reading.connect() as connection:
            names = set(connection.scalars(select(originals.c.file)))
        files = [file for file in self._directory.glob("*/*") if file.is_file()] if self._directory.is_dir() else []
        orphans = [file for file in files if file.stem not in names or file.suffix != ".sealed"]
        for file in orphans:
            file.unlink(missing_ok=True)
        return len(orphans)

    def _row(self, sha256: str) -> tuple[str, bytes]:
        statement = select(originals.c.file, originals.c.data_key).where(originals.c.sha256 == sha256)
        with self._reading.connect() as connection:
            row = connection.execute(statement).first()
        if row is None:
            raise NotFoundError
        return row.file, row.data_key

    def _path(self, name: str) -> Path:
        return self._directory / name[:2] / f"{name}.sealed"
