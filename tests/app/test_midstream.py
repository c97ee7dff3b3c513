"""An answer is on its way when its person is disabled, signs out elsewhere, or loses the token: it ends there."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from app.answers import LOCAL_ACTOR, Actor
from app.product import Product
from app.server import Server
from app.web.gate import COOKIE
from tests.fakes import ScriptedChat
from tests.hashes import quick_hashes
from tests.served import QUESTION, agree, learn, light_product

BEGINNING, REST = "The Paris office", "has 42 desks, and pelicans."
ASKED = {"model": "inhouse", "messages": [{"role": "user", "content": QUESTION}], "stream": True}


@dataclass(frozen=True)
class Office:
    """A served product whose model waits in the middle of every answer."""

    product: Product
    address: str
    goes_on: threading.Event
    ada: Actor

    def asking(self, headers: dict[str, str]) -> httpx.Client:
        """Return a client of Ada's."""
        return httpx.Client(base_url=self.address, headers={"origin": self.address} | headers, timeout=30)


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    goes_on = threading.Event()
    chat = ScriptedChat(texts=[f"{BEGINNING} {REST}"], gate=goes_on, gate_after=4)
    with quick_hashes(), light_product(tmp_path, chat, sign_in=True) as product:
        learn(product)
        made = product.people.accounts.add(LOCAL_ACTOR, "Ada", roles=["admin"])
        agree(product, made.actor)
        with Server(product) as server:
            yield Office(product, server.address, goes_on, made.actor)
            goes_on.set()


def with_cookie(office: Office) -> dict[str, str]:
    return {"cookie": f"{COOKIE}={office.product.people.sessions.open(office.ada)}"}


def with_token(office: Office) -> dict[str, str]:
    _, secret = office.product.people.make_token(office.ada, name="script", scopes=["ask"], days=1)
    return {"authorization": f"Bearer {secret}"}


def disabled(office: Office) -> None:
    other = office.product.people.accounts.add(LOCAL_ACTOR, "Bob", roles=["admin"])
    office.product.people.change(other.actor, office.ada.user_id, active=False)


def signed_out(office: Office) -> None:
    office.product.people.sessions.end_of(office.ada.user_id)


def told_after(office: Office, headers: dict[str, str], happens: Callable[[Office], None]) -> str:
    """Return all of an answer in the middle of which something happens."""
    told = ""
    with office.asking(headers) as client, client.stream("POST", "/v1/chat/completions", json=ASKED) as answer:
        assert answer.status_code == 200
        for line in answer.iter_lines():
            told += line
            if not office.goes_on.is_set() and "office" in told:
                happens(office)
                office.goes_on.set()
    return told


def test_an_answer_nobody_disturbs_is_told_to_its_end(office: Office) -> None:
    assert "pelicans" in told_after(office, with_cookie(office), lambda _office: None)


@pytest.mark.parametrize("known", [with_cookie, with_token])
def test_the_answer_of_a_leaver_ends(office: Office, known: Callable[[Office], dict[str, str]]) -> None:
    headers = known(office)
    assert "pelicans" not in told_after(office, headers, disabled)
    with office.asking(headers) as client:
        assert client.get("/api/collections").status_code == 401


def test_the_answer_of_a_session_that_was_ended_elsewhere_is_told_no_further(office: Office) -> None:
    assert "pelicans" not in told_after(office, with_cookie(office), signed_out)
