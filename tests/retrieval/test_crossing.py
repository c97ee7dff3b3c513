import threading

from retrieval.crossing import Crossing


def test_whoever_passes_alone_waits_for_those_under_way_and_goes_before_later_ones() -> None:
    crossing, order = Crossing(), list[str]()
    entered, waiting = threading.Event(), threading.Event()

    def alone() -> None:
        entered.set()
        with crossing.alone():
            order.append("alone")

    def later() -> None:
        waiting.set()
        with crossing.under_way():
            order.append("later")

    first = threading.Thread(target=alone)
    second = threading.Thread(target=later)
    with crossing.under_way():
        first.start()
        assert entered.wait(30)
        while not crossing._waiting:
            pass
        second.start()
        assert waiting.wait(30)
        order.append("first")
    first.join(30)
    second.join(30)
    assert order == ["first", "alone", "later"]


def test_many_are_under_way_at_once() -> None:
    crossing, met = Crossing(), threading.Barrier(3)

    def pass_by() -> None:
        with crossing.under_way():
            met.wait(30)

    passing = [threading.Thread(target=pass_by) for _ in range(3)]
    for thread in passing:
        thread.start()
    for thread in passing:
        thread.join(30)
    assert not met.broken
