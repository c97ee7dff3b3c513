"""Signing in, links, second factors, tokens, and leaving, over the real stores and the real hash."""

import threading
import time
from unittest.mock import patch

import pytest
from argon2 import PasswordHasher

from app.answers import LOCAL_ACTOR, Actor
from app.errors import explain
from app.identity import passwords, second_factor
from app.identity.attempts import FREE_FAILURES, Attempts, TooManyAttemptsError
from app.identity.passwords import PasswordError
from app.identity.people import CodeError, LinkError, People, SignInError
from app.rights import ForbiddenError
from app.store.api_tokens import TokenError
from app.store.errors import AccountNameError, LastAdminError, NameTakenError
from tests.app.identity.conftest import PASSWORD

OTHER = "stones of venice, vol. two"


class Clock:
    """A clock that is set by hand."""

    now = 0.0

    def __call__(self) -> float:
        """Return the time."""
        return self.now


def signed_in(people: People, secret: str) -> Actor | None:
    """Return whose session this is."""
    session = people.sessions.find(secret)
    return session.actor if session else None


def test_the_first_administrator_comes_through_a_link_that_works_once(people: People) -> None:
    token = people.new_setup_link()
    assert token
    with pytest.raises(PasswordError):
        people.set_up(token, "Ada", "short")
    with pytest.raises(LinkError):
        people.set_up("guess", "Ada", PASSWORD)
    made = people.set_up(token, "Ada", PASSWORD)
    assert list(made.roles) == ["admin"]
    assert people.new_setup_link() is None
    with pytest.raises(LinkError):
        people.set_up(token, "Mallory", PASSWORD)


def test_the_right_password_opens_a_session_and_nothing_else_does(people: People, ada: Actor) -> None:
    assert signed_in(people, people.sign_in(" ADA ", PASSWORD)) == ada
    for name, password in (("Ada", OTHER), ("Ada", ""), ("Eve", PASSWORD), ("", ""), ("Ada", PASSWORD * 100)):
        with pytest.raises(SignInError) as caught:
            people.sign_in(name, password)
        assert explain(caught.value) == "The name, the password or the code is not right."


def test_an_invited_person_cannot_sign_in_before_choosing_a_password(people: People, ada: Actor) -> None:
    bob = people.accounts.add(ada, "Bob", roles=["employee"])
    for password in ("", PASSWORD):
        with pytest.raises(SignInError):
            people.sign_in("Bob", password)
    link = people.invite(ada, bob.user_id)
    with pytest.raises(PasswordError):
        people.accept(link, "bob bob bob bob")
    people.accept(link, PASSWORD)
    assert signed_in(people, people.sign_in("Bob", PASSWORD)) == bob.actor
    with pytest.raises(LinkError):
        people.accept(link, OTHER)


def test_a_new_link_replaces_password_sessions_and_second_factor(people: People, ada: Actor) -> None:
    secret = people.sign_in("Ada", PASSWORD)
    key = people.begin_second_factor(ada)
    people.confirm_second_factor(ada, now_code(key))
    people.accept(people.invite(ada, ada.user_id), OTHER)
    assert signed_in(people, secret) is None
    with pytest.raises(SignInError):
        people.sign_in("Ada", PASSWORD)
    assert signed_in(people, people.sign_in("Ada", OTHER)) == ada


def test_guessing_gets_slower_and_the_owner_is_let_in_after_the_wait(people: People, ada: Actor) -> None:
    clock = Clock()
    people = replaced_attempts(people, clock)
    for _ in range(FREE_FAILURES):
        with pytest.raises(SignInError):
            people.sign_in("Ada", OTHER, origin="10.0.0.1")
    with pytest.raises(TooManyAttemptsError, match="Try again in 1 second"):
        people.sign_in("Ada", PASSWORD, origin="10.0.0.2")
    clock.now += 1.1
    assert signed_in(people, people.sign_in("Ada", PASSWORD, origin="10.0.0.2")) == ada


def test_each_further_failure_doubles_the_wait_up_to_a_quarter_of_an_hour() -> None:
    clock = Clock()
    attempts = Attempts(clock=clock)
    waits = []
    for _ in range(20):
        attempts.failed("ada", "")
        try:
            attempts.check("ada", "")
        except TooManyAttemptsError as error:
            waits.append(str(error).rpartition(" in ")[2])
            clock.now += 900
    assert waits[:4] == ["1 second.", "2 seconds.", "4 seconds.", "8 seconds."]
    assert waits[-1] == "15 minutes."


def test_an_address_that_guesses_many_names_has_to_wait() -> None:
    attempts = Attempts(clock=Clock())
    for number in range(30):
        attempts.check(f"name {number}", "10.0.0.1")
        attempts.failed(f"name {number}", "10.0.0.1")
    with pytest.raises(TooManyAttemptsError):
        attempts.check("another", "10.0.0.1")
    attempts.check("another", "10.0.0.2")


def test_failures_from_no_known_address_are_not_everybodys() -> None:
    attempts = Attempts(clock=Clock())
    for number in range(40):
        attempts.failed(f"name {number}", "")
        attempts.failed("", f"10.0.0.{number}")
    attempts.check("another", "")
    attempts.check("", "10.0.0.99")


@pytest.mark.parametrize("password", ["", "elevenchars", "a" * 30, "Passwordpassword1", "ada ada ada ada", "x" * 201])
def test_a_password_that_is_guessed_first_is_refused(password: str) -> None:
    with pytest.raises(PasswordError):
        passwords.check_new(password, name="Ada")


def test_a_hash_costs_what_rfc_9106_says_and_an_older_one_is_replaced(people: People, ada: Actor) -> None:
    assert PasswordHasher().memory_cost == 64 * 1024  # KiB
    before = people.accounts.sign_ins.credentials("Ada")
    assert before
    assert not passwords.is_outdated(before.password_hash)
    with patch.object(passwords, "_hasher", PasswordHasher()):
        people.sign_in("Ada", PASSWORD)
        after = people.accounts.sign_ins.credentials("Ada")
        assert after
        assert "m=65536,t=3,p=4" in after.password_hash
        people.sign_in("Ada", PASSWORD)


def test_a_password_is_the_same_however_the_keyboard_writes_it() -> None:
    kept = passwords.hashed("schöne grüße aus köln")
    assert "argon2id" in kept
    assert passwords.is_right("scho\u0308ne gru\u0308ße aus ko\u0308ln", kept)
    assert not passwords.is_right("schone gruße aus koln", kept)


def test_another_password_ends_the_other_sessions_only(people: People, ada: Actor) -> None:
    here, there = people.sign_in("Ada", PASSWORD), people.sign_in("Ada", PASSWORD)
    session = people.sessions.find(here)
    assert session
    with pytest.raises(SignInError, match="not your password"):
        people.change_password(ada, OTHER, "third password of mine")
    people.change_password(ada, PASSWORD, OTHER, session_id=session.session_id)
    assert signed_in(people, here) == ada
    assert signed_in(people, there) is None
    people.sign_in("Ada", OTHER)


def now_code(secret: bytes, *, later: int = 0) -> str:
    """Return the code an app shows now."""
    return second_factor.code_at(secret, int(time.time()) // second_factor.STEP_SECONDS + later)


def test_a_second_factor_is_asked_for_and_no_code_is_taken_twice(people: People, ada: Actor) -> None:
    secret = people.begin_second_factor(ada)
    people.sign_in("Ada", PASSWORD)  # not confirmed yet
    with pytest.raises(CodeError):
        people.confirm_second_factor(ada, "000000" if now_code(secret) != "000000" else "111111")
    people.confirm_second_factor(ada, now_code(secret))
    for wrong in ("", "abc", now_code(secret, later=9)):
        with pytest.raises(SignInError):
            people.sign_in("Ada", PASSWORD, wrong)
    code = now_code(secret)
    people.sign_in("Ada", PASSWORD, f" {code[:3]} {code[3:]} ")
    with pytest.raises(SignInError):
        people.sign_in("Ada", PASSWORD, code)
    with pytest.raises(SignInError):
        people.drop_second_factor(ada, OTHER)
    people.drop_second_factor(ada, PASSWORD)
    people.sign_in("Ada", PASSWORD)


def test_the_secret_of_a_second_factor_is_sealed(people: People, ada: Actor) -> None:
    secret = people.begin_second_factor(ada)
    people.confirm_second_factor(ada, now_code(secret))
    credentials = people.accounts.sign_ins.credentials("Ada")
    assert credentials
    assert credentials.second_factor
    assert secret not in credentials.second_factor


def test_a_leaver_is_out_of_everything_at_once(people: People, ada: Actor) -> None:
    bob = people.accounts.add(ada, "Bob", roles=["employee"])
    people.accept(people.invite(ada, bob.user_id), PASSWORD)
    secret = people.sign_in("Bob", PASSWORD)
    _, token = people.make_token(bob.actor, name="script", scopes=["ask"], days=1)
    stop = people.stops.add(threading.Event(), bob.user_id)
    mine = people.stops.add(threading.Event(), ada.user_id)
    assert people.bearer(token)
    people.change(ada, bob.user_id, active=False)
    assert signed_in(people, secret) is None
    assert people.bearer(token) is None
    assert stop.is_set()
    assert not mine.is_set()
    with pytest.raises(SignInError):
        people.sign_in("Bob", PASSWORD)
    people.change(ada, bob.user_id, active=True)
    assert people.bearer(token) is None
    people.sign_in("Bob", PASSWORD)


def test_revoking_a_token_stops_what_is_written_through_it_and_nothing_else(people: People, ada: Actor) -> None:
    made, secret = people.make_token(ada, name="script", scopes=["ask"], days=1)
    bearer = people.bearer(secret)
    assert bearer
    stop = people.stops.add(threading.Event(), ada.user_id, made.token_id)
    mine = people.stops.add(threading.Event(), ada.user_id, "")
    assert people.tokens.is_valid(bearer.token_id, bearer.expires)
    people.revoke_token(ada, made.token_id)
    assert not people.tokens.is_valid(bearer.token_id, bearer.expires)
    assert stop.is_set()
    assert not mine.is_set()


def test_other_roles_and_groups_hold_in_open_sessions(people: People, ada: Actor) -> None:
    bob = people.accounts.add(ada, "Bob", roles=["employee"])
    people.accept(people.invite(ada, bob.user_id), PASSWORD)
    secret = people.sign_in("Bob", PASSWORD)
    people.change(ada, bob.user_id, roles=["curator"], groups=["Sales"])
    actor = signed_in(people, secret)
    assert actor
    assert (list(actor.roles), list(actor.groups)) == (["curator"], ["sales"])


def test_a_name_is_corrected_and_everything_stays_theirs(people: People, ada: Actor) -> None:
    bob, _ = (people.accounts.add(ada, name, roles=["employee"]) for name in ("Bob", "Carol"))
    people.accept(people.invite(ada, bob.user_id), PASSWORD)
    open_session = people.sign_in("Bob", PASSWORD)
    assert people.change(ada, bob.user_id, name="Robert  Smith").name == "Robert Smith"
    assert signed_in(people, open_session) == people.accounts.get(bob.user_id).actor
    people.sign_in("robert smith", PASSWORD)
    with pytest.raises(SignInError):
        people.sign_in("Bob", PASSWORD)
    with pytest.raises(NameTakenError):
        people.change(ada, bob.user_id, name="CAROL")
    with pytest.raises(AccountNameError):
        people.change(ada, bob.user_id, name=" ")
    people.change(ada, bob.user_id, name="robert smith")  # only how it is written


def test_only_administrators_change_people(people: People, ada: Actor) -> None:
    bob = people.accounts.add(ada, "Bob", roles=["curator"])
    for change in (
        lambda: people.change(bob.actor, bob.user_id, roles=["admin"]),
        lambda: people.invite(bob.actor, ada.user_id),
        lambda: people.tokens_of(bob.actor, ada.user_id),
    ):
        with pytest.raises(ForbiddenError):
            change()
    with pytest.raises(LastAdminError):
        people.change(ada, ada.user_id, active=False)


@pytest.mark.parametrize("days", [0, -1, 367])
def test_a_token_has_an_end(people: People, ada: Actor, days: int) -> None:
    with pytest.raises(TokenError):
        people.make_token(ada, name="script", scopes=["ask"], days=days)


@pytest.mark.parametrize("secret", ["", "inh_", "inh_guess", "guess", "\x00", "inh_" + "é" * 10_000])
def test_a_forged_token_is_nobodys(people: People, ada: Actor, secret: str) -> None:
    people.make_token(ada, name="script", scopes=["ask"], days=1)
    assert people.bearer(secret) is None


def test_the_owner_of_the_directory_is_no_account(people: People) -> None:
    with pytest.raises(SignInError):
        people.sign_in("local", "")
    with pytest.raises(SignInError):
        people.sign_in(LOCAL_ACTOR.name, "")


def replaced_attempts(people: People, clock: Clock) -> People:
    """Return the same people with a clock for the waits."""
    return People(
        accounts=people.accounts,
        tokens=people.tokens,
        ledger=people.ledger,
        sessions=people.sessions,
        attempts=Attempts(clock=clock),
    )
