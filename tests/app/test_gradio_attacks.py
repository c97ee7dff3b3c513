"""What is known of Gradio, tried by somebody with an account against the product as it is served.

Gradio enforces nothing itself: it believes the page's name, calls what it is told to, hands out uploads, and fetches
what an event names as a file. Everything here is an attack, and what stands between is the gate.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.routing import APIRoute
from starlette.routing import Mount

from app.web.gate import PAGES
from tests.app.test_matrix import SECRETS, World
from tests.hashes import quick_hashes
from tests.served import ANSWER, Doors, open_doors

USED = {
    "GET /",
    "GET /config",
    "GET /theme.css",
    "GET /gradio_api/theme.css",
    "GET /gradio_api/app_id",
    "GET /gradio_api/queue/data",
    "GET /gradio_api/heartbeat/{session_hash}",
    "GET /gradio_api/startup-events",
    "GET /assets/{path:path}",
    "GET /static/{path:path}",
    "GET /favicon.ico",
    "POST /gradio_api/queue/join",
    "POST /gradio_api/cancel",
    "POST /gradio_api/reset",
}
"""The doors of Gradio that the pages use. Every other one has to be closed, those of a later version too."""
FILE = {"path": "/etc/hostname", "meta": {"_type": "gradio.FileData"}}
ELSEWHERE = {"path": "http://127.0.0.1:9/x.png", "meta": {"_type": "gradio.FileData"}}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with quick_hashes(), open_doors(tmp_path_factory.mktemp("home"), sign_in=True, pages=True) as opened:
        yield World(opened, tmp_path_factory.mktemp("folders"))


def addresses(routes: list[Any], before: str = "") -> Iterator[str]:
    """Yield method and path of every route of an application and of what is mounted in it."""
    for route in routes:
        if isinstance(route, APIRoute):
            yield from (f"{method} {before}{route.path}" for method in route.methods or ())
        elif router := getattr(route, "original_router", None):
            yield from addresses(router.routes, before + (getattr(route, "prefix", "") or ""))
        elif isinstance(route, Mount):
            yield from addresses(route.routes, before + route.path)


def gradio_addresses(doors: Doors) -> set[str]:
    (mounted,) = [one for one in doors.application.routes if isinstance(one, Mount) and one.path == ""]
    return set(addresses(mounted.routes))


def test_every_door_of_gradio_that_no_page_uses_is_closed(world: World) -> None:
    found = gradio_addresses(world.doors)
    assert len(found) > 60
    assert {"POST /gradio_api/upload", "POST /gradio_api/component_server", "GET /monitoring"} <= found
    client = world.client("admin")
    for address in sorted(found - USED):
        method, path = address.split(" ")
        if method == "HEAD" or path in PAGES:
            continue
        url = re.sub(r"\{.+?\}", "x", path)
        assert client.request(method, url, json={"session_hash": "mine"}).status_code == 404, address


@pytest.mark.parametrize("address", sorted(USED - {"GET /favicon.ico", "GET /gradio_api/app_id"}))
def test_the_doors_pages_use_let_no_stranger_in(world: World, address: str) -> None:
    method, path = address.split(" ")
    answer = world.client("stranger").request(method, re.sub(r"\{.+?\}", "x", path))
    assert answer.status_code in {303, 401}


@pytest.mark.parametrize("who", ["employee", "auditor", "foreign curator"])
def test_no_page_and_no_configuration_tells_of_others(world: World, who: str) -> None:
    client = world.client(who)
    names = [actor.name for name, actor in world.actors.items() if name != who and " " in actor.name]
    ids = [actor.user_id for name, actor in world.actors.items() if name != who]
    for path in (*sorted(PAGES), "/config", *(f"/config?page={page.strip('/')}" for page in sorted(PAGES))):
        answer = client.get(path)
        assert answer.status_code == 200, path
        told = [word for word in (*SECRETS, *names, *ids, world.conversation_id, ANSWER) if word in answer.text]
        assert not told, (path, told)


@pytest.mark.parametrize(
    "path",
    [
        "/gradio_api/file=/etc/passwd",
        "/gradio_api/file/etc/passwd",
        "/file=/etc/passwd",
        "/static/../../../../../../etc/passwd",
        "/static/%2e%2e/%2e%2e/%2e%2e/%2e%2e/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
        "/static//etc/passwd",
        "/assets/..%2f..%2f..%2f..%2f..%2f..%2fetc/passwd",
        "/assets//etc/passwd",
        "/product/..%2f..%2f..%2f..%2f..%2f..%2fetc/passwd",
        "/product//etc/passwd",
        "/gradio_api/proxy=https://example.com/",
        "/proxy=http://127.0.0.1/",
        "/config?deep_link=..%2f..",
        "/?deep_link=" + "a" * 32,
        "/gradio_api/queue/data?session_hash=nobodys&deep_link=x",
        "/svelte/../../etc/passwd",
        "/custom_component/x/client/component/..%2f..%2fetc%2fpasswd",
    ],
)
def test_no_path_leads_to_a_file(world: World, path: str) -> None:
    answer = world.client("employee").get(path)
    assert answer.status_code in {400, 403, 404}, answer.text[:200]
    assert "root:" not in answer.text


def test_a_request_that_names_two_pages_is_refused(world: World) -> None:
    mine, other = world.client("reader"), world.client("employee")
    joined = {"data": [], "fn_index": 0, "session_hash": "victim"}
    assert mine.post("/gradio_api/reset", json={"event_id": "e"} | joined).status_code == 200
    for query in ("session_hash=own&session_hash=victim", "session_hash=&session_hash=victim", "session_hash=victim"):
        answer = other.get(f"/gradio_api/queue/data?{query}")
        assert answer.status_code in {400, 403}, query
    assert other.get("/gradio_api/heartbeat/victim?session_hash=own").status_code == 403
    twice = b'{"session_hash": "own", "session_hash": "victim", "data": [], "fn_index": 0}'
    assert other.post("/gradio_api/queue/join", content=twice).status_code == 403


@pytest.mark.parametrize("given", [FILE, ELSEWHERE, [{"content": [FILE]}], {"a": {"b": [ELSEWHERE]}}])
def test_an_event_that_names_a_file_is_refused_before_gradio_fetches_it(world: World, given: object) -> None:
    event = {"data": [given], "fn_index": 0, "session_hash": "mine"}
    answer = world.client("employee").post("/gradio_api/queue/join", json=event)
    assert answer.status_code == 400
    assert "Files are sent" in answer.json()["detail"]


def test_the_type_of_a_file_cannot_be_hidden(world: World) -> None:
    body = json.dumps({"data": [FILE], "fn_index": 0, "session_hash": "mine"})
    hidden = body.replace("gradio.FileData", "\\u0067radio.FileData").replace("meta", "\\u006deta")
    assert world.client("employee").post("/gradio_api/queue/join", content=hidden.encode()).status_code == 400


@pytest.mark.parametrize(
    "body",
    [b"[" * 200_000, b'{"session_hash": "\\ud800", "data": [], "fn_index": 0}', b'{"a":' * 90_000],
    ids=["deep list", "half a character", "deep object"],
)
def test_an_event_made_to_break_the_reader_is_refused(world: World, body: bytes) -> None:
    for path in ("/gradio_api/queue/join", "/gradio_api/cancel"):
        assert world.client("employee").post(path, content=body).status_code == 400


@pytest.mark.parametrize("path", ["/api/search", "/v1/chat/completions", "/api/me/password", "/api/holds"])
def test_a_body_made_to_break_the_reader_is_refused(world: World, path: str) -> None:
    for body in (b"[" * 200_000, b'{"query": "\\ud800"}', b"\xff\xfe"):
        headers = {"content-type": "application/json"}
        assert world.client("admin").post(path, content=body, headers=headers).status_code in {400, 422}


@pytest.mark.parametrize("number", [-1, 10_000, 2**70, "ask", None, [1], 1.5])
def test_a_function_there_is_not_is_a_refusal(world: World, number: Any) -> None:
    client, page = world.client("employee"), f"page {number}"
    event = {"data": [], "fn_index": number, "session_hash": page, "trigger_id": 1, "event_data": None}
    for path in ("/gradio_api/queue/join", "/gradio_api/cancel"):
        answer = client.post(path, json=event | {"event_id": "e"})
        assert answer.status_code in {200, 400, 404, 422}, answer.text[:300]
        assert path.endswith("cancel") or answer.status_code != 200
        assert "Traceback" not in answer.text
