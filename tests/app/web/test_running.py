"""Answers go on whoever looks: Stop reaches the one a page shows, and nobody's answer is written for ever."""

import threading
from collections.abc import Iterator
from contextlib import suppress

import pytest

from app.answers import Delta, Event, Progress
from app.web.running import Ask, Running, Writing


class Pen:
    """An answer that is written as the test says, until it is stopped."""

    def __init__(self, conversation_id: str, user_id: str = "me") -> None:
        self.writing = Writing(user_id=user_id, conversation_id=conversation_id, text="Why?", asked=[])
        self._more = threading.Semaphore(0)

    def ask(self, stop: threading.Event) -> Iterator[Event]:
        yield Progress(stage="searching")
        while not stop.is_set():
            if self._more.acquire(timeout=0.01):
                yield Delta(text="word ")
            else:
                yield Progress(stage="writing")

    def write(self) -> None:
        """Let a word be written, and wait until it can be seen."""
        before = self.writing.text
        self._more.release()
        until(lambda: self.writing.text != before)

    @property
    def ended(self) -> bool:
        return self.writing.over


def until(true: object) -> None:
    assert callable(true)
    for _ in range(3000):
        if true():
            return
        threading.Event().wait(0.01)
    raise AssertionError


@pytest.fixture(name="running")
def _running() -> Iterator[Running]:
    running = Running()
    yield running
    running.close()


def begin(running: Running, page: str, conversation_id: str, *, user_id: str = "me") -> Pen:
    pen = Pen(conversation_id, user_id)
    with running.asking(page, None) as may:
        assert may
        running.write(page, pen.writing, pen.ask)
    return pen


def test_stop_reaches_the_answer_a_page_shows(running: Running) -> None:
    mine, other = begin(running, "mine", "a"), begin(running, "other", "b")
    running.stop("mine")
    until(lambda: mine.ended)
    other.write()
    assert not other.ended


def test_an_answer_goes_on_while_its_page_shows_another_conversation(running: Running) -> None:
    first = begin(running, "page", "a")
    assert not running.show("page", "b")
    assert not running.shows("page", first.writing)
    first.write()
    second = begin(running, "page", "c")
    running.stop("page")
    until(lambda: second.ended)
    assert running.show("page", "a") is first.writing
    first.write()


def test_an_answer_goes_on_when_its_page_is_closed_and_is_found_by_the_next(running: Running) -> None:
    pen = begin(running, "page", "a")
    assert running.unseen("me") is None
    running.leave("page")
    pen.write()
    assert running.unseen("somebody else") is None
    assert running.unseen("me") == "a"
    assert running.show("next page", "a")
    assert running.unseen("me") is None


def test_two_pages_may_look_at_one_answer(running: Running) -> None:
    pen = begin(running, "page", "a")
    assert running.show("other", "a")
    assert running.shows("page", pen.writing)
    assert running.shows("other", pen.writing)
    running.stop("other")
    until(lambda: pen.ended)


class Timers(list[threading.Timer]):
    """What shall be done after a while, and is done when a test says that it has passed."""

    def passed(self) -> None:
        while self:
            timer = self.pop()
            timer.function(*timer.args)


@pytest.fixture(name="timers")
def _timers(monkeypatch: pytest.MonkeyPatch) -> Timers:
    timers = Timers()

    def start(timer: threading.Timer) -> None:
        timers.append(timer)

    monkeypatch.setattr(threading.Timer, "start", start)
    return timers


def test_an_answer_nobody_looks_at_ends_after_a_while(running: Running, timers: Timers) -> None:
    left, seen = begin(running, "page", "a"), begin(running, "other", "b")
    running.show("page", "c")
    running.show("other page", "b")
    running.leave("other")
    timers.passed()
    assert not left.writing.stop.is_set(), "its page may come back to it"
    assert not seen.writing.stop.is_set(), "another page shows it"
    running.leave("page")
    assert not left.writing.stop.is_set(), "for a while"
    timers.passed()
    until(lambda: left.ended)
    seen.write()


def test_an_answer_somebody_came_back_to_goes_on(running: Running, timers: Timers) -> None:
    pen = begin(running, "page", "a")
    running.leave("page")
    running.show("next page", "a")
    timers.passed()
    pen.write()
    assert not pen.ended


@pytest.mark.parametrize("conversation_id", ["a", None])
def test_a_second_question_is_not_asked_where_an_answer_is_being_written(
    running: Running, conversation_id: str | None
) -> None:
    pen = begin(running, "page", "a")
    with running.asking("page", conversation_id) as may:
        assert not may
    running.stop("page")
    until(lambda: running.count == 0)
    assert pen.ended
    with running.asking("page", conversation_id) as may:
        assert may


def test_the_next_question_is_asked_as_soon_as_the_end_of_the_last_is_seen(running: Running) -> None:
    forgotten = threading.Event()

    class Seen(Writing):
        """One whose end is seen a while before it is forgotten."""

        def run(self, ask: Ask) -> None:
            super().run(ask)
            forgotten.wait(30)

    seen = Seen(user_id="me", conversation_id="a", text="Why?", asked=[])
    with running.asking("page", None):
        running.write("page", seen, lambda _stop: iter(()))
    until(lambda: seen.over)
    (thread,) = (one for _, one in running._writings.values())
    with running.asking("page", "a") as may:
        assert may
    second = begin(running, "page", "a")
    forgotten.set()
    thread.join(30)
    assert running.count == 1
    second.write()


def test_a_page_asks_one_question_at_a_time(running: Running) -> None:
    with running.asking("page", None) as first, running.asking("page", None) as second:
        assert (first, second) == (True, False)
    with suppress(ValueError), running.asking("page", None):
        raise ValueError
    with running.asking("page", None) as third:
        assert third, "a question that failed to be asked may be asked again"


def test_a_deleted_conversation_stops_its_answer_only_and_is_drawn_no_more(running: Running) -> None:
    doomed, other = begin(running, "page", "a"), begin(running, "other", "b")
    with running.dropping("a"):
        pass
    assert not running.shows("page", doomed.writing)
    until(lambda: doomed.ended)
    other.write()


def test_the_end_of_the_server_stops_every_answer_and_those_that_would_begin(running: Running) -> None:
    mine = begin(running, "mine", "a")
    running.close()
    assert mine.ended
    late = begin(running, "late", "b")
    until(lambda: late.ended)
    assert running.count == 0


def test_an_error_is_kept_for_whoever_looks(running: Running) -> None:
    def fail(_stop: threading.Event) -> Iterator[Event]:
        yield Progress(stage="searching")
        raise ValueError

    writing = Writing(user_id="me", conversation_id="a", text="Why?", asked=[])
    running.write("page", writing, fail)
    until(lambda: writing.over)
    assert isinstance(writing.error, ValueError)


def test_news_is_waited_for_and_the_end_at_once() -> None:
    pen = Pen("a")
    thread = threading.Thread(target=pen.writing.run, args=(pen.ask,))
    thread.start()
    until(lambda: pen.writing.news)
    pen.writing.wait(0, pause=0)
    assert pen.writing.news > 0
    pen.writing.stop.set()
    pen.writing.wait(pen.writing.news, pause=60)
    assert pen.ended
    thread.join()
