"""The second factor: six digits that an authenticator app shows for 30 seconds.

Source: RFC 6238 (TOTP), as `cryptography` implements it. Knows no account; whoever calls keeps the secret sealed and
sees to it that no code is taken twice.
"""

import base64
import secrets
import time

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor import InvalidToken
from cryptography.hazmat.primitives.twofactor.totp import TOTP

SECRET_BYTES = 20
DIGITS = 6
STEP_SECONDS = 30
STEPS_OFF = 1
"""How far a telephone's clock may be off, in steps."""


def new_secret() -> bytes:
    """Return a secret for an app and us."""
    return secrets.token_bytes(SECRET_BYTES)


def written(secret: bytes) -> str:
    """Return a secret as a person types it into an app, in groups of four."""
    text = base64.b32encode(secret).decode().rstrip("=")
    return " ".join(text[start : start + 4] for start in range(0, len(text), 4))


def address(secret: bytes, *, name: str) -> str:
    """Return the otpauth: address an app takes it from."""
    return _generator(secret).get_provisioning_uri(name, "Inhouse")


def code_at(secret: bytes, step: int) -> str:
    """Return the code of a time step."""
    return _generator(secret).generate(step * STEP_SECONDS).decode()


def matching_step(secret: bytes, code: str) -> int | None:
    """Return the time step that this is the code of: now's, or one beside it; None for any other code."""
    typed = "".join(code.split()).encode()
    now = int(time.time()) // STEP_SECONDS
    for step in range(now - STEPS_OFF, now + STEPS_OFF + 1):
        try:
            _generator(secret).verify(typed, step * STEP_SECONDS)
        except InvalidToken:
            continue
        return step
    return None


def _generator(secret: bytes) -> TOTP:
    return TOTP(secret, DIGITS, SHA1(), STEP_SECONDS)  # noqa: S303 - what every app computes; HMAC-SHA1 is not broken
