"""Files that are sealed piece by piece: what was written is read, whole and unchanged, or nothing."""

import io

import numpy as np
import pytest

from models.sealed import PIECE_BYTES, DamagedFileError, Seal, read_body, read_header, write_sealed

KEY, ABOUT = bytes(range(32)), b"a file of the tests"
HEADER = b"zeppelin"


def sealed(size: int) -> bytes:
    stream = io.BytesIO()
    write_sealed(stream, Seal(KEY, ABOUT), header=HEADER, body=body(size))
    return stream.getvalue()


def body(size: int) -> np.ndarray:
    return np.resize(np.frombuffer(b"pelican xylophonist ", np.uint8), size)


def opened(data: bytes, *, key: bytes = KEY, about: bytes = ABOUT) -> tuple[bytes, bytes]:
    stream, seal = io.BytesIO(data), Seal(key, about)
    header, size = read_header(stream, seal)
    return header, read_body(stream, seal, size).tobytes()


@pytest.mark.parametrize("size", [0, 1, PIECE_BYTES - 1, PIECE_BYTES, 2 * PIECE_BYTES + 1])
def test_what_was_written_is_read(size: int) -> None:
    assert opened(sealed(size)) == (HEADER, body(size).tobytes())


def test_nothing_of_it_can_be_read_without_the_key() -> None:
    data = sealed(100)
    assert HEADER not in data
    assert b"pelican" not in data
    with pytest.raises(DamagedFileError):
        opened(data, key=bytes(32))


def test_it_opens_only_for_what_it_is_about() -> None:
    with pytest.raises(DamagedFileError):
        opened(sealed(100), about=b"another model")


@pytest.mark.parametrize("cut", [0, 3, 4, 20, 60, 70, 100, -1])
def test_a_file_that_is_cut_off_is_noticed(cut: int) -> None:
    with pytest.raises(DamagedFileError):
        opened(sealed(100)[:cut])


def test_a_file_cut_off_between_two_pieces_is_noticed() -> None:
    begin = 4 + int.from_bytes(sealed(1)[:4], "little")
    with pytest.raises(DamagedFileError):
        opened(sealed(2 * PIECE_BYTES)[: begin + PIECE_BYTES + 16])


@pytest.mark.parametrize("place", range(0, 160, 7))
def test_a_changed_byte_is_noticed(place: int) -> None:
    data = bytearray(sealed(100))
    data[place] ^= 1
    with pytest.raises(DamagedFileError):
        opened(bytes(data))


def test_pieces_cannot_change_places() -> None:
    data = sealed(2 * PIECE_BYTES)
    begin, length = 4 + int.from_bytes(data[:4], "little"), PIECE_BYTES + 16
    first, second = data[begin : begin + length], data[begin + length :]
    with pytest.raises(DamagedFileError):
        opened(data[:begin] + second + first)


def test_what_is_no_sealed_file_is_refused_at_once() -> None:
    for data in (b"", b"\xff" * 100, b"GGUF" + bytes(100)):
        with pytest.raises(DamagedFileError):
            opened(data)
