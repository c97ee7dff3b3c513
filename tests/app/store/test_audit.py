"""The audit log: nothing in it can be changed, removed, moved or cut without being found, and it names nobody."""

import json
import shutil
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError, IntegrityError

from app.answers import Actor
from app.store.audit import ERASED, NOBODY, Audit, Only
from app.store.audit_chain import HEAD_FILE
from app.store.audit_words import COMMAND, Action, Door, ObjectKind, Origin, Result
from app.store.keys import OpenedKey
from app.store.opening import Store, open_store

SWAP = "UPDATE audit SET number = 5 + number WHERE number < 0"
DESK = Origin(door=Door.PAGE, address="192.0.2.7")


def fill(audit: Audit, actor: Actor, count: int = 5) -> None:
    for number in range(count):
        audit.record(actor, Action.COLLECTION_CHANGED, ObjectKind.COLLECTION, f"c{number}", Result.DONE, DESK)


def tamper(store: Store, *statements: str) -> None:
    """Do what only somebody can who has the key of the database: take the triggers away and write."""
    with store.engine.begin() as connection:
        connection.execute(text("DROP TRIGGER IF EXISTS audit_no_update"))
        connection.execute(text("DROP TRIGGER IF EXISTS audit_no_delete"))
        for statement in statements:
            connection.execute(text(statement))


def test_a_row_tells_who_did_what_to_which_object_when_from_where_and_with_which_result(
    store: Store, ada: Actor
) -> None:
    store.audit.record(ada, Action.GRANTED, ObjectKind.COLLECTION, "c1", Result.DENIED, DESK)
    (row,) = store.audit.rows()
    assert (row.action, row.object_kind, row.object_id, row.result) == ("granted", "collection", "c1", "denied")
    people = store.audit.people()
    assert (people[row.who], row.door, store.audit.address(row, people)) == ("ada", "page", "192.0.2.7")


def test_a_person_who_was_just_added_has_a_pseudonym_and_one_who_never_was_gets_none(store: Store, ada: Actor) -> None:
    for user_id, result in (("new", Result.DONE), ("guessed", Result.DENIED)):
        store.audit.record(ada, Action.PERSON_ADDED, ObjectKind.PERSON, user_id, result, DESK)
    guessed, new = (row.object_id for row in store.audit.rows())
    assert store.audit.people()[new] == "new"
    assert guessed == ERASED
    assert "guessed" not in store.audit.people().values()


def test_the_log_of_an_untouched_installation_has_no_fault(store: Store, ada: Actor) -> None:
    assert store.audit.faults() == []
    fill(store.audit, ada)
    assert store.audit.faults() == []
    assert store.audit.head.number == 5


@pytest.mark.parametrize("verb", ["UPDATE audit SET who = 'x'", "DELETE FROM audit"])
def test_the_database_refuses_to_change_or_remove_a_row(store: Store, ada: Actor, verb: str) -> None:
    fill(store.audit, ada, 1)
    with pytest.raises((DatabaseError, IntegrityError), match="only grows"), store.engine.begin() as connection:
        connection.execute(text(verb))


@pytest.mark.parametrize("column", ["at", "who", "action", "object_kind", "object_id", "result", "door", "address"])
def test_a_change_of_any_column_is_found(store: Store, ada: Actor, column: str) -> None:
    fill(store.audit, ada)
    other = "at + 1" if column == "at" else "x'00'"
    tamper(store, f"UPDATE audit SET {column} = {other} WHERE number = 3")  # noqa: S608 - a name from above
    assert "Row 3 was changed" in store.audit.faults()[0]


@pytest.mark.parametrize(
    ("statements", "told"),
    [
        (["DELETE FROM audit WHERE number = 2"], "Row 2 is missing"),
        (["DELETE FROM audit WHERE number = 1"], "Row 1 is missing"),
        (["UPDATE audit SET number = -number WHERE number IN (2, 3)", SWAP], "Row 2 was changed, moved"),
        (["DELETE FROM audit WHERE number > 3"], "The log ends with row 3, but row 5 was signed"),
        (["DELETE FROM audit"], "The log ends with row 0, but row 5 was signed"),
        (["UPDATE audit_head SET number = 4, hash = (SELECT hash FROM audit WHERE number = 4)"], "not signed"),
        (["DELETE FROM audit_head"], "Rows after 0 were put in"),
        (["DELETE FROM audit", "DELETE FROM audit_head"], "The log ends with row 0, but row 5 was signed"),
    ],
)  # fmt: skip
def test_removing_moving_cutting_and_a_forged_head_are_found(
    store: Store, ada: Actor, statements: list[str], told: str
) -> None:
    fill(store.audit, ada)
    tamper(store, *statements)
    assert any(told in fault for fault in store.audit.faults()), store.audit.faults()


def test_rows_added_behind_the_head_with_right_hashes_are_found(store: Store, ada: Actor) -> None:
    fill(store.audit, ada, 2)
    (last, *_) = store.audit.rows(limit=1)
    forged = (
        "INSERT INTO audit SELECT 3, at, who, action, object_kind, object_id, result, door, address, :hash FROM audit"
    )
    with store.engine.begin() as connection:
        hashed = last.follows(last.hash)
        connection.execute(text(forged + " WHERE number = 2"), {"hash": hashed})
    assert store.audit.faults()


def test_a_whole_older_database_is_told_by_the_head_that_is_kept_apart(
    store: Store, home: Path, key: OpenedKey, ada: Actor, tmp_path: Path
) -> None:
    fill(store.audit, ada, 3)
    store.close()
    shutil.copy(home / "inhouse.db", tmp_path / "older.db")
    later = open_store(home, key)
    fill(later.audit, ada, 4)
    later.close()
    shutil.copy(tmp_path / "older.db", home / "inhouse.db")
    restored = open_store(home, key)
    try:
        (cut, *_) = restored.audit.rows(limit=1)
        assert (cut.action, cut.number, cut.object_id) == ("log cut", 4, "7")
        assert any("Row 4 tells that rows up to 7 were missing" in fault for fault in restored.audit.faults())
        assert restored.audit.faults(accepted=frozenset({4})) == []
    finally:
        restored.close()


def test_a_removed_head_is_found_before_and_after_the_next_start(
    store: Store, home: Path, key: OpenedKey, ada: Actor
) -> None:
    fill(store.audit, ada)
    (home / HEAD_FILE).unlink()
    assert any("missing or damaged" in fault for fault in store.audit.faults())
    store.close()
    opened = open_store(home, key)
    try:
        assert any("were missing when Inhouse started" in fault for fault in opened.audit.faults())
    finally:
        opened.close()


@pytest.mark.parametrize("damage", [b"", b"{}", b"\xff", b"[1]", b'{"number": "x", "hash": "", "signature": ""}'])
def test_a_damaged_head_is_a_fault_and_no_crash(store: Store, home: Path, ada: Actor, damage: bytes) -> None:
    fill(store.audit, ada)
    (home / HEAD_FILE).write_bytes(damage)
    assert store.audit.faults()


def test_a_head_that_was_changed_by_hand_is_not_signed(store: Store, home: Path, ada: Actor) -> None:
    fill(store.audit, ada)
    told = json.loads((home / HEAD_FILE).read_text())
    (home / HEAD_FILE).write_text(json.dumps(told | {"number": 4}))
    assert any(HEAD_FILE in fault and "not signed" in fault for fault in store.audit.faults())


def test_a_head_noted_elsewhere_tells_a_log_that_was_written_anew(store: Store, ada: Actor) -> None:
    fill(store.audit, ada, 3)
    noted = {3: store.audit.head.hash}
    fill(store.audit, ada, 3)
    assert store.audit.faults(noted=noted) == []
    assert "the log up to there was written anew" in " ".join(store.audit.faults(noted={3: bytes(32)}))


def test_the_log_goes_on_after_a_start(store: Store, home: Path, key: OpenedKey, ada: Actor) -> None:
    fill(store.audit, ada)
    store.close()
    opened = open_store(home, key)
    try:
        fill(opened.audit, ada)
        assert opened.audit.faults() == []
        assert opened.audit.head.number == 10
    finally:
        opened.close()


def test_after_an_erasure_nobody_can_tell_whose_rows_they_were(store: Store, ada: Actor, mallory: Actor) -> None:
    fill(store.audit, ada)
    store.audit.record(mallory, Action.PERSON_ERASED, ObjectKind.PERSON, "ada", Result.DONE, COMMAND)
    before = store.audit.pseudonym("ada")
    named = next(store.audit.rows(Only(actions=("person erased",))))
    assert named.object_id == before, "a person as the object is named by pseudonym too"
    store.ledger.erase("ada")
    people = store.audit.people()
    row = next(store.audit.rows(Only(person=before)))
    assert before not in people
    assert store.audit.address(row, people) == ""
    assert store.audit.pseudonym("ada") == ERASED
    assert list(store.audit.rows(Only(person="ada"))) == []
    assert store.audit.faults() == [], "the rows themselves stay, and are whole"


def test_looking_for_a_person_makes_no_key_for_them(store: Store) -> None:
    assert list(store.audit.rows(Only(person="eve"))) == []
    assert store.ledger.owners() == []


def test_rows_are_narrowed_by_time_action_person_and_result(store: Store, ada: Actor, mallory: Actor) -> None:
    fill(store.audit, ada, 2)
    store.audit.record(mallory, Action.ASKED, ObjectKind.CONVERSATION, "x", Result.REFUSED, DESK)
    store.audit.record(NOBODY, Action.SIGNED_IN, ObjectKind.INSTALLATION, "", Result.DENIED, DESK)

    def numbers(**only: object) -> list[int]:
        return [row.number for row in store.audit.rows(Only(**only))]  # type: ignore[arg-type]

    third = next(store.audit.rows(Only(actions=("asked",))))
    assert numbers(person="ada") == [2, 1]
    assert numbers(person=store.audit.pseudonym("mallory")) == [3]
    assert numbers(results=("refused", "denied")) == [4, 3]
    assert numbers(since=third.at) == [4, 3]
    assert numbers(until=third.at) == [2, 1]
    assert numbers(before=3) == [2, 1]
    assert [row.number for row in store.audit.rows(limit=3)] == [4, 3, 2]


def test_an_id_is_kept_short_and_plain(store: Store, ada: Actor) -> None:
    store.audit.record(ada, Action.READ, ObjectKind.DOOR, "/api/<script>\n" + "x" * 500, Result.DENIED, DESK)
    (row,) = store.audit.rows()
    assert row.object_id.startswith("/api/_script__xx")
    assert len(row.object_id) == 100


def test_every_word_of_the_log_says_what_it_means() -> None:
    for words in (Action, ObjectKind, Result, Door):
        assert all(word.meaning.endswith(".") and "\n" not in word.meaning for word in words)
