"""Sealed bytes open only with their key and in their place."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.store.errors import DamagedDatabaseError
from app.store.sealing import seal, unseal

KEY = bytes(range(32))


@given(st.binary(max_size=2000))
def test_sealed_bytes_open_in_their_place(plain: bytes) -> None:
    assert unseal(KEY, seal(KEY, plain, place="turns.question:1"), place="turns.question:1") == plain


def test_the_same_bytes_never_look_the_same_twice() -> None:
    assert seal(KEY, b"yes", place="p") != seal(KEY, b"yes", place="p")


@pytest.mark.parametrize("place", ["turns.question:2", "turns.answer:1"])
def test_sealed_bytes_moved_to_another_place_do_not_open(place: str) -> None:
    with pytest.raises(DamagedDatabaseError, match="turns"):
        unseal(KEY, seal(KEY, b"text", place="turns.question:1"), place=place)


def test_another_key_does_not_open_them() -> None:
    with pytest.raises(DamagedDatabaseError):
        unseal(bytes(32), seal(KEY, b"text", place="p"), place="p")


@given(st.binary(max_size=60))
def test_anything_else_is_damaged(sealed: bytes) -> None:
    with pytest.raises(DamagedDatabaseError):
        unseal(KEY, sealed, place="p")


@given(st.integers(0, 32), st.integers(1, 255))
def test_every_changed_byte_is_noticed(place: int, change: int) -> None:
    sealed = bytearray(seal(KEY, b"text", place="p"))
    sealed[place] ^= change
    with pytest.raises(DamagedDatabaseError):
        unseal(KEY, bytes(sealed), place="p")
