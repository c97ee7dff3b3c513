"""What people said against verdicts on their answers, sealed for whoever said it; it goes with the answer.

Kept apart from thumbs: who disputes a verdict has not said whether the answer is good.
"""

import time
from collections.abc import Callable
from typing import Any

from sqlalchemy import Engine, Select, delete, insert, select

from app.answers import Actor, Dispute
from app.store.codec import ANSWER, DISPUTE, decode, encode
from app.store.database import reading
from app.store.errors import NotFoundError
from app.store.ledger import Ledger
from app.store.owners import own_row
from app.store.schema import disputes, turns


class Disputes:
    """The disputes of everybody, each opened only for its owner; one for each statement of an answer."""

    def __init__(
        self, engine: Engine, ledger: Ledger, *, check_hold: Callable[[str], None] = lambda _user_id: None
    ) -> None:
        """Use the main database and the ledger; nothing is taken back while `check_hold` raises for its owner."""
        self._engine = engine
        self._check_hold = check_hold
        self._reading = reading(engine)
        self._ledger = ledger

    def record(self, actor: Actor, answer_id: str, start: int, *, comment: str = "") -> Dispute:
        """Keep that the verdict on a statement is wrong; an earlier word on it is replaced.

        Args:
            actor: whose answer it is.
            answer_id: which it is.
            start: where the statement begins in the answer's text.
            comment: what the person says of it.

        Raises:
            NotFoundError: there is no such answer or statement, or it is somebody else's; so with every other method.
        """
        with self._engine.begin() as connection:
            turn = own_row(connection, turns, actor, answer_id=answer_id)
            sealed = self._ledger.unseal(actor.user_id, turn.answer, place=f"turns.answer:{turn.turn_id}")
            claim = next((one for one in decode(ANSWER, sealed).claims if one.start == start), None)
            if claim is None:
                raise NotFoundError
            given = Dispute(
                answer_id=answer_id, start=start, statement=claim.text, verdict=claim.verdict, comment=comment.strip()
            )
            content = self._ledger.seal(actor.user_id, encode(DISPUTE, given), place=_place(answer_id, start))
            row = {"answer_id": answer_id, "user_id": actor.user_id, "start": start, "content": content}
            connection.execute(delete(disputes).where(disputes.c.answer_id == answer_id, disputes.c.start == start))
            connection.execute(insert(disputes).values(row | {"recorded": time.time()}))
        return given

    def withdraw(self, actor: Actor, answer_id: str, start: int) -> None:
        """Forget what the actor said against a verdict.

        Raises:
            HeldError: a legal hold suspends it.
        """
        self._check_hold(actor.user_id)
        with self._engine.begin() as connection:
            own_row(connection, turns, actor, answer_id=answer_id)
            connection.execute(delete(disputes).where(disputes.c.answer_id == answer_id, disputes.c.start == start))

    def of(self, actor: Actor, answer_id: str) -> list[Dispute]:
        """Return what the actor said against verdicts on an answer, in the order of its statements."""
        with self._reading.connect() as connection:
            own_row(connection, turns, actor, answer_id=answer_id)
        of_answer = select(disputes).where(disputes.c.answer_id == answer_id)
        return self._read(actor, of_answer.order_by(disputes.c.start))

    def all_of(self, actor: Actor) -> list[Dispute]:
        """Return all the actor said against verdicts, the newest first."""
        return self._read(actor, select(disputes).order_by(disputes.c.recorded.desc(), disputes.c.start))

    def _read(self, actor: Actor, query: Select[Any]) -> list[Dispute]:
        with self._reading.connect() as connection:
            rows = connection.execute(query.where(disputes.c.user_id == actor.user_id)).all()
        return [
            decode(DISPUTE, self._ledger.unseal(actor.user_id, row.content, place=_place(row.answer_id, row.start)))
            for row in rows
        ]


def _place(answer_id: str, start: int) -> str:
    return f"disputes.content:{answer_id}:{start}"
