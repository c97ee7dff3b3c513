"""What holds for every test: nothing it does in its own process may leave this machine, and no time is asserted.

Nor may it need weights that are only here by chance: a new machine has those that `make test` fetches.
"""

import ipaddress
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import settings

from app.install.__main__ import TEST_WEIGHTS
from app.settings import Settings
from models import weights
from models.catalogue import Entry
from retrieval.memory import overwrite_freed_memory

settings.register_profile("inhouse", deadline=None)
settings.load_profile("inhouse")
overwrite_freed_memory()  # as the command does at its start; tests make the product without it


class OutsideError(AssertionError):
    """A test tried to reach another machine."""


def _is_inside(address: Any) -> bool:
    """Whether an address is a file, a pipe or this machine."""
    if not isinstance(address, tuple):
        return True
    host = address[0]
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@pytest.fixture(autouse=True, scope="session")
def _only_loopback() -> Iterator[None]:
    """Refuse every connection that is not to this machine."""
    connect, connect_ex = socket.socket.connect, socket.socket.connect_ex

    def guarded(self: socket.socket, address: Any) -> None:
        if not _is_inside(address):
            raise OutsideError(f"A test tried to reach {address}.")
        connect(self, address)

    def guarded_ex(self: socket.socket, address: Any) -> int:
        if not _is_inside(address):
            raise OutsideError(f"A test tried to reach {address}.")
        return connect_ex(self, address)

    with patch.object(socket.socket, "connect", guarded), patch.object(socket.socket, "connect_ex", guarded_ex):
        yield


@pytest.fixture(autouse=True, scope="session")
def _only_fetched_weights() -> Iterator[None]:
    """Refuse weights of the catalogue that `make test` does not fetch, where they are here all the same."""
    verify = weights.verify

    def guarded(entry: Entry, *, directory: Path, thoroughly: bool = False) -> None:
        if entry.name not in TEST_WEIGHTS and directory == Settings().weights:
            raise AssertionError(f"A test needs the weights of {entry.name}, which `make test` does not fetch.")
        verify(entry, directory=directory, thoroughly=thoroughly)

    with patch.object(weights, "verify", guarded):
        yield
