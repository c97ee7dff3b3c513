"""What in the audit log a person should look at."""

from typing import Any

from app.observe.alerts import PATTERNS, alerts
from app.store.audit_chain import AuditRow
from app.store.audit_words import Action, Result


def rows(count: int, *, action: str, result: str, who: str = "a", every: float = 1.0, start: int = 1) -> list[AuditRow]:
    return [
        AuditRow(
            number=start + index,
            at=1000.0 * start + index * every,
            who=who,
            action=action,
            object_kind="door",
            object_id="",
            result=result,
            door="api",
            address=b"",
            hash=b"",
        )
        for index in range(count)
    ]


def test_each_pattern_is_told_at_its_count_and_not_one_below() -> None:
    for kind, action, result in (
        ("failed sign-ins", Action.SIGNED_IN, Result.DENIED),
        ("many denials", Action.READ, Result.DENIED),
        ("bulk export", Action.ORIGINAL_TAKEN, Result.DONE),
        ("burst of refusals", Action.ASKED, Result.REFUSED),
        ("log cut", Action.LOG_CUT, Result.FAILED),
    ):
        count = next(pattern.count for pattern in PATTERNS if pattern.kind == kind)
        (told,) = alerts(rows(count, action=action, result=result))
        assert (told.kind, told.count, told.rows) == (kind, count, (1, count))
        assert alerts(rows(count - 1, action=action, result=result)) == []


def test_what_is_spread_over_people_or_over_hours_is_no_burst() -> None:
    denied: Any = {"action": Action.READ, "result": Result.DENIED}
    assert alerts([row for who in "abcd" for row in rows(15, who=who, **denied)]) == []
    assert alerts(rows(200, every=120.0, **denied)) == []


def test_one_long_burst_is_one_alert_and_two_apart_are_two() -> None:
    denied: Any = {"action": Action.READ, "result": Result.DENIED}
    (one,) = alerts(rows(500, **denied))
    assert one.count == 500
    early, late = rows(30, **denied), rows(40, start=100, **denied)
    assert [alert.count for alert in alerts([*late, *early])] == [40, 30], "the latest first"


def test_ordinary_work_alerts_nobody() -> None:
    assert alerts(rows(5_000, action=Action.ASKED, result=Result.DONE)) == []
