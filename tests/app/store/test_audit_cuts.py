"""The audit log is cut for its age and stays provable: what is gone is signed, and nothing else can go."""

import time
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError, IntegrityError

from app.answers import Actor
from app.store.audit import Audit
from app.store.audit_chain import HEAD_FILE
from app.store.audit_cuts import Cut, LogNotWholeError
from app.store.keys import OpenedKey
from app.store.opening import Store, open_store
from tests.app.store.test_audit import fill, tamper

LATER = 4_000_000_000.0


def shortened(log: Audit) -> Cut:
    """Cut all but the newest row."""
    cut = log.shorten(LATER)
    assert cut is not None
    return cut


def test_old_rows_go_and_a_signed_statement_says_which(store: Store, ada: Actor) -> None:
    fill(store.audit, ada, 3)
    time.sleep(0.01)
    moment = time.time()
    fill(store.audit, ada, 2)
    third = next(row for row in store.audit.rows() if row.number == 3)
    cut = store.audit.shorten(moment)
    assert cut is not None
    assert (cut.number, cut.rows, cut.hash, cut.until, cut.missing) == (3, 3, third.hash, third.at, 0)
    assert [(row.number, row.action) for row in store.audit.rows(limit=1)] == [(6, "log shortened")]
    assert [row.number for row in store.audit.first_to_last()] == [4, 5, 6]
    assert store.audit.faults() == []
    assert store.audit.shorten(moment) is None


def test_the_newest_row_always_stays_and_cuts_follow_each_other(store: Store, ada: Actor) -> None:
    assert store.audit.shorten(LATER) is None
    fill(store.audit, ada, 3)
    assert shortened(store.audit).number == 2
    fill(store.audit, ada, 3)
    assert (shortened(store.audit).number, [cut.rows for cut in store.audit.cuts()]) == (6, [2, 4])
    assert store.audit.faults() == []


def test_a_log_that_was_cut_is_whole_at_the_next_start(store: Store, home: Path, key: OpenedKey, ada: Actor) -> None:
    fill(store.audit, ada)
    shortened(store.audit)
    store.close()
    opened = open_store(home, key)
    try:
        fill(opened.audit, ada, 1)
        assert opened.audit.faults() == []
        assert opened.audit.head.number == 7
    finally:
        opened.close()


def test_heads_noted_before_a_cut_are_compared_where_a_statement_knows_them(store: Store, ada: Actor) -> None:
    fill(store.audit, ada, 4)
    noted = {row.number: row.hash for row in store.audit.rows()}
    shortened(store.audit)
    fill(store.audit, ada, 2)
    shortened(store.audit)
    assert store.audit.faults(noted=noted) == []
    assert any("Row 3, which is gone" in fault for fault in store.audit.faults(noted={3: bytes(32)}))
    assert any("Row 6 is not the one" in fault for fault in store.audit.faults(noted={6: bytes(32)}))


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("UPDATE audit_cuts SET rows = 3", "not signed"),
        ("UPDATE audit_cuts SET until = 1", "not signed"),
        ("UPDATE audit_cuts SET missing = 7", "not signed"),
        ("UPDATE audit_cuts SET number = 5, rows = 5", "not signed"),
        ("UPDATE audit_cuts SET hash = zeroblob(32)", "Row 5 was changed"),
        ("DELETE FROM audit_cuts", "Row 1 is missing: row 5 follows row 0"),
        ("DELETE FROM audit WHERE number = 5", "Row 5 is missing"),
        ("UPDATE audit SET number = 2 WHERE number = 5", "Row 2 was put in: rows up to 4 were removed"),
    ],
)
def test_a_statement_that_was_changed_or_taken_away_is_found(
    store: Store, ada: Actor, statement: str, told: str
) -> None:
    fill(store.audit, ada)
    assert shortened(store.audit).number == 4
    tamper(store, "DROP TRIGGER audit_cuts_no_update", "DROP TRIGGER audit_cuts_no_delete", statement)
    assert any(told in fault for fault in store.audit.faults()), store.audit.faults()


@pytest.mark.parametrize(
    "statement",
    ["DELETE FROM audit", "DELETE FROM audit_cuts", "UPDATE audit_cuts SET rows = 1", "UPDATE audit SET at = 1"],
)
def test_the_database_refuses_to_remove_what_no_statement_covers(store: Store, ada: Actor, statement: str) -> None:
    fill(store.audit, ada)
    shortened(store.audit)
    with pytest.raises((DatabaseError, IntegrityError), match="only grows"), store.engine.begin() as connection:
        connection.execute(text(statement))


def test_rows_that_were_tampered_with_are_not_removed(store: Store, ada: Actor) -> None:
    fill(store.audit, ada)
    tamper(store, "UPDATE audit SET result = 'done ' WHERE number = 2")
    with pytest.raises(LogNotWholeError):
        store.audit.shorten(LATER)
    assert any("Row 2 was changed" in fault for fault in store.audit.faults())


def test_a_statement_tells_how_many_rows_it_covers_told_of_missing_ones(store: Store, home: Path, ada: Actor) -> None:
    fill(store.audit, ada, 1)
    (home / HEAD_FILE).unlink()
    store.audit.resume()
    fill(store.audit, ada, 1)
    assert shortened(store.audit).missing == 1
    assert store.audit.faults() == []


def test_what_was_removed_is_gone_from_the_table(store: Store, ada: Actor) -> None:
    fill(store.audit, ada)
    shortened(store.audit)
    with store.engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM audit WHERE object_id = 'c1'")) == 0
