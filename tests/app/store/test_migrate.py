"""Migrations happen wholly or not at all, and keep a copy."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, inspect, text
from sqlalchemy.exc import OperationalError

from app.store.database import check, open_database
from app.store.errors import DiskFaultError, NewerDatabaseError
from app.store.migrate import DATABASE_LISTS, LEDGER_LISTS, migrate
from app.store.schema import ledger_metadata, metadata

KEY = bytes(range(32))
MIGRATION = """
from alembic import op
revision, down_revision, branch_labels, depends_on = {revision!r}, {before!r}, None, None
def upgrade() -> None:
    op.execute("CREATE TABLE {table} (id INTEGER)")
    op.execute({statement!r})
"""


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    opened = open_database(tmp_path / "some.db", key=KEY)
    yield opened
    opened.dispose()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A list of migrations with one entry, in a folder whose name means something to configuration files."""
    folder = tmp_path / "100% of it"
    folder.mkdir()
    write(folder, 1, "INSERT INTO first VALUES (1)")
    return folder


def write(folder: Path, number: int, statement: str) -> None:
    before = f"x{number - 1}" if number > 1 else None
    table = ["first", "second", "third"][number - 1]
    content = MIGRATION.format(revision=f"x{number}", before=before, table=table, statement=statement)
    (folder / f"m000{number}_{table}.py").write_text(content)


def tables(engine: Engine) -> set[str]:
    return set(inspect(engine).get_table_names())


def test_migrations_make_the_tables_of_both_packages(engine: Engine) -> None:
    migrate(engine)
    assert {"turns", "collections", "documents", "chunks", "chunks_fts"} <= tables(engine)
    assert check(engine) == []


@pytest.mark.parametrize("made_of", [(DATABASE_LISTS, metadata), (LEDGER_LISTS, ledger_metadata)])
def test_migrations_agree_with_the_schema(engine: Engine, made_of: tuple[tuple[Path, ...], object]) -> None:
    lists, described = made_of
    migrate(engine, lists=lists)
    found = inspect(engine)
    for table in described.tables.values():  # type: ignore[attr-defined]
        columns = {column["name"]: column["nullable"] for column in found.get_columns(table.name)}
        assert columns == {column.name: column.nullable for column in table.columns}


def test_second_run_does_nothing_and_makes_no_copy(engine: Engine, folder: Path, tmp_path: Path) -> None:
    migrate(engine, lists=[folder], copy=tmp_path / "copy.db")
    migrate(engine, lists=[folder], copy=tmp_path / "copy.db")
    assert not (tmp_path / "copy.db").exists()


def test_existing_database_is_copied_before_it_is_changed(engine: Engine, folder: Path, tmp_path: Path) -> None:
    migrate(engine, lists=[folder], copy=tmp_path / "copy.db")
    write(folder, 2, "DROP TABLE first")
    migrate(engine, lists=[folder], copy=tmp_path / "copy.db")
    assert "first" not in tables(engine)
    copy = open_database(tmp_path / "copy.db", key=KEY)
    assert "first" in tables(copy)
    assert "second" not in tables(copy)
    copy.dispose()


def test_failing_migration_leaves_the_database_as_it_was(engine: Engine, folder: Path) -> None:
    migrate(engine, lists=[folder])
    write(folder, 2, "INSERT INTO first VALUES (2)")
    write(folder, 3, "INSERT INTO nowhere VALUES (1)")
    with pytest.raises(OperationalError):
        migrate(engine, lists=[folder])
    assert {"second", "third"}.isdisjoint(tables(engine))
    with engine.begin() as connection:
        assert connection.scalars(text("SELECT id FROM first")).all() == [1]


def test_upgrade_without_room_for_the_copy_changes_nothing(engine: Engine, folder: Path, tmp_path: Path) -> None:
    migrate(engine, lists=[folder])
    write(folder, 2, "DROP TABLE first")
    with pytest.raises(DiskFaultError):
        migrate(engine, lists=[folder], copy=tmp_path / "no such folder" / "copy.db")
    assert "first" in tables(engine)


def test_newer_database_is_refused(engine: Engine, folder: Path) -> None:
    write(folder, 2, "INSERT INTO first VALUES (2)")
    migrate(engine, lists=[folder])
    (folder / "m0002_second.py").unlink()
    with pytest.raises(NewerDatabaseError):
        migrate(engine, lists=[folder])
