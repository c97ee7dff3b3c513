"""Which documents are verified answers: the question each answers, who answers for it, and until when it holds."""

import json
import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Engine, Row, delete, insert, select, text

from app.answers import Actor
from app.store.database import reading
from app.store.schema import verified_answers
from retrieval.documents import Verified

_AMONG = text("(collection_id, name) IN (SELECT value ->> 0, value ->> 1 FROM json_each(:places))")


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifiedAnswer:
    """What is known of a verified answer beside its document, which holds its words."""

    collection_id: str
    name: str
    """Of its document."""
    question: str
    owner: str
    """Who answers for it: a person or a department."""
    until: date
    """The last day on which it holds."""
    approved: float
    """When somebody said so last, in seconds since 1970."""
    approved_by: str
    """Id of that person."""


class VerifiedAnswers:
    """The verified answers of all collections. Doors check who may read the collection."""

    def __init__(self, engine: Engine) -> None:
        """Use the main database."""
        self._engine = engine
        self._reading = reading(engine)
        self._reserved: list[tuple[str, str]] = []

    def note(self, actor: Actor, collection_id: str, *, name: str, question: str, owner: str, until: date) -> None:
        """Remember that the document of this name is a verified answer; what was known of it before is replaced."""
        row = {
            "collection_id": collection_id,
            "name": name,
            "question": question,
            "owner": owner,
            "until": until.isoformat(),
            "approved": time.time(),
            "approved_by": actor.user_id,
        }
        with self._engine.begin() as connection:
            connection.execute(insert(verified_answers).prefix_with("OR REPLACE").values(row))

    @contextmanager
    def reserved(self, collection_id: str, name: str) -> Iterator[None]:
        """Count a document among the verified answers while it is learned, which it is before it is noted."""
        self._reserved.append((collection_id, name))
        try:
            yield
        finally:
            self._reserved.remove((collection_id, name))

    def names(self, collection_id: str) -> set[str]:
        """Return the names that belong to verified answers of a collection, also to those that are being approved."""
        reserved = {name for place, name in list(self._reserved) if place == collection_id}
        return reserved | {answer.name for answer in self.of(collection_id)}

    def of(self, collection_id: str) -> list[VerifiedAnswer]:
        """Return those of a collection, by the day until which they hold, the first to expire first."""
        ours = verified_answers.c.collection_id == collection_id
        order = (verified_answers.c.until, verified_answers.c.question)
        with self._reading.connect() as connection:
            return [_answer(row) for row in connection.execute(select(verified_answers).where(ours).order_by(*order))]

    def among(self, places: Collection[tuple[str, str]]) -> Mapping[tuple[str, str], Verified]:
        """Return collection id and name -> who answers for it until when, for those of the documents that are one."""
        columns = (verified_answers.c[name] for name in ("collection_id", "name", "owner", "until"))
        asked = {"places": json.dumps(list(places))}
        with self._reading.connect() as connection:
            rows = connection.execute(select(*columns).where(_AMONG), asked).all()
        return {(row.collection_id, row.name): Verified(owner=row.owner, until=row.until) for row in rows}

    def forget(self, collection_id: str, name: str | None = None) -> None:
        """Forget that a document is one, or that any of the collection is; unknown ones are passed over."""
        ours = delete(verified_answers).where(verified_answers.c.collection_id == collection_id)
        with self._engine.begin() as connection:
            connection.execute(ours if name is None else ours.where(verified_answers.c.name == name))


def _answer(row: Row[tuple[object, ...]]) -> VerifiedAnswer:
    fields = {name: getattr(row, name) for name in VerifiedAnswer.__slots__}
    return VerifiedAnswer(**fields | {"until": date.fromisoformat(row.until)})
