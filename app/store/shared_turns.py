"""Rated turns as reviewers may read them: one question with its answer and what was said of it, never more.

Sealed a second time, with a key made from that of whoever rated, so that it goes with them; see
docs/decisions/0038-what-people-share-and-agree-to.md. A reviewer opens only what rests on collections they may read,
and knows whoever rated by a pseudonym.
"""

import json
import secrets
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Connection, Engine, Row, func, insert, select, text, update

from app.answers import Actor, Answer, Feedback, FeedbackReason, Verdict
from app.rights import Right, may, require
from app.store.codec import ANSWER, PASSAGES, decode, encode
from app.store.collections import Collections
from app.store.database import reading
from app.store.errors import ErasedError, NotFoundError
from app.store.ledger import Ledger
from app.store.schema import feedback, shared_turns, turns
from app.store.sealing import seal, unseal

REVIEWERS, PSEUDONYM = "shared with reviewers", "pseudonym for reviewers"
"""Purposes of keys made from a person's."""
PSEUDONYM_CHARACTERS = 8
Mask = Callable[[str], str]
_READABLE = text(
    "json_array_length(shared_turns.collection_ids) > 0 AND NOT EXISTS (SELECT 1 FROM "
    "json_each(shared_turns.collection_ids) AS used WHERE used.value NOT IN (SELECT value FROM json_each(:readable)))"
)
_HAS_REASON = text("EXISTS (SELECT 1 FROM json_each(shared_turns.reasons) WHERE value = :reason)")


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedSource:
    """The place a sentence of a shared answer rests on."""

    n: int
    collection_id: str
    document_id: str
    document: str
    title: str
    page: int | None
    start: int
    end: int
    quote: str
    headings: tuple[str, ...] = ()
    sha256: str = ""
    added: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedStatement:
    """A statement of a shared answer, and what had been found about it when it was rated."""

    text: str
    verdict: Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedTurn:
    """What reviewers may read of a conversation."""

    question: str
    answer: str
    sources: tuple[SharedSource, ...]
    statements: tuple[SharedStatement, ...]
    model: str
    prompt_version: str
    liked: bool
    reasons: tuple[FeedbackReason, ...]
    comment: str
    correction: str


SHARED: TypeAdapter[SharedTurn] = TypeAdapter(SharedTurn)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What became of a rating that was shared, as whoever rated sees it."""

    settled: float | None
    """Seconds since 1970; None while nobody has settled it."""
    outcome: str
    """"settled", or "approved" where a verified answer came of it."""
    note: str
    """What the reviewer said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """A shared turn, as a reviewer sees it."""

    review_id: str
    person: str
    """A pseudonym; the same for all that one person shares."""
    shared: float
    """Seconds since 1970."""
    collection_ids: tuple[str, ...]
    """What the conversation rested on until then; all of it the reviewer may read."""
    turn: SharedTurn
    standing: Standing


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which reviews are wanted; what is left out does not narrow."""

    reason: FeedbackReason | None = None
    liked: bool | None = None
    settled: bool | None = None
    before: float | None = None
    """Only those shared earlier: for paging back."""


class SharedTurns:
    """The shared turns of everybody: opened for reviewers, told to whoever shared them."""

    def __init__(self, engine: Engine, ledger: Ledger) -> None:
        """Use the main database and the ledger that holds the keys."""
        self._engine = engine
        self._reading = reading(engine)
        self._ledger = ledger
        self._collections = Collections(engine)

    def share(self, connection: Connection, turn: Row[Any], given: Feedback, mask: Mask) -> None:
        """Share a turn of whoever rated it, in the transaction that keeps the rating and just after it."""
        answer = decode(ANSWER, self._own(turn, "answer"))
        shared, review_id = shared_turn(answer, given, mask), secrets.token_hex(16)
        row = {
            "review_id": review_id,
            "answer_id": given.answer_id,
            "user_id": turn.user_id,
            "collection_ids": json.dumps(sorted(self._rests_on(connection, turn))),
            "liked": given.liked,
            "reasons": json.dumps(given.reasons),
            "content": self._sealed(turn.user_id, "content", review_id, encode(SHARED, shared)),
            "shared": time.time(),
        }
        connection.execute(insert(shared_turns).values(row))

    def queue(self, actor: Actor, wanted: Wanted | None = None, *, limit: int) -> list[Review]:
        """Return what a reviewer may read, the newest first.

        Raises:
            ForbiddenError: the actor is no reviewer; so with `get` and `settle`.
        """
        which, parameters = self._readable(actor)
        which += _narrowed(wanted := wanted or Wanted())
        query = select(shared_turns).where(*which).order_by(shared_turns.c.shared.desc()).limit(limit)
        with self._reading.connect() as connection:
            rows = connection.execute(query, parameters | {"reason": wanted.reason}).all()
        return list(self._open(rows))

    def get(self, actor: Actor, review_id: str) -> Review:
        """Return one.

        Raises:
            NotFoundError: there is none (any more), or it rests on what the reviewer may not read.
        """
        which, parameters = self._readable(actor)
        query = select(shared_turns).where(*which, shared_turns.c.review_id == review_id)
        with self._reading.connect() as connection:
            found = list(self._open(connection.execute(query, parameters).all()))
        if not found:
            raise NotFoundError
        return found[0]

    def settle(self, actor: Actor, review_id: str, *, note: str = "", outcome: str = "settled") -> Review:
        """Note that a reviewer is done with one, and what they say to whoever rated; the last word counts."""
        self.get(actor, review_id)
        this = shared_turns.c.review_id == review_id
        with self._engine.begin() as connection:
            user_id = connection.scalar(select(shared_turns.c.user_id).where(this))
            if user_id is None:
                raise NotFoundError
            done = {"settled": time.time(), "settled_by": actor.user_id, "outcome": outcome}
            sealed = self._sealed(user_id, "note", review_id, note.strip().encode("utf-8", "replace"))
            connection.execute(update(shared_turns).where(this).values(done | {"note": sealed}))
        return self.get(actor, review_id)

    def of(self, actor: Actor) -> dict[str, Standing]:
        """Return answer id -> what became of it, for all the actor shares now."""
        with self._reading.connect() as connection:
            rows = connection.execute(select(shared_turns).where(shared_turns.c.user_id == actor.user_id)).all()
        return {row.answer_id: self._standing(row) for row in rows}

    def counts(self, actor: Actor) -> tuple[int, int]:
        """Return how many answers were rated good and how many bad, shared or not."""
        require(actor, Right.REVIEW)
        with self._reading.connect() as connection:
            rows = connection.execute(select(feedback.c.liked, func.count()).group_by(feedback.c.liked)).all()
        counted = {bool(liked): count for liked, count in rows}
        return counted.get(True, 0), counted.get(False, 0)

    def _rests_on(self, connection: Connection, turn: Row[Any]) -> set[str]:
        """Return the collections of all that was read until this turn: an answer may repeat what stood before it."""
        until = (turns.c.conversation_id == turn.conversation_id) & (turns.c.ordinal <= turn.ordinal)
        columns = [turns.c[name] for name in ("turn_id", "user_id", "passages")]
        earlier = connection.execute(select(*columns).where(until, turns.c.passages.is_not(None))).all()
        read = {one.collection_id for row in earlier for one in decode(PASSAGES, self._own(row, "passages"))}
        return read | {one.collection_id for one in decode(ANSWER, self._own(turn, "answer")).citations}

    def _readable(self, actor: Actor) -> tuple[list[Any], dict[str, Any]]:
        """Return the condition on what a reviewer may read; whoever governs reads what rests on no collection too."""
        require(actor, Right.REVIEW)
        if may(actor, Right.GOVERN):
            return [], {}
        names = [one.collection_id for one in self._collections.list(actor)]
        return [_READABLE], {"readable": json.dumps(names)}

    def _open(self, rows: Iterable[Row[Any]]) -> Iterator[Review]:
        """Yield what the rows hold; somebody who is just being erased is left out."""
        for row in rows:
            try:
                yield Review(
                    review_id=row.review_id,
                    person=self._ledger.derived(row.user_id, PSEUDONYM, make=False).hex()[:PSEUDONYM_CHARACTERS],
                    shared=row.shared,
                    collection_ids=tuple(json.loads(row.collection_ids)),
                    turn=decode(SHARED, self._unsealed(row, "content")),
                    standing=self._standing(row),
                )
            except ErasedError:
                continue

    def _standing(self, row: Row[Any]) -> Standing:
        note = self._unsealed(row, "note").decode() if row.note else ""
        return Standing(settled=row.settled, outcome=row.outcome, note=note)

    def _own(self, turn: Row[Any], column: str) -> bytes:
        return self._ledger.unseal(turn.user_id, getattr(turn, column), place=f"turns.{column}:{turn.turn_id}")

    def _sealed(self, user_id: str, column: str, review_id: str, plain: bytes) -> bytes:
        key = self._ledger.derived(user_id, REVIEWERS, make=False)
        return seal(key, plain, place=f"shared_turns.{column}:{review_id}")

    def _unsealed(self, row: Row[Any], column: str) -> bytes:
        key = self._ledger.derived(row.user_id, REVIEWERS, make=False)
        return unseal(key, getattr(row, column), place=f"shared_turns.{column}:{row.review_id}")


def shared_turn(answer: Answer, given: Feedback, mask: Mask) -> SharedTurn:
    """Return what of an answer and its rating is shared; not its query, which may repeat what was said before."""
    return SharedTurn(
        question=mask(answer.question),
        answer=mask(answer.text),
        sources=tuple(
            SharedSource(
                n=one.n,
                collection_id=one.collection_id,
                document_id=one.document_id,
                document=one.document,
                title=one.title,
                page=one.page,
                start=one.start,
                end=one.end,
                quote=mask(one.quote),
                headings=tuple(map(mask, one.headings)),
                sha256=one.sha256,
                added=one.added,
            )
            for one in answer.citations
        ),
        statements=tuple(SharedStatement(text=mask(one.text), verdict=one.verdict) for one in answer.claims),
        model=answer.model,
        prompt_version=answer.prompt_version,
        liked=given.liked,
        reasons=given.reasons,
        comment=mask(given.comment),
        correction=mask(given.correction),
    )


def _narrowed(wanted: Wanted) -> list[Any]:
    row = shared_turns.c
    which: list[Any] = [_HAS_REASON] if wanted.reason else []
    if wanted.liked is not None:
        which.append(row.liked == wanted.liked)
    if wanted.settled is not None:
        which.append(row.settled.is_not(None) if wanted.settled else row.settled.is_(None))
    if wanted.before is not None:
        which.append(row.shared < wanted.before)
    return which
