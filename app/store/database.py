"""Open an encrypted database (SQLCipher) as an SQLAlchemy engine, and say plainly what is wrong with one.

Knows no table. The traps this module exists for: the raw key must be given before any other statement; a wrong key
shows only at the first read; the file must never be opened with the standard `sqlite3` module in the same process,
which would drop SQLCipher's locks; `integrity_check` needs a connection of its own.
"""

import shutil
from contextlib import closing
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Pool, QueuePool, create_engine, event
from sqlalchemy.engine import ExceptionContext
from sqlcipher3 import dbapi2

from app.store.errors import (
    DamagedDatabaseError,
    DatabaseBusyError,
    DiskFaultError,
    DiskFullError,
    StoreError,
    WrongKeyError,
)
from app.store.files import fault_of

BUSY_SECONDS = 10.0
"""How long a write waits for another connection's transaction."""

ROOM_TO_OPEN = 2**16
"""Bytes that SQLite needs beside a database it opens: 32 KiB of shared memory and the first pages of a log."""
UNUSABLE = (dbapi2.SQLITE_CANTOPEN, dbapi2.SQLITE_IOERR, dbapi2.SQLITE_READONLY, dbapi2.SQLITE_PERM)
CONNECTION_SETTINGS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",  # an acknowledged answer survives a power cut, not only a killed process
    "PRAGMA foreign_keys = ON",
    "PRAGMA secure_delete = ON",
    "PRAGMA temp_store = MEMORY",  # sorting never spills readable rows to the disk
    "PRAGMA cache_size = -8000",  # KiB; with SQLite's own 2,000 a search of 100,000 chunks takes 28 ms in place of 24
)


def open_database(path: Path, *, key: bytes, key_is_checked: bool = False) -> Engine:
    """Return an engine for the encrypted database at a path; an empty one is made when there is none.

    A transaction is a write transaction (BEGIN IMMEDIATE) unless the connection has the execution option
    `reading=True`; see `reading`. Statement parameters never appear in the text of an error.

    Args:
        path: the database file.
        key: the raw 32-byte key.
        key_is_checked: whether the key is known to be right, so that a file it does not open is a damaged one.

    Raises:
        WrongKeyError: the key does not open the file.
        DamagedDatabaseError: the file is no longer a database.
    """

    def connect() -> Any:
        return _connect(path, key)

    if not path.exists():  # never touched when it exists: closing it again would drop SQLite's locks
        _make_private(path)
    engine = create_engine(
        "sqlite+pysqlite://", module=dbapi2, creator=connect, poolclass=QueuePool, hide_parameters=True
    )
    event.listen(engine, "begin", begin_transaction)
    event.listen(engine, "handle_error", _translate)
    try:
        engine.connect().close()
    except WrongKeyError as error:
        engine.dispose()
        if key_is_checked:
            raise DamagedDatabaseError(_damaged(path)) from error
        raise
    return engine


def reading(engine: Engine) -> Engine:
    """Return the same engine for reads only: they see one consistent state and never wait for a writer."""
    return engine.execution_options(reading=True)


def run_alone(engine: Engine, statement: str, *parameters: str) -> None:
    """Run a statement that SQLite refuses inside a transaction, such as VACUUM or a checkpoint."""
    with closing(engine.raw_connection()) as connection, closing(connection.cursor()) as cursor:
        try:
            cursor.execute(statement, parameters)
            cursor.fetchall()
        except dbapi2.Error as error:
            raise explain_fault(error) from error


def check(engine: Engine) -> list[str]:
    """Return what is wrong with the database, page by page and then as a whole; an empty list when it is sound.

    Reads every page, so it takes seconds on a large database.
    """
    pool: Pool = engine.pool.recreate()
    try:
        connection = pool.connect()
        try:
            cursor = connection.cursor()
            rows = cursor.execute("PRAGMA cipher_integrity_check").fetchall()
            if not rows:
                rows = [row for row in cursor.execute("PRAGMA integrity_check").fetchall() if row[0] != "ok"]
            return [str(row[0]) for row in rows]
        finally:
            connection.close()
    except (dbapi2.DatabaseError, StoreError) as error:
        return [str(error) or type(error).__name__]
    finally:
        pool.dispose()


def _make_private(path: Path) -> None:
    """Make an empty file that only this person may read; SQLite gives its companions the same mode."""
    try:
        path.touch(mode=0o600)
    except OSError as error:
        raise fault_of(error, path) from error


def _connect(path: Path, key: bytes) -> Any:
    """Open a connection, give it the key and prove that the key opens the file."""
    try:
        connection = dbapi2.connect(str(path), timeout=BUSY_SECONDS, check_same_thread=False, isolation_level=None)
        try:
            connection.execute("PRAGMA cipher_log_level = NONE")
            connection.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
            connection.execute("SELECT count(*) FROM sqlite_master").fetchall()
            for setting in CONNECTION_SETTINGS:
                connection.execute(setting).fetchall()
        except BaseException:
            connection.close()
            raise
    except dbapi2.Error as error:
        raise explain_fault(error, path) from error
    return connection


def begin_transaction(connection: Connection) -> None:
    """Begin for reading where the engine was asked for that, else take the write lock at once."""
    reads = connection.get_execution_options().get("reading", False)
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


def _translate(context: ExceptionContext) -> None:
    """Turn the faults of a disk or a file into errors with a sentence; a fault of a statement stays what it is."""
    error = context.original_exception
    if isinstance(error, dbapi2.Error):
        ours = explain_fault(error)
        if type(ours) is not StoreError:
            raise ours from error


def explain_fault(error: Exception, path: Path | None = None) -> StoreError:
    """Return our error for SQLite's primary result code; a plain StoreError when it is a fault of the statement.

    Source: https://www.sqlite.org/rescode.html
    """
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    match code:
        case dbapi2.SQLITE_NOTADB if path is not None:
            return WrongKeyError(f"The key does not open {path}. Nothing was changed.")
        case dbapi2.SQLITE_NOTADB | dbapi2.SQLITE_CORRUPT:
            return DamagedDatabaseError()
        case _ if code == dbapi2.SQLITE_FULL or (code in UNUSABLE and path and _no_room(path)):
            return DiskFullError()
        case dbapi2.SQLITE_BUSY | dbapi2.SQLITE_LOCKED:
            return DatabaseBusyError()
        case _ if code in UNUSABLE:
            where = f" {path}" if path else ""
            return DiskFaultError(f"The database{where} cannot be read or written: {error}. Check the disk.")
        case _:
            return StoreError()


def _no_room(path: Path) -> bool:
    """Whether SQLite cannot make its companions of a database, which it calls a fault of the disk."""
    return shutil.disk_usage(path.parent).free < ROOM_TO_OPEN


def _damaged(path: Path) -> str:
    return (
        f"The database {path} is damaged or comes from another installation. Nothing was changed. Stop Inhouse and put "
        "back a backup of the data directory."
    )
