"""What people said about answers, sealed for whoever said it, tied to the answer, its passages, model and prompt.

Where an installation shares rated answers, the one turn that is rated is kept once more for reviewers
(`app.store.shared_turns`); it goes with the rating.
"""

import time
from collections.abc import Callable
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
from app.store.shared_turns import Mask, SharedTurns
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

    def __init__(
        self, engine: Engine, ledger: Ledger, *, check_hold: Callable[[str], None] = lambda _user_id: None
    ) -> None:
        """Use the main database and the ledger; nothing is taken back while `check_hold` raises for its owner."""
        self._engine = engine
        self._check_hold = check_hold
        self._reading = reading(engine)
        self._ledger = ledger
        self.disputes = Disputes(engine, ledger, check_hold=check_hold)
        """What people said against verdicts."""
        self.shared = SharedTurns(engine, ledger)
        """What of it reviewers may read."""

    def record(self, actor: Actor, given: Feedback, *, share: Mask | None = None) -> None:
        """Keep feedback on an answer of the actor; earlier feedback on it is replaced, and what was shared with it.

        Args:
            actor: whose answer it is.
            given: what they say of it.
            share: what a text passes through on its way to reviewers; None shares nothing.

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
            turn = own_row(connection, turns, actor, answer_id=given.answer_id)
            connection.execute(delete(feedback).where(feedback.c.answer_id == given.answer_id))
            connection.execute(insert(feedback).values(row))
            if share is not None:
                self.shared.share(connection, turn, given, share)

    def withdraw(self, actor: Actor, answer_id: str) -> None:
        """Forget the actor's feedback on an answer; reviewers can read it no longer.

        Raises:
            HeldError: a legal hold suspends it.
        """
        self._check_hold(actor.user_id)
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
