"""How the audit log is cut and stays provable: a signed statement takes the place of the rows that went.

It says up to which row, with which hash, how many, until when, and how many of them told of missing rows.
Knows rows and the two tables; no setting and no hold. Why so: docs/decisions/0039-the-audit-log-can-be-cut.md.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from sqlalchemy import Connection, delete, func, insert, select

from app.errors import AppError
from app.store.audit_chain import BEGINNING
from app.store.audit_words import Action
from app.store.schema import audit, audit_cuts


class LogNotWholeError(AppError):
    """The part of the audit log that would be removed is not whole, so nothing was. Run `inhouse audit verify`."""

    status = 409


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """What is known of the rows that went; `number` 0 while every row is there."""

    number: int = 0
    """Of the last row that went."""
    hash: bytes = BEGINNING
    """Of that row: the next one goes on from it."""
    rows: int = 0
    """How many went with this cut; earlier cuts have statements of their own."""
    until: float = 0.0
    """When the last of them was written, in seconds since 1970, as is `made`."""
    missing: int = 0
    """How many of them told that rows were missing."""
    made: float = 0.0
    signature: bytes = b""

    def signed(self, key: Ed25519PrivateKey) -> Self:
        """Return the statement with a signature."""
        return type(self)(**self._told() | {"hash": self.hash, "signature": key.sign(self._signed())})

    def is_signed_by(self, key: Ed25519PublicKey) -> bool:
        """Whether this key's owner signed it; none needs no signature."""
        if not self.number:
            return True
        try:
            key.verify(self.signature, self._signed())
        except InvalidSignature:
            return False
        return True

    def shown(self) -> dict[str, Any]:
        """Return it in words, for an export."""
        return self._told() | {"hash": self.hash.hex(), "signature": self.signature.hex()}

    def _told(self) -> dict[str, Any]:
        names = ("number", "rows", "until", "missing", "made")
        return {name: getattr(self, name) for name in names}

    def _signed(self) -> bytes:
        told = json.dumps(self._told() | {"hash": self.hash.hex()}, sort_keys=True, separators=(",", ":"))
        return b"inhouse audit cut " + told.encode()


def cuts(connection: Connection) -> list[Cut]:
    """Return every statement, the first cut first."""
    rows = connection.execute(select(audit_cuts).order_by(audit_cuts.c.number)).mappings()
    return [Cut(**row) for row in rows]


def end_before(connection: Connection, before: float) -> int:
    """Return the last row that may go: all up to it are older than a moment, and the newest row of all stays."""
    first_young = connection.scalar(select(func.min(audit.c.number)).where(audit.c.at >= before))
    newest = connection.scalar(select(func.max(audit.c.number))) or 0
    return min(newest if first_young is None else first_young, newest) - 1


def proposed(connection: Connection, after: Cut, number: int, *, now: float) -> Cut:
    """Return the statement of a cut up to a row, not signed yet."""
    last = connection.execute(select(audit.c.hash, audit.c.at).where(audit.c.number == number)).one()
    told = (audit.c.number <= number) & (audit.c.action == Action.LOG_CUT)
    missing = connection.scalar(select(func.count()).select_from(audit).where(told)) or 0
    rows = number - after.number
    return Cut(number=number, hash=last.hash, rows=rows, until=last.at, missing=missing, made=now)


def carry_out(connection: Connection, cut: Cut) -> None:
    """Store a signed statement and remove what it covers, in the caller's transaction."""
    connection.execute(insert(audit_cuts).values({name: getattr(cut, name) for name in audit_cuts.columns.keys()}))  # noqa: SIM118
    connection.execute(delete(audit).where(audit.c.number <= cut.number))


def faults_of_cuts(known: list[Cut], key: Ed25519PublicKey, *, first_row: int | None) -> Iterator[str]:
    """Yield a sentence for everything that is wrong with the statements, or with rows they say are gone."""
    before = 0
    for cut in known:
        if not cut.is_signed_by(key):
            yield f"The statement that rows up to {cut.number} were removed is not signed with this installation's key."
        if cut.number - cut.rows != before:
            yield f"The statement that rows up to {cut.number} were removed does not fit the one before it."
        before = cut.number
    if first_row is not None and first_row <= before:
        yield f"Row {first_row} was put in: rows up to {before} were removed."
