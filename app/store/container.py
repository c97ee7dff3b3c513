"""A file that is sealed as a whole, written and read piece by piece: backups, copies of people's keys, exports.

A line that names the format, a header in clear (what the file is and which locks open it), then pieces of 1 MiB under
AES-256-GCM. Each piece is bound to the header, to its place in the file and to being the last one or not, so that a
changed, shortened or rearranged file is recognised. Knows nothing of what is inside.

Source: Hoang, Reyhanitabar, Rogaway and Vizar, "Online Authenticated-Encryption and its Nonce-Reuse Misuse-Resistance",
CRYPTO 2015 (the construction STREAM).
"""

import hashlib
import json
import secrets
from collections.abc import Mapping
from typing import Any, BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from app.store.derivation import KEY_BYTES
from app.store.errors import DamagedDatabaseError, DamagedFileError, ForeignFileError, WrongKeyError
from app.store.keycard import HARDEST_SCRYPT_N, SCRYPT_N, stretch
from app.store.sealing import seal, unseal

MAGIC = b"inhouse sealed file 1\n"
PIECE_BYTES = 2**20
TAG_BYTES = 16
HEADER_BYTES = 2**16

Header = Mapping[str, object]


class SealedWriter:
    """Seals what is written to it into a stream; `close` writes the last piece, without which the file is damaged."""

    def __init__(self, stream: BinaryIO, header: Header, *, key: bytes | None = None, passphrase: str = "") -> None:
        """Write the header. The file opens with the key, with the passphrase, or with either when both are given."""
        file_key = secrets.token_bytes(KEY_BYTES)
        locks = [_lock(file_key, key)] if key else []
        if passphrase:
            locks.append(_passphrase_lock(file_key, passphrase))
        written = json.dumps({**header, "locks": locks}).encode()
        stream.write(MAGIC + len(written).to_bytes(4, "big") + written)
        self._pieces = _Pieces(file_key, written)
        self._stream, self._left = stream, bytearray()

    def write(self, data: bytes) -> int:
        """Take some more."""
        self._left += data
        while len(self._left) > PIECE_BYTES:  # one piece stays, for only `close` knows the last one
            self._stream.write(self._pieces.seal(bytes(self._left[:PIECE_BYTES]), last=False))
            del self._left[:PIECE_BYTES]
        return len(data)

    def close(self) -> None:
        """Write the last piece."""
        self._stream.write(self._pieces.seal(bytes(self._left), last=True))


class SealedReader:
    """Opens what a `SealedWriter` wrote; nothing is handed out that was not written so."""

    def __init__(self, stream: BinaryIO, *, kind: str) -> None:
        """Read the header.

        Raises:
            ForeignFileError: it is no such file, or one of another kind.
        """
        self._stream = stream
        self.header, self._written = _read_header(stream, kind)
        self._pieces: _Pieces | None = None
        self._ahead, self._left, self._ended = b"", bytearray(), False

    def unlock(self, *, key: bytes | None = None, passphrase: str = "") -> bool:
        """Try a key and a passphrase; whether one of them opens the file."""
        for lock in self.header["locks"]:
            try:
                by = _stretched(passphrase, lock) if "salt" in lock else key
                if by:
                    file_key = unseal(by, bytes.fromhex(lock["sealed"]), place=_PLACE)
                    self._pieces = _Pieces(file_key, self._written)
                    self._ahead = self._stream.read(PIECE_BYTES + TAG_BYTES)
                    return True
            except DamagedDatabaseError:
                continue
            except (KeyError, TypeError, ValueError) as error:
                raise DamagedFileError from error
        return False

    def read(self, size: int = -1) -> bytes:
        """Return up to so many bytes; fewer only at the end.

        Raises:
            DamagedFileError: the file was changed or cut off.
        """
        while not self._ended and (size < 0 or len(self._left) < size):
            self._next_piece()
        taken = bytes(self._left if size < 0 else self._left[:size])
        del self._left[: len(taken)]
        return taken

    def _next_piece(self) -> None:
        if self._pieces is None:
            raise WrongKeyError
        piece, self._ahead = self._ahead, self._stream.read(PIECE_BYTES + TAG_BYTES)
        self._ended = not self._ahead
        self._left += self._pieces.open(piece, last=self._ended)


_PLACE = "file key"


class _Pieces:
    """The cipher of one file, whose key seals no other; nonces are counted."""

    def __init__(self, file_key: bytes, header: bytes) -> None:
        self._cipher, self._about, self._count = AESGCM(file_key), hashlib.sha256(header).digest(), 0

    def seal(self, plain: bytes, *, last: bool) -> bytes:
        return self._cipher.encrypt(self._nonce(last), plain, self._about)

    def open(self, sealed: bytes, *, last: bool) -> bytes:
        try:
            return self._cipher.decrypt(self._nonce(last), sealed, self._about)
        except (InvalidTag, ValueError) as error:
            raise DamagedFileError from error

    def _nonce(self, last: bool) -> bytes:  # noqa: FBT001 - a part of the nonce
        self._count += 1
        return self._count.to_bytes(11, "big") + bytes([last])


def _lock(file_key: bytes, key: bytes) -> dict[str, object]:
    return {"sealed": seal(key, file_key, place=_PLACE).hex()}


def _passphrase_lock(file_key: bytes, passphrase: str) -> dict[str, object]:
    salt = secrets.token_bytes(16)
    return {**_lock(file_key, stretch(passphrase, salt, SCRYPT_N)), "salt": salt.hex(), "scrypt_n": SCRYPT_N}


def _stretched(passphrase: str, lock: Mapping[str, object]) -> bytes | None:
    n = lock["scrypt_n"]
    if not isinstance(n, int) or not 1 < n <= HARDEST_SCRYPT_N:
        raise ValueError("no honest file asks for this")
    return stretch(passphrase, bytes.fromhex(str(lock["salt"])), n) if passphrase else None


def _read_header(stream: BinaryIO, kind: str) -> tuple[dict[str, Any], bytes]:
    foreign = ForeignFileError(f"This is not a file that Inhouse wrote as {kind}.")
    if stream.read(len(MAGIC)) != MAGIC:
        raise foreign
    length = int.from_bytes(stream.read(4), "big")
    written = stream.read(min(length, HEADER_BYTES))
    try:
        header = json.loads(written)
        if (
            header["kind"] == kind
            and isinstance(header["locks"], list)
            and all(isinstance(lock, dict) for lock in header["locks"])
        ):
            return header, written
    except (ValueError, KeyError, TypeError) as error:
        raise DamagedFileError from error
    raise foreign
