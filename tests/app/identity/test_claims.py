"""What a provider may claim, made at random: always a name, roles and groups that can be kept, or a sentence."""

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from joserfc.jwk import RSAKey

from app.answers import ROLES
from app.identity.claims import Standing, name_of, standing
from app.identity.id_tokens import ALGORITHMS, usable, verified
from app.identity.refusals import GroupsMissingError, SingleSignOnError
from app.settings import Settings

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=200),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=20), inner, max_size=4),
    max_leaves=8,
)
CLAIMS = st.dictionaries(st.sampled_from(["sub", "preferred_username", "email", "name", "groups", "a"]), JSON)
KEY = RSAKey.generate_key(2048, {"kid": "one"}).as_dict(private=False)
PROVIDER: dict[str, Any] = {"sign_in": True, "oidc_issuer": "https://login.example", "oidc_client_id": "inhouse"}


def chosen(**values: Any) -> Settings:
    return Settings(**(PROVIDER | values))


@settings(deadline=None)
@given(claims=CLAIMS)
def test_everybody_has_a_name_that_can_be_shown(claims: dict[str, Any]) -> None:
    name = name_of(claims)
    assert 1 <= len(name) <= 80
    assert name.isprintable()
    assert name == " ".join(name.split())


@settings(deadline=None)
@given(claims=CLAIMS, claim=st.sampled_from(["groups", "a", "a.b", "groups.0", "."]))
def test_whatever_is_claimed_there_is_a_role_or_a_sentence(claims: dict[str, Any], claim: str) -> None:
    with suppress(GroupsMissingError):
        found = standing(claims, chosen(oidc_roles={"g": "admin"}, oidc_groups="all", oidc_groups_claim=claim))
        assert found.roles
        assert found.roles <= set(ROLES)
        assert found.groups is not None


@settings(deadline=None)
@given(token=st.text(max_size=80) | st.lists(st.text("abc.-_=", max_size=20), max_size=5).map(".".join), keys=JSON)
def test_a_random_token_is_refused_with_a_sentence(token: str, keys: Any) -> None:
    given_keys = [KEY, *(keys if isinstance(keys, list) else [])]
    known = [key for key in given_keys if isinstance(key, dict)]
    with pytest.raises(SingleSignOnError):
        verified(token, known, issuer="a", client_id="b", nonce="c", access_token="d")
    assert usable(known) >= 1


@pytest.mark.parametrize(
    ("groups", "roles"),
    [
        ([], {"employee"}),
        (["x"], {"employee"}),
        (["g"], {"admin"}),
        (["g", "h"], {"admin", "curator"}),
        ("h", {"curator"}),
    ],
)
def test_roles_follow_from_groups(groups: Any, roles: set[str]) -> None:
    found = standing({"groups": groups}, chosen(oidc_roles={"g": "admin", "h": "curator"}))
    assert found == Standing(roles=frozenset(roles), groups=None)  # type: ignore[arg-type]


def test_no_signature_is_taken_that_a_public_key_or_a_password_could_make() -> None:
    assert not [name for name in ALGORITHMS if name.startswith("HS") or name == "none"]
