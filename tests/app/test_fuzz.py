"""Cookies, tokens, forms and settings made at random: never a fault of ours, never somebody let in.

Part of `make test-long`: 20,000 cases over the whole application, and a few hundred each in every run of the tests.
"""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from unittest.mock import patch
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from app.answers import LOCAL_ACTOR
from app.identity.attempts import Attempts
from app.settings import SettingsError, load_settings
from app.web.gate import COOKIE
from tests.hashes import quick_hashes
from tests.served import HOST, Doors, open_doors

FEW, MANY = 100, 5000
HEADER = st.text(st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f"), max_size=200)
FIELD = st.text(max_size=60)
FORM = st.dictionaries(st.sampled_from(["name", "password", "code", "token", "again", "other"]), FIELD, max_size=6)
VALUE = st.one_of(
    st.integers(), st.floats(), st.booleans(), st.text(max_size=30).map(repr), st.just("[]"), st.just("{")
)
LINE = st.tuples(st.sampled_from(["port", "host", "sign_in", "passages", "model", "x", ""]), VALUE)
KNOWN = frozenset({200, 303, 400, 401, 403, 404, 405, 410, 413, 421, 422, 429})


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doors]:
    with quick_hashes(), open_doors(tmp_path_factory.mktemp("home"), sign_in=True) as opened:
        people = opened.product.people
        made = people.accounts.add(LOCAL_ACTOR, "Ada", roles=["admin"])
        people.accept(people.invite(LOCAL_ACTOR, made.user_id), "seven lamps of architecture")
        with patch.object(Attempts, "check"):  # else everybody soon has to wait, and nothing more is looked at
            yield opened


@pytest.fixture(scope="module")
def client(office: Doors) -> TestClient:
    browser = TestClient(office.application, base_url=HOST, follow_redirects=False, raise_server_exceptions=False)
    browser.headers["origin"] = HOST
    return browser


def cases(count: int) -> settings:
    return settings(max_examples=count, deadline=None, suppress_health_check=list(HealthCheck))


def check_cookie(client: TestClient, value: str) -> None:
    answer = client.get("/api/me", headers={b"cookie": f"{COOKIE}={value}".encode("latin-1")})
    assert answer.status_code == 401


def check_bearer(client: TestClient, value: str) -> None:
    answer = client.get("/api/collections", headers={b"authorization": value.encode("latin-1")})
    assert answer.status_code == 401


def check_form(client: TestClient, path: str, typed: dict[str, str]) -> None:
    body = "&".join(f"{quote(name)}={quote(value, errors='replace')}" for name, value in typed.items())
    answer = client.post(path, content=body.encode())
    assert answer.status_code in KNOWN
    assert "set-cookie" not in answer.headers
    assert "Traceback" not in answer.text


def check_settings(folder: Path, lines: list[tuple[str, object]], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INHOUSE_HOME", str(folder))
    text = "\n".join(f"{name} = {value}" for name, value in lines)
    (folder / "inhouse.toml").write_text(text, encoding="utf-8", errors="replace")
    with suppress(SettingsError):  # a sentence; anything else is a fault
        load_settings()


@cases(FEW)
@given(value=HEADER)
def test_a_random_cookie_is_nobodys(client: TestClient, value: str) -> None:
    check_cookie(client, value)


@cases(FEW)
@given(value=st.one_of(HEADER, HEADER.map("Bearer {}".format), HEADER.map("Bearer inh_{}".format)))
def test_a_random_token_is_nobodys(client: TestClient, value: str) -> None:
    check_bearer(client, value)


@cases(FEW)
@given(path=st.sampled_from(["/sign-in", "/welcome", "/setup"]), typed=FORM)
def test_a_random_form_lets_nobody_in(client: TestClient, path: str, typed: dict[str, str]) -> None:
    check_form(client, path, typed)


@cases(FEW)
@given(lines=st.lists(LINE, max_size=5))
def test_random_settings_are_settings_or_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lines: list[tuple[str, object]]
) -> None:
    check_settings(tmp_path, lines, monkeypatch)


@pytest.mark.long
@cases(MANY)
@given(value=HEADER)
def test_many_cookies(client: TestClient, value: str) -> None:
    check_cookie(client, value)


@pytest.mark.long
@cases(MANY)
@given(value=st.one_of(HEADER, HEADER.map("Bearer {}".format), HEADER.map("Bearer inh_{}".format)))
def test_many_tokens(client: TestClient, value: str) -> None:
    check_bearer(client, value)


@pytest.mark.long
@cases(MANY)
@given(path=st.sampled_from(["/sign-in", "/welcome", "/setup"]), typed=FORM)
def test_many_forms(client: TestClient, path: str, typed: dict[str, str]) -> None:
    check_form(client, path, typed)


@pytest.mark.long
@cases(MANY)
@given(lines=st.lists(LINE, max_size=5))
def test_many_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lines: list[tuple[str, object]]) -> None:
    check_settings(tmp_path, lines, monkeypatch)
