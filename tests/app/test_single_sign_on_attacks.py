"""What must not come in through the provider: forged and foreign tokens, other browsers' sign-ins, providers that fail.

Against a provider that keeps every rule but the one each test breaks.
"""

import base64
import hmac
import json
import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc.jwk import ECKey, KeySet, OctKey, OKPKey, RSAKey
from starlette.testclient import TestClient

from app.identity.attempts import FREE_FAILURES_OF_ADDRESS
from app.identity.single_sign_on import SingleSignOn
from app.web.gate import COOKIE
from tests.hashes import quick_hashes
from tests.served import HOST, Doors, open_doors
from tests.strict_provider import (
    CLIENT,
    KEY,
    SECRET,
    Claims,
    Sign,
    StrictProvider,
    begin,
    come_back,
    replace_way,
    settings_for,
    signed,
    strict_provider,
)

FORGED, FOREIGN, OUTDATED = "signature is not", "meant for somebody else", "has run out"
ELSEWHERE = "begun in another browser"


@pytest.fixture(scope="module")
def serving() -> Iterator[StrictProvider]:
    with strict_provider() as provider:
        yield provider


@pytest.fixture(scope="module")
def opened(serving: StrictProvider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doors]:
    folder = tmp_path_factory.mktemp("office")
    with quick_hashes(), open_doors(folder / "home", **settings_for(serving, folder)) as doors:
        yield doors


@pytest.fixture
def provider(serving: StrictProvider) -> StrictProvider:
    """The provider as it should be."""
    fresh = StrictProvider(address=serving.address)
    for name in ("claims", "sign", "keys", "description", "userinfo", "answers", "asked"):
        setattr(serving, name, getattr(fresh, name))
    return serving


@pytest.fixture
def office(opened: Doors, provider: StrictProvider) -> Doors:
    """An Inhouse that remembers no failure and nothing of the provider."""
    opened.product.people.attempts._failures.clear()
    replace_way(opened, SingleSignOn(opened.product.settings, opened.product.people))
    return opened


def refused(client: TestClient, answer: Any, sentence: str) -> None:
    """See that nobody came in, and why."""
    assert answer.status_code >= 400
    assert sentence in answer.text
    assert COOKIE not in client.cookies
    assert client.get("/api/me").status_code == 401


OTHER = RSAKey.generate_key(2048, {"kid": "one"})


def unsigned(claims: Claims) -> str:
    parts = (
        base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in ({"alg": "none"}, claims)
    )
    return ".".join([*parts, ""])


def altered(claims: Claims) -> str:
    head, _, signature = signed(claims).split(".")
    body = base64.urlsafe_b64encode(json.dumps(claims | {"sub": "1"}).encode()).decode().rstrip("=")
    return f"{head}.{body}.{signature}"


def by_public_key(claims: Claims) -> str:
    """Sign by hand: no library does this any more."""
    parts = (json.dumps(part).encode() for part in ({"alg": "HS256", "kid": "one"}, claims))
    text = b".".join(base64.urlsafe_b64encode(part).rstrip(b"=") for part in parts)
    mac = hmac.digest(KEY.as_pem(private=False), text, "sha256")
    return (text + b"." + base64.urlsafe_b64encode(mac).rstrip(b"=")).decode()


def by_secret(claims: Claims) -> str:
    return signed(claims, OctKey.import_key(SECRET.ljust(32, ".")), "HS256")


def by_own_key(claims: Claims) -> str:
    return signed(claims, OTHER, jwk=OTHER.as_dict(private=False), kid="two")


FORGERIES: dict[str, Sign] = {
    "signed by somebody else": lambda claims: signed(claims, OTHER),
    "a key of its own in the header": by_own_key,
    "not signed": unsigned,
    "altered": altered,
    "the public key as a password": by_public_key,
    "the client's secret as a password": by_secret,
    "no token": lambda _: "no.token",
    "nothing in it": lambda claims: signed(claims)[:20],
}


@pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")
@pytest.mark.parametrize("name", FORGERIES)
def test_a_forged_token_lets_nobody_in(office: Doors, provider: StrictProvider, name: str) -> None:
    provider.sign = FORGERIES[name]
    refused(*come_back(office, provider), FORGED)


NOW = int(time.time())
LIES: dict[str, tuple[Claims, str]] = {
    "another provider": ({"iss": "https://evil.example"}, FOREIGN),
    "another client": ({"aud": "payroll"}, FOREIGN),
    "other clients": ({"aud": ["payroll", "mail"]}, FOREIGN),
    "several clients and nobody said for whom": ({"aud": [CLIENT, "payroll"]}, FOREIGN),
    "several clients and for another": ({"aud": [CLIENT, "payroll"], "azp": "payroll"}, FOREIGN),
    "for another": ({"azp": "payroll"}, FOREIGN),
    "another sign-in": ({"nonce": "of an earlier one"}, FOREIGN),
    "no sign-in": ({"nonce": None}, FOREIGN),
    "with another access token": ({"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"}, FOREIGN),
    "run out": ({"exp": NOW - 3600, "iat": NOW - 7200}, OUTDATED),
    "never runs out": ({"exp": None}, FOREIGN),
    "runs out at no number": ({"exp": "tomorrow"}, OUTDATED),
    "from the future": ({"iat": NOW + 7200}, OUTDATED),
    "not yet": ({"nbf": NOW + 7200}, OUTDATED),
    "nobody": ({"sub": None}, FOREIGN),
    "an empty name": ({"sub": ""}, FOREIGN),
    "a number": ({"sub": 17}, FOREIGN),
    "an endless name": ({"sub": "a" * 300}, FOREIGN),
}


@pytest.mark.parametrize("name", LIES)
def test_a_token_that_was_not_meant_for_this_sign_in_lets_nobody_in(
    office: Doors, provider: StrictProvider, name: str
) -> None:
    lie, sentence = LIES[name]
    provider.claims |= lie
    refused(*come_back(office, provider), sentence)


@pytest.mark.parametrize(
    ("key", "alg"),
    [
        (KEY, "RS256"),
        (RSAKey.generate_key(2048, {"kid": "one"}), "PS256"),
        (ECKey.generate_key("P-256", {"kid": "one"}), "ES256"),
        (OKPKey.generate_key("Ed25519", {"kid": "one"}), "EdDSA"),
    ],
    ids=["RS256", "PS256", "ES256", "EdDSA"],
)
@pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")
def test_a_token_signed_as_it_should_be_lets_somebody_in(
    office: Doors, provider: StrictProvider, key: Any, alg: str
) -> None:
    provider.keys, provider.sign = KeySet([key]), lambda claims: signed(claims, key, alg)
    client, answer = come_back(office, provider)
    assert answer.status_code == 200, answer.text
    assert client.get("/api/me").json()["name"] == "ada"


@pytest.mark.parametrize("claims", [{"exp": NOW - 20}, {"iat": NOW + 45}, {"aud": [CLIENT]}, {"azp": CLIENT}])
def test_a_clock_that_is_a_little_off_and_other_ways_to_say_the_same_are_taken(
    office: Doors, provider: StrictProvider, claims: Claims
) -> None:
    now = int(time.time())
    provider.claims |= {name: value - NOW + now if isinstance(value, int) else value for name, value in claims.items()}
    _, answer = come_back(office, provider)
    assert answer.status_code == 200, answer.text


def test_a_new_key_of_the_provider_is_taken_at_once(office: Doors, provider: StrictProvider) -> None:
    come_back(office, provider)
    key = RSAKey.generate_key(2048, {"kid": "two"})
    provider.keys, provider.sign = KeySet([KEY, key]), lambda claims: signed(claims, key, kid="two")
    _, answer = come_back(office, provider)
    assert answer.status_code == 200


def test_what_came_back_once_does_not_come_back_again(office: Doors, provider: StrictProvider) -> None:
    client, url = begin(office)
    kept = dict(client.cookies)
    back = provider.let_in(url)
    assert client.get(back).status_code == 200
    again = office.stranger()
    again.cookies.update(kept)
    provider.asked.clear()
    refused(again, again.get(back), ELSEWHERE)
    assert provider.asked == []


def test_a_code_that_was_used_opens_nothing_in_another_sign_in(office: Doors, provider: StrictProvider) -> None:
    client, url = begin(office)
    back = provider.let_in(url)
    assert client.get(back).status_code == 200
    code = parse_qs(urlsplit(back).query)["code"][0]
    thief, url = begin(office)
    state = parse_qs(urlsplit(url).query)["state"][0]
    refused(thief, thief.get("/sign-in/return", params={"code": code, "state": state}), "did not let you in")


def test_a_code_somebody_caught_is_worth_nothing_without_their_browser(office: Doors, provider: StrictProvider) -> None:
    _, url = begin(office)
    code = parse_qs(urlsplit(provider.let_in(url)).query)["code"][0]
    thief, url = begin(office)
    state = parse_qs(urlsplit(url).query)["state"][0]
    refused(thief, thief.get("/sign-in/return", params={"code": code, "state": state}), "did not let you in")


def test_nobody_is_signed_in_as_somebody_else_by_a_link(office: Doors, provider: StrictProvider) -> None:
    _, url = begin(office)
    attackers = provider.let_in(url)
    victim = office.stranger()
    refused(victim, victim.get(attackers), ELSEWHERE)
    began, _ = begin(office)
    refused(began, began.get(attackers), ELSEWHERE)


@pytest.mark.parametrize("cookie", ["", "rubbish", "gAAAAA==", "ä", "a" * 5000])
def test_a_cookie_of_rubbish_is_an_answer(office: Doors, provider: StrictProvider, cookie: str) -> None:
    client, url = begin(office)
    back = provider.let_in(url)
    client.cookies.clear()
    headers = {"cookie": f"inhouse_sign_in={cookie}".encode()}
    answer = client.get(back, headers=headers)  # type: ignore[arg-type]
    assert answer.status_code == 401
    assert ELSEWHERE in answer.text


@pytest.mark.parametrize("query", ["", "state=", "code=x", "state=%00&code=%ff", "state=a&state=b&code=c", "error=x"])
def test_a_query_of_rubbish_is_an_answer(office: Doors, query: str) -> None:
    client, _ = begin(office)
    answer = client.get(f"/sign-in/return?{query}")
    assert answer.status_code == 401
    assert ELSEWHERE in answer.text


def test_a_sign_in_that_took_too_long_is_begun_again(
    office: Doors, provider: StrictProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, url = begin(office)
    monkeypatch.setattr(office.product.way_in(), "_clock", lambda: time.time() + 601)
    refused(client, client.get(provider.let_in(url)), ELSEWHERE)


def test_what_a_provider_says_when_it_refuses_is_not_shown(office: Doors, provider: StrictProvider) -> None:
    client, url = begin(office)
    state = parse_qs(urlsplit(url).query)["state"][0]
    said = {"error": "access_denied", "error_description": "<b>call 555-0100</b>", "state": state}
    answer = client.get("/sign-in/return", params=said)
    refused(client, answer, "did not let you in")
    assert "555" not in answer.text


def test_an_answer_of_another_provider_is_not_taken(office: Doors, provider: StrictProvider) -> None:
    client, url = begin(office)
    provider.asked.clear()
    refused(client, client.get(provider.let_in(url) + "&iss=https%3A%2F%2Fevil.example"), FOREIGN)
    assert provider.asked == []
    provider.description = {"authorization_response_iss_parameter_supported": True}
    office.product.way_in().provider._described = None
    refused(*come_back(office, provider), FOREIGN)


def test_nothing_leads_anywhere_else_afterwards(office: Doors, provider: StrictProvider) -> None:
    client = office.stranger()
    out = client.get(
        "/sign-in/elsewhere", params={"next": "https://evil.example", "redirect_uri": "https://evil.example"}
    )
    assert "evil" not in out.headers["location"]
    answer = client.get(provider.let_in(out.headers["location"]) + "&next=https%3A%2F%2Fevil.example")
    assert answer.status_code == 200
    assert "evil" not in answer.text
    assert 'content="0; url=/"' in answer.text


def test_where_the_provider_sends_people_is_not_said_by_a_browser(office: Doors) -> None:
    client = office.stranger()
    client.headers["host"] = "localhost:7860"
    _, url = begin(office, client)
    assert parse_qs(urlsplit(url).query)["redirect_uri"] == [f"{HOST}/sign-in/return"]
    client.headers["host"] = "evil.example"
    assert client.get("/sign-in/elsewhere").status_code == 421


def test_the_cookies_are_for_this_server_only(office: Doors, provider: StrictProvider) -> None:
    client = office.stranger()
    out = client.get("/sign-in/elsewhere")
    pending = out.headers["set-cookie"]
    assert "HttpOnly" in pending
    assert "SameSite=lax" in pending
    assert "Path=/sign-in" in pending
    back = client.get(provider.let_in(out.headers["location"])).headers.get_list("set-cookie")
    session = next(cookie for cookie in back if cookie.startswith(COOKIE))
    assert "HttpOnly" in session
    assert "SameSite=strict" in session


Breaks = Callable[[StrictProvider], object]
PATH = "/.well-known/openid-configuration"
FAULTS: dict[str, tuple[Breaks, str]] = {
    "out of order": (lambda one: one.answers.update({PATH: (503, b"later")}), "cannot be reached"),
    "no OpenID Connect": (lambda one: one.answers.update({PATH: (404, b"")}), "is not OpenID Connect"),
    "no JSON": (lambda one: one.answers.update({PATH: (200, b"<html>")}), "is not OpenID Connect"),
    "no object": (lambda one: one.answers.update({PATH: (200, b"[]")}), "is not OpenID Connect"),
    "leads elsewhere": (lambda one: one.answers.update({PATH: (302, b"/keys")}), "is not OpenID Connect"),
    "another name": (lambda one: one.description.update(issuer="https://evil.example"), "calls itself otherwise"),
    "unprotected": (
        lambda one: one.description.update(token_endpoint="http://login.example/token"),
        "not protected by https",
    ),
    "nowhere to go": (lambda one: one.description.update(authorization_endpoint=None), "not protected by https"),
    "no address": (lambda one: one.description.update(jwks_uri=["http://[::1"]), "not protected by https"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_provider_that_fails_is_said_in_a_sentence(office: Doors, provider: StrictProvider, name: str) -> None:
    break_it, sentence = FAULTS[name]
    break_it(provider)
    client = office.stranger()
    answer = client.get("/sign-in/elsewhere")
    assert answer.status_code in {502, 503}
    assert sentence in answer.text
    assert "Sign in with your company account" in answer.text


LATER: dict[str, tuple[Breaks, str]] = {
    "no keys": (lambda one: one.answers.update({"/keys": (200, b"{}")}), "is not OpenID Connect"),
    "rubbish for keys": (lambda one: one.answers.update({"/keys": (200, b'{"keys": [{"kty": "RSA"}, 3]}')}), FORGED),
    "no token": (lambda one: one.answers.update({"/token": (200, b"{}")}), "is not OpenID Connect"),
    "a page for a token": (lambda one: one.answers.update({"/token": (200, b"<html>")}), "is not OpenID Connect"),
    "no answer": (lambda one: one.answers.update({"/token": (500, b"")}), "cannot be reached"),
    "does not know us": (
        lambda one: one.answers.update({"/token": (401, b'{"error": "invalid_client"}')}),
        "does not accept this Inhouse",
    ),
}


@pytest.mark.parametrize("name", LATER)
def test_a_provider_that_fails_on_the_way_back_is_said_in_a_sentence(
    office: Doors, provider: StrictProvider, name: str
) -> None:
    break_it, sentence = LATER[name]
    break_it(provider)
    refused(*come_back(office, provider), sentence)


def test_whoever_tries_and_tries_waits(office: Doors) -> None:
    client, _ = begin(office)
    for _ in range(FREE_FAILURES_OF_ADDRESS):
        assert client.get("/sign-in/return?state=guess&code=guess").status_code == 401
    answer = client.get("/sign-in/return?state=guess&code=guess")
    assert answer.status_code == 429
    assert "Try again in" in answer.text
