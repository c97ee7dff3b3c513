"""Copies of an encrypted database, and copies under another key.

A copy is made while the database is used, holds one consistent state of it, and is never readable without a key.
"""

from contextlib import closing
from pathlib import Path

from sqlalchemy import Engine
from sqlcipher3 import dbapi2

from app.store.database import explain_fault, run_alone
from app.store.errors import DamagedDatabaseError
from app.store.files import fault_of

COMPANIONS = ("-wal", "-shm", "-journal")
"""What SQLite puts beside a database while it is used."""
OLD_COPIES = ("inhouse.db.before-upgrade", "ledger.db.before-upgrade")
"""What the last migration left of a data directory's databases, under the key of then."""


def snapshot(engine: Engine, path: Path) -> None:
    """Copy a database as it is now, encrypted with the same key; a file that is there is replaced in one step.

    Raises:
        DiskFullError: there is no room; nothing was changed.
    """
    part = path.with_name(path.name + ".part")
    try:
        part.unlink(missing_ok=True)
        part.touch(mode=0o600)
        run_alone(engine, "VACUUM INTO ?", str(part))
        part.replace(path)
    except OSError as error:
        raise fault_of(error, part) from error
    finally:
        part.unlink(missing_ok=True)


def rekey(path: Path, *, old: bytes, new: bytes) -> None:
    """Encrypt a copy with another key, and read every page of it with that key.

    Killed meanwhile, it leaves a file that no key opens; so only for copies that nobody needs yet.

    Raises:
        DamagedDatabaseError: it cannot be read with the old key, or a page is damaged.
        DiskFullError: there is no room.
    """
    try:
        with closing(_connect(path, old)) as connection:
            connection.execute("PRAGMA journal_mode = OFF").fetchall()  # a journal would hold every page once more
            connection.execute(f"PRAGMA rekey = \"x'{new.hex()}'\"")
    except dbapi2.Error as error:
        raise explain_fault(error) from error
    check_copy(path, key=new)


def check_copy(path: Path, *, key: bytes) -> None:
    """Read every page of a copy.

    Raises:
        DamagedDatabaseError: it cannot be read with this key, or a page is damaged.
    """
    try:
        with closing(_connect(path, key)) as connection:
            if connection.execute("PRAGMA cipher_integrity_check").fetchall():
                raise DamagedDatabaseError
    except dbapi2.Error as error:
        raise explain_fault(error) from error


def discard(path: Path) -> None:
    """Remove a database with everything that lies beside it."""
    for name in (path.name, *(path.name + companion for companion in COMPANIONS)):
        path.with_name(name).unlink(missing_ok=True)


def _connect(path: Path, key: bytes) -> dbapi2.Connection:
    connection = dbapi2.connect(str(path), isolation_level=None)
    connection.execute("PRAGMA cipher_log_level = NONE")
    connection.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
    connection.execute("SELECT count(*) FROM sqlite_master").fetchall()
    return connection
