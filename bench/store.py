"""What encryption costs: the product's own calls against the same calls on plain SQLite without sealing.

Both databases have the same settings and lie in one temporary folder; rounds alternate, and CPU time is counted, so a
busy machine or a slow disk shifts both. Run: `python -m bench.store`.
"""

import shutil
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import QueuePool, create_engine, event

from app.answers import LOCAL_ACTOR, Answer, Citation, Claim
from app.store.database import CONNECTION_SETTINGS, begin_transaction
from app.store.history import History
from app.store.keys import open_key
from app.store.ledger import Ledger
from app.store.migrate import DATABASE_LISTS, migrate
from app.store.opening import open_store
from retrieval.documents import Passage

TURNS = 40
"""A long conversation; its answers have four citations and their passages, about 6 kB of JSON each."""
ROUNDS = 15


class PlainLedger(Ledger):
    """Seals nothing."""

    def __init__(self) -> None:
        """Hold no key."""

    def seal(self, user_id: str, plain: bytes, *, place: str) -> bytes:  # noqa: ARG002
        """Return the bytes as they are."""
        return plain

    def unseal(self, user_id: str, sealed: bytes, *, place: str) -> bytes:  # noqa: ARG002
        """Return the bytes as they are."""
        return sealed


def plain_history(path: Path) -> History:
    """Return a history on plain SQLite with the settings of the encrypted one."""

    def connect() -> Any:
        connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        for setting in CONNECTION_SETTINGS:
            connection.execute(setting)
        return connection

    engine = create_engine("sqlite+pysqlite://", creator=connect, poolclass=QueuePool)
    event.listen(engine, "begin", begin_transaction)
    migrate(engine, lists=DATABASE_LISTS[:1])
    return History(engine, PlainLedger())


def an_answer(number: int) -> tuple[Answer, list[Passage]]:
    """Return an answer as the product stores one, with the passages it rests on."""
    text = "The allowance for a day abroad is 41.50 € and is paid with the next salary. " * 3
    passages = [
        Passage(
            rank=rank,
            score=2.0,
            dense=0.6,
            collection_id="c" * 32,
            document_id="d" * 64,
            document="travel/trips.md",
            title="Business trips",
            page=3,
            chunk_id="k" * 40,
            start=0,
            end=900,
            headings=("Travel", "Allowances"),
            text="Whoever travels for the company receives an allowance for every day. " * 13,
        )
        for rank in range(1, 6)
    ]
    citations = tuple(
        Citation(
            n=n,
            collection_id="c" * 32,
            document_id="d" * 64,
            document="travel/trips.md",
            title="Business trips",
            page=3,
            start=0,
            end=120,
            quote="q" * 120,
        )
        for n in range(1, 5)
    )
    claims = tuple(Claim(text="c" * 80, start=0, end=80, verdict="supported", score=0.9, citations=(1,)) for _ in "123")
    answer = Answer(
        answer_id=f"{number}-{time.monotonic_ns()}",
        question="What is the allowance for a day abroad?",
        query="allowance day abroad",
        text=text,
        citations=citations,
        claims=claims,
        model="starter",
        prompt_version="1",
    )
    return answer, passages


def cpu_milliseconds(call: Callable[[], object]) -> float:
    """Return the CPU time of a call, system calls included."""
    before = time.process_time()
    call()
    return 1000 * (time.process_time() - before)


def store_turns(history: History) -> str:
    """Store a whole conversation and return its id."""
    conversation_id = history.start(LOCAL_ACTOR).conversation_id
    for number in range(TURNS):
        turn_id = history.begin_turn(LOCAL_ACTOR, conversation_id, "What is the allowance for a day abroad?")
        answer, passages = an_answer(number)
        history.finish_turn(LOCAL_ACTOR, turn_id, answer, passages=passages)
    return conversation_id


def measure() -> dict[str, tuple[float, float]]:
    """Return the median CPU milliseconds of each act, encrypted and plain."""
    folder = Path(tempfile.mkdtemp(prefix="inhouse-bench-"))
    try:
        store = open_store(folder, open_key(folder, source="file", key_file=folder / "key", create=True))
        histories = [store.history, plain_history(folder / "plain.db")]
        stored: list[list[float]] = [[], []]
        read: list[list[float]] = [[], []]
        listed: list[list[float]] = [[], []]
        for _ in range(ROUNDS):
            for place, history in enumerate(histories):
                ids: list[str] = []
                stored[place].append(cpu_milliseconds(lambda: ids.append(store_turns(history))) / TURNS)  # noqa: B023
                read[place].append(cpu_milliseconds(lambda: history.turns(LOCAL_ACTOR, ids[0])))  # noqa: B023
                listed[place].append(cpu_milliseconds(lambda: history.conversations(LOCAL_ACTOR)))  # noqa: B023
        store.close()
    finally:
        shutil.rmtree(folder)
    named = {"store a turn": stored, f"read a conversation of {TURNS} turns": read, "list conversations": listed}
    return {name: (statistics.median(both[0]), statistics.median(both[1])) for name, both in named.items()}


if __name__ == "__main__":
    for name, (encrypted, plain) in measure().items():
        print(f"{name:40} {encrypted:8.2f} ms   plain {plain:8.2f} ms   ratio {encrypted / plain:.2f}")
