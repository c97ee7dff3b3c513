"""The privacy notice at the first sign-in: nothing else opens before it, and it comes again when its words change."""

import io
import json
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from app.answers import LOCAL_ACTOR, Actor
from app.privacy_notice import notice
from app.store.audit import Only
from app.web.gate import COOKIE
from tests.fakes import ScriptedChat
from tests.hashes import quick_hashes
from tests.served import ANSWER, HOST, QUESTION, Doors, doors_of, light_product, open_doors

PASSWORD = "seven lamps of architecture"
CHAT = {"model": "inhouse", "messages": [{"role": "user", "content": QUESTION}]}


@contextmanager
def office_at(home: Path, **settings: Any) -> Iterator[Doors]:
    """A product where people sign in; Ada has an account."""
    with quick_hashes(), open_doors(home, sign_in=True, **settings) as doors:
        yield doors


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Doors]:
    with office_at(tmp_path) as doors:
        yield doors


def ada_of(doors: Doors) -> Actor:
    """Return Ada, whose account is made the first time."""
    accounts = doors.product.people.accounts
    known = [one for one in accounts.list(LOCAL_ACTOR) if one.name == "Ada"]
    return (known[0] if known else accounts.add(LOCAL_ACTOR, "Ada", roles=["admin"])).actor


def browser_of(doors: Doors, actor: Actor) -> TestClient:
    client = doors.stranger()
    client.headers["origin"] = HOST
    client.cookies.set(COOKIE, doors.product.people.sessions.open(actor))
    return client


def version_of(doors: Doors) -> str:
    return notice(doors.product.settings).version


def test_nothing_opens_before_somebody_has_agreed(office: Doors) -> None:
    client = browser_of(office, ada_of(office))
    for path in ("/", "/search", "/knowledge", "/account", "/people"):
        assert (client.get(path).status_code, client.get(path).headers["location"]) == (303, "/notice")
    refused = client.get("/api/collections")
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "no_consent")
    assert "Read the privacy notice" in refused.json()["error"]["message"]
    assert client.post("/v1/chat/completions", json=CHAT).status_code == 403
    event = client.post("/gradio_api/queue/join", json={"session_hash": "p", "fn_index": 0, "data": []})
    assert (event.status_code, event.json()["error"]["code"]) == (403, "no_consent")
    for path in ("/config", "/gradio_api/queue/data?session_hash=p", "/gradio_api/heartbeat/p"):
        assert client.get(path).status_code == 403, path


def test_agreeing_opens_everything_and_is_kept_and_recorded(office: Doors) -> None:
    ada = ada_of(office)
    client = browser_of(office, ada)
    page = client.get("/notice")
    assert "What is kept, and for how long" in page.text
    assert f'value="{version_of(office)}"' in page.text
    agreed = client.post("/notice", data={"version": version_of(office)})
    assert (agreed.status_code, agreed.headers["location"]) == (303, "/")
    assert client.get("/api/collections").status_code == 200
    assert client.get("/api/notice").json()["agreed"]["version"] == version_of(office)
    assert "I have read this" not in client.get("/notice").text
    (row,) = office.product.audit.rows(Only(actions=("consent given",), person=ada.user_id))
    assert row.result == "done"


def test_nobody_agrees_to_words_they_were_not_shown(office: Doors) -> None:
    client = browser_of(office, ada_of(office))
    stale = client.post("/notice", data={"version": "another"})
    assert (stale.status_code, "changed while you read" in stale.text) == (409, True)
    assert client.get("/api/collections").status_code == 403


def test_a_page_elsewhere_cannot_agree_for_somebody(office: Doors) -> None:
    client = browser_of(office, ada_of(office))
    for headers in ({"origin": "http://evil.example"}, {"origin": ""}):
        assert client.post("/notice", data={"version": version_of(office)}, headers=headers).status_code == 403
    assert client.get("/api/collections").status_code == 403


def test_a_token_opens_nothing_until_its_owner_has_agreed(office: Doors) -> None:
    ada = ada_of(office)
    _, secret = office.product.people.make_token(ada, name="script", scopes=["manage"], days=1)
    program = office.stranger()
    program.headers["authorization"] = f"Bearer {secret}"
    for path in ("/v1/models", "/api/collections", "/metrics"):
        assert program.get(path).status_code == 403, path
    refused = program.post("/v1/chat/completions", json=CHAT)
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "no_consent")
    browser_of(office, ada).post("/notice", data={"version": version_of(office)})
    assert program.post("/v1/chat/completions", json=CHAT).status_code == 200


def test_whoever_does_not_agree_can_sign_out_take_out_and_erase_what_is_theirs(office: Doors) -> None:
    ben = office.product.people.accounts.add(LOCAL_ACTOR, "Ben", roles=["employee"]).actor
    client = browser_of(office, ben)
    packed = zipfile.ZipFile(io.BytesIO(client.get("/api/me/export").content))
    assert json.loads(packed.read("export.json"))["person"]["name"] == "Ben"
    assert browser_of(office, ben).post("/api/me/sign-out").status_code == 204
    assert client.post("/api/me/erase", json={"name": "Ben"}).status_code == 200
    assert client.get("/notice").headers["location"] == "/sign-in"


def test_other_settings_bring_the_notice_again_with_what_is_new(tmp_path: Path) -> None:
    with office_at(tmp_path) as doors:
        ada = ada_of(doors)
        browser_of(doors, ada).post("/notice", data={"version": version_of(doors)})
        first = version_of(doors)
    settings = {"keep_feedback_days": 30, "personal_data": "mask", "share_rated": False}
    with quick_hashes(), _again(tmp_path, **settings) as doors:
        client = browser_of(doors, ada)
        assert client.get("/").headers["location"] == "/notice"
        told = client.get("/api/notice").json()
        assert told["agreed"]["version"] == first != told["version"]
        assert "Rating an answer shares nothing: ratings are counted." in told["new"]
        assert any("no more than 30 days" in line for line in told["new"])
        assert any("curators and administrators" in line for line in told["gone"])
        page = client.get("/notice").text
        assert "New since then" in page
        assert "ratings are counted" in page
        client.post("/notice", data={"version": version_of(doors)})
        assert client.get("/api/collections").status_code == 200
    with quick_hashes(), _again(tmp_path, **settings) as doors:
        assert browser_of(doors, ada).get("/api/collections").status_code == 200


@contextmanager
def _again(home: Path, **settings: Any) -> Iterator[Doors]:
    """The same data directory, opened once more."""
    chat = ScriptedChat(texts=[ANSWER])
    with light_product(home, chat, sign_in=True, **settings) as product:
        yield doors_of(product, chat)


def test_consent_is_in_the_persons_export_and_goes_with_them(office: Doors) -> None:
    ada, ben = ada_of(office), office.product.people.accounts.add(LOCAL_ACTOR, "Ben", roles=["employee"]).actor
    browser_of(office, ada).post("/notice", data={"version": version_of(office)})
    client = browser_of(office, ben)
    client.post("/notice", data={"version": version_of(office)})
    packed = zipfile.ZipFile(io.BytesIO(client.get("/api/me/export").content))
    (kept,) = json.loads(packed.read("export.json"))["consents"]
    assert kept["version"] == version_of(office)
    receipt = client.post("/api/me/erase", json={"name": "Ben"}).json()
    assert receipt["destroyed"]["consents"] == 1
    assert office.product.consents.last(ben) is None
    assert office.product.consents.last(ada) is not None


def test_on_a_workstation_the_notice_is_a_page_and_no_gate(tmp_path: Path) -> None:
    with open_doors(tmp_path) as alone:
        client = alone.browser()
        assert client.get("/api/collections").status_code == 200
        page = client.get("/notice").text
        assert "shares it with nobody" in page
        assert "I have read this" not in page
        assert alone.stranger().get("/notice").status_code == 401
