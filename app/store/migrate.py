"""Bring a database to the newest tables, in one transaction that happens wholly or not at all.

Each package owns a list of numbered migrations; this module runs all lists that belong to a database. Before an
existing database is changed a copy of it is kept beside it.
"""

from collections.abc import Sequence
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine

from app.store.copies import snapshot
from app.store.errors import NewerDatabaseError

_HERE = Path(__file__).parent
DATABASE_LISTS = (_HERE / "migrations", _HERE.parents[1] / "retrieval" / "migrations")
"""The lists that make `inhouse.db`."""
LEDGER_LISTS = (_HERE / "ledger_migrations",)
"""The list that makes `ledger.db`."""


def migrate(engine: Engine, *, lists: Sequence[Path] = DATABASE_LISTS, copy: Path | None = None) -> None:
    """Run every migration the database has not had yet.

    Args:
        engine: the database; nobody else may use it meanwhile.
        lists: the folders of numbered migrations.
        copy: where the database is copied to, encrypted with its own key, before it is changed. A new database is
            not copied; an older copy is replaced.

    Raises:
        NewerDatabaseError: the database has had migrations this program does not know.
    """
    config = _config(lists)
    scripts = ScriptDirectory.from_config(config)
    with engine.connect() as connection:
        had = MigrationContext.configure(connection).get_current_heads()
    known = {script.revision for script in scripts.walk_revisions()}
    if not set(had) <= known:
        raise NewerDatabaseError
    if set(had) == set(scripts.get_heads()):
        return
    if had and copy is not None:
        snapshot(engine, copy)
    with engine.begin() as connection:
        _upgrade(config, connection)


def _config(lists: Sequence[Path]) -> Config:
    """Return Alembic's settings, which need no file. Percent signs mean something in them and may be in a path."""
    config = Config()
    config.set_main_option("path_separator", "newline")
    config.set_main_option("script_location", str(_HERE).replace("%", "%%"))
    config.set_main_option("version_locations", "\n".join(map(str, lists)).replace("%", "%%"))
    return config


def _upgrade(config: Config, connection: Connection) -> None:
    config.attributes["connection"] = connection
    command.upgrade(config, "heads")
