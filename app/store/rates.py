"""How often which verdict was given, by day, collection and model: numbers only, which outlive the answers.

Counted within the transaction that stores an answer, or that revises a verdict of it. Knows no person and no text.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from sqlalchemy import Connection, Engine, delete, select, update
from sqlalchemy.dialects.sqlite import insert

from app.answers import Answer, Claim, Verdict
from app.store.database import reading
from app.store.schema import verdict_counts
from retrieval.documents import Passage

Counts = Mapping[tuple[str, Verdict], int]
"""Collection and verdict -> how many statements; negative where some are to be taken out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """How many statements got which verdict on a day, in answers of one model that rest on one collection."""

    day: date
    """In UTC."""
    collection_id: str
    model: str
    counts: Mapping[Verdict, int]

    @property
    def examined(self) -> int:
        """How many were looked for."""
        return sum(count for verdict, count in self.counts.items() if verdict != "not examined")


class Rates:
    """What was counted."""

    def __init__(self, engine: Engine) -> None:
        """Use the main database."""
        self._engine = engine
        self._reading = reading(engine)

    def since(self, day: date, collection_ids: Collection[str]) -> list[Rate]:
        """Return what was counted in these collections from a day on, by day, collection and model."""
        of_these = (verdict_counts.c.day >= day.isoformat()) & verdict_counts.c.collection_id.in_(collection_ids)
        columns = verdict_counts.c
        query = select(verdict_counts).where(of_these, columns.count > 0)
        with self._reading.connect() as connection:
            rows = connection.execute(query.order_by(columns.day, columns.collection_id, columns.model)).all()
        groups: dict[tuple[str, str, str], dict[Verdict, int]] = {}
        for row in rows:
            groups.setdefault((row.day, row.collection_id, row.model), {})[row.verdict] = row._mapping["count"]  # noqa: SLF001 - public, see SQLAlchemy's Row
        return [
            Rate(day=date.fromisoformat(on), collection_id=collection_id, model=model, counts=counts)
            for (on, collection_id, model), counts in groups.items()
        ]

    def forget(self, collection_id: str) -> None:
        """Forget what was counted in a collection that is gone."""
        with self._engine.begin() as connection:
            connection.execute(delete(verdict_counts).where(verdict_counts.c.collection_id == collection_id))


def counts_of(answer: Answer, passages: Sequence[Passage]) -> Counter[tuple[str, Verdict]]:
    """Return how many statements of an answer got which verdict, in which collection.

    A statement is of the collection it cites or, where it was not found, of the one that comes nearest to it; any other
    of that of the passage found first.
    """
    first = passages[0].collection_id if passages else ""
    cited = {citation.n: citation.collection_id for citation in answer.citations}

    def collection_of(claim: Claim) -> str:
        near = claim.nearest.collection_id if claim.nearest else first
        return next((cited[n] for n in claim.citations if n in cited), near)

    return Counter((collection_of(claim), claim.verdict) for claim in answer.claims)


def note(connection: Connection, counts: Counts, *, ended: float, model: str) -> None:
    """Count verdicts on the day an answer ended, in the transaction of the connection."""
    day = datetime.fromtimestamp(ended, UTC).date().isoformat()
    for (collection_id, verdict), count in counts.items():
        of_these = {"day": day, "collection_id": collection_id, "model": model, "verdict": verdict}
        more = {"count": verdict_counts.c.count + count}
        if count > 0:
            row = insert(verdict_counts).values(of_these | {"count": count})
            connection.execute(row.on_conflict_do_update(index_elements=list(of_these), set_=more))
        elif count < 0:
            here = [verdict_counts.c[name] == value for name, value in of_these.items()]
            connection.execute(update(verdict_counts).where(*here).values(more))
