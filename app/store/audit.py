"""The audit log: who did what to which object, when, from where, with which result. It only grows and has no content.

People stand in it by a pseudonym that is made with a key of their own in the ledger, and their addresses are sealed
with it: once that key is destroyed nobody can tell whose rows they were. Why so:
docs/decisions/0033-an-audit-log-that-can-be-proved.md.
"""

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from threading import Lock
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlalchemy import Connection, Engine, Select, func, insert, select

from app.answers import Actor
from app.errors import contained
from app.rights import Right, require
from app.store.audit_chain import HEAD_FILE, AuditRow, Head, faults_of_rows
from app.store.audit_cuts import Cut, LogNotWholeError, carry_out, cuts, end_before, faults_of_cuts, proposed
from app.store.audit_words import PRODUCT, Action, ObjectKind, Origin, Result
from app.store.database import reading, run_alone
from app.store.errors import ErasedError
from app.store.ledger import Ledger
from app.store.schema import audit, audit_head

NOBODY = Actor(user_id="/nobody", name="")
"""Whoever is not signed in, and Inhouse itself; no person's id holds a slash."""
SIGNING = "/audit"
"""Owner of the ledger's key from which the signing key is derived."""
ERASED = "erased"
PSEUDONYM, SIGNING_KEY = "audit pseudonym", "audit signing key"
PSEUDONYM_CHARACTERS = 24
LONGEST_ID = 100
UNFIT = re.compile(r"[^\w.:/+@-]", re.ASCII)
BATCH = 1_000
REPLACE_HEAD = insert(audit_head).prefix_with("OR REPLACE")


@dataclass(frozen=True, slots=True, kw_only=True)
class Only:
    """Which rows are wanted; what is left out does not narrow."""

    since: float | None = None
    until: float | None = None
    """Seconds since 1970; the end is not part of it."""
    actions: tuple[str, ...] = ()
    results: tuple[str, ...] = ()
    person: str = ""
    """A user id, or a pseudonym from the log."""
    before: int | None = None
    """Only rows with a smaller number: for paging back."""


class Audit:
    """The audit log of an installation. Nothing here changes or removes a row; the database refuses it too."""

    def __init__(self, engine: Engine, ledger: Ledger, home: Path) -> None:
        """Use the main database, the ledger for keys, and the data directory for the head that is kept apart."""
        self._engine = engine
        self._reading = reading(engine)
        self._ledger = ledger
        self._home = home
        self._key = Ed25519PrivateKey.from_private_bytes(ledger.derived(SIGNING, SIGNING_KEY))
        self._lock = Lock()
        self._leaving: dict[str, str] = {}
        self._head = self._stored_head()

    def record(
        self, actor: Actor, action: Action, object_kind: ObjectKind, object_id: str, result: Result, origin: Origin
    ) -> None:
        """Add a row; a person as the object is named by pseudonym too. Never call it within a transaction.

        Somebody who is being erased has to be `remember`ed before. A fault of the disk is logged, not raised: what was
        done is done, and whoever did it must not be told otherwise.
        """
        with contained("Recording in the audit log"):
            who = self._leaving.get(actor.user_id) or self.pseudonym(actor.user_id, make=True)
            person = object_id if object_kind is ObjectKind.PERSON else ""
            if person:
                # whoever was just added has no key yet; nobody else gets one by being named
                added = action is Action.PERSON_ADDED and result is Result.DONE
                object_id = self._leaving.get(person) or self.pseudonym(person, make=added)
            with self._lock:
                number = self._head.number + 1
                row = AuditRow(
                    number=number,
                    at=time.time(),
                    who=who,
                    action=action,
                    object_kind=object_kind,
                    object_id=UNFIT.sub("_", object_id[:LONGEST_ID]),
                    result=result,
                    door=origin.door,
                    address=self._sealed(actor, origin.address, number),
                    hash=b"",
                )
                self._append(row)
            if action is Action.PERSON_ERASED:
                self._leaving.pop(person or actor.user_id, None)

    def remember(self, user_id: str) -> None:
        """Keep the pseudonym of somebody whose key is about to be destroyed until their erasure is recorded."""
        self._leaving[user_id] = self.pseudonym(user_id)

    def resume(self) -> None:
        """Look, at a start, whether the log still reaches as far as it was signed, and record when it does not."""
        kept, head = Head.read(self._home), self._head
        if kept is None and not head.number:
            return
        if kept is not None and self._hash_of(kept.number) == kept.hash:
            return
        upto = str(kept.number) if kept else ""
        self.record(NOBODY, Action.LOG_CUT, ObjectKind.INSTALLATION, upto, Result.FAILED, PRODUCT)

    def read(self, actor: Actor, only: Only | None = None, *, limit: int | None = None) -> Iterator[AuditRow]:
        """Return what `rows` does, to whoever may read the log."""
        require(actor, Right.AUDIT)
        return self.rows(only, limit=limit)

    def rows(self, only: Only | None = None, *, limit: int | None = None) -> Iterator[AuditRow]:
        """Yield rows, the newest first; read in batches, so that a long log is never held."""
        yield from self._batches(self._narrowed(only or Only()), limit=limit)

    def cuts(self) -> list[Cut]:
        """Return the statements of what was removed for its age, the first cut first."""
        with self._reading.connect() as connection:
            return cuts(connection)

    def shorten(self, before: float) -> Cut | None:
        """Remove the rows older than a moment, leaving a signed statement of them; None where there is none.

        Raises:
            LogNotWholeError: what would go is not whole; it is kept as it is.
        """
        with self._lock:
            past = self.cuts()
            after = past[-1] if past else Cut()
            with self._reading.connect() as connection:
                number = end_before(connection, before)
                if number <= after.number:
                    return None
                cut = proposed(connection, after, number, now=time.time()).signed(self._key)
            going = takewhile(lambda row: row.number <= number, self.first_to_last(after.number))
            noted = {number: cut.hash}
            told = [*faults_of_rows(going, noted=noted, after=(after.number, after.hash))]
            if [fault for fault in told if "were missing when" not in fault] or noted:
                raise LogNotWholeError
            self._head.write(self._home)  # one that lags behind must not point to a row that is gone
            with self._engine.begin() as connection:
                carry_out(connection, cut)
        run_alone(self._engine, "PRAGMA wal_checkpoint(TRUNCATE)")
        self.record(NOBODY, Action.LOG_SHORTENED, ObjectKind.INSTALLATION, str(cut.number), Result.DONE, PRODUCT)
        return cut

    def first_to_last(self, last: int = 0) -> Iterator[AuditRow]:
        """Yield every row behind a number in the order in which they were added."""
        while True:
            query = select(audit).where(audit.c.number > last).order_by(audit.c.number).limit(BATCH)
            with self._reading.connect() as connection:
                found = _read(connection, query)
            yield from found
            if len(found) < BATCH:
                return
            last = found[-1].number

    def faults(self, *, noted: dict[int, bytes] | None = None, accepted: frozenset[int] = frozenset()) -> list[str]:
        """Return a sentence for everything that is wrong with the log; empty when it is whole and signed.

        Args:
            noted: heads somebody has written down elsewhere: number of a row and its hash.
            accepted: numbers of rows that tell of a cut somebody knows about, such as after a restore.
        """
        stored, kept = self._stored_head(), Head.read(self._home)
        found = self._faults_of_heads(stored, kept)
        with self._reading.connect() as connection:
            first, last = connection.execute(select(func.min(audit.c.number), func.max(audit.c.number))).one()
        past = self.cuts()
        found += faults_of_cuts(past, self._key.public_key(), first_row=first)
        known = {head.number: head.hash for head in (kept, stored) if head and head.number} | (noted or {})
        for cut in past[:-1]:
            if known.pop(cut.number, cut.hash) != cut.hash:
                found.append(f"Row {cut.number}, which is gone, is not the one that was noted.")
        cut = past[-1] if past else Cut()
        rows = self.first_to_last(cut.number)
        found += faults_of_rows(rows, noted=known, accepted=accepted, after=(cut.number, cut.hash))
        last = last or 0
        if last > stored.number:
            found.append(f"Rows after {stored.number} were put in: the signed head does not cover them.")
        return found

    def _faults_of_heads(self, stored: Head, kept: Head | None) -> list[str]:
        """Return what is wrong with the two heads themselves."""
        public, found = self._key.public_key(), []
        if not stored.is_signed_by(public):
            found.append("The head of the log is not signed with this installation's key.")
        if kept is None and stored.number:
            found.append(f"The head kept beside the database, {HEAD_FILE}, is missing or damaged.")
        if kept is not None and not kept.is_signed_by(public):
            found.append(f"The head kept beside the database, {HEAD_FILE}, is not signed with this installation's key.")
        return found

    @property
    def head(self) -> Head:
        """How far the log reaches."""
        return self._head

    @property
    def public_key(self) -> str:
        """The key that tells signatures of this log, in hexadecimal."""
        return self._key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw).hex()

    def pseudonym(self, user_id: str, *, make: bool = False) -> str:
        """Return the name of a person in this log; `ERASED` where their key is gone or there never was one."""
        try:
            key = self._ledger.derived(user_id, PSEUDONYM, make=make)
        except ErasedError:
            return ERASED
        return key.hex()[:PSEUDONYM_CHARACTERS]

    def people(self) -> dict[str, str]:
        """Return the user ids behind the pseudonyms of people who are not erased."""
        return {self.pseudonym(user_id): user_id for user_id in (*self._ledger.owners(), NOBODY.user_id)}

    def address(self, row: AuditRow, people: dict[str, str]) -> str:
        """Return from which address a row came; empty where there was none or the person is erased."""
        user_id = people.get(row.who)
        if not row.address or user_id is None:
            return ""
        return self._ledger.unseal(user_id, row.address, place=_place(row.number)).decode()

    def _sealed(self, actor: Actor, address: str, number: int) -> bytes:
        """Return an address sealed for whom it is of; nothing where their key is gone, or is about to be."""
        if not address or actor.user_id in self._leaving:
            return b""
        try:
            return self._ledger.seal(actor.user_id, address.encode(), place=_place(number))
        except ErasedError:
            return b""

    def _append(self, row: AuditRow) -> None:
        """Add a row and sign it as the head, in one transaction; then keep the head apart."""
        hashed = row.follows(self._head.hash)
        head = Head.sign(self._key, row.number, hashed)
        told = {"number": head.number, "hash": head.hash, "signature": head.signature}
        with self._engine.begin() as connection:
            connection.execute(insert(audit), {**_columns(row), "hash": hashed})
            connection.execute(REPLACE_HEAD, {"only": 1} | told)
        self._head = head
        head.write(self._home)

    def _stored_head(self) -> Head:
        with self._reading.connect() as connection:
            found = connection.execute(select(audit_head)).first()
        return Head(number=found.number, hash=found.hash, signature=found.signature) if found else Head()

    def _hash_of(self, number: int) -> bytes | None:
        with self._reading.connect() as connection:
            return connection.scalar(select(audit.c.hash).where(audit.c.number == number)) if number else b""

    def _narrowed(self, only: Only) -> Select[Any]:
        query = select(audit)
        if only.since is not None:
            query = query.where(audit.c.at >= only.since)
        if only.until is not None:
            query = query.where(audit.c.at < only.until)
        if only.actions:
            query = query.where(audit.c.action.in_(only.actions))
        if only.results:
            query = query.where(audit.c.result.in_(only.results))
        if only.person:
            query = query.where(audit.c.who.in_({only.person, self.pseudonym(only.person)} - {ERASED}))
        if only.before is not None:
            query = query.where(audit.c.number < only.before)
        return query

    def _batches(self, query: Select[Any], *, limit: int | None) -> Iterator[AuditRow]:
        last: int | None = None
        left = limit
        while left is None or left > 0:
            size = BATCH if left is None else min(BATCH, left)
            page = query if last is None else query.where(audit.c.number < last)
            with self._reading.connect() as connection:
                found = _read(connection, page.order_by(audit.c.number.desc()).limit(size))
            yield from found
            if len(found) < size:
                return
            last, left = found[-1].number, None if left is None else left - len(found)


def _read(connection: Connection, query: Select[Any]) -> list[AuditRow]:
    return [AuditRow(**row) for row in connection.execute(query).mappings()]


def _columns(row: AuditRow) -> dict[str, object]:
    return {column.name: getattr(row, column.name) for column in audit.columns}


def _place(number: int) -> str:
    return f"audit.address:{number}"
