"""Legal holds: while one is in force, nothing of a person is deleted, and whoever tries is told."""

import secrets
import time
from dataclasses import dataclass

from sqlalchemy import Engine, insert, select, update

from app.answers import Actor
from app.rights import Right, require
from app.store.database import reading
from app.store.errors import HeldError, NotFoundError, StoreError
from app.store.schema import holds

EVERYBODY = ""
"""The user id of a hold on everybody."""

LONGEST_REASON = 500


class NoReasonError(StoreError):
    """A legal hold needs a reason of 1 to 500 characters: whoever tries to delete something is told it."""

    status = 422


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """A legal hold in force, or one that was."""

    hold_id: str
    user_id: str
    reason: str
    set_by: str
    set_at: float
    """Seconds since 1970, as with `released_at`."""
    released_by: str
    released_at: float | None


class Holds:
    """The holds of an installation. Doors check who may set and release them."""

    def __init__(self, engine: Engine) -> None:
        """Use the main database."""
        self._engine = engine
        self._reading = reading(engine)

    def put(self, actor: Actor, user_id: str, *, reason: str) -> Hold:
        """Put a hold on a person, or on everybody; from now on nothing of theirs is deleted.

        Raises:
            NoReasonError: the reason is empty or too long; nothing was put.
        """
        hold_id, plain = secrets.token_hex(8), " ".join(reason.split())
        if not 1 <= len(plain) <= LONGEST_REASON:
            raise NoReasonError
        row = {"hold_id": hold_id, "user_id": user_id, "reason": plain}
        with self._engine.begin() as connection:
            connection.execute(insert(holds).values(row | {"set_by": actor.user_id, "set_at": time.time()}))
        return next(hold for hold in self._all() if hold.hold_id == hold_id)

    def release(self, actor: Actor, hold_id: str) -> None:
        """Release a hold; it stays in the list.

        Raises:
            NotFoundError: there is none of this id in force.
        """
        this = (holds.c.hold_id == hold_id) & holds.c.released_at.is_(None)
        with self._engine.begin() as connection:
            done = connection.execute(
                update(holds).where(this).values(released_by=actor.user_id, released_at=time.time())
            )
            if not done.rowcount:
                raise NotFoundError("No legal hold of this id is in force.")

    def listed(self, actor: Actor) -> list[Hold]:
        """Return every hold there ever was, the newest first, to whoever manages people."""
        require(actor, Right.PEOPLE)
        return self._all()

    def _all(self) -> list[Hold]:
        with self._reading.connect() as connection:
            rows = connection.execute(select(holds).order_by(holds.c.set_at.desc())).all()
        return [Hold(**row._mapping) for row in rows]  # noqa: SLF001 - public, see SQLAlchemy's Row

    def held(self) -> set[str]:
        """Return the user ids on which a hold is in force; EVERYBODY may be among them."""
        return {hold.user_id for hold in self._all() if hold.released_at is None}

    def check(self, user_id: str) -> None:
        """Let go on where no hold is in force.

        Raises:
            HeldError: one is.
        """
        for hold in self._all():
            if hold.released_at is None and hold.user_id in {user_id, EVERYBODY}:
                day = time.strftime("%Y-%m-%d", time.gmtime(hold.set_at))
                raise HeldError(
                    f"A legal hold of {day} ({hold.reason}) suspends this: nothing is deleted until it is released."
                )
