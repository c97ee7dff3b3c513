"""Passwords: what a new one must be, its hash, and the comparison. Knows no account.

Hashes are argon2id with the parameters of argon2-cffi (RFC 9106's second recommendation: 64 MiB, three passes), which
take some 50 ms. Only two are computed at once, so that a flood of sign-ins fills neither memory nor processor.
Source: NIST SP 800-63B, 5.1.1: length and a look at what is guessed first, no rules about kinds of characters.
"""

import threading
import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from app.errors import AppError

SHORTEST, LONGEST = 12, 200
FEWEST_DIFFERENT = 5
"""So many different characters at least: "aaaaaaaaaaaa" is guessed at once."""
GUESSED_FIRST = ("password", "passwort", "inhouse", "qwert", "12345678", "letmein", "welcome")
"""A password that is little more than one of these is refused."""

_hasher = PasswordHasher()
_at_once = threading.Semaphore(2)
_NOBODYS = _hasher.hash("nobody's password")
"""Compared with when there is no such account, so that nobody learns from the time it takes which names there are."""


class PasswordError(AppError):
    """The new password is too easy to guess. Choose one of at least 12 characters; several words do well."""

    status = 422


def check_new(password: str, *, name: str) -> None:
    """Let only passwords pass that are not among the first to be guessed.

    Raises:
        PasswordError: saying what is wrong with it.
    """
    plain = _normal(password)
    if not SHORTEST <= len(plain) <= LONGEST:
        raise PasswordError(f"A password has {SHORTEST} to {LONGEST} characters. Several words do well.")
    rest = plain.casefold().replace(_normal(name).casefold(), "")
    for guess in GUESSED_FIRST:
        rest = rest.replace(guess, "")
    if len(rest) < SHORTEST // 2 or len(set(plain)) < FEWEST_DIFFERENT:
        raise PasswordError


def hashed(password: str) -> str:
    """Return the hash a password is kept as."""
    with _at_once:
        return _hasher.hash(_normal(password))


def is_right(password: str, password_hash: str) -> bool:
    """Whether this is the password of a hash; without a hash nothing is, after the same time."""
    try:
        with _at_once:
            _hasher.verify(password_hash or _NOBODYS, _normal(password[: LONGEST + 1]))
    except (VerificationError, InvalidHashError):
        return False
    return bool(password_hash)


def is_outdated(password_hash: str) -> bool:
    """Whether a hash was made with weaker parameters than today's."""
    return _hasher.check_needs_rehash(password_hash)


def _normal(password: str) -> str:
    """Return the password as it is hashed: keyboards write the same letter in several ways."""
    return unicodedata.normalize("NFC", password)
