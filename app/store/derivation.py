"""Everything that is derived from the 32-byte master key: one key a purpose, and the rotation of vectors.

Knows no file and no keyring. A derived key tells nothing about the master key or about another purpose's key.
"""

import numpy as np
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from numpy.typing import NDArray

KEY_BYTES = 32
DATABASE, LEDGER, USER_KEYS, VECTORS, CHECK = "database", "ledger", "user keys", "vector rotation", "key check"
BACKUPS, RECEIPTS = "backups", "receipts"
"""The purposes in use. Changing one of these words makes existing data unreadable."""


def derive(master: bytes, purpose: str) -> bytes:
    """Return the 32-byte key for a purpose.

    Source: Krawczyk and Eronen, RFC 5869 (HKDF), with SHA-256 and the purpose as info.
    """
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=f"inhouse/1/{purpose}".encode()).derive(master)


def rotation_matrix(master: bytes, dimension: int) -> NDArray[np.float32]:
    """Return the secret orthogonal matrix that hides vectors at rest, shape (dimension, dimension).

    The same key gives the same matrix on every machine, up to the last bit of rounding. Multiplying keeps every
    cosine. This is a hardening, not encryption: see docs/decisions/0005-rotated-vectors.md.

    Source: Mezzadri, "How to generate random matrices from the classical compact groups", 2007: QR of a Gaussian
    matrix with the signs of R's diagonal moved into Q is uniform over the orthogonal group.
    """
    gaussian = _gaussians(derive(master, VECTORS), dimension * dimension).reshape(dimension, dimension)
    orthogonal, triangular = np.linalg.qr(gaussian)
    rotation: NDArray[np.float32] = (orthogonal * np.sign(np.diagonal(triangular))).astype(np.float32)
    return rotation


def _gaussians(key: bytes, count: int) -> NDArray[np.float64]:
    """Return standard normal numbers from the ChaCha20 keystream of a key, by Box and Muller's transform."""
    pairs = (count + 1) // 2
    # The nonce is constant because every key encrypts exactly this one run of zeros.
    encryptor = Cipher(algorithms.ChaCha20(key, nonce=bytes(16)), mode=None).encryptor()
    words = np.frombuffer(encryptor.update(bytes(16 * pairs)), dtype="<u8")
    uniform = ((words >> np.uint64(11)).astype(np.float64) + 0.5) * 2.0**-53  # inside (0, 1), 53 bits each
    radius, angle = np.sqrt(-2.0 * np.log(uniform[:pairs])), 2.0 * np.pi * uniform[pairs:]
    return np.concatenate([radius * np.cos(angle), radius * np.sin(angle)])[:count]
