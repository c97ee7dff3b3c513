"""Work nobody waits for is done in order, by one thread, until there is to be no more."""

import threading

from app.one_by_one import OneByOne


def test_pieces_are_done_in_order_and_one_that_fails_costs_none_of_the_others() -> None:
    done: list[int] = []
    over = threading.Event()

    def work(piece: int) -> None:
        if piece == 1:
            raise ValueError(piece)
        done.append(piece)
        if piece == 3:
            over.set()

    line = OneByOne(work, name="counting", most=10)
    assert [line.add(piece) for piece in range(4)] == [True] * 4
    assert over.wait(60)
    line.close()
    assert done == [0, 2, 3]
    assert line.known() == []


def test_what_waits_and_what_is_being_done_is_known_and_more_than_that_is_refused() -> None:
    begun, go = threading.Event(), threading.Event()

    def work(_piece: str) -> None:
        begun.set()
        go.wait(60)

    line = OneByOne(work, name="waiting", most=1)
    assert line.add("first")
    assert begun.wait(60)
    assert line.add("second")
    assert not line.add("third")
    assert sorted(line.known()) == ["first", "second"]
    closing = threading.Thread(target=line.close)
    closing.start()
    while not line.closing:
        threading.Event().wait(0.001)
    go.set()
    closing.join()
    assert line.known() == ["second"]
    assert not line.add("fourth")


def test_without_a_piece_there_is_no_thread_to_wait_for() -> None:
    line = OneByOne(print, name="nothing", most=1)
    line.close()
    assert "nothing" not in {thread.name for thread in threading.enumerate()}
