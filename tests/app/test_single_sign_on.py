"""What follows from signing in through the provider: accounts, roles, groups, and what stays in our own hands."""

import json
import logging
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import httpx2
import pytest
import uvicorn
from sqlalchemy import delete
from starlette.testclient import TestClient
from starlette.types import Receive, Scope, Send

from app.answers import LOCAL_ACTOR
from app.doctor import check_provider, report
from app.identity import provider as provider_module
from app.identity.people import ElsewhereError
from app.identity.refusals import NoProviderError
from app.identity.single_sign_on import SingleSignOn
from app.settings import Settings, SettingsError, load_settings
from app.store.audit_words import Action, Result
from app.store.errors import LastAdminError
from app.store.schema import accounts
from app.store.sign_ins import Subject
from app.web.gate import COOKIE
from tests.app.console.test_people_commands import run
from tests.app.test_entrance import PASSWORD, account, certificate, form_client
from tests.hashes import quick_hashes
from tests.served import Doors, open_doors
from tests.strict_provider import SECRET, StrictProvider, begin, come_back, replace_way, settings_for, strict_provider


@pytest.fixture
def provider() -> Iterator[StrictProvider]:
    with strict_provider() as serving:
        yield serving


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doors]:
    """One product for all tests: opening one takes longer than any of them."""
    with quick_hashes(), open_doors(tmp_path_factory.mktemp("home"), sign_in=True, port=7860) as doors:
        yield doors


@contextmanager
def office(shared: Doors, provider: StrictProvider, folder: Path, **settings: Any) -> Iterator[Doors]:
    """Let the provider's people in within the block; afterwards nobody has an account."""
    folder.mkdir(exist_ok=True)
    people, chosen = shared.product.people, settings_for(provider, folder) | settings
    replace_way(shared, SingleSignOn(Settings(**chosen), people))
    try:
        yield shared
    finally:
        replace_way(shared, None)
        people.attempts._failures.clear()
        with shared.product.database.begin() as connection:
            connection.execute(delete(accounts))


def me(doors: Doors, provider: StrictProvider) -> tuple[TestClient, dict[str, Any]]:
    """Come in; return the browser, and who it is now."""
    client, answer = come_back(doors, provider)
    assert answer.status_code == 200, answer.text
    return client, client.get("/api/me").json()


def test_whoever_comes_for_the_first_time_is_an_employee_and_the_same_person_the_next_time(
    shared: Doors, tmp_path: Path, provider: StrictProvider
) -> None:
    with office(shared, provider, tmp_path) as doors:
        _, first = me(doors, provider)
        assert (first["name"], first["roles"], first["single_sign_on"]) == ("ada", ["employee"], True)
        provider.claims |= {"preferred_username": "ada.married", "email": "other@example.com"}
        _, second = me(doors, provider)
        assert second["name"] == "ada"
        assert len(doors.product.people.accounts.list(LOCAL_ACTOR)) == 1


def test_neither_name_nor_mail_makes_anybody_somebody_else(
    shared: Doors, tmp_path: Path, provider: StrictProvider
) -> None:
    with office(shared, provider, tmp_path) as doors:
        local = account(doors, "ada", role="admin")
        provider.claims |= {"email": "ada", "email_verified": True}
        _, stranger = me(doors, provider)
        assert (stranger["name"], stranger["roles"]) == ("ada 2", ["employee"])
        provider.claims |= {"sub": "18"}
        _, namesake = me(doors, provider)
        assert namesake["name"] == "ada 3"
        assert not doors.product.people.accounts.get(local).single_sign_on


def test_roles_and_groups_follow_the_provider_at_every_sign_in_and_in_open_sessions(
    shared: Doors, tmp_path: Path, provider: StrictProvider
) -> None:
    roles, groups = {"g-admin": "admin", "g-curator": "curator"}, {"g-7": "Sales"}
    before = shared.product.audit.head.number
    with office(shared, provider, tmp_path, oidc_roles=roles, oidc_groups=groups) as doors:
        provider.claims["groups"] = ["g-admin", "g-curator", "g-7", "g-other"]
        first, who = me(doors, provider)
        assert who["roles"] == ["curator", "admin"]
        assert first.get("/api/people").json()[0]["groups"] == ["Sales"]
        provider.claims["groups"] = []
        me(doors, provider)
        assert first.get("/api/me").json()["roles"] == ["employee"]
        assert first.get("/api/people").status_code == 403
        assert doors.product.people.accounts.by_name("ada").groups == ()
        actions = [row.action for row in doors.product.audit.rows() if row.number > before]
        assert actions.count(Action.PERSON_ADDED) == 1
        assert actions.count(Action.PERSON_CHANGED) == 1


def test_without_a_map_roles_and_groups_are_given_here_and_stay(
    shared: Doors, tmp_path: Path, provider: StrictProvider
) -> None:
    with office(shared, provider, tmp_path) as doors:
        me(doors, provider)
        people = doors.product.people
        people.change(LOCAL_ACTOR, people.accounts.by_name("ada").user_id, roles=["curator"], groups=["Law"])
        me(doors, provider)
        assert people.accounts.by_name("ada").groups == ("Law",)
        assert people.accounts.by_name("ada").roles == {"curator"}


def test_every_group_of_the_provider_can_be_one_here(shared: Doors, tmp_path: Path, provider: StrictProvider) -> None:
    with office(shared, provider, tmp_path, oidc_groups="all", oidc_groups_claim="realm_access.roles") as doors:
        provider.claims["realm_access"] = {"roles": ["Sales", "Law", "sales"]}
        me(doors, provider)
        assert doors.product.people.accounts.by_name("ada").groups == ("Law", "sales")
        provider.claims["realm_access"] = {"roles": [f"group {number}" for number in range(51)]}
        _, answer = come_back(doors, provider)
        assert answer.status_code == 403
        assert "oidc_groups" in answer.text
        assert doors.product.people.accounts.by_name("ada").groups == ("Law", "sales")


def test_groups_the_token_does_not_name_are_asked_for_and_without_any_nobody_comes_in(
    shared: Doors, tmp_path: Path, provider: StrictProvider
) -> None:
    del provider.claims["groups"]
    with office(shared, provider, tmp_path, oidc_roles={"g-admin": "admin"}) as doors:
        provider.userinfo = {"sub": "17", "groups": ["g-admin"], "preferred_username": "root"}
        _, who = me(doors, provider)
        assert (who["name"], who["roles"]) == ("ada", ["admin"])
        for told in ({"sub": "17"}, {"sub": "17", "groups": {"g-admin": True}}, {"sub": "17", "groups": [7]}):
            provider.userinfo = told
            _, answer = come_back(doors, provider)
            assert answer.status_code == 403
            assert "which groups you are in (claim &#39;groups&#39;)" in answer.text
        provider.userinfo = {"sub": "18", "groups": ["g-admin"]}
        _, answer = come_back(doors, provider)
        assert answer.status_code == 401
        assert "meant for somebody else" in answer.text


def test_a_disabled_account_stays_disabled(shared: Doors, tmp_path: Path, provider: StrictProvider) -> None:
    with office(shared, provider, tmp_path, oidc_roles={"Sales": "admin"}) as doors:
        client, _ = me(doors, provider)
        people = doors.product.people
        people.change(LOCAL_ACTOR, people.accounts.by_name("ada").user_id, active=False)
        assert client.get("/api/me").status_code == 401
        _, answer = come_back(doors, provider)
        assert answer.status_code == 403
        assert "disabled" in answer.text
        assert not people.accounts.by_name("ada").active


def test_where_no_accounts_are_made_only_who_was_bound_comes_in(
    shared: Doors, tmp_path: Path, provider: StrictProvider
) -> None:
    with office(shared, provider, tmp_path, oidc_create_accounts=False) as doors:
        _, answer = come_back(doors, provider)
        assert answer.status_code == 403
        assert "no account here yet" in answer.text
        people, user_id = doors.product.people, account(doors, "Ada Lovelace", role="curator")
        session = people.sessions.open(people.accounts.get(user_id).actor)
        doors.product.way_in().bind(LOCAL_ACTOR, user_id, " 17 ")
        assert people.sessions.find(session) is None
        _, who = me(doors, provider)
        assert (who["name"], who["roles"]) == ("Ada Lovelace", ["curator"])
        doors.product.way_in().bind(LOCAL_ACTOR, user_id, "")
        assert come_back(doors, provider)[1].status_code == 403
        people.accept(people.invite(LOCAL_ACTOR, user_id), PASSWORD)
        assert people.sign_in("Ada Lovelace", PASSWORD)


def test_a_command_binds_an_account_and_lets_it_go_again(
    shared: Doors, tmp_path: Path, provider: StrictProvider
) -> None:
    with office(shared, provider, tmp_path) as doors:
        account(doors, "Grace", role="curator")
        replace_way(doors, None)
        with pytest.raises(NoProviderError):
            run(doors.product, "users bind", name="Grace", subject="17")
    with office(shared, provider, tmp_path) as doors:
        account(doors, "Grace", role="curator")
        bound = run(doors.product, "users bind", name="grace", subject="17")
        assert (bound["single_sign_on"], bound["invited"]) == (True, False)
        assert me(doors, provider)[1]["name"] == "Grace"
        free = run(doors.product, "users bind", name="Grace", subject="")
        assert (free["single_sign_on"], free["invited"]) == (False, True)
        assert me(doors, provider)[1]["name"] == "ada"


def test_an_account_of_the_provider_has_no_password_here(
    shared: Doors, tmp_path: Path, provider: StrictProvider
) -> None:
    with office(shared, provider, tmp_path) as doors:
        people, user_id = doors.product.people, account(doors)
        link = people.invite(LOCAL_ACTOR, user_id)
        doors.product.way_in().bind(LOCAL_ACTOR, user_id, "17")
        client = form_client(doors)
        assert client.post("/sign-in", data={"name": "Ada", "password": PASSWORD}).status_code == 401
        assert client.get("/welcome", params={"token": link}).status_code == 410
        with pytest.raises(ElsewhereError):
            people.invite(LOCAL_ACTOR, user_id)
        client, _ = me(doors, provider)
        client.headers["origin"] = "http://127.0.0.1:7860"
        assert client.post("/api/me/second-factor").status_code == 409
        assert client.post("/api/me/password", json={"old": PASSWORD, "new": PASSWORD}).status_code == 401


def test_an_administrator_binds_an_account_on_the_page_and_an_employee_does_not(
    shared: Doors, tmp_path: Path, provider: StrictProvider
) -> None:
    with office(shared, provider, tmp_path) as doors:
        people, user_id = doors.product.people, account(doors)
        client, _ = me(doors, provider)
        client.headers["origin"] = "http://127.0.0.1:7860"
        path = f"/api/people/{user_id}"
        assert client.patch(path, json={"subject": "18"}).status_code == 403
        mine = people.accounts.by_name("ada 2").user_id
        people.change(LOCAL_ACTOR, mine, roles=["admin"])
        taken = client.patch(path, json={"subject": "17"})
        assert taken.status_code == 409
        assert "Another account belongs" in taken.text
        assert client.patch(path, json={"subject": "18"}).json()["single_sign_on"] is True
        assert people.accounts.sign_ins.linked(Subject(issuer=provider.address, subject="18")) == user_id


def test_somebody_can_always_sign_in_while_the_provider_is_down(
    shared: Doors, tmp_path: Path, provider: StrictProvider
) -> None:
    with office(shared, provider, tmp_path, oidc_roles={"Sales": "admin"}) as doors:
        local = account(doors, "Root", role="admin")
        me(doors, provider)
        with pytest.raises(LastAdminError):
            doors.product.people.change(LOCAL_ACTOR, local, active=False)
        with pytest.raises(LastAdminError):
            doors.product.way_in().bind(LOCAL_ACTOR, local, "18")
        assert not doors.product.people.accounts.get(local).single_sign_on


def test_with_the_provider_gone_everything_else_works(shared: Doors, tmp_path: Path) -> None:
    with strict_provider() as gone:
        pass
    with office(shared, gone, tmp_path) as doors:
        account(doors)
        client = form_client(doors)
        answer = client.get("/sign-in/elsewhere")
        assert answer.status_code == 503
        assert "cannot be reached" in answer.text
        assert client.post("/sign-in", data={"name": "Ada", "password": PASSWORD}).status_code == 303
        assert client.get("/api/me").json()["name"] == "Ada"


def test_the_provider_is_asked_only_when_somebody_signs_in_there(
    shared: Doors, tmp_path: Path, provider: StrictProvider
) -> None:
    with office(shared, provider, tmp_path) as doors:
        account(doors)
        client = form_client(doors)
        client.get("/sign-in")
        client.post("/sign-in", data={"name": "Ada", "password": PASSWORD})
        client.get("/api/me")
        client.get("/sign-in/out")
        assert provider.asked == []
        me(doors, provider)
        assert provider.asked == ["/.well-known/openid-configuration", "/token", "/keys"]


def test_signing_out_ends_our_session_and_offers_to_sign_out_there(
    shared: Doors, tmp_path: Path, provider: StrictProvider
) -> None:
    with office(shared, provider, tmp_path) as doors:
        assert "/sign-in/out" not in doors.stranger().get("/sign-in?left=1").text
        client, _ = me(doors, provider)
        client.headers["origin"] = "http://127.0.0.1:7860"
        assert client.post("/api/me/sign-out").status_code == 204
        assert client.get("/api/me").status_code == 401
        assert "/sign-in/out" in client.get("/sign-in?left=1").text
        there = client.get("/sign-in/out").headers["location"]
        assert there.startswith(f"{provider.address}/out?client_id=inhouse&post_logout_redirect_uri=http%3A%2F%2F127")


def test_sign_ins_and_refusals_are_in_the_audit_log(shared: Doors, tmp_path: Path, provider: StrictProvider) -> None:
    before = shared.product.audit.head.number
    with office(shared, provider, tmp_path) as doors:
        me(doors, provider)
        client, _ = begin(doors)
        client.get("/sign-in/return?state=guess&code=guess")
        rows = [row for row in doors.product.audit.rows() if row.number > before and row.action == Action.SIGNED_IN]
        assert {row.result for row in rows} == {Result.DONE, Result.DENIED}
        assert {row.object_id for row in rows} == {"single-sign-on"}
        assert len({row.who for row in rows}) == 2


def test_the_secret_is_in_no_log_no_answer_and_no_report(
    shared: Doors, tmp_path: Path, provider: StrictProvider, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with office(shared, provider, tmp_path) as doors:
        client, who = me(doors, provider)
        provider.answers["/token"] = (401, b'{"error": "invalid_client"}')
        _, refused = come_back(doors, provider)
        told = [caplog.text, json.dumps(who), refused.text, client.get("/sign-in").text]
        told.append(json.dumps(report(list(check_provider(doors.product.way_in()._settings)))))
        told.append(repr(doors.product.way_in()._settings))
        assert not [text for text in told if SECRET in text]
        assert "of this person" not in caplog.text


def told(settings: Settings) -> str:
    """Return what the doctor says of the provider: what was found, or the remedy."""
    [finding] = check_provider(settings)
    return finding.remedy or finding.found


def test_the_doctor_says_how_it_is_with_the_provider(tmp_path: Path, provider: StrictProvider) -> None:
    chosen = settings_for(provider, tmp_path)
    settings = Settings(**chosen)
    assert list(check_provider(Settings(sign_in=True))) == []
    assert "must know http://127.0.0.1:7860/sign-in/return" in told(settings)
    provider.answers["/keys"] = (200, b'{"keys": [{"kty": "oct", "k": "AAAA"}]}')
    assert "RS256" in told(settings)
    provider.description = {"issuer": "https://evil.example"}
    assert "Compare oidc_issuer" in told(settings)
    chosen["oidc_client_secret_file"].chmod(0o644)
    assert "oidc_client_secret_file" in told(settings)
    chosen["oidc_client_secret_file"].unlink()
    assert "oidc_client_secret_file" in told(settings)


def test_a_secret_others_can_read_lets_nobody_in(shared: Doors, tmp_path: Path, provider: StrictProvider) -> None:
    with office(shared, provider, tmp_path) as doors:
        (tmp_path / "client-secret").chmod(0o640)
        _, answer = come_back(doors, provider)
        assert answer.status_code == 503
        assert "chmod 600" in answer.text


def test_the_secret_may_be_a_credential_of_systemd(shared: Doors, tmp_path: Path, provider: StrictProvider) -> None:
    credentials = tmp_path / "credentials"
    credentials.mkdir()
    (credentials / "inhouse-oidc-secret").write_text(SECRET + "\n")
    settings = {"oidc_client_secret_file": None, "credentials_directory": credentials}
    with office(shared, provider, tmp_path, **settings) as doors:
        me(doors, provider)


def test_a_provider_needs_a_certificate_somebody_trusts(shared: Doors, tmp_path: Path) -> None:
    files = certificate(tmp_path)
    named = {"certificate": files["tls_certificate_file"], "key": files["tls_key_file"]}
    with strict_provider(**named) as protected:
        with office(shared, protected, tmp_path / "one") as doors:
            answer = doors.stranger().get("/sign-in/elsewhere")
            assert answer.status_code == 503
            assert "certificate is not trusted" in answer.text
            assert "oidc_ca_file" in told(doors.product.way_in()._settings)
        with office(shared, protected, tmp_path / "two", oidc_ca_file=files["tls_certificate_file"]) as doors:
            me(doors, protected)
            assert "is who it should be" in told(doors.product.way_in()._settings)


@contextmanager
def reachable(doors: Doors, *, arrived: threading.Semaphore) -> Iterator[str]:
    """Serve an Inhouse over HTTP within the block; yield its address. `arrived` counts the requests."""

    async def counting(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            arrived.release()
        await doors.application(scope, receive, send)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = uvicorn.Server(uvicorn.Config(counting, log_level="warning", ws="none"))
        thread = threading.Thread(target=server.run, args=([listening],))
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


def test_behind_a_proxy_everything_is_https_and_at_the_name_people_type(
    tmp_path: Path, provider: StrictProvider
) -> None:
    settings = settings_for(provider, tmp_path) | {"proxy_ends_tls": True, "host_names": ["inhouse.example"]}
    with open_doors(tmp_path / "home", **settings) as doors:
        shown = doors.stranger().get("/sign-in").text
        assert 'href="https://inhouse.example/sign-in/elsewhere"' in shown
        out = doors.stranger().get("/sign-in/elsewhere", headers={"host": "inhouse.example"})
        asked = httpx.URL(out.headers["location"]).params
        assert asked["redirect_uri"] == "https://inhouse.example/sign-in/return"
        assert "Secure" in out.headers["set-cookie"]
        client = doors.stranger()
        back = client.get(
            provider.let_in(out.headers["location"]),
            headers={"host": "inhouse.example", "cookie": out.headers["set-cookie"].partition(";")[0]},
        )
        session = next(one for one in back.headers.get_list("set-cookie") if one.startswith(COOKIE))
        assert "Secure" in session


def test_a_provider_that_is_silent_does_not_hold_up_anybody_else(
    shared: Doors, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(provider_module, "TIMEOUT", httpx2.Timeout(120.0))
    many, arrived = 40, threading.Semaphore(0)
    with socket.create_server(("127.0.0.1", 0)) as silent, ThreadPoolExecutor(many) as waiting, httpx.Client() as http:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with (
            office(shared, StrictProvider(address=address), tmp_path) as doors,
            reachable(doors, arrived=arrived) as inhouse,
        ):
            account(doors)
            typed = {"name": "Ada", "password": PASSWORD}
            out = [waiting.submit(http.get, f"{inhouse}/sign-in/elsewhere", timeout=120) for _ in range(many)]
            for _ in out:
                arrived.acquire()
            local = http.post(f"{inhouse}/sign-in", data=typed, headers={"origin": inhouse}, timeout=60)
            silent.close()  # lets them go
            assert local.status_code == 303
            assert {future.result().status_code for future in out} == {503}


@pytest.mark.parametrize(
    ("written", "named"),
    [
        ('oidc_issuer = "https://login.example"', "oidc_client_id"),
        ('sign_in = true\noidc_issuer = "http://login.example"\noidc_client_id = "a"', "https"),
        ('sign_in = true\noidc_issuer = "login.example"\noidc_client_id = "a"', "https"),
        ('oidc_roles = { "g" = "king" }', "oidc_roles"),
        ('oidc_groups = "some"', "oidc_groups"),
        ('sign_in = true\noidc_issuer = "https://a.b"\noidc_client_id = "a"\noidc_scopes = ["email"]', "openid"),
    ],
)
def test_settings_that_cannot_be_used_are_named(tmp_path: Path, written: str, named: str) -> None:
    (tmp_path / "inhouse.toml").write_text(written)
    with pytest.raises(SettingsError, match=named):
        load_settings(home=tmp_path)
