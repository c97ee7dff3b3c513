"""Events sent by hand to a served product: rubbish for every handler of every page, and what the stream says of it."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from app.answers import LOCAL_ACTOR, Actor
from app.product import Product
from app.server import Server
from app.web.gate import COOKIE
from tests.fakes import ScriptedChat
from tests.hashes import quick_hashes
from tests.served import agree, learn, light_product

RUBBISH: list[list[Any]] = [
    [],
    [None] * 9,
    [{"a": 1}, [[]], -1, "x"],
    ["\u202e" * 50, {"__type__": "update"}],
    [1e308] * 3,
]
TRACES = ("Traceback", 'File "', "site-packages", "sqlalchemy", ".py")
SECRET = "Handbook"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with quick_hashes(), light_product(tmp_path_factory.mktemp("home"), ScriptedChat(), sign_in=True) as product:
        learn(product)
        with Server(product) as opened:
            yield opened


def person(product: Product, name: str) -> Actor:
    actor = product.people.accounts.add(LOCAL_ACTOR, name, roles=["employee"]).actor
    agree(product, actor)
    return actor


def client(server: Server, actor: Actor) -> httpx.Client:
    cookie = server.product.people.sessions.open(actor)
    headers = {"origin": server.address, "cookie": f"{COOKIE}={cookie}"}
    return httpx.Client(base_url=server.address, headers=headers, timeout=30)


def numbers(opened: httpx.Client) -> dict[str, int]:
    """Return the handlers of all pages by name; several may have the same name, and then the last counts."""
    return {one["api_name"]: one["id"] for one in opened.get("/config").json()["dependencies"]}


def sent(opened: httpx.Client, number: int, data: list[Any], page: str) -> httpx.Response:
    """Send an event by hand."""
    event = {"data": data, "fn_index": number, "session_hash": page, "trigger_id": 1, "event_data": None}
    return opened.post("/gradio_api/queue/join", json=event)


def said(opened: httpx.Client, page: str) -> list[dict[str, Any]]:
    """Return what the stream of a page says until its events have ended."""
    told = []
    with opened.stream("GET", "/gradio_api/queue/data", params={"session_hash": page}) as stream:
        for line in stream.iter_lines():
            if line.startswith("data: "):
                told.append(json.loads(line.removeprefix("data: ")))
                if told[-1]["msg"] == "close_stream":
                    break
    return told


def test_rubbish_in_every_handler_gives_nobody_a_trace_or_what_is_not_theirs(server: Server) -> None:
    with client(server, person(server.product, "Mallory")) as opened:
        handlers = [one["id"] for one in opened.get("/config").json()["dependencies"]]
        assert len(handlers) > 20
        for number in handlers:
            for turn, data in enumerate(RUBBISH):
                page = f"page{number}x{turn}"
                answer = sent(opened, number, data, page)
                assert answer.status_code < 500, (number, data, answer.text)
                shown = answer.text + (json.dumps(said(opened, page)) if answer.status_code == 200 else "")
                assert not [trace for trace in (*TRACES, SECRET) if trace in shown], (number, data, shown)


def test_what_gradio_itself_stumbles_over_is_not_told(server: Server) -> None:
    with client(server, person(server.product, "Eve")) as opened:
        assert sent(opened, numbers(opened)["ask"], [], "e1").status_code == 200
        (ended,) = [one for one in said(opened, "e1") if one["msg"] == "process_completed"]
    assert not ended["success"]
    assert ended["output"]["error"] is None


def test_a_stream_says_nothing_of_another_persons_page(server: Server) -> None:
    with client(server, person(server.product, "Ada")) as mine, client(server, person(server.product, "Bob")) as other:
        assert sent(mine, numbers(mine)["begin"], [], "ada1").status_code == 200
        assert other.get("/gradio_api/queue/data", params={"session_hash": "ada1"}).status_code == 403
        assert [one["msg"] for one in said(mine, "ada1")][-1] == "close_stream"
