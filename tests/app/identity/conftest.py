"""People of a real store, and an administrator among them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.answers import Actor
from app.identity.people import People
from app.identity.sessions import Sessions
from app.store.keys import open_key
from app.store.opening import Store, open_store
from tests.hashes import quick_hashes

PASSWORD = "seven lamps of architecture"


@pytest.fixture(autouse=True)
def _quick_hashes() -> Iterator[None]:
    with quick_hashes():
        yield


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    opened = open_store(home, open_key(home, source="file", key_file=tmp_path / "key", create=True))
    yield opened
    opened.close()


@pytest.fixture
def people(store: Store) -> People:
    return People(accounts=store.accounts, tokens=store.api_tokens, ledger=store.ledger, sessions=Sessions())


@pytest.fixture
def ada(people: People) -> Actor:
    """An administrator with a password."""
    token = people.new_setup_link()
    assert token
    return people.set_up(token, "Ada", PASSWORD).actor
