"""Which documents of a collection are nearly the same, and which is an older version of which.

Knows rows, sketches and names. Each pair is noted once, in the transaction that notes the sketch of the document that
came later, so that a killed ingest compares again what it had not noted.
"""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray

from retrieval.editions import edition_of
from retrieval.finding import VERSIONS
from retrieval.likeness import SIZE, Sketch, likenesses, sketch_of
from retrieval.schema import documents
from retrieval.schema import likenesses as pairs

ALIKE = 0.8
"""From here on two documents are nearly the same: of the 34,000 pairs of two real handbooks none is, the nearest has
0.26."""
VERSION = 0.3
"""From here on the names are asked which of two documents is the older version."""
_PART = 100
"""Documents in a transaction: each costs a write to the disk."""
MOST_RELATIVES = 5
"""Noted of a document when it comes: of form letters there may be thousands."""


Newer = Literal["by name", "came later"]
"""How it is known that a document is the newer of two."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Relative:
    """Another document of the collection that says nearly the same."""

    document_id: str
    likeness: float
    """Share of runs of words in common, 0..1, estimated."""
    order: int
    """-1: the other is an older version of this one; 1: a newer one; 0: nobody can tell."""


class Relatives:
    """The pairs of alike documents, of every collection."""

    def __init__(self, engine: sa.Engine) -> None:
        """Use a database whose migrations have run."""
        self._engine = engine
        self._reading = engine.execution_options(reading=True)

    def compare(self, collection_id: str) -> int:
        """Compare the indexed documents that nobody has compared yet with all others; return how many pairs are new."""
        with self._reading.connect() as connection:
            waiting = list(connection.scalars(_UNSKETCHED, {"collection_id": collection_id}))
            if not waiting:
                return 0
            known = list(connection.execute(_SKETCHED, {"collection_id": collection_id}))
        compared = _Compared(len(known) + len(waiting))
        for row in known:
            compared.add(row.document_id, row.name, np.frombuffer(row.sketch, dtype=np.uint32))
        found = 0
        for start in range(0, len(waiting), _PART):
            with self._engine.begin() as connection:
                found += sum(_compare_one(connection, each, compared) for each in waiting[start : start + _PART])
        return found

    def of(self, collection_id: str) -> dict[str, list[Relative]]:
        """Return document id -> its relatives, the likest first, for the documents of a collection that have any."""
        query = sa.select(pairs).join(documents, documents.c.document_id == pairs.c.document_id)
        found: dict[str, list[Relative]] = {}
        with self._reading.connect() as connection:
            for one, other, likeness, older in connection.execute(
                query.where(documents.c.collection_id == collection_id).order_by(pairs.c.likeness.desc())
            ):
                order = int(older)
                found.setdefault(one, []).append(Relative(document_id=other, likeness=likeness, order=order))
                found.setdefault(other, []).append(Relative(document_id=one, likeness=likeness, order=-order))
        return found

    def newer(self, document_ids: Iterable[str]) -> Mapping[str, Mapping[str, Newer]]:
        """Return document id -> those of the others that are newer, for the ids that have any.

        Where the names do not tell of two that are nearly the same, the one that came later is the newer.
        """
        ids = list(document_ids)
        query = sa.select(pairs.c.document_id, pairs.c.other_id, pairs.c.older, pairs.c.likeness).where(
            pairs.c.document_id.in_(ids), pairs.c.other_id.in_(ids)
        )
        found: dict[str, dict[str, Newer]] = {}
        with self._reading.connect() as connection:
            related = connection.execute(query).all()
            unsure = [row for row in related if not row.older and row.likeness >= ALIKE]
            came = _came(connection, {one for row in unsure for one in row[:2]}) if unsure else {}
        for row in related:
            if row.older:
                found.setdefault(row.document_id, {})[row.other_id] = "by name"
        for row in unsure:
            one, other = sorted(row[:2], key=lambda document_id: came.get(document_id, ""))
            if came.get(one, "") < came.get(other, ""):
                found.setdefault(one, {})[other] = "came later"
        return found


@dataclass(slots=True)
class _Compared:
    """The documents of a collection that have a sketch, with room for so many."""

    room: int
    ids: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    sketches: NDArray[np.uint32] = field(init=False)

    def __post_init__(self) -> None:
        self.sketches = np.zeros((self.room, SIZE), dtype=np.uint32)

    def add(self, document_id: str, name: str, sketch: Sketch) -> None:
        self.sketches[len(self.ids)] = sketch
        self.ids.append(document_id)
        self.names.append(name)

    def relatives(self, name: str, sketch: Sketch) -> Iterator[dict[str, object]]:
        """Yield the pairs of a document with those before it."""
        found = likenesses(sketch, self.sketches[: len(self.ids)])
        own = edition_of(name)
        for place in np.argsort(-found, kind="stable")[:MOST_RELATIVES]:
            other = edition_of(self.names[place])
            order = int(own.is_older_than(other)) - int(other.is_older_than(own))
            if found[place] >= (VERSION if order else ALIKE):
                yield {"other_id": self.ids[place], "likeness": float(found[place]), "order": order}


def _came(connection: sa.Connection, document_ids: Collection[str]) -> dict[str, str]:
    """Return document id -> since when it is here, in ISO 8601."""
    rows = connection.execute(VERSIONS, {"documents": json.dumps(list(document_ids))})
    return {document_id: added for document_id, _, added in rows}


def _compare_one(connection: sa.Connection, document_id: str, compared: _Compared) -> int:
    """Note which documents before it a document is like, and its sketch."""
    named = sa.select(documents.c.name, documents.c.text).where(documents.c.document_id == document_id)
    row = connection.execute(named).one_or_none()
    if row is None:  # it was removed a moment ago
        return 0
    sketch = sketch_of(row.text)
    noted = [_turned(pair | {"document_id": document_id}) for pair in compared.relatives(row.name, sketch)]
    if noted:
        connection.execute(pairs.insert().prefix_with("OR IGNORE"), noted)
    own = documents.update().where(documents.c.document_id == document_id)
    connection.execute(own.values(sketch=sketch.tobytes()))
    compared.add(document_id, row.name, sketch)
    return len(noted)


def _turned(pair: Mapping[str, object]) -> dict[str, object]:
    """Return a pair as it is stored: where the names tell, the older document comes first."""
    one, other = pair["document_id"], pair["other_id"]
    first, second = (other, one) if pair["order"] == -1 else (one, other)
    return {"document_id": first, "other_id": second, "likeness": pair["likeness"], "older": bool(pair["order"])}


_OF_COLLECTION = sa.and_(
    documents.c.collection_id == sa.bindparam("collection_id"),
    documents.c.state == "indexed",
    documents.c.same_as == "",
)
_SKETCHED = sa.select(documents.c.document_id, documents.c.name, documents.c.sketch).where(
    _OF_COLLECTION, documents.c.sketch.is_not(None)
)
_UNSKETCHED = sa.select(documents.c.document_id).where(_OF_COLLECTION, documents.c.sketch.is_(None))
