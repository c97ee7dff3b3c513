"""Who agreed to which privacy notice, and when. A notice is known by its version, and kept with its words."""

import time
from dataclasses import dataclass

from sqlalchemy import Engine, insert, select

from app.answers import Actor
from app.store.database import reading
from app.store.schema import consents, notices


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """That somebody agreed to a notice."""

    version: str
    text: str
    """What the notice said."""
    agreed: float
    """Seconds since 1970."""


class Consents:
    """The consents of everybody."""

    def __init__(self, engine: Engine) -> None:
        """Use the main database."""
        self._engine = engine
        self._reading = reading(engine)
        self._known: set[tuple[str, str]] = set()
        """Person and version: asked with every request, so what was found once is not looked for again."""

    def agree(self, actor: Actor, *, version: str, text: str) -> None:
        """Keep that the actor agreed to a notice now; the first time counts."""
        row = {"user_id": actor.user_id, "version": version, "agreed": time.time()}
        with self._engine.begin() as connection:
            connection.execute(insert(notices).prefix_with("OR IGNORE").values(version=version, text=text))
            connection.execute(insert(consents).prefix_with("OR IGNORE").values(row))

    def has(self, actor: Actor, version: str) -> bool:
        """Whether the actor agreed to the notice of this version."""
        key = (actor.user_id, version)
        if key not in self._known:
            found = select(consents.c.agreed).where(consents.c.user_id == actor.user_id, consents.c.version == version)
            with self._reading.connect() as connection:
                if connection.scalar(found) is None:
                    return False
            self._known.add(key)
        return True

    def last(self, actor: Actor) -> Consent | None:
        """Return what the actor agreed to last; None where they never did."""
        query = (
            select(consents.c.version, notices.c.text, consents.c.agreed)
            .join(notices, notices.c.version == consents.c.version)
            .where(consents.c.user_id == actor.user_id)
            .order_by(consents.c.agreed.desc())
        )
        with self._reading.connect() as connection:
            row = connection.execute(query.limit(1)).first()
        return Consent(version=row.version, text=row.text, agreed=row.agreed) if row else None
