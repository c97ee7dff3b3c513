"""A data directory with the real encrypted databases, and two people in it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.answers import Actor
from app.store.keys import OpenedKey, open_key
from app.store.opening import Store, open_store


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "a home with 100% odd name"


@pytest.fixture
def key(home: Path, tmp_path: Path) -> OpenedKey:
    home.mkdir(mode=0o700)
    return open_key(home, source="file", key_file=tmp_path / "key", create=True)


@pytest.fixture
def store(home: Path, key: OpenedKey) -> Iterator[Store]:
    opened = open_store(home, key)
    yield opened
    opened.close()


@pytest.fixture
def ada() -> Actor:
    return Actor(user_id="ada", name="Ada", roles=frozenset({"curator"}))


@pytest.fixture
def mallory() -> Actor:
    return Actor(user_id="mallory", name="Mallory")
