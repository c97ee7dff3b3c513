"""The token of local programs: a file only its owner can read, made anew at every start of the server."""

import hmac
import os
import secrets
from pathlib import Path

TOKEN_FILE = Path("run") / "token"
"""Relative to the data directory."""


def write_token(home: Path) -> str:
    """Make a new token, write it to `run/token` of the data directory with mode 0600 and return it."""
    token = "inh_" + secrets.token_urlsafe(32)
    file = home / TOKEN_FILE
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    file.unlink(missing_ok=True)
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as stream:
        stream.write(token + "\n")
    return token


def remove_token(home: Path) -> None:
    """Remove the token's file; nothing happens when there is none."""
    (home / TOKEN_FILE).unlink(missing_ok=True)


def same(given: str, expected: str) -> bool:
    """Compare two secrets in constant time."""
    return hmac.compare_digest(given.encode(), expected.encode())
