"""The machine's clock jumps, forwards or back: nobody comes in for it, and nothing is lost once it is right again."""

import time
from collections.abc import Callable

import pytest

from app.answers import LOCAL_ACTOR, Actor
from app.identity import second_factor
from app.identity.attempts import FREE_FAILURES, TooManyAttemptsError
from app.identity.people import LinkError, People, SignInError
from tests.app.identity.conftest import PASSWORD
from tests.app.identity.test_people import now_code, signed_in

DAY = 86_400.0
Jump = Callable[[float], None]


@pytest.fixture
def jump(monkeypatch: pytest.MonkeyPatch) -> Jump:
    """Return what sets the calendar so many days beside the right time."""
    real = time.time

    def set_beside(days: float) -> None:
        monkeypatch.setattr(time, "time", lambda: real() + days * DAY)

    return set_beside


@pytest.mark.parametrize("days", [400, -400])
def test_sessions_last_as_long_as_they_would_have(people: People, ada: Actor, jump: Jump, days: float) -> None:
    secret = people.sign_in("Ada", PASSWORD)
    jump(days)
    assert signed_in(people, secret) == ada
    jump(0)
    assert signed_in(people, secret) == ada


@pytest.mark.parametrize("days", [400, -400])
def test_whoever_guesses_waits_all_the_same(people: People, ada: Actor, jump: Jump, days: float) -> None:
    for _ in range(FREE_FAILURES):
        with pytest.raises(SignInError):
            people.sign_in("Ada", "a guess")
    jump(days)
    with pytest.raises(TooManyAttemptsError, match="Try again in"):
        people.sign_in("Ada", PASSWORD)


def test_a_code_that_was_used_is_not_taken_again_when_the_clock_goes_back(
    people: People, ada: Actor, jump: Jump
) -> None:
    secret = people.begin_second_factor(ada)
    people.confirm_second_factor(ada, now_code(secret))
    earlier = second_factor.code_at(secret, int(time.time()) // second_factor.STEP_SECONDS - 2_880)
    people.sign_in("Ada", PASSWORD, now_code(secret))
    jump(-1)
    with pytest.raises(SignInError):
        people.sign_in("Ada", PASSWORD, earlier)
    jump(1)
    people.sign_in("Ada", PASSWORD, now_code(secret))


def test_a_token_ends_early_and_is_there_again_when_the_clock_is_right(people: People, ada: Actor, jump: Jump) -> None:
    _, secret = people.make_token(ada, name="script", scopes=["ask"], days=10)
    jump(11)
    assert people.bearer(secret) is None
    assert people.tokens.of(ada) == ()
    jump(0)
    assert people.bearer(secret)
    assert [token.name for token in people.tokens.of(ada)] == ["script"]
    jump(41)
    assert people.tokens.of(ada) == ()
    jump(0)
    assert people.bearer(secret) is None


def test_a_link_to_choose_a_password_ends_early_and_works_once(people: People, ada: Actor, jump: Jump) -> None:
    made = people.accounts.add(LOCAL_ACTOR, "Bo", roles=["employee"])
    token = people.invite(LOCAL_ACTOR, made.user_id)
    jump(4)
    with pytest.raises(LinkError):
        people.accept(token, PASSWORD)
    jump(0)
    people.accept(token, PASSWORD)
    jump(-400)
    with pytest.raises(LinkError):
        people.accept(token, PASSWORD)
