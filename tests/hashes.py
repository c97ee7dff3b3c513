"""Password hashes that cost a millisecond instead of fifty, for tests that sign in many people."""

from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

from argon2 import PasswordHasher

from app.identity import passwords


@contextmanager
def quick_hashes() -> Iterator[None]:
    """Hash with the weakest parameters there are, within the block."""
    weak = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    with patch.object(passwords, "_hasher", weak), patch.object(passwords, "_NOBODYS", weak.hash("nobody's")):
        yield
