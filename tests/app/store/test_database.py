"""The encrypted database: keys, damage, full disks, and readers beside writers."""

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError

from app.errors import explain
from app.store.database import check, open_database, reading, run_alone
from app.store.errors import DamagedDatabaseError, DatabaseBusyError, DiskFullError, WrongKeyError

KEY = bytes(range(32))
ROWS = 200


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "some.db"


@pytest.fixture
def engine(path: Path) -> Iterator[Engine]:
    opened = open_database(path, key=KEY)
    with opened.begin() as connection:
        connection.execute(text("CREATE TABLE notes (id INTEGER PRIMARY KEY, body TEXT UNIQUE)"))
        rows = [{"body": f"{number} zanzibar " + "x" * 500} for number in range(ROWS)]
        connection.execute(text("INSERT INTO notes (body) VALUES (:body)"), rows)
    yield opened
    opened.dispose()


def count(engine: Engine) -> int:
    with reading(engine).connect() as connection:
        return int(connection.scalar(text("SELECT count(*) FROM notes")) or 0)


def test_nothing_in_the_file_is_readable(engine: Engine, path: Path) -> None:
    content = b"".join(file.read_bytes() for file in path.parent.iterdir())
    assert len(content) > ROWS * 500
    assert b"zanzibar" not in content
    assert b"SQLite format" not in content
    assert b"notes" not in content


def test_every_connection_has_the_safe_settings(engine: Engine) -> None:
    expected = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "secure_delete": 1, "temp_store": 2}
    with reading(engine).connect() as first, reading(engine).connect() as second:
        for connection in (first, second):
            found = {name: connection.scalar(text(f"PRAGMA {name}")) for name in expected}
            assert found == expected


def test_every_connection_keeps_what_a_search_of_many_chunks_reads(engine: Engine) -> None:
    with reading(engine).connect() as first, reading(engine).connect() as second:
        for connection in (first, second):
            assert connection.scalar(text("PRAGMA cache_size")) == -8000, "KiB"


def test_wrong_key_is_named_and_changes_nothing(engine: Engine, path: Path) -> None:
    engine.dispose()
    before = path.read_bytes()
    with pytest.raises(WrongKeyError, match=r"does not open .*some\.db"):
        open_database(path, key=bytes(32))
    assert path.read_bytes() == before


def test_foreign_file_under_the_right_key_is_called_damaged(path: Path) -> None:
    path.write_bytes(b"this was never a database " * 1000)
    with pytest.raises(DamagedDatabaseError, match=r"some\.db is damaged"):
        open_database(path, key=KEY, key_is_checked=True)


def test_flipped_byte_is_found_and_named(engine: Engine, path: Path) -> None:
    assert check(engine) == []
    engine.dispose()
    content = bytearray(path.read_bytes())
    for page in range(2, len(content) // 4096):
        content[page * 4096 + 99] ^= 1
    path.write_bytes(content)
    damaged = open_database(path, key=KEY)
    with pytest.raises(DamagedDatabaseError) as caught:
        count(damaged)
    assert "put back a backup" in explain(caught.value)
    assert check(damaged)
    damaged.dispose()


def test_truncated_file_is_found(engine: Engine, path: Path) -> None:
    engine.dispose()
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 8192 * 4096])
    with pytest.raises(DamagedDatabaseError):  # noqa: PT012 - it may show when opening or when reading
        shortened = open_database(path, key=KEY, key_is_checked=True)
        assert check(shortened)
        with reading(shortened).connect() as connection:
            connection.execute(text("SELECT sum(length(body)) FROM notes")).all()


def test_full_disk_is_a_sentence_and_loses_nothing(engine: Engine) -> None:
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count = 1")  # SQLite takes the present size instead
        with pytest.raises(DiskFullError):
            connection.execute(text("INSERT INTO notes (body) VALUES (:body)"), {"body": "y" * 100_000})
        connection.rollback()
    assert count(engine) == ROWS
    assert check(engine) == []


def test_error_never_holds_what_was_written(engine: Engine) -> None:
    with engine.begin() as connection, pytest.raises(IntegrityError) as caught:
        connection.execute(text("INSERT INTO notes (id, body) VALUES (1, :body)"), {"body": "zanzibar again"})
    assert "zanzibar" not in str(caught.value)


def test_reader_sees_one_state_and_does_not_wait_for_a_writer(engine: Engine) -> None:
    with engine.begin() as writer:
        writer.execute(text("DELETE FROM notes"))
        assert count(engine) == ROWS
    assert count(engine) == 0


def test_two_writers_wait_for_each_other(engine: Engine) -> None:
    def raise_by_one() -> None:
        for _ in range(20):
            with engine.begin() as connection:
                seen = connection.scalar(text("SELECT max(id) FROM notes"))
                connection.execute(text("INSERT INTO notes (id) VALUES (:id)"), {"id": (seen or 0) + 1})

    threads = [threading.Thread(target=raise_by_one) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert count(engine) == ROWS + 80


def test_writer_that_waits_too_long_gets_a_sentence(engine: Engine) -> None:
    with engine.begin(), engine.connect() as second:
        raw = second.connection.driver_connection
        assert raw is not None
        raw.execute("PRAGMA busy_timeout = 50")
        with pytest.raises(DatabaseBusyError):
            second.execute(text("DELETE FROM notes"))


def test_statement_outside_a_transaction_keeps_transactions_whole(engine: Engine) -> None:
    run_alone(engine, "VACUUM")
    with engine.connect() as connection:
        connection.execute(text("DELETE FROM notes"))
        connection.rollback()
    assert count(engine) == ROWS


@pytest.mark.skipif(os.name != "posix", reason="Windows has no file modes")
def test_files_are_readable_by_their_owner_only(engine: Engine, path: Path) -> None:
    assert {file.stat().st_mode & 0o777 for file in path.parent.iterdir()} == {0o600}
