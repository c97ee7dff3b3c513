"""The ledger: one data key a person, wrapped, in a small database of its own that ordinary backups do not contain.

Whoever destroys a person's entry here makes everything that was sealed for that person unreadable for ever, in every
copy of the main database. Knows no conversation.
"""

import secrets
import time
from collections.abc import Mapping
from threading import Lock
from typing import Any

from sqlalchemy import Engine, delete, func, insert, select

from app.store.database import reading, run_alone
from app.store.derivation import KEY_BYTES, derive
from app.store.errors import ErasedError
from app.store.schema import erasures, user_keys
from app.store.sealing import seal, unseal

INSTALLATIONS = "/"
"""Begins the owner of a key that is the installation's; no person's id holds a slash."""
ENGINE = "/engine"
"""Owner of the key for what the engine saves; no person's id holds a slash."""


class Ledger:
    """The data keys of people; a key that was used stays in memory until it is erased."""

    def __init__(self, engine: Engine, *, key: bytes) -> None:
        """Use the ledger's database and the key that wraps the keys in it."""
        self._engine = engine
        self._key = key
        self._known: dict[str, bytes] = {}
        self._lock = Lock()

    def seal(self, user_id: str, plain: bytes, *, place: str, make: bool = True) -> bytes:
        """Seal bytes for one person; their key is made when they have none yet, unless it shall not be.

        Raises:
            ErasedError: they have none, and none shall be made.
        """
        return seal(self._key_of(user_id, make=make), plain, place=place)

    def unseal(self, user_id: str, sealed: bytes, *, place: str) -> bytes:
        """Open what was sealed for this person in this place.

        Raises:
            ErasedError: the person's key was destroyed.
            DamagedDatabaseError: the sealed bytes were changed or belong elsewhere.
        """
        return unseal(self._key_of(user_id, make=False), sealed, place=place)

    def erase(self, user_id: str, *, tombstone: Mapping[str, Any] | None = None) -> bool:
        """Destroy a person's key for ever, and note that in the same moment; whether there was a key."""
        with self._lock:
            self._known.pop(user_id, None)
            with self._engine.begin() as connection:
                if tombstone is not None:
                    connection.execute(insert(erasures).values(tombstone))
                erased = connection.execute(delete(user_keys).where(user_keys.c.user_id == user_id)).rowcount
            # The deleted row was overwritten (secure_delete); empty the write-ahead log that still holds it too.
            run_alone(self._engine, "PRAGMA wal_checkpoint(TRUNCATE)")
        return bool(erased)

    def engine_key(self) -> bytes:
        """Return the key that seals what the engine saves of everybody's conversations; made the first time."""
        return self._key_of(ENGINE, make=True)

    def derived(self, user_id: str, purpose: str, *, make: bool = True) -> bytes:
        """Return 32 bytes made from a person's key for a purpose; without that key nobody can make them again.

        Raises:
            ErasedError: there is no key (any more), and none is to be made.
        """
        return derive(self._key_of(user_id, make=make), purpose)

    def owners(self) -> list[str]:
        """Return the ids of all people who have a key."""
        with reading(self._engine).connect() as connection:
            found = connection.scalars(select(user_keys.c.user_id))
            return [user_id for user_id in found if not user_id.startswith(INSTALLATIONS)]

    def _key_of(self, user_id: str, *, make: bool) -> bytes:
        known = self._known.get(user_id)
        if known is not None:
            return known
        with self._lock:
            wrapped = self._wrapped(user_id) or (self._make(user_id) if make else None)
            if wrapped is None:
                raise ErasedError
            return self._known.setdefault(user_id, unseal(self._key, wrapped, place=place_of_key(user_id)))

    def _wrapped(self, user_id: str) -> bytes | None:
        with reading(self._engine).connect() as connection:
            return connection.scalar(select(user_keys.c.wrapped_key).where(user_keys.c.user_id == user_id))

    def _make(self, user_id: str) -> bytes:
        wrapped = seal(self._key, secrets.token_bytes(KEY_BYTES), place=place_of_key(user_id))
        with self._engine.begin() as connection:
            gone = (erasures.c.user_id == user_id) & ~erasures.c.returns
            if connection.scalar(select(func.count()).select_from(erasures).where(gone)):
                raise ErasedError  # an answer that was still being written gives nobody a new key
            connection.execute(insert(user_keys).values(user_id=user_id, wrapped_key=wrapped, created=time.time()))
        return wrapped


def place_of_key(user_id: str) -> str:
    """Return the place a person's key is sealed for."""
    return f"user_keys.wrapped_key:{user_id}"
