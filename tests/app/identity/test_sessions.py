"""Sessions: a link works once, a cookie until it has run out, a page name belongs to who claimed it first."""

from app.answers import LOCAL_ACTOR
from app.identity.sessions import ABSOLUTE_SECONDS, IDLE_SECONDS, Sessions


class Clock:
    """A clock that is set by hand."""

    now = 0.0

    def __call__(self) -> float:
        """Return the time."""
        return self.now


def test_link_is_exchanged_once() -> None:
    sessions = Sessions()
    token = sessions.new_link()
    secret = sessions.redeem(token)
    assert secret is not None
    assert sessions.redeem(token) is None
    found = sessions.find(secret)
    assert found is not None
    assert found.actor == LOCAL_ACTOR


def test_unknown_secrets_open_nothing() -> None:
    sessions = Sessions()
    assert sessions.redeem("guess") is None
    assert sessions.find("guess") is None
    assert sessions.find("") is None


def test_session_runs_out_when_it_is_not_used() -> None:
    clock = Clock()
    sessions = Sessions(clock=clock)
    secret = sessions.redeem(sessions.new_link()) or ""
    clock.now += IDLE_SECONDS - 1
    assert sessions.find(secret)
    clock.now += IDLE_SECONDS + 1
    assert sessions.find(secret) is None


def test_session_runs_out_even_when_it_is_used() -> None:
    clock = Clock()
    sessions = Sessions(clock=clock)
    secret = sessions.redeem(sessions.new_link()) or ""
    while clock.now < ABSOLUTE_SECONDS - IDLE_SECONDS / 2:
        clock.now += IDLE_SECONDS / 2
        assert sessions.find(secret)
    clock.now += IDLE_SECONDS
    assert sessions.find(secret) is None


def test_page_belongs_to_the_session_that_claimed_it_first() -> None:
    sessions = Sessions()
    mine = sessions.find(sessions.redeem(sessions.new_link()) or "")
    other = sessions.find(sessions.redeem(sessions.new_link()) or "")
    assert mine is not None
    assert other is not None
    assert sessions.claim_page(mine, "page")
    assert sessions.claim_page(mine, "page")
    assert not sessions.claim_page(other, "page")


def test_ended_session_is_forgotten_with_its_pages() -> None:
    sessions = Sessions()
    secret = sessions.redeem(sessions.new_link()) or ""
    session = sessions.find(secret)
    other = sessions.find(sessions.redeem(sessions.new_link()) or "")
    assert session is not None
    assert other is not None
    sessions.claim_page(session, "page")
    sessions.end(secret)
    assert sessions.find(secret) is None
    assert sessions.claim_page(other, "page")


def test_a_session_is_open_until_it_ends_or_runs_out_and_looking_does_not_prolong_it() -> None:
    clock = Clock()
    sessions = Sessions(clock=clock)
    secret = sessions.redeem(sessions.new_link()) or ""
    session = sessions.find(secret)
    assert session is not None
    assert sessions.is_open(session.session_id)
    assert not sessions.is_open("nobody's")
    clock.now += IDLE_SECONDS - 1
    assert sessions.is_open(session.session_id)
    clock.now += 2
    assert not sessions.is_open(session.session_id)
    other = sessions.open(session.actor)
    (opened,) = sessions.of(session.actor.user_id)
    sessions.end(other)
    assert not sessions.is_open(opened.session_id)


def test_sessions_nobody_comes_back_to_are_forgotten_and_not_counted() -> None:
    clock = Clock()
    sessions = Sessions(clock=clock)
    for _ in range(3):
        sessions.open(LOCAL_ACTOR)
    assert sessions.count == 3
    clock.now += IDLE_SECONDS + 1
    assert sessions.count == 0
    for _ in range(3):
        sessions.open(LOCAL_ACTOR)
        clock.now += IDLE_SECONDS + 1
    assert [len(held) for held in (sessions._sessions, sessions._seen, sessions._keys)] == [1, 1, 1]
