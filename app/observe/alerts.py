"""What in the audit log a person should look at: many denials, many exports, a burst of refusals, a log that was cut.

A pure function over rows; knows no database, no person and no door.
"""

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from app.store.audit_chain import AuditRow
from app.store.audit_words import Action, Result

TEN_MINUTES, HOUR = 600.0, 3_600.0
TAKING = frozenset(
    {
        Action.ORIGINAL_TAKEN,
        Action.COLLECTION_EXPORTED,
        Action.CONVERSATION_EXPORTED,
        Action.PERSON_EXPORTED,
        Action.LOG_EXPORTED,
    }
)
"""What carries things out of Inhouse."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """Something unusual that one person did."""

    kind: str
    who: str
    """A pseudonym."""
    count: int
    first: float
    last: float
    """Seconds since 1970: the first and the last row of it."""
    rows: tuple[int, int]
    """The numbers of these rows."""
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """So many rows of a kind by one person within a time."""

    kind: str
    count: int
    seconds: float
    sentence: str

    def takes(self, row: AuditRow) -> bool:
        """Whether a row is one of the kind."""
        match self.kind:
            case "failed sign-ins":
                return row.action == Action.SIGNED_IN and row.result != Result.DONE
            case "many denials":
                return row.result == Result.DENIED and row.action != Action.SIGNED_IN
            case "bulk export":
                return row.result == Result.DONE and row.action in TAKING
            case "burst of refusals":
                return row.result == Result.REFUSED
            case _:
                return row.action == Action.LOG_CUT


PATTERNS = (
    # Ten wrong passwords in ten minutes are no typing errors; the links of a workstation fail singly.
    Pattern(
        kind="failed sign-ins",
        count=10,
        seconds=TEN_MINUTES,
        sentence="{count} attempts to sign in failed within ten minutes. Somebody may be guessing.",
    ),
    # A stale tab causes one or two; a person who follows ids of others causes dozens.
    Pattern(
        kind="many denials",
        count=20,
        seconds=TEN_MINUTES,
        sentence="{count} requests were denied within ten minutes. Somebody may be trying what is not theirs.",
    ),
    Pattern(
        kind="bulk export",
        count=30,
        seconds=HOUR,
        sentence="{count} originals or exports were taken within an hour. Ask whether that was meant.",
    ),
    Pattern(
        kind="burst of refusals",
        count=30,
        seconds=TEN_MINUTES,
        sentence="{count} requests were refused within ten minutes. A program may be out of order, or probing.",
    ),
    Pattern(
        kind="log cut",
        count=1,
        seconds=HOUR,
        sentence="Signed rows of the audit log are missing. Was a backup put back? Else somebody cut it.",
    ),
)
"""Read as: so many within so long. Chosen, not measured: no log of a company was there to measure on."""


def alerts(rows: Iterable[AuditRow]) -> list[Alert]:
    """Return what is unusual in rows of any order, the latest first; one alert for what belongs together."""
    ordered = sorted(rows, key=lambda row: row.number)
    found = [alert for pattern in PATTERNS for alert in _of_pattern(pattern, ordered)]
    return sorted(found, key=lambda alert: alert.last, reverse=True)


def _of_pattern(pattern: Pattern, rows: list[AuditRow]) -> Iterator[Alert]:
    by_person: dict[str, list[AuditRow]] = defaultdict(list)
    for row in rows:
        if pattern.takes(row):
            by_person[row.who].append(row)
    for who, of_one in by_person.items():
        for burst in _bursts(pattern, of_one):
            yield Alert(
                kind=pattern.kind,
                who=who,
                count=len(burst),
                first=burst[0].at,
                last=burst[-1].at,
                rows=(burst[0].number, burst[-1].number),
                sentence=pattern.sentence.format(count=len(burst)),
            )


def _bursts(pattern: Pattern, rows: list[AuditRow]) -> Iterator[list[AuditRow]]:
    """Yield the runs of rows in which every row has the pattern's count within its time around it."""
    recent: deque[AuditRow] = deque()
    burst: list[AuditRow] = []
    for row in rows:
        recent.append(row)
        while row.at - recent[0].at > pattern.seconds:
            recent.popleft()
        if len(recent) >= pattern.count:
            burst += [row] if burst else recent
        elif burst and row.at - burst[-1].at > pattern.seconds:
            yield burst
            burst = []
    if burst:
        yield burst
