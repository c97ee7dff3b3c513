"""A sealed file is read as it was written, or not at all."""

import io
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.store.container import MAGIC, PIECE_BYTES, TAG_BYTES, SealedReader, SealedWriter
from app.store.errors import DamagedFileError, ForeignFileError, StoreError, WrongKeyError

KEY = bytes(range(32))
KIND = "a test"


def sealed(content: bytes, *, key: bytes | None = KEY, passphrase: str = "", steps: int = 100_000) -> bytes:
    """Return a sealed file, written in steps."""
    stream = io.BytesIO()
    writer = SealedWriter(stream, {"kind": KIND}, key=key, passphrase=passphrase)
    for start in range(0, len(content), steps):
        writer.write(content[start : start + steps])
    writer.close()
    return stream.getvalue()


def opened(written: bytes, *, key: bytes | None = KEY, passphrase: str = "") -> bytes:
    """Return what is in a sealed file."""
    reader = SealedReader(io.BytesIO(written), kind=KIND)
    if not reader.unlock(key=key, passphrase=passphrase):
        raise WrongKeyError
    parts = []
    while part := reader.read(70_001):
        parts.append(part)
    return b"".join(parts)


def header_bytes(written: bytes) -> int:
    """Return how long everything before the first piece is."""
    return len(MAGIC) + 4 + int.from_bytes(written[len(MAGIC) : len(MAGIC) + 4], "big")


@pytest.mark.parametrize("size", [0, 1, PIECE_BYTES - 1, PIECE_BYTES, PIECE_BYTES + 1, 3 * PIECE_BYTES, 3_500_000])
def test_what_is_written_is_read(size: int) -> None:
    content = bytes(number % 251 for number in range(size))
    written = sealed(content)
    assert opened(written) == content
    assert content[:16] not in written or size < 16


def test_it_opens_with_either_of_two_locks_and_with_nothing_else() -> None:
    written = sealed(b"text", passphrase="a long passphrase")
    assert opened(written) == opened(written, key=None, passphrase="a long passphrase") == b"text"
    for key, passphrase in ((bytes(32), ""), (None, "another passphrase"), (None, "")):
        with pytest.raises(WrongKeyError):
            opened(written, key=key, passphrase=passphrase)


def test_nothing_is_read_before_it_is_unlocked() -> None:
    with pytest.raises(WrongKeyError):
        SealedReader(io.BytesIO(sealed(b"text")), kind=KIND).read(1)


@pytest.mark.parametrize("pieces", [0, 1, 2])
def test_file_that_lacks_its_last_pieces_is_damaged(pieces: int) -> None:
    written = sealed(bytes(3 * PIECE_BYTES))
    with pytest.raises(DamagedFileError):
        opened(written[: header_bytes(written) + pieces * (PIECE_BYTES + TAG_BYTES)])


def test_pieces_that_were_exchanged_are_noticed() -> None:
    written = sealed(bytes(3 * PIECE_BYTES))
    begin, piece = header_bytes(written), PIECE_BYTES + TAG_BYTES
    first, second, rest = written[begin : begin + piece], written[begin + piece :][:piece], written[begin + 2 * piece :]
    with pytest.raises(DamagedFileError):
        opened(written[:begin] + second + first + rest)
    with pytest.raises(DamagedFileError):
        opened(written[:begin] + first + rest)
    with pytest.raises(DamagedFileError):
        opened(written + rest)


def test_file_of_another_kind_is_foreign() -> None:
    with pytest.raises(ForeignFileError):
        SealedReader(io.BytesIO(sealed(b"text")), kind="a backup")


@given(place=st.integers(min_value=0), bit=st.integers(0, 7))
@settings(max_examples=200)
def test_no_bit_can_be_changed(place: int, bit: int) -> None:
    written = bytearray(sealed(b"some text"))
    written[place % len(written)] ^= 1 << bit
    with pytest.raises(StoreError):
        opened(bytes(written))


@given(st.binary(max_size=300))
@settings(max_examples=200)
def test_any_bytes_are_a_sentence(content: bytes) -> None:
    for written in (content, MAGIC + content, MAGIC + len(content).to_bytes(4, "big") + content):
        with pytest.raises(StoreError):
            opened(written)


_ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
_LOCK = st.fixed_dictionaries({}, optional={"sealed": _ANYTHING, "salt": _ANYTHING, "scrypt_n": _ANYTHING})


@given(st.fixed_dictionaries({"kind": st.just(KIND), "locks": st.lists(_LOCK | _ANYTHING, max_size=3) | _ANYTHING}))
@settings(max_examples=200)
def test_any_header_is_a_sentence(header: dict[str, object]) -> None:
    written = json.dumps(header).encode()
    with pytest.raises(StoreError):
        opened(MAGIC + len(written).to_bytes(4, "big") + written, passphrase="a long passphrase")
