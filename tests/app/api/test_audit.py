"""The audit log's page: its proof and its export, for auditors only, with nothing of what was asked."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from app.store.audit_chain import Head
from tests.app.test_matrix import SECRETS, World
from tests.hashes import quick_hashes
from tests.served import open_doors


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with quick_hashes(), open_doors(tmp_path / "home", sign_in=True) as opened_doors:
        yield World(opened_doors, tmp_path)


def test_the_whole_log_is_taken_out_with_what_proves_it(world: World) -> None:
    client = world.client("auditor")
    for _ in range(3):
        world.client("stranger").get("/api/collections")
    *rows, last = map(json.loads, client.get("/api/audit/export").text.splitlines())
    assert [row["number"] for row in rows] == list(range(last["head"]["number"], 0, -1))
    head = Head(**{name: bytes.fromhex(last["head"][name]) for name in ("hash", "signature")}, number=rows[0]["number"])
    assert head.is_signed_by(Ed25519PublicKey.from_public_bytes(bytes.fromhex(last["public_key"])))
    assert not [word for word in SECRETS if word in json.dumps(rows)]
    denied = client.get("/api/audit/export", params={"result": "denied"}).text.splitlines()
    assert {json.loads(line)["result"] for line in denied[:-1]} == {"denied"}
    assert next(world.product.audit.rows()).action == "log exported"


def test_the_log_is_proved_on_the_page_and_held_against_a_noted_head(world: World) -> None:
    client = world.client("auditor")
    world.client("stranger").get("/api/collections")
    told = client.get("/api/audit/proof").json()
    assert told["ok"], told
    noted = told["sentence"].rsplit(" ", 1)[1]
    assert client.get("/api/audit/proof", params={"head": noted}).json()["ok"]
    other = client.get("/api/audit/proof", params={"head": f"1:{'00' * 32}"}).json()
    assert (other["ok"], "written anew" in other["sentence"]) == (False, True)
    assert client.get("/api/audit/proof", params={"head": "1:ff"}).status_code == 422
