"""No table may forget a person who is erased: the rows are made from the tables themselves, so a new one is in it."""

from typing import Any

import pytest
from sqlalchemy import Column, Table, insert, select

from app.answers import LOCAL_ACTOR, Actor
from app.store.opening import Store
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
