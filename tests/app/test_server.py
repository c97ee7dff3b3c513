"""The gate: nobody gets in without the link, and nothing but what the pages use is a door."""

import gc
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.server import NotLoopbackError, PortInUseError, Server, bind, check_exposure, serve
from app.settings import Settings
from app.web.gate import COOKIE
from tests.fakes import ScriptedChat
from tests.served import Doors, light_product, open_doors

EVENT = {"data": [], "fn_index": 0, "session_hash": "abc"}
UNUSED_GRADIO_DOORS = [
    ("POST", "/gradio_api/upload"),
    ("GET", "/gradio_api/upload_progress?upload_id=x"),
    ("GET", "/gradio_api/file=/etc/passwd"),
    ("GET", "/gradio_api/info"),
    ("GET", "/gradio_api/deep_link"),
    ("GET", "/gradio_api/runs"),
    ("GET", "/gradio_api/stream/a/b/c/playlist.m3u8"),
    ("POST", "/gradio_api/run/ask"),
    ("POST", "/gradio_api/api/ask"),
    ("POST", "/gradio_api/call/ask"),
    ("POST", "/gradio_api/component_server"),
    ("POST", "/gradio_api/vibe-edit"),
    ("GET", "/gradio_api/proxy=http://127.0.0.1/"),
    ("GET", "/monitoring"),
    ("POST", "/login"),
]


@pytest.fixture(scope="module")
def doors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doors]:
    """With the pages, for all tests of this module."""
    with open_doors(tmp_path_factory.mktemp("home"), pages=True) as opened:
        yield opened


@pytest.mark.parametrize("path", ["/", "/knowledge", "/models", "/about"])
def test_page_without_cookie_says_where_the_link_is(doors: Doors, path: str) -> None:
    answer = doors.stranger().get(path)
    assert answer.status_code == 401
    assert "link stands in the terminal" in answer.text
    assert "gradio" not in answer.text.lower()


def test_token_opens_no_page(doors: Doors) -> None:
    assert doors.program().get("/").status_code == 401
    assert doors.program().get("/config").status_code == 401


@pytest.mark.parametrize("path", ["/config", "/api/collections", "/v1/models", "/gradio_api/queue/data?session_hash=a"])
def test_data_without_cookie_is_refused_in_a_sentence(doors: Doors, path: str) -> None:
    answer = doors.stranger().get(path)
    assert answer.status_code == 401
    assert "link" in answer.text or "token" in answer.text


def test_link_works_once(doors: Doors) -> None:
    token = doors.sessions.new_link()
    first = doors.stranger().get("/", params={"token": token})
    assert first.status_code == 303
    assert doors.stranger().get("/", params={"token": token}).status_code == 401


def test_wrong_token_in_link_is_refused(doors: Doors) -> None:
    assert doors.stranger().get("/", params={"token": "guess"}).status_code == 401


def test_link_opened_again_by_the_same_browser_leads_to_the_page(doors: Doors) -> None:
    client, token = doors.stranger(), doors.sessions.new_link()
    client.get("/", params={"token": token})
    assert client.get("/", params={"token": token}).status_code == 303
    assert client.get("/").status_code == 200


def test_cookie_cannot_be_read_by_scripts_or_sent_by_other_sites(doors: Doors) -> None:
    answer = doors.stranger().get("/", params={"token": doors.sessions.new_link()})
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith(COOKIE)
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie


@pytest.mark.parametrize("host", ["evil.example", "evil.example:7860", "127.0.0.1.evil.example", "", "[", "10.0.0.1"])
def test_foreign_host_name_is_refused(doors: Doors, host: str) -> None:
    answer = doors.browser().get("/api/collections", headers={"host": host})
    assert answer.status_code == 421


@pytest.mark.parametrize("origin", ["http://evil.example", "http://127.0.0.1:9999", "https://127.0.0.1:7860", "null"])
def test_foreign_origin_is_refused_even_for_reading(doors: Doors, origin: str) -> None:
    client = doors.browser()
    assert client.get("/api/collections", headers={"origin": origin}).status_code == 403
    assert client.post("/gradio_api/queue/join", json=EVENT, headers={"origin": origin}).status_code == 403


def test_change_without_origin_is_refused_to_a_cookie(doors: Doors) -> None:
    client = doors.browser()
    del client.headers["origin"]
    assert client.post("/api/collections", json={"name": "x"}).status_code == 403


def test_script_of_another_port_is_refused_though_the_browser_calls_it_the_same_site(doors: Doors) -> None:
    headers = {"sec-fetch-site": "same-site", "sec-fetch-mode": "no-cors"}
    assert doors.browser().get("/config", headers=headers).status_code == 403


def test_another_page_may_still_lead_here(doors: Doors) -> None:
    client = doors.browser()
    del client.headers["origin"]
    headers = {"sec-fetch-site": "same-site", "sec-fetch-mode": "navigate"}
    assert client.get("/", headers=headers).status_code == 200


@pytest.mark.parametrize(("method", "path"), UNUSED_GRADIO_DOORS)
def test_gradio_doors_the_pages_do_not_use_are_closed(doors: Doors, method: str, path: str) -> None:
    assert doors.browser().request(method, path).status_code == 404


def test_page_name_of_another_session_is_refused(doors: Doors) -> None:
    mine, other = doors.browser(), doors.browser()
    assert mine.post("/gradio_api/reset", json={"event_id": "e", "session_hash": "mine"}).status_code == 200
    refused = [
        other.get("/gradio_api/queue/data", params={"session_hash": "mine"}),
        other.get("/gradio_api/heartbeat/mine"),
        other.post("/gradio_api/queue/join", json=EVENT | {"session_hash": "mine"}),
        other.post("/gradio_api/cancel", json={"session_hash": "mine", "fn_index": 0, "event_id": "e"}),
    ]
    assert [answer.status_code for answer in refused] == [403] * 4


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"session_hash": 7}', b'{"session_hash": ""}', b"\xff\xfe"])
def test_event_without_page_name_is_refused(doors: Doors, body: bytes) -> None:
    assert doors.browser().post("/gradio_api/queue/join", content=body).status_code == 400


def test_event_that_is_too_large_is_refused(doors: Doors) -> None:
    answer = doors.browser().post("/gradio_api/queue/join", content=b" " * 2_100_000)
    assert answer.status_code == 413


@pytest.mark.parametrize("path", ["/api/search", "/v1/chat/completions", "/api/me/password", "/api/nothing"])
def test_a_request_that_is_too_large_is_refused_before_it_is_read(doors: Doors, path: str) -> None:
    def parts() -> Iterator[bytes]:
        yield b'{"query": "'
        for _ in range(9):
            yield b"x" * 1_000_000

    answer = doors.browser().post(path, content=parts())
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "too_large")
    assert doors.browser().post("/api/search", json={"query": "desks" + " " * 3_000}).status_code == 200


def test_headers_forbid_frames_foreign_scripts_and_keeping(doors: Doors) -> None:
    headers = doors.browser().get("/").headers
    policy = headers["content-security-policy"]
    assert "frame-ancestors 'none'" in policy
    assert "default-src 'none'" in policy
    assert "unsafe-eval" not in policy
    script = policy.split("script-src ")[1].split(";")[0]
    assert "unsafe-inline" not in script
    assert headers["cache-control"] == "no-store"
    assert headers["x-content-type-options"] == "nosniff"


def test_page_holds_our_head_and_no_address_outside(doors: Doors) -> None:
    page = doors.browser().get("/").text
    assert '<script type="module" src="/product/inhouse.js">' in page
    assert "githubusercontent" not in page


def test_refusals_carry_the_same_headers(doors: Doors) -> None:
    headers = doors.stranger().get("/config").headers
    assert "default-src 'none'" in headers["content-security-policy"]


def test_logo_and_styles_are_there_for_the_page_without_cookie(doors: Doors) -> None:
    client = doors.stranger()
    assert client.get("/product/mark.svg").status_code == 200
    assert client.get("/product/../settings.py").status_code != 200


def test_healthz_needs_nothing(doors: Doors) -> None:
    assert doors.stranger().get("/healthz").json() == {"status": "ok"}


def test_readyz_is_true_only_when_the_model_is_loaded(own_doors: Doors) -> None:
    before = own_doors.stranger().get("/readyz")
    assert before.status_code == 503
    assert before.json()["checks"]["database"] == "ok"
    own_doors.product.assistant()
    assert own_doors.stranger().get("/readyz").json() == {
        "status": "ready",
        "checks": {"model": "ok", "database": "ok", "index": "ok"},
    }


def test_readyz_notices_that_the_index_disagrees(own_doors: Doors) -> None:
    own_doors.product.assistant()
    collection_id = own_doors.product.chunks.collection_ids()[0]
    own_doors.product.index().drop(collection_id)
    answer = own_doors.stranger().get("/readyz")
    assert answer.status_code == 503
    assert "rebuild-index" in answer.json()["checks"]["index"]


@pytest.mark.parametrize("host", ["192.168.1.5", "inhouse.example", ""])
@pytest.mark.parametrize(
    ("chosen", "missing"),
    [
        ({}, "sign_in = true"),
        ({"proxy_ends_tls": True}, "sign_in = true"),
        ({"sign_in": True}, "tls_certificate_file"),
    ],
)
def test_other_machines_are_served_only_with_accounts_and_tls(host: str, chosen: dict[str, bool], missing: str) -> None:
    with pytest.raises(NotLoopbackError, match=missing):
        check_exposure(Settings(host=host, **chosen))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "chosen",
    [
        {"host": "127.0.0.1"},
        {"host": "localhost", "sign_in": True},
        {"host": "192.168.1.5", "sign_in": True, "proxy_ends_tls": True},
        {"host": "192.168.1.5", "sign_in": True, "tls_certificate_file": "c.pem", "tls_key_file": "k.pem"},
    ],
)
def test_what_may_be_served_is_served(chosen: dict[str, Any]) -> None:
    check_exposure(Settings(**chosen))


def test_port_in_use_is_a_sentence() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(PortInUseError, match="cannot be used"):
            bind("127.0.0.1", taken.getsockname()[1])


def test_server_serves_and_ends_leaving_no_token(tmp_path: Path) -> None:
    token = tmp_path / "run" / "token"
    with light_product(tmp_path, ScriptedChat()) as product:
        with Server(product) as server:
            assert token.stat().st_mode & 0o777 == 0o600
            given = token.read_text().strip()
            models = httpx.get(f"{server.address}/v1/models", headers={"authorization": f"Bearer {given}"})
            assert models.status_code == 200
            assert httpx.get(server.link()).status_code == 303
        assert not server.alive
    assert not token.exists()


def test_what_was_loaded_is_never_looked_through_again(tmp_path: Path) -> None:
    stop = threading.Event()
    with light_product(tmp_path, ScriptedChat()) as product:
        serving = threading.Thread(target=serve, args=(product,), kwargs={"stop": stop, "tell": lambda _: None})
        serving.start()
        try:
            while serving.is_alive() and not gc.get_freeze_count():
                serving.join(0.05)
            assert gc.get_freeze_count()
        finally:
            stop.set()
            serving.join()
            gc.unfreeze()
