"""The whole room: what is kept survives, nothing is readable, and faults are named."""

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest

from app.answers import Actor, Feedback
from app.store.errors import DamagedDatabaseError, WrongKeyError
from app.store.keys import OpenedKey
from app.store.opening import Store, open_store
from tests.app.store.examples import PASSAGE, an_answer

WORDS = (b"zanzibar", b"zebra", b"allowance", b"handbook of zest", b"Zorro", b"travel/trips")


def fill(store: Store, actor: Actor) -> str:
    """Keep something of every kind, with the words nobody may find; return the conversation's id."""
    conversation_id = store.history.start(actor).conversation_id
    store.history.save_partial(actor, store.history.begin_turn(actor, conversation_id, "A zanzibar zebra?"), "zebra")
    turn_id = store.history.begin_turn(actor, conversation_id, "What is the zanzibar allowance?")
    store.history.finish_turn(actor, turn_id, an_answer(), passages=[PASSAGE])
    store.history.rename(actor, conversation_id, "Zorro asks")
    store.feedback.record(actor, Feedback(answer_id="answer-1", liked=False, comment="zebra", correction="Zorro"))
    store.collections.create(actor, "handbook of zest", "about the zebra")
    data = b"zanzibar " * 100
    store.originals.keep(hashlib.sha256(data).hexdigest(), data)
    return conversation_id


def test_everything_survives_a_restart(home: Path, key: OpenedKey, ada: Actor) -> None:
    first = open_store(home, key)
    conversation_id = fill(first, ada)
    first.close()
    second = open_store(home, replace(key, recovery_key=None))
    assert second.history.conversation(ada, conversation_id).title == "Zorro asks"
    assert [turn.state for turn in second.history.turns(ada, conversation_id)] == ["interrupted", "finished"]
    assert second.feedback.of(ada, "answer-1") is not None
    assert second.collections.by_name(ada, "handbook of zest")
    second.close()


def test_no_word_is_readable_in_any_file(home: Path, key: OpenedKey, ada: Actor) -> None:
    store = open_store(home, key)
    fill(store, ada)
    while_running = read_all(home)
    store.close()
    for content in (*while_running, *read_all(home)):
        for word in WORDS:
            assert word.lower() not in content.lower()


def read_all(home: Path) -> list[bytes]:
    return [str(file).encode() + file.read_bytes() for file in home.rglob("*") if file.is_file()]


def test_administrator_with_the_database_key_cannot_read_a_conversation(store: Store, ada: Actor) -> None:
    conversation_id = fill(store, ada)
    with store.engine.connect() as connection:
        tables = ("conversations", "turns", "feedback")
        dump = b"".join(repr(row).encode() for t in tables for row in connection.exec_driver_sql(f"SELECT * FROM {t}"))  # noqa: S608
    assert conversation_id.encode() in dump
    for word in (b"zanzibar", b"zebra", b"Zorro"):
        assert word not in dump


def test_wrong_key_opens_nothing_and_changes_nothing(home: Path, key: OpenedKey) -> None:
    open_store(home, key).close()
    before = read_all(home)
    with pytest.raises(WrongKeyError):
        open_store(home, OpenedKey(master=bytes(32), checked=False))
    assert read_all(home) == before


@pytest.mark.parametrize("name", ["inhouse.db", "ledger.db"])
@pytest.mark.parametrize("content", [None, b"", b"x" * 8192])
def test_lost_emptied_or_overwritten_database_is_never_replaced_silently(
    home: Path, key: OpenedKey, ada: Actor, name: str, content: bytes | None
) -> None:
    store = open_store(home, key)
    fill(store, ada)
    store.close()
    if content is None:
        (home / name).unlink()
    else:
        (home / name).write_bytes(content)
    with pytest.raises(DamagedDatabaseError, match=name):
        open_store(home, key)
    assert not (home / name).exists() if content is None else (home / name).read_bytes() == content


def test_start_after_a_kill_between_the_two_databases_goes_on(home: Path, key: OpenedKey) -> None:
    open_store(home, key).close()
    (home / "ledger.db").unlink()
    store = open_store(home, key)
    assert store.erasure.completed_since(0.0) == []
    store.close()
    assert (home / "ledger.db").stat().st_size > 0
