"""The erasure of a person: their key first, which makes their text unreadable everywhere, then all that is left.

What is begun is noted in the ledger in the same moment as the key goes, so that a killed process is completed at the
next start. The note is the tombstone that every restore applies again. Why so: docs/decisions/0009 and 0034.
"""

import json
import secrets
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import Any

from sqlalchemy import Engine, Row, select, update

from app.answers import Actor
from app.rights import Right, require
from app.store.copied_keys import renew_copies
from app.store.copies import OLD_COPIES
from app.store.database import run_alone
from app.store.erased import count_rows, erase_rows
from app.store.errors import NotFoundError
from app.store.holds import Holds
from app.store.ledger import Ledger
from app.store.receipts import Receipt, Signer
from app.store.schema import erasures

ON_BACKUPS = (
    "Backups do not contain the key that was destroyed; what they hold of this person stays unreadable, and every "
    "restore deletes it. A copy of people's keys that is named here as out of reach has to be destroyed by hand."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasing:
    """Erases people in an open data directory."""

    home: Path
    engine: Engine
    ledger_engine: Engine
    ledger: Ledger
    holds: Holds
    signer: Signer
    master: bytes = field(repr=False)
    installation: str
    forgetting: Callable[[], AbstractContextManager[None]]
    """Destroys what the engine made of anybody's conversations, before and after."""
    once: Lock = field(default_factory=Lock, init=False, repr=False)

    def erase(self, actor: Actor, user_id: str, *, returns: bool = False) -> Receipt:
        """Erase a person and return the signed receipt; killed in between, the next start completes it.

        Args:
            actor: who does it.
            user_id: who is erased; an unknown one is erased all the same, from copies for instance.
            returns: whether the same id is used again, as the one person of a workstation does.

        Raises:
            ForbiddenError: somebody else's, by one who does not manage people.
            HeldError: a legal hold suspends it; nothing was destroyed.
            NotErasedError: something could not be removed; the key is gone, and the next start goes on.
        """
        if actor.user_id != user_id:
            require(actor, Right.PEOPLE)
        self.holds.check(user_id)
        with self.once:
            now = time.time()
            row = {"erasure_id": secrets.token_hex(8), "user_id": user_id, "erased": now, "by": actor.user_id}
            row |= {"returns": returns, "counted": json.dumps(count_rows(self.engine, user_id, now))}
            self.ledger.erase(user_id, tombstone=row)
            return self._complete(self._row(str(row["erasure_id"])))

    def resume(self) -> list[Receipt]:
        """Complete what a killed process began; call at the start. Return the receipts."""
        with self.once, self.ledger_engine.connect() as connection:
            begun = connection.execute(select(erasures).where(erasures.c.done.is_(None))).all()
        return [self._complete(row) for row in begun]

    def receipts(self, actor: Actor) -> list[Receipt]:
        """Return every receipt, the newest first, to whoever manages people."""
        require(actor, Right.PEOPLE)
        order = erasures.c.erased.desc()
        with self.ledger_engine.connect() as connection:
            written = connection.scalars(select(erasures.c.receipt).where(erasures.c.receipt != "").order_by(order))
            return [json.loads(one) for one in written]

    def completed_since(self, moment: float) -> list[Receipt]:
        """Return the receipts of what was completed here after a moment, the first first."""
        this = (erasures.c.done > moment) & (erasures.c.receipt != "")
        since = select(erasures.c.receipt).where(this).order_by(erasures.c.done)
        with self.ledger_engine.connect() as connection:
            return [json.loads(one) for one in connection.scalars(since)]

    def _row(self, erasure_id: str) -> Row[Any]:
        with self.ledger_engine.connect() as connection:
            row = connection.execute(select(erasures).where(erasures.c.erasure_id == erasure_id)).first()
        if row is None:
            raise NotFoundError
        return row

    def _complete(self, row: Row[Any]) -> Receipt:
        """Destroy whatever is still there; can be repeated."""
        with self.forgetting():
            erase_rows(self.engine, row.user_id, row.erased)
        # Deleted rows were overwritten (secure_delete); the write-ahead logs and old copies still hold them.
        run_alone(self.engine, "PRAGMA wal_checkpoint(TRUNCATE)")
        run_alone(self.ledger_engine, "PRAGMA wal_checkpoint(TRUNCATE)")
        for name in OLD_COPIES:
            (self.home / name).unlink(missing_ok=True)
        renewed, beyond = renew_copies(ledger=self.ledger_engine, master=self.master, installation=self.installation)
        done = time.time()
        receipt = self.signer.signed(
            {
                "receipt": row.erasure_id,
                "installation": self.installation,
                "person": row.user_id,
                "erased": _moment(row.erased),
                "completed": _moment(done),
                "by": row.by,
                "destroyed": {"data key": 1} | json.loads(row.counted),
                "caches": "Everything the engine had kept of conversations was destroyed.",
                "metrics": "Figures hold no person.",
                "copies of keys": {"written anew": renewed, "out of reach": beyond},
                "backups": ON_BACKUPS,
            }
        )
        with self.ledger_engine.begin() as connection:
            this = erasures.c.erasure_id == row.erasure_id
            connection.execute(update(erasures).where(this).values(done=done, receipt=json.dumps(receipt)))
        return receipt


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")
