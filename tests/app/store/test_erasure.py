"""A person is erased everywhere, once and for all, and a signed receipt says so."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from app.answers import LOCAL_ACTOR, Actor
from app.rights import ForbiddenError
from app.store.audit_words import Action, Door, ObjectKind, Origin, Result
from app.store.copied_keys import merge_keys, read_keys, write_keys
from app.store.erased import NOBODY, bury, drop_unreadable, people, tombstones
from app.store.errors import (
    ErasedError,
    FalseReceiptError,
    FileExistsAlreadyError,
    ForeignFileError,
    HeldError,
    NotFoundError,
    WrongKeyError,
)
from app.store.holds import EVERYBODY
from app.store.keys import OpenedKey
from app.store.opening import Store, open_store
from app.store.receipts import Signer
from tests.app.store.examples import an_answer

SECRET = "Where do zanzibar llamas sleep?"


def converse(store: Store, person: Actor, *, question: str = SECRET) -> str:
    """Store a conversation of one turn and return its id."""
    conversation_id = store.history.start(person).conversation_id
    turn_id = store.history.begin_turn(person, conversation_id, question)
    store.history.finish_turn(person, turn_id, an_answer(conversation_id))
    return conversation_id


def test_the_store_itself_refuses_whoever_has_no_right(store: Store, ada: Actor) -> None:
    employee = Actor(user_id="e", name="Eve", roles=frozenset({"employee"}))
    for refused in (
        partial(store.erasure.erase, employee, ada.user_id),
        partial(store.erasure.receipts, employee),
        partial(store.holds.listed, employee),
        partial(store.audit.read, employee),
    ):
        with pytest.raises(ForbiddenError):
            refused()


def test_erased_person_is_gone_and_others_are_not(store: Store, ada: Actor, mallory: Actor) -> None:
    converse(store, ada)
    kept = converse(store, mallory)
    collection = store.collections.create(ada, "Travel")
    receipt = store.erasure.erase(LOCAL_ACTOR, ada.user_id)
    assert store.history.conversations(ada) == []
    assert store.history.turns(mallory, kept)[0].question == SECRET
    assert store.collections.list(LOCAL_ACTOR)[0].collection_id == collection.collection_id
    assert receipt["destroyed"]["conversations"] == receipt["destroyed"]["questions"] == 1
    assert receipt["destroyed"]["collections made, now without a name"] == 1
    with store.engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT created_by FROM collections").scalar() == NOBODY
    assert people(store.ledger_engine) == {mallory.user_id}


def test_nothing_can_be_sealed_for_an_erased_person_any_more(store: Store, ada: Actor) -> None:
    conversation_id = converse(store, ada)
    store.erasure.erase(LOCAL_ACTOR, ada.user_id)
    with pytest.raises(NotFoundError):
        store.history.begin_turn(ada, conversation_id, "And cats?")
    with pytest.raises(ErasedError):
        store.ledger.seal(ada.user_id, b"text", place="p")


def test_the_one_person_of_a_workstation_begins_anew(store: Store) -> None:
    converse(store, LOCAL_ACTOR)
    store.erasure.erase(LOCAL_ACTOR, LOCAL_ACTOR.user_id, returns=True)
    assert store.history.conversations(LOCAL_ACTOR) == []
    conversation_id = converse(store, LOCAL_ACTOR, question="A new beginning?")
    bury(store.engine, tombstones(store.ledger_engine))
    assert [turn.question for turn in store.history.turns(LOCAL_ACTOR, conversation_id)] == ["A new beginning?"]


def test_copies_from_before_the_last_upgrade_go_with_the_key(
    home: Path, key: OpenedKey, store: Store, ada: Actor
) -> None:
    for name in ("inhouse.db.before-upgrade", "ledger.db.before-upgrade"):
        (home / name).write_bytes(b"older")
    store.erasure.erase(LOCAL_ACTOR, ada.user_id)
    assert not list(home.glob("*.before-upgrade"))


def test_receipt_is_genuine_until_a_word_of_it_is_changed(store: Store, ada: Actor, key: OpenedKey) -> None:
    converse(store, ada)
    receipt = store.erasure.erase(LOCAL_ACTOR, ada.user_id)
    store.erasure.signer.verify(json.loads(json.dumps(receipt)))
    assert store.erasure.receipts(LOCAL_ACTOR) == [receipt]
    changes: list[dict[str, object]] = [{"person": "bo"}, {"destroyed": {}}, {"signature": "00"}, {"more": 1}]
    changes.append({"public_key": "zz"})
    for change in changes:
        with pytest.raises(FalseReceiptError):
            store.erasure.signer.verify(receipt | change)
    with pytest.raises(FalseReceiptError):
        store.erasure.signer.verify({})


def test_receipt_that_a_stranger_signed_is_not_ours(store: Store) -> None:
    stranger = Ed25519PrivateKey.generate()
    told = {"receipt": "1", "public_key": stranger.public_key().public_bytes_raw().hex()}
    written = json.dumps(told, sort_keys=True, separators=(",", ":")).encode()
    with pytest.raises(FalseReceiptError):
        store.erasure.signer.verify(told | {"signature": stranger.sign(written).hex()})


def test_receipt_from_before_a_rotation_is_still_genuine(store: Store, ada: Actor) -> None:
    receipt = store.erasure.erase(LOCAL_ACTOR, ada.user_id)
    later = Signer(store.ledger_engine, bytes(32))
    later.verify(receipt)
    store.erasure.signer.verify(later.signed({"receipt": "2"}))


def test_hold_suspends_erasure_and_deletion_until_it_is_released(store: Store, ada: Actor, mallory: Actor) -> None:
    conversation_id = converse(store, ada)
    held = store.holds.put(LOCAL_ACTOR, ada.user_id, reason="Case 47/11")
    with pytest.raises(HeldError, match="Case 47/11"):
        store.erasure.erase(LOCAL_ACTOR, ada.user_id)
    with pytest.raises(HeldError):
        store.history.delete(ada, conversation_id)
    assert store.history.turns(ada, conversation_id)
    store.history.delete(mallory, converse(store, mallory))
    store.holds.release(LOCAL_ACTOR, held.hold_id)
    with pytest.raises(NotFoundError):
        store.holds.release(LOCAL_ACTOR, held.hold_id)
    assert store.erasure.erase(LOCAL_ACTOR, ada.user_id)["destroyed"]["conversations"] == 1


def test_hold_on_everybody_holds_everybody(store: Store, ada: Actor) -> None:
    store.holds.put(LOCAL_ACTOR, EVERYBODY, reason="Audit")
    with pytest.raises(HeldError):
        store.erasure.erase(LOCAL_ACTOR, ada.user_id)
    assert store.holds.held() == {EVERYBODY}


class DiesError(Exception):
    """In the place of a power cut."""


def test_erasure_that_was_broken_off_is_completed_at_the_next_start(home: Path, key: OpenedKey, ada: Actor) -> None:
    @contextmanager
    def dies() -> Iterator[None]:
        raise DiesError
        yield

    store = open_store(home, key, erasing=dies)
    converse(store, ada)
    with pytest.raises(DiesError):
        store.erasure.erase(LOCAL_ACTOR, ada.user_id)
    assert store.erasure.receipts(LOCAL_ACTOR) == []
    store.close()
    store = open_store(home, key)
    (receipt,) = store.erasure.receipts(LOCAL_ACTOR)
    assert receipt["destroyed"]["conversations"] == 1
    assert store.history.conversations(ada) == []
    (row,) = store.audit.rows()
    assert (row.action, row.object_id, row.result) == ("person erased", receipt["receipt"], "done")
    assert row.who == store.audit.pseudonym(LOCAL_ACTOR.user_id)
    store.close()
    store = open_store(home, key)
    assert len([*store.audit.rows()]) == 1
    store.close()


def test_erasure_whose_door_was_killed_before_it_was_recorded_is_recorded_once(
    home: Path, key: OpenedKey, ada: Actor, mallory: Actor
) -> None:
    done = (Action.SIGNED_IN, ObjectKind.INSTALLATION, "", Result.DONE, Origin(door=Door.PAGE))
    admin = replace(mallory, roles=frozenset({"admin"}))
    store = open_store(home, key)
    store.audit.record(admin, *done)
    converse(store, ada)
    receipt = store.erasure.erase(admin, ada.user_id)  # a door records it now, or is killed
    store.close()
    for _ in range(2):
        store = open_store(home, key)
        rows = [(row.action, row.object_id, row.who) for row in store.audit.rows()]
        assert rows[0] == ("person erased", receipt["receipt"], store.audit.pseudonym(mallory.user_id))
        assert len(rows) == 2
        store.close()


def test_copy_of_keys_is_written_anew_without_the_erased_person(
    store: Store, key: OpenedKey, tmp_path: Path, ada: Actor, mallory: Actor
) -> None:
    for person in (ada, mallory):
        converse(store, person)
    write = partial(write_keys, ledger=store.ledger_engine, master=key.master)
    for name in ("here", "gone"):
        write(tmp_path / name, installation=store.erasure.installation)
    (tmp_path / "gone").unlink()
    old = read_keys(tmp_path / "here", master=key.master)
    receipt = store.erasure.erase(LOCAL_ACTOR, ada.user_id)
    copies = receipt["copies of keys"]
    assert copies == {"written anew": [str(tmp_path / "here")], "out of reach": [str(tmp_path / "gone")]}
    copied = read_keys(tmp_path / "here", master=key.master)
    assert set(copied.keys) == {mallory.user_id, "/audit"}  # without that the log could not be proved elsewhere
    assert [tomb.user_id for tomb in copied.tombs] == [ada.user_id]
    merge_keys(store.ledger_engine, old, master=key.master)
    assert people(store.ledger_engine) == {mallory.user_id}


def test_copy_of_keys_replaces_nothing_else(store: Store, key: OpenedKey, tmp_path: Path) -> None:
    write = partial(write_keys, ledger=store.ledger_engine, master=key.master)
    (tmp_path / "letter").write_text("dear")
    with pytest.raises(FileExistsAlreadyError):
        write(tmp_path / "letter", installation="one")
    write(tmp_path / "keys", installation="one")
    write(tmp_path / "keys", installation="one")
    with pytest.raises(FileExistsAlreadyError):
        write(tmp_path / "keys", installation="another")
    with pytest.raises(WrongKeyError):
        read_keys(tmp_path / "keys", master=bytes(32))
    with pytest.raises(ForeignFileError):
        read_keys(tmp_path / "letter", master=key.master)


def test_conversations_that_nobodys_key_opens_can_be_dropped(store: Store, ada: Actor, mallory: Actor) -> None:
    converse(store, ada)
    converse(store, mallory)
    assert drop_unreadable(store.engine, {ada.user_id}) == 1
    assert store.history.conversations(mallory) == []
    assert len(store.history.conversations(ada)) == 1
