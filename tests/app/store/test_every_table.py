"""No table may forget a person who is erased or exported, or be kept for ever for no reason.

The rows are made from the tables themselves, so a new one is in it.
"""

import time
from contextlib import nullcontext
from typing import Any

import pytest
from sqlalchemy import Column, Table, insert, select

from app.answers import LOCAL_ACTOR, Actor
from app.store.opening import Store
from app.store.person_export import PARTS
from app.store.retention import KINDS, sweep
from app.store.schema import metadata, user_keys

MOMENT = 1.0
FILLED = {"VARCHAR": "text", "TEXT": "text", "FLOAT": MOMENT, "INTEGER": 1, "BOOLEAN": True, "BLOB": b"bytes"}


def names_a_person(column: Column[Any]) -> bool:
    """Whether a column says who somebody is, by how such columns are called."""
    return column.name == "user_id" or column.name.endswith("_by")


TABLES = [table for table in metadata.sorted_tables if any(names_a_person(column) for column in table.columns)]


def a_row(table: Table, person: str) -> dict[str, Any]:
    """Return a row of a table in which every column is filled, with the person wherever one is named."""
    row: dict[str, Any] = {}
    for column in table.columns:
        if names_a_person(column):
            row[column.name] = person
        elif column.foreign_keys or column.name.endswith("_id"):
            row[column.name] = f"{column.name} of {person[0]}"
        else:
            row[column.name] = FILLED[str(column.type)]
        if str(column.type) == "VARCHAR" and row[column.name] == "text" and (column.primary_key or column.unique):
            row[column.name] = f"text of {person[0]}"
    return row


def everything(store: Store) -> list[str]:
    """Return every value in every table, as text."""
    with store.engine.connect() as connection:
        return [
            f"{table.name}: {value}"
            for table in metadata.sorted_tables
            for row in connection.execute(select(table)).all()
            for value in row
        ]


@pytest.fixture(name="bo")
def _bo() -> Actor:
    return Actor(user_id="xerxes", name="Xerxes")


def test_no_table_names_an_erased_person_and_none_loses_another(store: Store, ada: Actor, bo: Actor) -> None:
    for person in (ada.user_id, bo.user_id):
        with store.engine.begin() as connection:
            for table in TABLES:
                connection.execute(insert(table).values(a_row(table, person)))
        store.ledger.seal(person, b"text", place="p")
    of_another = [one for one in everything(store) if one.endswith((" of x", bo.user_id))]
    assert sum(one.endswith(ada.user_id) for one in everything(store)) >= len(TABLES)
    store.erasure.erase(LOCAL_ACTOR, ada.user_id)
    left = everything(store)
    assert [one for one in left if one.endswith(ada.user_id)] == []
    assert [one for one in left if one.endswith((" of x", bo.user_id))] == of_another
    with store.ledger_engine.connect() as connection:
        assert set(connection.scalars(select(user_keys.c.user_id))) == {bo.user_id, "/audit"}


PEOPLE_OF = [f"{table.name}.{column.name}" for table in TABLES for column in table.columns if names_a_person(column)]
TOLD_ELSEWHERE = {
    "conversations.user_id": "opened with the person's key; tests/app/store/test_person_export.py",
    "turns.user_id": "with their conversation",
    "feedback.user_id": "with its answer",
    "disputes.user_id": "opened with the person's key",
    "shared_turns.user_id": "opened with the person's key",
    "invitations.user_id": "only a hash of a link; the account says whether a password was chosen",
}
"""What no part of an export tells, and why. The ledger is no table here: it holds keys, and receipts of who is gone."""
assert set(TOLD_ELSEWHERE) <= set(PEOPLE_OF)


@pytest.mark.parametrize("place", sorted(set(PEOPLE_OF) - set(TOLD_ELSEWHERE)))
def test_an_export_tells_of_every_place_that_names_its_person(store: Store, ada: Actor, place: str) -> None:
    name, _, column = place.partition(".")
    table = metadata.tables[name]

    def told() -> str:
        with store.engine.connect() as connection:
            return repr([part(connection, ada.user_id) for part in PARTS])

    with store.engine.begin() as connection:
        for needed in parents_of(table):
            for person in (ada.user_id, "somebody"):
                connection.execute(insert(needed).values(a_row(needed, person)))
    before = told()
    with store.engine.begin() as connection:
        connection.execute(insert(table).values(a_row(table, "somebody") | {column: ada.user_id}))
    assert told() != before, "add it to app/store/person_export.py:PARTS"


def parents_of(table: Table) -> list[Table]:
    """Return the tables without whose rows there can be none of this one, those others need first."""
    needed = {one.column.table for column in table.columns for one in column.foreign_keys}
    return [*dict.fromkeys(each for one in needed for each in (*parents_of(one), one))]


KEPT = {
    "accounts": "until somebody erases the person",
    "group_members": "with the account",
    "invitations": "with the account; a link runs out",
    "linked_accounts": "with the account",
    "api_tokens": "with the account; 30 days after it has run out",
    "consents": "what a person agreed to is proved as long as they have an account",
    "collections": "the company's, nameless after an erasure",
    "collection_grants": "the company's, with their collection",
    "document_versions": "the company's, with their document",
    "watched_folders": "the company's",
    "verified_answers": "the company's; they say themselves when they run out",
    "holds": "they prove why something was kept",
    "exports": "only when it was made, and its passphrase; goes with the person",
}
"""Tables with people in them that are not deleted for their age, and why."""


def test_every_table_with_people_is_kept_for_a_time_or_for_a_reason(store: Store, ada: Actor) -> None:
    with store.engine.begin() as connection:
        for table in TABLES:
            connection.execute(insert(table).values(a_row(table, ada.user_id)))
    sweep(store.engine, dict.fromkeys(KINDS, 1), now=time.time(), held=(), erasing=nullcontext)
    with store.engine.connect() as connection:
        left = {table.name for table in TABLES if connection.execute(select(table)).first()}
    assert left == set(KEPT), "add it to app/store/retention.py:KINDS, or say here why it is kept"
