"""Stop signals: a page's Stop reaches that page's answers and no other's."""

from app.web.running import Running


def test_stop_reaches_the_answers_of_one_page() -> None:
    running = Running()
    with running.answer("mine") as mine, running.answer("other") as other:
        running.stop("mine")
        assert mine.is_set()
        assert not mine.left
        assert not other.is_set()


def test_closed_page_stops_and_is_drawn_on_no_more() -> None:
    running = Running()
    with running.answer("mine") as mine:
        running.leave("mine")
        assert mine.is_set()
        assert mine.left


def test_end_of_the_server_stops_every_answer_and_those_that_would_begin() -> None:
    running = Running()
    with running.answer("mine") as mine:
        running.close()
        assert mine.is_set()
    with running.answer("late") as late:
        assert late.is_set()


def test_finished_answers_are_forgotten() -> None:
    running = Running()
    with running.answer("mine"), running.answer("mine"):
        assert running.count == 2
    assert running.count == 0
    running.stop("mine")
