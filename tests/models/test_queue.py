"""Whose turn it is."""

from hypothesis import given
from hypothesis import strategies as st

from models.engine import FairQueue
from models.generation import GREEDY, Generation


def request(person: str) -> Generation:
    return Generation([1], max_tokens=1, sampling=GREEDY, stop=(), person=person, on_cancel=lambda _: None)


def order(queue: FairQueue) -> str:
    return "".join(generation.person for generation in queue)


def test_one_person_is_served_in_the_order_asked() -> None:
    queue = FairQueue()
    requests = [request("a") for _ in range(3)]
    for each in requests:
        queue.put(each)
    assert [queue.take() for _ in range(3)] == requests


def test_nobody_waits_for_more_than_one_of_anothers_questions() -> None:
    queue = FairQueue()
    for person in "aaaab":
        queue.put(request(person))
    assert order(queue) == "abaaa"


def test_three_people_take_turns() -> None:
    queue = FairQueue()
    for person in "aaabbbccc":
        queue.put(request(person))
    assert order(queue) == "abcabcabc"


def test_who_was_just_served_waits_behind_who_was_not() -> None:
    queue = FairQueue()
    for person in "aa":
        queue.put(request(person))
    queue.take()
    queue.put(request("b"))
    queue.put(request("a"))
    assert order(queue) == "aba"


def test_newcomers_cannot_keep_anybody_waiting_for_ever() -> None:
    queue = FairQueue()
    for person in "ba":
        queue.put(request(person))
    queue.take()
    queue.put(request("b"))
    served = ""
    for newcomer in "cdefgh":
        queue.put(request(newcomer))
        served += queue.take().person
    assert set("ab") <= set(served[:3])


def test_cancelled_requests_leave_the_queue() -> None:
    queue = FairQueue()
    requests = [request("a"), request("b"), request("c")]
    for each in requests:
        queue.put(each)
    requests[1].cancelled = True
    assert queue.drop_cancelled() == [requests[1]]
    assert order(queue) == "ac"
    assert len(queue) == 2


def test_an_idle_queue_remembers_nobody() -> None:
    queue = FairQueue()
    for person in "ab":
        queue.put(request(person))
    queue.take()
    queue.take()
    assert queue._latest == {}


@given(st.text("abc", min_size=1, max_size=30))
def test_between_two_of_a_persons_turns_nobody_waiting_is_served_twice_more(people: str) -> None:
    queue = FairQueue()
    for person in people:
        queue.put(request(person))
    served = order(queue)
    assert sorted(served) == sorted(people)
    for end in range(len(served)):
        waiting = set(served[end:])
        counts = {person: served[:end].count(person) for person in waiting}
        assert max(counts.values()) - min(counts.values()) <= 1
