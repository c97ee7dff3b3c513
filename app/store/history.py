"""Conversations and their turns, sealed for the person they belong to.

Every call takes the actor and sees only what is that actor's: another person's conversation, turn or answer is not
found, as if it did not exist. A question is stored before anything is done with it, so a killed process loses none.
"""

import secrets
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, Engine, Row, Table, delete, func, insert, select, update

from app.answers import Actor, Answer, Conversation, Feedback, Outcome
from app.store.codec import ANSWER, FEEDBACK, NAMES, PASSAGES, decode, encode
from app.store.database import reading
from app.store.errors import AlreadyFinishedError
from app.store.ledger import Ledger
from app.store.owners import own_row
from app.store.rates import counts_of, note
from app.store.schema import conversations, feedback, turns
from retrieval.documents import Passage

TITLE_CHARACTERS = 80
State = Literal["unfinished", "interrupted"] | Outcome
OPEN = ("unfinished", "interrupted")
_ASKED = ("answer_id", "conversation_id")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question that was answered, and where."""

    answer_id: str
    conversation_id: str
    question: str
    begun: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredTurn:
    """A question and what became of it."""

    turn_id: str
    question: str
    state: State
    """"unfinished" while it is being answered, "interrupted" when the process ended meanwhile, else the outcome."""
    written: str
    """The answer's text; of an answer that never ended, what was saved of it."""
    answer: Answer | None
    feedback: Feedback | None
    begun: datetime


class History:
    """The conversations of everybody, each opened only for its owner."""

    def __init__(
        self,
        engine: Engine,
        ledger: Ledger,
        *,
        erasing: Callable[[], AbstractContextManager[None]] = nullcontext,
        check_hold: Callable[[str], None] = lambda _user_id: None,
    ) -> None:
        """Use the main database and the ledger that holds the keys.

        What is erased is erased within `erasing`, and not while `check_hold` raises for its owner.
        """
        self._engine = engine
        self._check_hold = check_hold
        self._erasing = erasing
        self._reading = reading(engine)
        self._ledger = ledger

    def start(self, actor: Actor, *, collection_ids: Sequence[str] = ()) -> Conversation:
        """Begin a conversation; its title stays empty until the first question gives one."""
        row = {
            "conversation_id": secrets.token_hex(16),
            "user_id": actor.user_id,
            "collection_ids": encode(NAMES, tuple(collection_ids)).decode(),
            "created": (now := time.time()),
            "updated": now,
        }
        with self._engine.begin() as connection:
            connection.execute(insert(conversations).values(row))
        return self.conversation(actor, str(row["conversation_id"]))

    def conversations(self, actor: Actor) -> list[Conversation]:
        """Return the actor's conversations, the last used first."""
        statement = select(conversations).where(conversations.c.user_id == actor.user_id)
        with self._reading.connect() as connection:
            rows = connection.execute(statement.order_by(conversations.c.updated.desc())).all()
        return [self._conversation(row) for row in rows]

    def conversation(self, actor: Actor, conversation_id: str) -> Conversation:
        """Return one of the actor's conversations.

        Raises:
            NotFoundError: there is none of this id, or it is somebody else's; so with every other method.
        """
        with self._reading.connect() as connection:
            return self._conversation(own_row(connection, conversations, actor, conversation_id=conversation_id))

    def rename(self, actor: Actor, conversation_id: str, title: str) -> Conversation:
        """Give a conversation another title."""
        with self._engine.begin() as connection:
            own_row(connection, conversations, actor, conversation_id=conversation_id)
            self._set_title(connection, actor, conversation_id, title)
        return self.conversation(actor, conversation_id)

    def choose_collections(self, actor: Actor, conversation_id: str, collection_ids: Sequence[str]) -> Conversation:
        """Remember where this conversation's questions look."""
        with self._engine.begin() as connection:
            own_row(connection, conversations, actor, conversation_id=conversation_id)
            chosen = encode(NAMES, tuple(collection_ids)).decode()
            _change(
                connection, conversations, conversations.c.conversation_id == conversation_id, collection_ids=chosen
            )
        return self.conversation(actor, conversation_id)

    def delete(self, actor: Actor, conversation_id: str) -> None:
        """Delete a conversation with its turns and their feedback, and whatever else was made from it.

        Raises:
            HeldError: a legal hold suspends it.
            NotErasedError: what the engine made from it cannot be removed.
        """
        # Of a conversation without a question nothing was made, so others need not lose what the engine has read.
        asked = self.turns(actor, conversation_id, newest=1)
        self._check_hold(actor.user_id)
        with self._erasing() if asked else nullcontext(), self._engine.begin() as connection:
            own_row(connection, conversations, actor, conversation_id=conversation_id)
            connection.execute(delete(conversations).where(conversations.c.conversation_id == conversation_id))

    def turns(self, actor: Actor, conversation_id: str, *, newest: int | None = None) -> list[StoredTurn]:
        """Return the turns of a conversation, oldest first; of a long one perhaps only the newest few."""
        given = feedback.c.content.label("feedback")
        on = (feedback.c.answer_id == turns.c.answer_id) & (feedback.c.user_id == turns.c.user_id)
        statement = select(turns, given).outerjoin(feedback, on).where(turns.c.conversation_id == conversation_id)
        with self._reading.connect() as connection:
            own_row(connection, conversations, actor, conversation_id=conversation_id)
            rows = connection.execute(statement.order_by(turns.c.ordinal.desc()).limit(newest)).all()
        return [self._turn(row) for row in reversed(rows)]

    def asked(self, actor: Actor, *, newest: int) -> list[Asked]:
        """Return the newest of the actor's questions that were answered, in any conversation, the newest first."""
        finished = (turns.c.user_id == actor.user_id) & (turns.c.state == "finished")
        # Not the answers: they are opened only where the question is alike.
        columns = [turns.c[name] for name in (*_ASKED, "turn_id", "user_id", "question", "begun")]
        query = select(*columns).where(finished).order_by(turns.c.begun.desc()).limit(newest)
        with self._reading.connect() as connection:
            rows = connection.execute(query).all()
        return [
            Asked(
                answer_id=row.answer_id,
                conversation_id=row.conversation_id,
                question=self._open(row, "turns.question", row.turn_id).decode(),
                begun=datetime.fromtimestamp(row.begun, UTC),
            )
            for row in rows
        ]

    def begin_turn(self, actor: Actor, conversation_id: str, question: str) -> str:
        """Store a question as unfinished and return the id of its turn."""
        turn_id, now = secrets.token_hex(16), time.time()
        with self._engine.begin() as connection:
            conversation = own_row(connection, conversations, actor, conversation_id=conversation_id)
            before = select(func.coalesce(func.max(turns.c.ordinal), 0)).where(
                turns.c.conversation_id == conversation_id
            )
            connection.execute(
                insert(turns).values(
                    turn_id=turn_id,
                    conversation_id=conversation_id,
                    user_id=actor.user_id,
                    ordinal=(connection.scalar(before) or 0) + 1,
                    state="unfinished",
                    question=self._seal(actor, "turns.question", turn_id, question),
                    begun=now,
                )
            )
            if conversation.title is None:
                self._set_title(connection, actor, conversation_id, question)
            _change(connection, conversations, conversations.c.conversation_id == conversation_id, updated=now)
        return turn_id

    def save_partial(self, actor: Actor, turn_id: str, text: str) -> None:
        """Keep what was written so far of a running answer, in case the process ends; about 1 ms."""
        with self._engine.begin() as connection:
            _open_turn(connection, actor, turn_id)
            written = self._seal(actor, "turns.written", turn_id, text)
            _change(connection, turns, turns.c.turn_id == turn_id, written=written)

    def finish_turn(self, actor: Actor, turn_id: str, answer: Answer, *, passages: Sequence[Passage] = ()) -> None:
        """Store an answer and the passages the model read, in one transaction.

        Raises:
            AlreadyFinishedError: the turn has its answer.
            NotFoundError: the turn is somebody else's, or its conversation was deleted meanwhile.
        """
        ended: dict[str, Any] = {
            "state": answer.outcome,
            "written": None,
            "answer_id": answer.answer_id,
            "answer": self._seal(actor, "turns.answer", turn_id, encode(ANSWER, answer)),
            "passages": self._seal(actor, "turns.passages", turn_id, encode(PASSAGES, tuple(passages))),
            "model": answer.model,
            "prompt_version": answer.prompt_version,
            "ended": time.time(),
        }
        with self._engine.begin() as connection:
            turn = _open_turn(connection, actor, turn_id)
            _change(connection, turns, turns.c.turn_id == turn_id, **ended)
            this = conversations.c.conversation_id == turn.conversation_id
            _change(connection, conversations, this, updated=ended["ended"])
            note(connection, counts_of(answer, passages), ended=ended["ended"], model=answer.model)

    def answer(self, actor: Actor, answer_id: str) -> Answer:
        """Return an answer of the actor."""
        with self._reading.connect() as connection:
            row = own_row(connection, turns, actor, answer_id=answer_id)
        return self._answer(row)

    def passages(self, actor: Actor, answer_id: str) -> tuple[Passage, ...]:
        """Return the passages the model read for an answer of the actor, best first."""
        with self._reading.connect() as connection:
            row = own_row(connection, turns, actor, answer_id=answer_id)
        return decode(PASSAGES, self._open(row, "turns.passages", row.turn_id))

    def close_unfinished(self) -> int:
        """Mark the turns a dead process left behind as interrupted; how many there were. Call once at the start."""
        with self._engine.begin() as connection:
            unfinished = turns.c.state == "unfinished"
            return _change(connection, turns, unfinished, state="interrupted", ended=time.time())

    def _set_title(self, connection: Connection, actor: Actor, conversation_id: str, title: str) -> None:
        sealed = self._seal(actor, "conversations.title", conversation_id, _shorten(title))
        _change(connection, conversations, conversations.c.conversation_id == conversation_id, title=sealed)

    def _conversation(self, row: Row[Any]) -> Conversation:
        title = self._open(row, "conversations.title", row.conversation_id) if row.title else b""
        return Conversation(
            conversation_id=row.conversation_id,
            title=title.decode(),
            created=datetime.fromtimestamp(row.created, UTC),
            updated=datetime.fromtimestamp(row.updated, UTC),
            collection_ids=decode(NAMES, row.collection_ids),
        )

    def _turn(self, row: Row[Any]) -> StoredTurn:
        answer = self._answer(row) if row.answer is not None else None
        written = self._open(row, "turns.written", row.turn_id).decode() if row.written else ""
        place = f"feedback.content:{row.answer_id}"
        given = self._ledger.unseal(row.user_id, row.feedback, place=place) if row.feedback else None
        return StoredTurn(
            turn_id=row.turn_id,
            question=self._open(row, "turns.question", row.turn_id).decode(),
            state=row.state,
            written=answer.text if answer else written,
            answer=answer,
            feedback=decode(FEEDBACK, given) if given else None,
            begun=datetime.fromtimestamp(row.begun, UTC),
        )

    def _answer(self, row: Row[Any]) -> Answer:
        return decode(ANSWER, self._open(row, "turns.answer", row.turn_id))

    def _seal(self, actor: Actor, column: str, row_id: str, plain: str | bytes) -> bytes:
        # UTF-8 cannot hold half surrogates, which a command line may pass on: they become question marks.
        content = plain.encode("utf-8", "replace") if isinstance(plain, str) else plain
        return self._ledger.seal(actor.user_id, content, place=f"{column}:{row_id}")

    def _open(self, row: Row[Any], column: str, row_id: str) -> bytes:
        sealed = row._mapping[column.partition(".")[2]]  # noqa: SLF001 - public, see SQLAlchemy's Row
        return self._ledger.unseal(row.user_id, sealed, place=f"{column}:{row_id}")


def _open_turn(connection: Connection, actor: Actor, turn_id: str) -> Row[Any]:
    """Return the actor's turn that still waits for its answer."""
    turn = own_row(connection, turns, actor, turn_id=turn_id)
    if turn.state not in OPEN:
        raise AlreadyFinishedError
    return turn


def _change(connection: Connection, table: Table, where: ColumnElement[bool], **values: Any) -> int:
    return connection.execute(update(table).where(where).values(values)).rowcount


def _shorten(title: str) -> str:
    """Return a title on one line of at most 80 characters, without control characters."""
    plain = " ".join("".join(c if c.isprintable() else " " for c in title).split())
    return plain if len(plain) <= TITLE_CHARACTERS else plain[: TITLE_CHARACTERS - 1].rstrip() + "…"
