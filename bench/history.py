"""What searching one's own history costs a message, and export and erasure of a person with very many.

One database with a person of 10,000 messages and one of 100,000 (a question and an answer each turn), whose searches
alternate; CPU time is counted. Run: `python -m bench.history`.
"""

import shutil
import statistics
import tempfile
import time
import tracemalloc
from pathlib import Path

from sqlalchemy import insert

from app.answers import LOCAL_ACTOR, Actor
from app.store.codec import ANSWER, PASSAGES, encode
from app.store.keys import open_key
from app.store.opening import Store, open_store
from app.store.schema import conversations, turns
from bench.store import an_answer

MESSAGES = (10_000, 100_000)
TURNS_OF_ONE = 20
ROUNDS = 5
ABSENT = "quokkas"
"""In no message, so that a search opens all of them."""


def fill(store: Store, person: Actor, messages: int) -> None:
    """Store so many messages for a person, all in one transaction."""
    seal, user = store.ledger.seal, person.user_id
    with store.engine.begin() as connection:
        for first in range(0, messages // 2, TURNS_OF_ONE):
            conversation_id = f"{user}-{first}"
            title = seal(user, b"Allowances abroad", place=f"conversations.title:{conversation_id}")
            row = {"conversation_id": conversation_id, "user_id": user, "collection_ids": "[]", "title": title}
            connection.execute(insert(conversations).values(row | {"created": first, "updated": first}))
            rows = [_turn(store, user, conversation_id, number) for number in range(first, first + TURNS_OF_ONE)]
            connection.execute(insert(turns), rows)


def _turn(store: Store, user: str, conversation_id: str, number: int) -> dict[str, object]:
    turn_id, (answer, passages) = f"{user}-t{number}", an_answer(number)

    def seal(column: str, plain: bytes) -> bytes:
        return store.ledger.seal(user, plain, place=f"turns.{column}:{turn_id}")

    return {
        "turn_id": turn_id,
        "conversation_id": conversation_id,
        "user_id": user,
        "ordinal": number,
        "state": "finished",
        "question": seal("question", b"What is the allowance for a day abroad?"),
        "answer_id": f"{user}-a{number}",
        "answer": seal("answer", encode(ANSWER, answer)),
        "passages": seal("passages", encode(PASSAGES, tuple(passages))),
        "model": "starter",
        "begun": float(number),
        "ended": float(number),
    }


def main() -> None:
    """Print what each act costs."""
    folder = Path(tempfile.mkdtemp(prefix="inhouse-bench-"))
    try:
        store = open_store(folder, open_key(folder, source="file", key_file=folder / "key", create=True))
        people = {count: Actor(user_id=f"person-{count}", name="Person") for count in MESSAGES}
        for count, person in people.items():
            fill(store, person, count)
        spent: dict[int, list[float]] = {count: [] for count in MESSAGES}
        for _ in range(ROUNDS):
            for count, person in people.items():
                before = time.process_time()
                assert store.looking_back.find(person, ABSENT) == []
                spent[count].append(1e6 * (time.process_time() - before) / count)
        few, many = (statistics.median(spent[count]) for count in MESSAGES)
        print(f"search, CPU a message: {few:.1f} us of {MESSAGES[0]:,}, {many:.1f} us of {MESSAGES[1]:,}")
        print(
            f"ratio {many / few:.2f}; the whole search of {MESSAGES[1]:,} takes {many * MESSAGES[1] / 1e6:.1f} s of CPU"
        )
        most = people[MESSAGES[1]]
        before, size = time.process_time(), sum(map(len, store.person_export.pieces(most)))
        print(f"export: {size / 1e6:.1f} MB, {time.process_time() - before:.1f} s of CPU")
        tracemalloc.start()
        assert sum(map(len, store.person_export.pieces(people[MESSAGES[0]])))
        print(f"export of {MESSAGES[0]:,}: {tracemalloc.get_traced_memory()[1] / 1e6:.1f} MB of memory at most")
        tracemalloc.stop()
        before = time.process_time()
        receipt = store.erasure.erase(LOCAL_ACTOR, most.user_id)
        print(f"erasure: {receipt['destroyed']['questions']:,} questions, {time.process_time() - before:.1f} s of CPU")
        store.close()
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
