"""Which model server gets the next question."""

import pytest

from models.errors import InvalidRequestError, ServersDownError
from models.servers import FAILURES, FIRST_PAUSE, Servers

ONE, TWO = "http://127.0.0.1:1/v1", "https://models.example/v1"


class Clock:
    """Time that passes when it is told to."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture(name="clock")
def _clock() -> Clock:
    return Clock()


def fail(servers: Servers, times: int) -> None:
    """Let the server that would be asked next fail so often."""
    for _ in range(times):
        servers.give_back(servers.take(), failed=True)


def test_the_least_busy_server_is_asked() -> None:
    servers = Servers([ONE, TWO])
    first, second = servers.take(), servers.take()
    assert {first.url, second.url} == {ONE, TWO}
    servers.give_back(second, failed=False)
    assert servers.take() is second


def test_a_server_that_failed_a_question_is_not_asked_it_again() -> None:
    servers = Servers([ONE, TWO])
    first = servers.take()
    assert servers.take(but=[first]) is not first
    with pytest.raises(ServersDownError):
        servers.take(but=servers.all)


def test_a_server_that_fails_again_and_again_rests_and_is_tried_with_one_question(clock: Clock) -> None:
    servers = Servers([ONE], clock=clock)
    fail(servers, FAILURES)
    with pytest.raises(ServersDownError):
        servers.take()
    assert servers.working == 0
    clock.now = FIRST_PAUSE
    trial = servers.take()
    with pytest.raises(ServersDownError):
        servers.take()
    servers.give_back(trial, failed=False)
    assert {servers.take(), servers.take()} == {trial}


def test_a_server_that_fails_its_trial_rests_twice_as_long(clock: Clock) -> None:
    servers = Servers([ONE], clock=clock)
    fail(servers, FAILURES)
    clock.now = FIRST_PAUSE
    fail(servers, 1)
    clock.now = 2 * FIRST_PAUSE
    with pytest.raises(ServersDownError):
        servers.take()
    clock.now = 3 * FIRST_PAUSE
    assert servers.take().url == ONE


def test_a_resting_server_found_well_is_asked_at_once() -> None:
    servers = Servers([ONE])
    fail(servers, FAILURES)
    servers.note(servers.all[0], failed=False)
    assert servers.take().url == ONE


@pytest.mark.parametrize("url", ["", "models.example/v1", "ftp://models.example", "http://u:p@127.0.0.1/v1"])
def test_what_is_no_base_url_is_refused(url: str) -> None:
    with pytest.raises(InvalidRequestError, match="not the base URL"):
        Servers([url])


def test_questions_never_travel_readable_to_another_machine() -> None:
    with pytest.raises(InvalidRequestError, match="Use https"):
        Servers(["http://models.example/v1"])


def test_no_server_at_all_is_refused() -> None:
    with pytest.raises(InvalidRequestError, match="At least one"):
        Servers([])
