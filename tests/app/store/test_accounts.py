"""Accounts, their groups and invitations, and the tokens of people's programs."""

import time
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import update

from app.answers import LOCAL_ACTOR, Actor, Role
from app.rights import ForbiddenError
from app.store.accounts import Account, Accounts
from app.store.api_tokens import MOST_TOKENS, ApiTokens, TokenError
from app.store.errors import AccountNameError, LastAdminError, NameTakenError, NotFoundError, UnknownPersonError
from app.store.opening import Store
from app.store.schema import api_tokens

if TYPE_CHECKING:
    from collections.abc import Callable


ROLES_BUT_ADMIN: tuple[Role, ...] = ("employee", "curator", "auditor")


@pytest.fixture
def accounts(store: Store) -> Accounts:
    return store.accounts


@pytest.fixture
def grace(accounts: Accounts) -> Account:
    """An administrator who can sign in."""
    made = accounts.add(LOCAL_ACTOR, "Grace Hopper", roles=["admin"])
    accounts.sign_ins.put_password(made.user_id, "hash")
    return accounts.get(made.user_id)


def test_an_account_is_found_by_its_name_however_it_is_written(accounts: Accounts) -> None:
    made = accounts.add(LOCAL_ACTOR, "  Ada   LOVELACE ", roles=["employee"], groups=["Sales", "sales", "Board"])
    assert accounts.by_name("ada lovelace") == made == accounts.get(made.user_id)
    assert (made.name, made.groups, made.invited, made.second_factor) == (
        "Ada LOVELACE",
        ("Board", "sales"),
        True,
        False,
    )
    assert made.actor.groups == {"sales", "board"}
    with pytest.raises(NameTakenError, match="Ada Lovelace"):
        accounts.add(LOCAL_ACTOR, "Ada Lovelace", roles=["employee"])


@pytest.mark.parametrize("name", ["", "  ", "x" * 101, "a\u202eb", "a\x00"])
def test_an_unusable_name_is_refused(accounts: Accounts, name: str) -> None:
    with pytest.raises(AccountNameError):
        accounts.add(LOCAL_ACTOR, name, roles=["employee"])
    with pytest.raises(AccountNameError):
        accounts.add(LOCAL_ACTOR, "Ada", roles=["employee"], groups=[name])
    assert accounts.list(LOCAL_ACTOR) == ()


@pytest.mark.parametrize("roles", [[], ["owner"]])
def test_a_role_there_is_not_is_refused(accounts: Accounts, roles: list[object]) -> None:
    with pytest.raises(AccountNameError, match="employee, curator, admin, auditor"):
        accounts.add(LOCAL_ACTOR, "Ada", roles=roles)  # type: ignore[arg-type]


def test_only_administrators_manage_people(accounts: Accounts, grace: Account) -> None:
    doors: list[Callable[[Actor], object]] = [
        lambda actor: accounts.add(actor, "Mine", roles=["admin"]),
        accounts.list,
        lambda actor: accounts.change(actor, grace.user_id, active=False),
        lambda actor: accounts.remove(actor, grace.user_id),
        lambda actor: accounts.sign_ins.put_invitation(actor, grace.user_id, "digest", seconds=60),
    ]
    for role in ROLES_BUT_ADMIN:
        for door in doors:
            with pytest.raises(ForbiddenError, match="manage people"):
                door(Actor(user_id=grace.user_id, name="Grace", roles=frozenset({role})))
    assert accounts.get(grace.user_id) == grace


@pytest.mark.parametrize("change", [{"active": False}, {"roles": ["employee"]}])
def test_the_last_administrator_stays(accounts: Accounts, grace: Account, change: dict[str, object]) -> None:
    waiting = accounts.add(LOCAL_ACTOR, "Not yet", roles=["admin"])  # has chosen no password, so cannot help
    with pytest.raises(LastAdminError):
        accounts.change(grace.actor, grace.user_id, **change)  # type: ignore[arg-type]
    with pytest.raises(LastAdminError):
        accounts.remove(grace.actor, grace.user_id)
    assert accounts.get(grace.user_id) == grace
    accounts.sign_ins.put_password(waiting.user_id, "hash")
    accounts.change(grace.actor, grace.user_id, **change)  # type: ignore[arg-type]
    assert accounts.has_admin()


def test_an_invitation_is_used_once_and_an_earlier_one_no_more(accounts: Accounts) -> None:
    made = accounts.add(LOCAL_ACTOR, "Ada", roles=["employee"])
    accounts.sign_ins.put_invitation(LOCAL_ACTOR, made.user_id, "first", seconds=60)
    accounts.sign_ins.put_invitation(LOCAL_ACTOR, made.user_id, "second", seconds=60)
    assert accounts.sign_ins.invited("first") is None
    assert not accounts.sign_ins.accept("first", "hash")
    assert accounts.sign_ins.invited("second") == made.user_id
    assert accounts.sign_ins.accept("second", "hash")
    assert not accounts.sign_ins.accept("second", "other")
    credentials = accounts.sign_ins.credentials("ADA")
    assert credentials is not None
    assert credentials.password_hash == "hash"
    assert not accounts.get(made.user_id).invited


def test_an_invitation_runs_out(accounts: Accounts) -> None:
    made = accounts.add(LOCAL_ACTOR, "Ada", roles=["employee"])
    accounts.sign_ins.put_invitation(LOCAL_ACTOR, made.user_id, "late", seconds=-1)
    assert accounts.sign_ins.invited("late") is None
    assert not accounts.sign_ins.accept("late", "hash")


def test_a_code_of_the_second_factor_is_taken_once(accounts: Accounts, grace: Account) -> None:
    accounts.sign_ins.put_second_factor(grace.user_id, b"sealed")
    assert accounts.sign_ins.use_step(grace.user_id, 7)
    assert not accounts.sign_ins.use_step(grace.user_id, 7)
    assert not accounts.sign_ins.use_step(grace.user_id, 6)
    assert accounts.sign_ins.use_step(grace.user_id, 8)


def test_whoever_is_removed_leaves_nothing_that_opens_a_door(store: Store, accounts: Accounts, grace: Account) -> None:
    made = accounts.add(grace.actor, "Ada", roles=["employee"], groups=["Sales"])
    accounts.sign_ins.put_invitation(grace.actor, made.user_id, "link", seconds=60)
    store.api_tokens.add(made.actor, "digest", name="script", scopes=["ask"], seconds=60)
    accounts.remove(grace.actor, made.user_id)
    with pytest.raises(UnknownPersonError):
        accounts.get(made.user_id)
    assert accounts.sign_ins.credentials("Ada") is None
    assert accounts.sign_ins.invited("link") is None
    assert store.api_tokens.find("digest") is None


@pytest.fixture
def tokens(store: Store, grace: Account) -> ApiTokens:
    return store.api_tokens


def test_a_token_is_known_until_it_runs_out_or_is_revoked(store: Store, tokens: ApiTokens, grace: Account) -> None:
    made = tokens.add(grace.actor, "digest", name=" script ", scopes=["ask"], seconds=60)
    assert (made.name, list(made.scopes), made.used) == ("script", ["ask"], None)
    found = tokens.find("digest")
    assert found is not None
    assert found.user_id == grace.user_id
    (listed,) = tokens.of(grace.actor)
    assert listed.used is not None
    assert abs(listed.used - time.time()) < 60
    tokens.add(grace.actor, "late", name="old", scopes=["ask"], seconds=60)
    with store.engine.begin() as connection:
        late = update(api_tokens).where(api_tokens.c.digest == "late")
        connection.execute(late.values(expires=time.time() - 1))
    assert tokens.find("late") is None
    tokens.revoke(grace.actor, made.token_id)
    assert tokens.find("digest") is None
    assert tokens.of(grace.actor) == ()


def test_nobody_revokes_somebody_elses_token(tokens: ApiTokens, grace: Account, mallory: Actor) -> None:
    made = tokens.add(grace.actor, "digest", name="script", scopes=["ask", "manage"], seconds=60)
    with pytest.raises(NotFoundError):
        tokens.revoke(mallory, made.token_id)
    assert tokens.of(mallory) == ()
    assert tokens.find("digest")


@pytest.mark.parametrize(
    ("name", "scopes"), [("", ["ask"]), ("a\nb", ["ask"]), ("x" * 101, ["ask"]), ("x", []), ("x", ["root"])]
)
def test_an_unusable_token_is_refused(tokens: ApiTokens, grace: Account, name: str, scopes: list[object]) -> None:
    with pytest.raises(TokenError):
        tokens.add(grace.actor, "digest", name=name, scopes=scopes, seconds=60)  # type: ignore[arg-type]


def test_there_is_an_end_to_how_many_tokens_one_person_has(tokens: ApiTokens, grace: Account) -> None:
    for number in range(MOST_TOKENS):
        tokens.add(grace.actor, str(number), name="script", scopes=["ask"], seconds=60)
    with pytest.raises(TokenError, match="Revoke one"):
        tokens.add(grace.actor, "more", name="script", scopes=["ask"], seconds=60)
