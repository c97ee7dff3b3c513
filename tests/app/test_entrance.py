"""Coming in where people have accounts: forms, cookies, tokens, waits, certificates; and what does not come in."""

import datetime as dt
import ipaddress
import ssl
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from starlette.testclient import TestClient

from app.answers import LOCAL_ACTOR
from app.identity.attempts import FREE_FAILURES, FREE_FAILURES_OF_ADDRESS
from app.server import Server
from app.web.gate import COOKIE
from tests.fakes import ScriptedChat
from tests.hashes import quick_hashes
from tests.served import HOST, QUESTION, Doors, agree, light_product, open_doors

PASSWORD = "seven lamps of architecture"
CHAT = {"model": "inhouse", "messages": [{"role": "user", "content": QUESTION}]}


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Doors]:
    with quick_hashes(), open_doors(tmp_path, sign_in=True, host_names=["inhouse.example"]) as opened:
        yield opened


def form_client(doors: Doors) -> TestClient:
    client = doors.stranger()
    client.headers["origin"] = HOST
    return client


def account(doors: Doors, name: str = "Ada", role: str = "employee") -> str:
    """Make an account with a password and return its id."""
    people = doors.product.people
    made = people.accounts.add(LOCAL_ACTOR, name, roles=[role])  # type: ignore[list-item]
    people.accept(people.invite(LOCAL_ACTOR, made.user_id), PASSWORD)
    agree(doors.product, made.actor)
    return made.user_id


def test_the_whole_way_in(office: Doors) -> None:
    token = office.product.people.new_setup_link()
    client = form_client(office)
    assert client.get("/").headers["location"] == "/sign-in"
    assert "Set up Inhouse" in client.get("/setup", params={"token": str(token)}).text
    typed = {"token": token, "name": "Ada", "password": PASSWORD, "again": PASSWORD + "x"}
    assert "differ" in client.post("/setup", data=typed).text
    assert "first administrator. Sign in" in client.post("/setup", data=typed | {"again": PASSWORD}).text
    assert client.post("/setup", data=typed | {"again": PASSWORD}).status_code == 410
    wrong = client.post("/sign-in", data={"name": "Ada", "password": "no"})
    assert (wrong.status_code, "not right" in wrong.text, 'value="Ada"' in wrong.text) == (401, True, True)
    right = client.post("/sign-in", data={"name": "ada", "password": PASSWORD})
    assert (right.status_code, right.headers["location"]) == (303, "/")
    cookie = right.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert client.get("/").headers["location"] == "/notice"
    agree(office.product, office.product.people.accounts.by_name("Ada").actor)
    assert client.get("/api/me").json()["roles"] == ["admin"]


def test_nobody_comes_in_through_the_link_of_a_workstation(office: Doors) -> None:
    client = office.browser()
    assert client.cookies.get(COOKIE) is None
    assert client.get("/api/collections").status_code == 401


def test_what_is_typed_is_shown_as_text(office: Doors) -> None:
    answer = form_client(office).post("/sign-in", data={"name": '"><script>alert(1)</script>', "password": "x"})
    assert "<script>" not in answer.text


@pytest.mark.parametrize("headers", [{}, {"origin": "null"}, {"origin": "http://evil.example"}])
def test_a_form_of_another_page_does_not_come_in(office: Doors, headers: dict[str, str]) -> None:
    account(office)
    answer = office.stranger().post("/sign-in", data={"name": "Ada", "password": PASSWORD}, headers=headers)
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


def test_guessing_is_slowed_with_a_sentence(office: Doors) -> None:
    account(office)
    client = form_client(office)
    for _ in range(FREE_FAILURES):
        assert client.post("/sign-in", data={"name": "Ada", "password": "no"}).status_code == 401
    answer = client.post("/sign-in", data={"name": "Ada", "password": PASSWORD})
    assert answer.status_code == 429
    assert "Try again in" in answer.text


def test_behind_a_proxy_guessing_is_counted_for_whom_the_proxy_heard(tmp_path: Path) -> None:
    with quick_hashes(), open_doors(tmp_path, sign_in=True, proxy_ends_tls=True) as doors:
        account(doors)
        client = doors.stranger()
        client.headers["origin"] = HOST.replace("http", "https")
        for number in range(FREE_FAILURES_OF_ADDRESS):
            typed = {"name": f"guess {number}", "password": "no"}
            heard = {"x-forwarded-for": f"10.9.9.{number}, 192.0.2.1"}
            assert client.post("/sign-in", data=typed, headers=heard).status_code == 401
        right = {"name": "Ada", "password": PASSWORD}
        attacker = {"x-forwarded-for": "192.0.2.99, 192.0.2.1"}
        assert client.post("/sign-in", data=right, headers=attacker).status_code == 429
        colleague = {"x-forwarded-for": "192.0.2.1, 192.0.2.2"}
        assert client.post("/sign-in", data=right, headers=colleague).status_code == 303


@pytest.mark.parametrize("body", [b"", b"name=%ff%fe&password=%00", b"=&=&=", b"name=a" * 10, "näme=ö".encode()])
def test_a_form_of_rubbish_is_an_answer(office: Doors, body: bytes) -> None:
    assert form_client(office).post("/sign-in", content=body).status_code == 401


def test_a_form_that_is_too_large_is_refused(office: Doors) -> None:
    assert form_client(office).post("/sign-in", content=b"name=" + b"a" * 20_000).status_code == 413


def test_a_name_people_open_it_by_is_answered_and_no_other(office: Doors) -> None:
    assert office.stranger().get("/sign-in", headers={"host": "inhouse.example"}).status_code == 200
    assert office.stranger().get("/sign-in", headers={"host": "evil.example"}).status_code == 421


def program(doors: Doors, user_id: str, scope: str) -> TestClient:
    """Return a program with a token of somebody's."""
    owner = doors.product.people.accounts.get(user_id).actor
    _, secret = doors.product.people.make_token(owner, name="script", scopes=[scope], days=1)  # type: ignore[list-item]
    client = doors.stranger()
    client.headers["authorization"] = f"Bearer {secret}"
    return client


def test_a_token_to_ask_asks_and_reads_and_changes_nothing(office: Doors) -> None:
    client = program(office, account(office, role="curator"), "ask")
    assert client.post("/v1/chat/completions", json=CHAT).status_code == 200
    assert client.get("/api/collections").status_code == 200
    answer = client.post("/api/collections", json={"name": "Mine"})
    assert answer.status_code == 403
    assert "scope manage" in answer.text


def test_a_token_to_manage_does_what_its_owner_may_and_nothing_about_accounts(office: Doors) -> None:
    client = program(office, account(office, role="admin"), "manage")
    assert client.post("/api/collections", json={"name": "Mine"}).status_code == 201
    for method, path in (("GET", "/api/people"), ("POST", "/api/me/tokens"), ("GET", "/api/me"), ("GET", "/api/holds")):
        assert client.request(method, path, json={}).status_code == 403


def test_a_token_of_a_leaver_opens_nothing(office: Doors) -> None:
    user_id = account(office)
    client = program(office, user_id, "ask")
    office.product.people.change(LOCAL_ACTOR, user_id, active=False)
    answer = client.get("/api/collections")
    assert answer.status_code == 401
    assert "revoked" in answer.json()["error"]["message"]


def test_too_many_questions_of_one_person_are_refused_with_a_sentence(tmp_path: Path) -> None:
    with quick_hashes(), open_doors(tmp_path, sign_in=True, questions_a_minute=1) as doors:
        client = program(doors, account(doors), "ask")
        assert client.post("/v1/chat/completions", json=CHAT).status_code == 200
        answer = client.post("/v1/chat/completions", json=CHAT)
        assert answer.status_code == 429
        assert "Ask again in" in answer.json()["error"]["message"]
        other = program(doors, account(doors, "Bob"), "ask")
        assert other.post("/v1/chat/completions", json=CHAT).status_code == 200


def certificate(folder: Path) -> dict[str, str]:
    """Write a certificate for 127.0.0.1 that signs itself, and return the settings that name it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = dt.datetime.now(dt.UTC)
    address = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    made = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    made = made.not_valid_before(now).not_valid_after(now + dt.timedelta(days=1)).add_extension(address, critical=False)
    signed = made.sign(key, hashes.SHA256())
    files = {"tls_certificate_file": folder / "cert.pem", "tls_key_file": folder / "key.pem"}
    files["tls_certificate_file"].write_bytes(signed.public_bytes(Encoding.PEM))
    files["tls_key_file"].write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return {name: str(file) for name, file in files.items()}


def test_with_a_certificate_the_cookie_never_leaves_tls(tmp_path: Path) -> None:
    files = certificate(tmp_path)
    with quick_hashes(), light_product(tmp_path / "home", ScriptedChat(), sign_in=True, **files) as product:
        made = product.people.accounts.add(LOCAL_ACTOR, "Ada", roles=["employee"])
        product.people.accept(product.people.invite(LOCAL_ACTOR, made.user_id), PASSWORD)
        agree(product, made.actor)
        with Server(product) as server:
            assert server.address.startswith("https://127.0.0.1:")
            trust = ssl.create_default_context(cafile=files["tls_certificate_file"])
            with httpx.Client(verify=trust, base_url=server.address) as client:
                client.headers["origin"] = server.address
                answer = client.post("/sign-in", data={"name": "Ada", "password": PASSWORD})
                assert "Secure" in answer.headers["set-cookie"]
                assert client.get("/api/me").json()["name"] == "Ada"
            with pytest.raises(httpx.HTTPError):
                httpx.get(server.address.replace("https", "http") + "/healthz")
