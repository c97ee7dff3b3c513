"""Stop signals: Stop reaches the answer a page shows; the others go on until they end or the page is closed."""

from app.web.running import Running


def test_stop_reaches_the_answers_of_one_page() -> None:
    running = Running()
    with running.answer("mine", "a") as mine, running.answer("other", "b") as other:
        assert mine
        assert other
        running.stop("mine")
        assert mine.is_set()
        assert not mine.left
        assert not other.is_set()


def test_answer_goes_on_while_its_page_shows_another_conversation() -> None:
    running = Running()
    with running.answer("page", "a") as first:
        assert first
        assert not running.show("page", "b")
        assert first.left
        with running.answer("page", "b") as second:
            assert second
            running.stop("page")
            assert second.is_set()
        assert not first.is_set()
        assert running.show("page", "a")
        assert first.left
        assert not running.come_back("page", "a")
        assert not first.left
        assert first.anew


def test_answer_that_ended_before_the_page_came_back_is_told() -> None:
    running = Running()
    with running.answer("page", "a"):
        running.show("page", "b")
        assert running.show("page", "a")
    assert running.come_back("page", "a")


def test_answer_is_not_drawn_where_the_page_has_moved_on_again() -> None:
    running = Running()
    with running.answer("page", "a") as first:
        assert first
        running.show("page", "a")
        running.show("page", "b")
        assert not running.come_back("page", "a")
        assert first.left


def test_second_answer_is_not_begun_where_one_is_shown() -> None:
    running = Running()
    with running.answer("page", "a") as first, running.answer("page", "a") as second:
        assert first
        assert second is None
    with running.answer("page", "a") as third:
        assert third


def test_closed_page_stops_and_is_drawn_on_no_more() -> None:
    running = Running()
    with running.answer("page", "a") as first:
        running.show("page", "b")
        with running.answer("page", "b") as second:
            running.leave("page")
            assert first
            assert second
            assert first.is_set()
            assert second.is_set()
            assert second.left


def test_deleted_conversation_stops_its_answer_only() -> None:
    running = Running()
    with running.answer("page", "a") as doomed, running.answer("other", "b") as other:
        assert doomed
        assert other
        running.drop("a")
        assert doomed.is_set()
        assert doomed.left
        assert not other.is_set()


def test_end_of_the_server_stops_every_answer_and_those_that_would_begin() -> None:
    running = Running()
    with running.answer("mine", "a") as mine:
        assert mine
        running.close()
        assert mine.is_set()
    with running.answer("late", "b") as late:
        assert late
        assert late.is_set()


def test_finished_answers_are_forgotten() -> None:
    running = Running()
    with running.answer("mine", "a"), running.answer("other", "b"):
        assert running.count == 2
    assert running.count == 0
    running.stop("mine")
