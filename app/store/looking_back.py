"""Search in one's own history: titles, questions and answers, opened one after the other with the person's key.

Nothing is indexed and nothing that was opened is kept, so the cost grows with the number of messages and with nothing
else (docs/benchmarks.md). Everybody finds only what is theirs.
"""

import json
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Engine, Row, select, tuple_

from app.answers import Actor
from app.store.database import reading
from app.store.ledger import Ledger
from app.store.schema import conversations, turns

PAGE_ROWS = 200
"""Read together: about 1.5 MB. Between two of them nobody's writing is kept from being merged."""
AROUND = 60
"""Characters of context on each side of what was found."""
Kind = Literal["title", "question", "answer"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Remembered:
    """A place in the actor's history that has all the words looked for."""

    conversation_id: str
    title: str
    kind: Kind
    turn_id: str | None
    """None for a title."""
    excerpt: str
    when: datetime


class LookingBack:
    """Searches the history of whoever asks."""

    def __init__(self, engine: Engine, ledger: Ledger) -> None:
        """Use the main database and the ledger that holds the keys."""
        self._reading = reading(engine)
        self._ledger = ledger

    def find(self, actor: Actor, text: str, *, limit: int = 50) -> list[Remembered]:
        """Return up to so many places that have every word of a text, the newest first; case and accents do not count.

        Titles come before messages. Each conversation comes once, with its title or its newest message that fits.
        """
        words = folded(text).split()
        if not words:
            return []
        titles = self._titles(actor)
        found: dict[str, Remembered] = {}
        for conversation_id, (title, when) in titles.items():
            if has_all(title, words):
                found[conversation_id] = Remembered(
                    conversation_id=conversation_id, title=title, kind="title", turn_id=None, excerpt=title, when=when
                )
        for row in self._turns(actor):
            if len(found) >= limit:
                break
            if row.conversation_id in titles and row.conversation_id not in found:
                for kind, shown in self._hits(actor, row, words):
                    found[row.conversation_id] = Remembered(
                        conversation_id=row.conversation_id,
                        title=titles[row.conversation_id][0],
                        kind=kind,
                        turn_id=row.turn_id,
                        excerpt=shown,
                        when=datetime.fromtimestamp(row.begun, UTC),
                    )
        return list(found.values())[:limit]

    def _titles(self, actor: Actor) -> dict[str, tuple[str, datetime]]:
        """Return conversation id -> title and when it was used last, the last used first."""
        columns = (conversations.c.conversation_id, conversations.c.title, conversations.c.updated)
        mine = select(*columns).where(conversations.c.user_id == actor.user_id)
        with self._reading.connect() as connection:
            rows = connection.execute(mine.order_by(conversations.c.updated.desc())).all()
        titles = {}
        for row in rows:
            place = f"conversations.title:{row.conversation_id}"
            title = self._ledger.unseal(actor.user_id, row.title, place=place).decode() if row.title else ""
            titles[row.conversation_id] = (title, datetime.fromtimestamp(row.updated, UTC))
        return titles

    def _turns(self, actor: Actor) -> Iterator[Row[Any]]:
        """Yield the actor's turns, the newest first, still sealed."""
        columns = [turns.c[name] for name in ("turn_id", "conversation_id", "question", "answer", "written", "begun")]
        order = (turns.c.begun.desc(), turns.c.turn_id.desc())
        after: ColumnElement[bool] | None = None
        while True:
            mine = turns.c.user_id == actor.user_id
            where = mine if after is None else mine & after
            with self._reading.connect() as connection:
                rows = connection.execute(select(*columns).where(where).order_by(*order).limit(PAGE_ROWS)).all()
            yield from rows
            if len(rows) < PAGE_ROWS:
                return
            after = tuple_(turns.c.begun, turns.c.turn_id) < tuple_(rows[-1].begun, rows[-1].turn_id)

    def _hits(self, actor: Actor, row: Row[Any], words: list[str]) -> Iterator[tuple[Kind, str]]:
        """Yield the message of a turn that has all the words, with an excerpt; the question goes before the answer."""

        def opened(column: str, sealed: bytes) -> bytes:
            return self._ledger.unseal(actor.user_id, sealed, place=f"turns.{column}:{row.turn_id}")

        question = opened("question", row.question).decode()
        if has_all(question, words):
            yield "question", excerpt(question, words)
            return
        answer = ""
        if row.answer is not None:
            answer = json.loads(opened("answer", row.answer))["text"]
        elif row.written is not None:
            answer = opened("written", row.written).decode()
        if has_all(answer, words):
            yield "answer", excerpt(answer, words)


def folded(text: str) -> str:
    """Return a text in which case and accents do not count."""
    if text.isascii():
        return text.lower()
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(character for character in apart if not unicodedata.combining(character))


def has_all(text: str, words: list[str]) -> bool:
    """Whether a text has each of these folded words, be it as a part of a longer one."""
    told = folded(text)
    return all(word in told for word in words)


def excerpt(text: str, words: list[str]) -> str:
    """Return what stands around the first of the words, on one line."""
    plain = " ".join(text.split())
    # Folding may lengthen a text, so the place is only about right; that is enough for an excerpt.
    found = [place for word in words if (place := folded(plain).find(word)) >= 0]
    begin = max(0, min(found, default=0) - AROUND)
    end = min(len(plain), begin + 2 * AROUND + len(words[0]))
    return "…" * (begin > 0) + plain[begin:end].strip() + "…" * (end < len(plain))
