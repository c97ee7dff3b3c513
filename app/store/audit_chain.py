"""What makes the audit log provable: each row's hash covers the one before, and the head is signed and kept twice.

Knows rows and bytes; no database and no person. Whoever holds the master key can sign a log of their own making: only
a head noted outside of this machine shows that (docs/security.md).
"""

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from app.store.audit_words import Action
from app.store.files import fault_of

BEGINNING = bytes(32)
"""What stands for the hash before the first row."""
HEAD_FILE = "audit.head"


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRow:
    """One row of the log, as it is kept."""

    number: int
    at: float
    """Seconds since 1970, UTC."""
    who: str
    """A pseudonym."""
    action: str
    object_kind: str
    object_id: str
    result: str
    door: str
    address: bytes
    """Sealed with the person's key; empty where there is none."""
    hash: bytes

    def follows(self, before: bytes) -> bytes:
        """Return the hash this row has to have behind one with the hash `before`."""
        told = [
            before.hex(), self.number, self.at, self.who, self.action, self.object_kind, self.object_id, self.result,
            self.door, self.address,
        ]  # fmt: skip
        return hashlib.sha256(json.dumps(told, separators=(",", ":"), default=_shown).encode()).digest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """How far the log reached, signed; `number` 0 before the first row."""

    number: int = 0
    hash: bytes = BEGINNING
    signature: bytes = b""

    @classmethod
    def sign(cls, key: Ed25519PrivateKey, number: int, hashed: bytes) -> Self:
        """Return a signed head."""
        return cls(number=number, hash=hashed, signature=key.sign(_signed(number, hashed)))

    def is_signed_by(self, key: Ed25519PublicKey) -> bool:
        """Whether this key's owner signed it; one without rows needs no signature."""
        if not self.number:
            return True
        try:
            key.verify(self.signature, _signed(self.number, self.hash))
        except InvalidSignature:
            return False
        return True

    def write(self, home: Path) -> None:
        """Keep it beside the database. Not flushed to the disk: one that lags behind the log is still true.

        Raises:
            DiskFullError, DiskFaultError: it cannot be written.
        """
        told = {"number": self.number, "hash": self.hash.hex(), "signature": self.signature.hex()}
        part = home / f".{HEAD_FILE}.part"
        try:
            part.touch(mode=0o600)
            part.write_text(json.dumps(told) + "\n", encoding="ascii")
            part.replace(home / HEAD_FILE)
        except OSError as error:
            raise fault_of(error, part) from error

    @classmethod
    def read(cls, home: Path) -> Self | None:
        """Return the head that is kept beside the database; None where there is none that can be read."""
        try:
            told = json.loads((home / HEAD_FILE).read_text(encoding="ascii"))
            number, hashed, signature = told["number"], bytes.fromhex(told["hash"]), bytes.fromhex(told["signature"])
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return cls(number=number, hash=hashed, signature=signature) if isinstance(number, int) else None


def faults_of_rows(
    rows: Iterable[AuditRow],
    *,
    noted: dict[int, bytes],
    accepted: frozenset[int] = frozenset(),
    after: tuple[int, bytes] = (0, BEGINNING),
) -> Iterator[str]:
    """Yield a sentence for everything that is wrong with rows that belong together; stops at the first break.

    Args:
        rows: all of them, in their order.
        noted: heads known from elsewhere: the number of a row and the hash it must have.
        accepted: numbers of rows that tell of a cut somebody knows about.
        after: number and hash of the row the first one follows.
    """
    number, before = after
    if noted.pop(number, before) != before:
        yield f"Row {number} is not the one that was noted: the log up to there was written anew."
    for row in rows:
        if row.number != number + 1:
            yield f"Row {number + 1} is missing: row {row.number} follows row {number}."
            return
        if row.hash != row.follows(before):
            yield f"Row {row.number} was changed, moved or put in: its hash does not fit it and the row before."
            return
        before, number = row.hash, row.number
        if noted.pop(number, before) != before:
            yield f"Row {number} is not the one that was noted: the log up to there was written anew."
        if row.action == Action.LOG_CUT and number not in accepted:
            upto = row.object_id or "an unknown number"
            yield f"Row {number} tells that rows up to {upto} were missing when Inhouse started."
    yield from (f"The log ends with row {number}, but row {beyond} was signed." for beyond in noted if beyond > number)


def _shown(value: object) -> str:
    """Return bytes in hexadecimal; whoever changed a row may have left anything in any column."""
    return value.hex() if isinstance(value, bytes) else repr(value)


def _signed(number: int, hashed: bytes) -> bytes:
    return f"inhouse audit head {number} ".encode() + hashed
