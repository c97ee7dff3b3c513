"""What people said about answers, sealed for whoever said it, tied to the answer, its passages, model and prompt."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Engine, delete, insert, select

from app.answers import Actor, Answer, Feedback
from app.store.codec import ANSWER, FEEDBACK, PASSAGES, decode, encode
from app.store.database import reading
from app.store.disputes import Disputes
from app.store.errors import NotFoundError
from app.store.ledger import Ledger
from app.store.owners import own_row
from app.store.schema import feedback, turns
from retrieval.documents import Passage


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedFeedback:
    """Feedback with everything it is about; the answer carries the model and the prompt version."""

    feedback: Feedback
    answer: Answer
    passages: tuple[Passage, ...]
    """The passages the model read."""
    recorded: datetime


class FeedbackStore:
    """The feedback of everybody, each opened only for its owner; one per answer, the last word counts."""

    def __init__(self, engine: Engine, ledger: Ledger) -> None:
        """Use the main database and the ledger that holds the keys."""
        self._engine = engine
        self._reading = reading(engine)
        self._ledger = ledger
        self.disputes = Disputes(engine, ledger)
        """What people said against verdicts."""

    def record(self, actor: Actor, given: Feedback) -> None:
        """Keep feedback on an answer of the actor; earlier feedback on it is replaced.

        Raises:
            NotFoundError: there is no such answer, or it is somebody else's; so with every other method.
        """
        sealed = self._ledger.seal(actor.user_id, encode(FEEDBACK, given), place=_place(given.answer_id))
        row = {
            "answer_id": given.answer_id,
            "user_id": actor.user_id,
            "liked": given.liked,
            "content": sealed,
            "recorded": time.time(),
        }
        with self._engine.begin() as connection:
            own_row(connection, turns, actor, answer_id=given.answer_id)
            connection.execute(delete(feedback).where(feedback.c.answer_id == given.answer_id))
            connection.execute(insert(feedback).values(row))

    def withdraw(self, actor: Actor, answer_id: str) -> None:
        """Forget the actor's feedback on an answer."""
        with self._engine.begin() as connection:
            own_row(connection, feedback, actor, answer_id=answer_id)
            connection.execute(delete(feedback).where(feedback.c.answer_id == answer_id))

    def of(self, actor: Actor, answer_id: str) -> Feedback | None:
        """Return the actor's feedback on an answer, or None when there is none yet."""
        with self._reading.connect() as connection:
            own_row(connection, turns, actor, answer_id=answer_id)
            try:
                row = own_row(connection, feedback, actor, answer_id=answer_id)
            except NotFoundError:
                return None
        return decode(FEEDBACK, self._ledger.unseal(actor.user_id, row.content, place=_place(answer_id)))

    def list(self, actor: Actor) -> tuple[RecordedFeedback, ...]:
        """Return the actor's feedback, the newest first."""
        of_actor = (
            select(feedback.c.content, feedback.c.recorded, turns).join(turns).order_by(feedback.c.recorded.desc())
        )
        with self._reading.connect() as connection:
            rows = connection.execute(of_actor.where(feedback.c.user_id == actor.user_id)).all()
        user = actor.user_id
        return tuple(
            RecordedFeedback(
                feedback=decode(FEEDBACK, self._ledger.unseal(user, row.content, place=_place(row.answer_id))),
                answer=decode(ANSWER, self._ledger.unseal(user, row.answer, place=f"turns.answer:{row.turn_id}")),
                passages=decode(
                    PASSAGES, self._ledger.unseal(user, row.passages, place=f"turns.passages:{row.turn_id}")
                ),
                recorded=datetime.fromtimestamp(row.recorded, UTC),
            )
            for row in rows
        )


def _place(answer_id: str) -> str:
    return f"feedback.content:{answer_id}"
