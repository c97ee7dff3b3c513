"""The verdicts of answers that are stored: revised when a model has judged what words alone left open.

What came of asking again is kept here too; nothing else of a stored answer ever changes. Whatever happened to it
meanwhile (its conversation deleted, its owner erased) stays so: a verdict that comes too late finds nothing.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, Engine, Row, update

from app.again import DoubleCheck
from app.answers import Actor, Answer, Citation, Claim
from app.store.codec import ANSWER, PASSAGES, decode, encode
from app.store.database import reading
from app.store.errors import NotFoundError
from app.store.ledger import Ledger
from app.store.owners import own_row
from app.store.rates import counts_of, note
from app.store.schema import turns


class Verdicts:
    """The verdicts of everybody's answers, each changed only for its owner."""

    def __init__(self, engine: Engine, ledger: Ledger) -> None:
        """Use the main database and the ledger that holds the keys."""
        self._engine = engine
        self._reading = reading(engine)
        self._ledger = ledger

    def there(self, actor: Actor, answer_id: str) -> bool:
        """Whether an answer of the actor is still stored."""
        with self._reading.connect() as connection:
            try:
                own_row(connection, turns, actor, answer_id=answer_id)
            except NotFoundError:
                return False
        return True

    def revise(self, actor: Actor, answer_id: str, claim: Claim, citations: Sequence[Citation]) -> Answer:
        """Put what is now found about a statement into its answer, in one transaction; returns the answer.

        What was counted of it (`app.store.rates`) is corrected in the same one.

        Args:
            actor: whose answer it is.
            answer_id: which it is.
            claim: a statement of it, with its verdict, score and citations as they are now.
            citations: those of the answer, and behind them perhaps further ones.

        Raises:
            NotFoundError: there is no such answer of the actor, or no such statement in it.
            ErasedError: the actor was erased.
        """
        with self._engine.begin() as connection:
            turn, before = self._opened(connection, actor, answer_id)
            after = with_claim(before, claim, tuple(citations))
            self._keep(connection, turn, after)
            place = f"turns.passages:{turn.turn_id}"
            passages = decode(PASSAGES, self._ledger.unseal(actor.user_id, turn.passages, place=place))
            change = counts_of(after, passages)
            change.subtract(counts_of(before, passages))
            note(connection, change, ended=turn.ended, model=turn.model)
        return after

    def keep_double_check(self, actor: Actor, answer_id: str, found: DoubleCheck) -> Answer:
        """Keep with an answer what came of asking its question again, in the place of what did before; returns it.

        Raises:
            NotFoundError, ErasedError: as `revise`.
        """
        with self._engine.begin() as connection:
            turn, before = self._opened(connection, actor, answer_id)
            after = replace(before, double_check=found)
            self._keep(connection, turn, after)
        return after

    def _opened(self, connection: Connection, actor: Actor, answer_id: str) -> tuple[Row[Any], Answer]:
        """Return the row of an answer, and the answer."""
        turn = own_row(connection, turns, actor, answer_id=answer_id)
        return turn, decode(ANSWER, self._ledger.unseal(actor.user_id, turn.answer, place=_place(turn.turn_id)))

    def _keep(self, connection: Connection, turn: Row[Any], answer: Answer) -> None:
        """Seal an answer again in its row."""
        sealed = self._ledger.seal(turn.user_id, encode(ANSWER, answer), place=_place(turn.turn_id), make=False)
        connection.execute(update(turns).where(turns.c.turn_id == turn.turn_id).values(answer=sealed))


def with_claim(answer: Answer, claim: Claim, citations: tuple[Citation, ...]) -> Answer:
    """Return an answer with one of its statements judged anew.

    Raises:
        NotFoundError: it has no such statement, or other citations.
    """
    same = [(one.start, one.end, one.text) == (claim.start, claim.end, claim.text) for one in answer.claims]
    if not any(same) or citations[: len(answer.citations)] != answer.citations:
        raise NotFoundError
    claims = tuple(claim if is_it else one for one, is_it in zip(answer.claims, same, strict=True))
    return replace(answer, claims=claims, citations=citations)


def _place(turn_id: str) -> str:
    return f"turns.answer:{turn_id}"
