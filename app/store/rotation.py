"""Another master key for the databases of a data directory: copies of them under the key's descendants.

Knows neither where a key is kept nor the vectors; `app.custody.rotating` puts the parts together.
"""

from pathlib import Path

from sqlalchemy import select, update

from app.store.copies import rekey, snapshot
from app.store.database import open_database
from app.store.derivation import DATABASE, LEDGER, USER_KEYS, derive
from app.store.ledger import place_of_key
from app.store.opening import Store
from app.store.schema import user_keys
from app.store.sealing import seal, unseal

DATABASES = {"inhouse.db": DATABASE, "ledger.db": LEDGER}


def copy_databases(store: Store, folder: Path) -> None:
    """Copy both databases into a folder, still under the key they have."""
    snapshot(store.engine, folder / "inhouse.db")
    snapshot(store.ledger_engine, folder / "ledger.db")


def rekey_databases(folder: Path, *, old: bytes, new: bytes) -> None:
    """Give the copies in a folder, and the people's keys in the ledger, to another master key.

    Raises:
        DamagedDatabaseError: a page or a wrapped key cannot be read.
    """
    for name, purpose in DATABASES.items():
        rekey(folder / name, old=derive(old, purpose), new=derive(new, purpose))
    _rewrap(folder / "ledger.db", old=old, new=new)


def _rewrap(ledger: Path, *, old: bytes, new: bytes) -> None:
    """Wrap every person's key with the other master key's descendant; the keys themselves stay."""
    engine = open_database(ledger, key=derive(new, LEDGER))
    before, after = derive(old, USER_KEYS), derive(new, USER_KEYS)
    try:
        with engine.begin() as connection:
            for row in connection.execute(select(user_keys)).all():
                place = place_of_key(row.user_id)
                wrapped = seal(after, unseal(before, row.wrapped_key, place=place), place=place)
                mine = user_keys.c.user_id == row.user_id
                connection.execute(update(user_keys).where(mine).values(wrapped_key=wrapped))
    finally:
        engine.dispose()  # the last connection merges the write-ahead log and removes it
