"""Figures about the engine: rates from counters that only grow, and the sentences told lately."""

import pytest

from app.observe.engine import MOST_NOTICES, WINDOW_SECONDS, Meter, Notices, Rates, cached_share
from models.engine import EngineState


def counters(*, read: int = 0, written: int = 0, cached: int = 0) -> dict[str, int]:
    return {"read_tokens": read, "written_tokens": written, "cached_tokens": cached}


def test_the_first_look_has_no_rate_and_the_second_has() -> None:
    meter = Meter()
    assert meter.note(counters(read=100), now=10.0) is None
    assert meter.note(counters(read=300, written=14), now=12.0) == Rates(read=100.0, written=7.0)


def test_a_second_page_that_looks_in_between_changes_no_rate() -> None:
    alone, beside = Meter(), Meter()
    for at in (0.0, 2.0):
        alone.note(counters(written=int(at * 5)), now=at)
        beside.note(counters(written=int(at * 5)), now=at)
        beside.note(counters(written=int(at * 5)), now=at + 0.1)
    assert alone.note(counters(written=20), now=4.0) == beside.note(counters(written=20), now=4.0)


def test_only_the_last_seconds_count() -> None:
    meter = Meter()
    for second in range(31):
        rates = meter.note(counters(written=100 if second < 10 else 100 + 3 * (second - 10)), now=float(second))
    assert rates == Rates(read=0.0, written=3.0)


def test_nothing_is_told_of_a_page_that_was_closed_for_longer_than_the_window() -> None:
    meter = Meter()
    meter.note(counters(written=5), now=0.0)
    assert meter.note(counters(written=500), now=WINDOW_SECONDS + 1) is None


def test_counters_that_began_anew_give_no_negative_rate() -> None:
    meter = Meter()
    meter.note(counters(read=1000, written=200), now=0.0)
    assert meter.note(counters(read=10, written=2), now=2.0) is None
    assert meter.note(counters(read=30, written=2), now=4.0) == Rates(read=10.0, written=0.0)


@pytest.mark.parametrize(("cached", "read", "share"), [(0, 0, None), (0, 8, 0.0), (6, 2, 0.75), (5, 0, 1.0)])
def test_cached_share_is_that_of_all_prompt_tokens(cached: int, read: int, share: float | None) -> None:
    state = EngineState(
        model="m",
        context_tokens=1,
        slots=1,
        running=0,
        waiting=0,
        counters=counters(read=read, cached=cached, written=9),
    )
    assert cached_share(state) == share


def test_notices_are_told_and_the_latest_are_kept_newest_first() -> None:
    told: list[str] = []
    notices = Notices()
    tell = notices.telling(told.append)
    for number in range(MOST_NOTICES + 2):
        tell(f"Sentence {number}.")
    assert len(told) == MOST_NOTICES + 2
    assert [notice.sentence for notice in notices.latest][:2] == ["Sentence 9.", "Sentence 8."]
    assert len(notices.latest) == MOST_NOTICES
