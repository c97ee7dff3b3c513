"""One data key a person, and what its destruction means."""

import secrets

import pytest

from app.store.errors import DamagedDatabaseError, ErasedError
from app.store.ledger import Ledger
from app.store.opening import Store

KEY = bytes(range(32))


@pytest.fixture
def ledger(store: Store) -> Ledger:
    return Ledger(store.ledger_engine, key=KEY)


def test_person_reads_what_was_sealed_for_them_after_a_restart(ledger: Ledger, store: Store) -> None:
    sealed = ledger.seal("ada", b"text", place="p")
    assert Ledger(store.ledger_engine, key=KEY).unseal("ada", sealed, place="p") == b"text"


def test_nobody_else_can_open_it(ledger: Ledger) -> None:
    sealed = ledger.seal("ada", b"text", place="p")
    ledger.seal("mallory", b"other", place="p")
    with pytest.raises(DamagedDatabaseError):
        ledger.unseal("mallory", sealed, place="p")


def test_erased_persons_texts_are_gone_for_ever(ledger: Ledger, store: Store) -> None:
    sealed = ledger.seal("ada", b"text", place="p")
    kept = ledger.seal("bo", b"kept", place="p")
    assert ledger.erase("ada")
    for again in (ledger, Ledger(store.ledger_engine, key=KEY)):
        with pytest.raises(ErasedError):
            again.unseal("ada", sealed, place="p")
        assert again.unseal("bo", kept, place="p") == b"kept"
    assert not ledger.erase("ada")


def test_the_engines_key_stays_the_same_and_is_no_persons(ledger: Ledger, store: Store) -> None:
    key = ledger.engine_key()
    assert len(key) == 32
    assert Ledger(store.ledger_engine, key=KEY).engine_key() == key
    assert ledger.erase("/engine")
    assert ledger.engine_key() != key


def test_erased_key_is_not_left_in_the_write_ahead_log(ledger: Ledger, store: Store) -> None:
    ledger.seal("ada", secrets.token_bytes(8), place="p")
    ledger.erase("ada")
    log = store.ledger_engine.connect().connection.driver_connection
    assert log is not None
    assert log.execute("PRAGMA wal_checkpoint").fetchone() == (0, 0, 0)


def test_ledger_under_another_wrapping_key_opens_nothing(ledger: Ledger, store: Store) -> None:
    sealed = ledger.seal("ada", b"text", place="p")
    with pytest.raises(DamagedDatabaseError):
        Ledger(store.ledger_engine, key=bytes(32)).unseal("ada", sealed, place="p")
