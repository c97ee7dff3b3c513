"""The recovery key: the master key in a form a person can write down and type in again.

Looks like `INHOUSE-7Q2M-…`: 60 letters and digits in groups of four. Knows no file and no keyring.
"""

import hashlib

from app.store.errors import RecoveryKeyError

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no I, L, O or U, so nothing written by hand is ambiguous."""
MASTER_BYTES, CHECKSUM_BYTES, GROUP = 32, 5, 4
PREFIX = "INHOUSE"
CHARACTERS = 60  # 37 bytes are 296 bits, 60 characters hold 300
_TYPED_INSTEAD = str.maketrans({"I": "1", "L": "1", "O": "0"})


def recovery_key(master: bytes) -> str:
    """Write a master key as groups of letters and digits with a checksum."""
    number = int.from_bytes(master + _checksum(master), "big")
    characters = "".join(ALPHABET[number >> 5 * place & 31] for place in reversed(range(CHARACTERS)))
    groups = [characters[start : start + GROUP] for start in range(0, CHARACTERS, GROUP)]
    return "-".join([PREFIX, *groups])


def read_recovery_key(text: str) -> bytes:
    """Return the master key that a recovery key stands for; case, spaces and dashes do not matter.

    Raises:
        RecoveryKeyError: when it is incomplete or mistyped.
    """
    typed = "".join(text.upper().split()).replace("-", "").removeprefix(PREFIX).translate(_TYPED_INSTEAD)
    if len(typed) != CHARACTERS or not set(typed) <= set(ALPHABET):
        raise RecoveryKeyError
    number = 0
    for character in typed:
        number = number << 5 | ALPHABET.index(character)
    if number.bit_length() > 8 * (MASTER_BYTES + CHECKSUM_BYTES):
        raise RecoveryKeyError
    written = number.to_bytes(MASTER_BYTES + CHECKSUM_BYTES, "big")
    master, checksum = written[:MASTER_BYTES], written[MASTER_BYTES:]
    if checksum != _checksum(master):
        raise RecoveryKeyError
    return master


def _checksum(master: bytes) -> bytes:
    return hashlib.sha256(b"inhouse/1/recovery key" + master).digest()[:CHECKSUM_BYTES]
