"""Seal bytes so that only the holder of a key can read them, and only in the place they were sealed for.

AES-256-GCM. A sealed value is one version byte, a random 12-byte nonce and the ciphertext with its 16-byte tag. The
place (table, column, row id) is authenticated with it, so a sealed text moved to another row does not open there.
"""

import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from app.store.errors import DamagedDatabaseError

VERSION = b"\x01"
NONCE_BYTES = 12


def seal(key: bytes, plain: bytes, *, place: str) -> bytes:
    """Return the sealed bytes for a place such as `turns.question:4f0c…`."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    return VERSION + nonce + AESGCM(key).encrypt(nonce, plain, place.encode())


def unseal(key: bytes, sealed: bytes, *, place: str) -> bytes:
    """Return what was sealed for this place with this key.

    Raises:
        DamagedDatabaseError: when it was changed, moved here from another place, or sealed with another key.
    """
    nonce, ciphertext = sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES :]
    damaged = DamagedDatabaseError(f"A sealed entry in {place.partition(':')[0]} was changed or belongs elsewhere.")
    if not sealed.startswith(VERSION):
        raise damaged
    try:
        return AESGCM(key).decrypt(nonce, ciphertext, place.encode())
    except (InvalidTag, ValueError) as error:
        raise damaged from error
