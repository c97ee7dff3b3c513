"""The recovery key that a person writes down."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.store.errors import RecoveryKeyError
from app.store.recovery import ALPHABET, read_recovery_key, recovery_key

KEYS = st.binary(min_size=32, max_size=32)


@given(KEYS)
def test_recovery_key_gives_the_master_key_back(master: bytes) -> None:
    assert read_recovery_key(recovery_key(master)) == master


def test_recovery_key_is_grouped_for_reading() -> None:
    groups = recovery_key(bytes(32)).split("-")
    assert groups[0] == "INHOUSE"
    assert [len(group) for group in groups[1:]] == [4] * 15


@given(KEYS)
def test_case_spaces_dashes_and_look_alikes_do_not_matter(master: bytes) -> None:
    typed = recovery_key(master).removeprefix("INHOUSE-").lower().replace("-", " ").replace("0", "o").replace("1", "l")
    assert read_recovery_key(f"  {typed}\n") == master


@given(KEYS, st.integers(0, 59), st.sampled_from(ALPHABET))
def test_one_wrong_character_is_noticed(master: bytes, place: int, typed: str) -> None:
    written = recovery_key(master).removeprefix("INHOUSE-").replace("-", "")
    if written[place] == typed:
        return
    with pytest.raises(RecoveryKeyError):
        read_recovery_key(written[:place] + typed + written[place + 1 :])


@given(st.text(max_size=100))
def test_anything_else_is_not_a_recovery_key(text: str) -> None:
    with pytest.raises(RecoveryKeyError):
        read_recovery_key(text)
