"""Whose turn it is."""

from hypothesis import given
from hypothesis import strategies as st

from models.generation import Generation
from models.request import Priority, Request
from models.waiting import FairQueue, ServiceTime, WaitingRoom


def request(person: str) -> Generation:
    return Generation(Request(prompt=(1,), max_tokens=1, person=person), on_cancel=lambda _: None)


def order(queue: FairQueue) -> str:
    return "".join(generation.request.person for generation in queue)


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
        served += queue.take().request.person
    assert set("ab") <= set(served[:3])


def test_cancelled_requests_leave_the_queue() -> None:
    queue = FairQueue()
    requests = [request("a"), request("b"), request("c")]
    for each in requests:
        queue.put(each)
    requests[1].cancelled = True
    assert queue.drop_unwanted() == [requests[1]]
    assert order(queue) == "ac"
    assert len(queue) == 2


def test_cancelled_requests_use_no_turn() -> None:
    queue = FairQueue()
    for person in "bbb":
        queue.put(request(person))
    for _ in range(3):
        queue.put(cancelled := request("a"))
        cancelled.cancelled = True
        queue.drop_unwanted()
    queue.put(request("a"))
    assert order(queue) == "babb"


def test_a_question_asked_while_others_wait_does_not_go_before_them() -> None:
    queue = FairQueue()
    for person in "abab":
        queue.put(request(person))
    assert queue.take().request.person == "a"
    queue.put(request("a"))
    queue.put(request("c"))
    assert order(queue) == "babca"


def test_everybody_who_waits_is_counted() -> None:
    room, _ = room_with(("a", "person"), ("b", "person"), ("c", "background"))
    assert len(room) == 3


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


def room_with(*kinds: tuple[str, Priority]) -> tuple[WaitingRoom, list[Generation]]:
    room = WaitingRoom()
    generations = [
        Generation(Request(prompt=(1,), max_tokens=1, person=person, priority=priority), on_cancel=lambda _: None)
        for person, priority in kinds
    ]
    for generation in generations:
        room.line(generation).put(generation)
    return room, generations


def test_people_go_before_background_work() -> None:
    room, [work, person] = room_with(("a", "background"), ("b", "person"))
    assert list(room) == [person, work]
    assert room.person_waits
    assert [room.take(), room.take()] == [person, work]
    assert len(room) == 0


def test_work_put_back_is_the_next_of_its_kind() -> None:
    room, [first, second, person] = room_with(("a", "background"), ("b", "background"), ("c", "person"))
    assert room.take() is person
    assert not room.person_waits
    taken = room.take()
    assert taken is first
    room.line(first).put_back(first)
    assert [room.take(), room.take()] == [first, second]


def test_the_unwanted_leave_both_queues() -> None:
    room, [work, person] = room_with(("a", "background"), ("b", "person"))
    work.cancelled = person.cancelled = True
    assert room.drop_unwanted() == [person, work]
    assert len(room) == 0


def test_nothing_is_estimated_before_an_answer_was_given() -> None:
    assert ServiceTime().starts([3.0], 2) is None


def test_who_waits_is_told_when_a_slot_becomes_free_about() -> None:
    service = ServiceTime()
    service.note(10.0)
    assert service.starts([4.0, 7.0], 4) == [3.0, 6.0, 13.0, 16.0]
    assert service.starts([25.0], 2) == [0.0, 10.0], "an answer that takes longer than usual may end at any time"


def test_the_latest_answers_count_most() -> None:
    service = ServiceTime()
    service.note(100.0)
    for _ in range(20):
        service.note(10.0)
    assert service.average is not None
    assert 10.0 < service.average < 11.0
