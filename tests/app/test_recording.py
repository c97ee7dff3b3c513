"""What goes through the doors stands in the audit log: over HTTP, on pages, by command; and nothing of its content."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from app import commands
from app.answers import LOCAL_ACTOR
from app.api.recording import DENIALS_A_MINUTE, RECORDED, UNRECORDED
from app.commands import recording as of_commands
from app.product import Product
from app.store.audit import Only
from app.store.audit_chain import AuditRow, Head
from tests.fakes import ScriptedChat
from tests.served import Doors, light_product

PLAIN = ("number", "at", "who", "action", "object_kind", "object_id", "result", "door")
CHANGING = {"POST", "PUT", "PATCH", "DELETE"}


def newest(product: Product, count: int = 1) -> list[tuple[str, str, str]]:
    return [(row.action, row.result, row.object_id) for row in product.audit.rows(limit=count)]


def test_every_request_that_changes_something_is_recorded(doors: Doors) -> None:
    paths = doors.application.openapi()["paths"]
    there = {(method.upper(), path) for path, methods in paths.items() for method in methods}
    assert len(there) > 30
    assert set(RECORDED) | UNRECORDED <= there, "no such route (any more)"
    forgotten = {(method, path) for method, path in there if method in CHANGING} - set(RECORDED) - UNRECORDED
    assert not forgotten, "add them to RECORDED in app/api/recording.py"


def test_every_command_is_recorded_or_known_to_change_nothing() -> None:
    assert set(of_commands.RECORDED) | of_commands.UNRECORDED == set(commands.COMMANDS)
    assert not set(of_commands.RECORDED) & of_commands.UNRECORDED


def test_a_change_over_http_is_recorded_with_its_object_person_and_door(own_doors: Doors) -> None:
    browser, program, product = own_doors.browser(), own_doors.program(), own_doors.product
    made = browser.post("/api/collections", json={"name": "Pay"}).json()["collection_id"]
    assert newest(product) == [("collection made", "done", made)]
    program.delete(f"/api/collections/{made}")
    (row,) = product.audit.rows(limit=1)
    people = product.audit.people()
    assert (row.action, row.object_id, row.door, people[row.who]) == ("collection deleted", made, "api", "local")
    assert product.audit.address(row, people) == "testclient"


def test_denials_are_recorded_those_of_strangers_too(own_doors: Doors) -> None:
    own_doors.browser().get("/api/collections/ffff/documents")
    assert newest(own_doors.product) == [("read", "denied", "/api/collections/ffff/documents")]
    own_doors.stranger().get("/api/collections")
    assert newest(own_doors.product) == [("read", "denied", "/api/collections")]
    own_doors.stranger().get("/", params={"token": "guessed"})
    assert newest(own_doors.product) == [("signed in", "denied", "")]


def test_whoever_comes_through_the_link_is_recorded_as_themselves(own_doors: Doors) -> None:
    own_doors.browser()
    (row,) = own_doors.product.audit.rows(Only(actions=("signed in",)), limit=1)
    assert (row.result, own_doors.product.audit.people()[row.who]) == ("done", LOCAL_ACTOR.user_id)


def test_a_flood_of_strangers_does_not_fill_the_log(own_doors: Doors) -> None:
    stranger = own_doors.stranger()
    for _ in range(DENIALS_A_MINUTE + 20):
        stranger.get("/api/collections")
    assert len(list(own_doors.product.audit.rows(Only(actions=("read",))))) == DENIALS_A_MINUTE


def test_looking_at_pages_and_lists_is_not_recorded(own_doors: Doors) -> None:
    browser = own_doors.browser()
    before = own_doors.product.audit.head.number
    browser.get("/api/collections")
    browser.get("/healthz")
    assert own_doors.product.audit.head.number == before


def test_a_wrong_request_is_recorded_as_refused(own_doors: Doors) -> None:
    own_doors.browser().post("/api/collections", json={"name": ""})
    assert newest(own_doors.product) == [("collection made", "refused", "")]


def test_nothing_of_a_question_or_a_name_stands_in_the_log(own_doors: Doors) -> None:
    program = own_doors.program()
    program.post("/v1/chat/completions", json={"messages": [{"role": "user", "content": "zeppelin allowance?"}]})
    program.post("/api/search", json={"query": "zeppelin"})
    program.post("/api/collections", json={"name": "zeppelin"})
    assert [action for action, *_ in newest(own_doors.product, 3)] == ["collection made", "searched", "asked"]
    assert "zeppelin" not in repr(list(own_doors.product.audit.rows()))


def test_the_log_is_read_over_http_and_narrowed(own_doors: Doors) -> None:
    program = own_doors.program()
    program.post("/api/collections", json={"name": "One"})
    program.post("/api/collections", json={"name": ""})
    page = program.get("/api/audit", params={"result": "refused", "limit": 1}).json()
    assert [(row["action"], row["result"]) for row in page["rows"]] == [("collection made", "refused")]
    assert program.get("/api/audit", params={"before": page["before"], "result": "refused"}).json()["rows"] == []
    assert program.get("/api/audit", params={"result": "eaten"}).status_code == 422
    assert program.get("/api/audit/alerts").json() == []


@pytest.fixture(name="product")
def _product(tmp_path: Path) -> Iterator[Product]:
    """For one test: what stands in a log depends on all that was done before."""
    with light_product(tmp_path, ScriptedChat(texts=[])) as product:
        yield product


def run(product: Product, command: str, **arguments: Any) -> list[dict[str, Any]]:
    items = commands.run(product, command, arguments, threading.Event())
    return [item["value"] for item in items if item["kind"] == "result"]


def test_commands_are_recorded_with_what_came_of_them(product: Product) -> None:
    run(product, "collections create", name="Pay", description="")
    collection = product.collections.by_name(LOCAL_ACTOR, "Pay").collection_id
    assert newest(product) == [("collection made", "done", collection)]
    with pytest.raises(Exception, match="Pay"):
        run(product, "collections create", name="Pay", description="")
    assert newest(product) == [("collection made", "refused", collection)]
    run(product, "collections delete", name="Pay")
    assert newest(product) == [("collection deleted", "done", collection)]


def test_an_export_can_be_proved_by_itself(product: Product) -> None:
    for name in ("Other", "Another"):  # a log that nobody wrote to yet would have no row for the newest to follow
        run(product, "collections create", name=name, description="")
    *rows, last = run(product, "audit export", only={})
    assert (last["head"]["number"], last["head"]["hash"]) == (rows[0]["number"], rows[0]["hash"])
    head = Head(**{name: bytes.fromhex(last["head"][name]) for name in ("hash", "signature")}, number=rows[0]["number"])
    assert head.is_signed_by(Ed25519PublicKey.from_public_bytes(bytes.fromhex(last["public_key"])))
    told = AuditRow(
        **{name: rows[0][name] for name in PLAIN}, address=bytes.fromhex(rows[0]["sealed_address"]), hash=b""
    )
    assert told.follows(bytes.fromhex(rows[1]["hash"])).hex() == rows[0]["hash"]
    assert newest(product)[0][0] == "log exported"


def test_verify_fails_with_a_sentence_when_a_row_was_changed(product: Product) -> None:
    run(product, "collections create", name="Third", description="")
    (whole,) = run(product, "audit verify", noted={}, accepted=[])
    assert whole["ok"], whole
    (other,) = run(product, "audit verify", noted={"1": "00" * 32}, accepted=[])
    assert not other["ok"]
    assert "written anew" in str(other["sentence"])
