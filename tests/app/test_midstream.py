"""An answer is on its way when its person is disabled, signs out elsewhere, or loses the token: it ends there."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from app import commands
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
    chat: ScriptedChat
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
            yield Office(product, server.address, chat, goes_on, made.actor)
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


def revoked(office: Office) -> None:
    (token,) = office.product.people.tokens.of(office.ada)
    with office.asking(with_cookie(office)) as client:
        assert client.delete(f"/api/me/tokens/{token.token_id}").status_code == 204


def revoked_by_command(office: Office) -> None:
    (token,) = office.product.people.tokens.of(office.ada)
    arguments = {"user": "Ada", "token_id": token.token_id}
    assert [*commands.run(office.product, "tokens revoke", arguments, threading.Event())]


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


def wait_until_stopped(office: Office) -> None:
    """Wait until the model, which nobody has let go on, writes no longer."""
    for _ in range(1000):
        if office.chat.closed:
            return
        time.sleep(0.01)
    raise AssertionError("the model still writes")


def told_until_it_ends(office: Office, headers: dict[str, str], happens: Callable[[Office], None]) -> str:
    """Return all of an answer in the middle of which something happens, and which the model does not go on with."""
    told = ""
    with office.asking(headers) as client, client.stream("POST", "/v1/chat/completions", json=ASKED) as answer:
        for line in answer.iter_lines():
            if "office" in line and "office" not in told:
                happens(office)
            told += line
    return told


@pytest.mark.parametrize("happens", [revoked, revoked_by_command])
def test_the_answer_of_a_token_that_is_revoked_ends_and_its_owner_goes_on(
    office: Office, happens: Callable[[Office], None]
) -> None:
    headers, cookie = with_token(office), with_cookie(office)
    assert "pelicans" not in told_until_it_ends(office, headers, happens)
    wait_until_stopped(office)
    with office.asking(headers) as client:
        assert client.get("/api/collections").status_code == 401
    office.goes_on.set()
    assert "pelicans" in told_until_it_ends(office, cookie, lambda _office: None)


def test_the_answer_of_a_token_that_runs_out_ends(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    real = time.time

    def two_days_pass(_office: Office) -> None:
        monkeypatch.setattr(time, "time", lambda: real() + 2 * 86_400)

    assert "pelicans" not in told_until_it_ends(office, with_token(office), two_days_pass)
    wait_until_stopped(office)


@pytest.mark.parametrize(
    ("known", "happens"), [(with_token, revoked), (with_cookie, signed_out), (with_cookie, disabled)]
)
def test_an_answer_that_is_told_as_a_whole_is_not_told_to_whoever_is_out_by_then(
    office: Office, known: Callable[[Office], dict[str, str]], happens: Callable[[Office], None]
) -> None:
    headers = known(office)

    def meanwhile() -> None:
        while not office.chat.prompts:
            time.sleep(0.01)
        happens(office)
        office.goes_on.set()

    other = threading.Thread(target=meanwhile)
    other.start()
    with office.asking(headers) as client:
        answer = client.post("/v1/chat/completions", json=ASKED | {"stream": False})
    other.join()
    assert answer.status_code == 401
    assert "desks" not in answer.text
