"""What people and administrators do over HTTP with what is kept about somebody: take out, erase, hold."""

import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from app.answers import LOCAL_ACTOR
from app.store.audit import ERASED, Only
from app.store.container import MAGIC, SealedWriter
from app.store.exports import KIND, opened
from tests.app.test_matrix import World
from tests.hashes import quick_hashes
from tests.served import QUESTION, open_doors


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    folders = tmp_path / "folders"
    folders.mkdir()
    with quick_hashes(), open_doors(tmp_path / "home", sign_in=True) as opened_doors:
        yield World(opened_doors, folders)


def test_people_take_out_what_is_theirs_and_nothing_else(world: World) -> None:
    packed = zipfile.ZipFile(io.BytesIO(world.client("reader").get("/api/me/export").content))
    told = json.loads(packed.read("export.json"))
    assert told["person"]["name"] == "reader"
    assert told["conversations"][0]["turns"][0]["question"] == QUESTION
    assert told["account"][0]["roles"] == "employee"
    assert told["collections_granted"] == [{"name": "Handbook", "may": "read"}]
    assert "password_hash" not in packed.read("export.json").decode()
    other = zipfile.ZipFile(io.BytesIO(world.client("peer").get("/api/me/export").content))
    assert QUESTION not in other.read("export.json").decode()


def test_what_an_administrator_takes_out_is_sealed_for_the_person_alone(world: World, tmp_path: Path) -> None:
    user_id = world.actors["reader"].user_id
    answer = world.client("admin").post(f"/api/people/{user_id}/export")
    assert QUESTION.encode() not in answer.content
    assert list((world.product.settings.home / "exports").iterdir()) == []
    assert world.client("admin").get("/api/me/exports").json() == []
    (made,) = world.client("reader").get("/api/me/exports").json()
    sealed = tmp_path / "export"
    sealed.write_bytes(answer.content)
    packed = zipfile.ZipFile(io.BytesIO(b"".join(opened(sealed, made["passphrase"]))))
    assert QUESTION in packed.read("export.json").decode()


def sealed_for(world: World, who: str) -> tuple[bytes, str]:
    """Return a sealed export of somebody, made by an administrator, and its passphrase."""
    content = world.client("admin").post(f"/api/people/{world.actors[who].user_id}/export").content
    return content, world.client(who).get("/api/me/exports").json()[0]["passphrase"]


def tried(world: World, who: str, content: bytes, passphrase: str) -> Any:
    """Return the answer when somebody has a file opened on their page."""
    headers = {"inhouse-passphrase": quote(passphrase)}
    return world.client(who).post("/api/me/exports/open", content=content, headers=headers)


def test_whom_a_sealed_export_is_about_opens_it_in_the_browser(world: World) -> None:
    content, passphrase = sealed_for(world, "reader")
    answer = tried(world, "reader", content, f" {passphrase} ")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/zip"
    packed = zipfile.ZipFile(io.BytesIO(answer.content))
    assert QUESTION in packed.read("export.json").decode()
    assert QUESTION in packed.read("export.html").decode()
    (row,) = world.product.audit.rows(Only(actions=("export opened",)))
    assert (row.who, row.result) == (world.product.audit.pseudonym(world.actors["reader"].user_id), "done")


def test_nothing_of_an_export_that_is_opened_lies_on_the_disk(world: World) -> None:
    content, passphrase = sealed_for(world, "reader")
    assert tried(world, "reader", content, passphrase).status_code == 200
    for path in world.product.settings.home.rglob("*"):
        if path.is_file():
            written = path.read_bytes()
            assert QUESTION.encode() not in written, path
            assert content[:4096] not in written, path


def test_a_sealed_export_opens_with_nothing_but_its_passphrase_and_whole(world: World) -> None:
    content, passphrase = sealed_for(world, "reader")
    wrong = tried(world, "reader", content, "seven lamps é")
    assert (wrong.status_code, "passphrase does not open" in wrong.text) == (422, True)
    middle = len(content) // 2
    for damaged in (content[:-1], content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]):
        answer = tried(world, "reader", damaged, passphrase)
        assert (answer.status_code, "damaged" in answer.text) == (422, True)
    foreign = tried(world, "reader", b"PK\x03\x04 an ordinary file", passphrase)
    assert (foreign.status_code, "not a file that Inhouse wrote" in foreign.text) == (422, True)
    for answer in (wrong, foreign):
        assert passphrase not in answer.text
        assert QUESTION not in answer.text


def test_nobody_opens_an_export_that_is_about_somebody_else(world: World) -> None:
    content, passphrase = sealed_for(world, "reader")
    _, own = sealed_for(world, "peer")
    for who, typed in (("peer", passphrase), ("peer", own), ("admin", passphrase)):
        answer = tried(world, who, content, typed)
        assert (answer.status_code, "made for somebody else" in answer.text) == (403, True)


def test_an_export_from_before_files_said_whose_they_are_opens_for_whom_it_was_made(world: World) -> None:
    _, passphrase = sealed_for(world, "reader")
    older = io.BytesIO()
    writer = SealedWriter(older, {"kind": KIND}, passphrase=passphrase)
    writer.write(b"what it held")
    writer.close()
    assert tried(world, "reader", older.getvalue(), passphrase).content == b"what it held"
    sealed_for(world, "peer")
    assert tried(world, "peer", older.getvalue(), passphrase).status_code == 422


def test_a_file_that_asks_for_more_work_than_ours_is_not_tried(world: World) -> None:
    content, passphrase = sealed_for(world, "reader")
    length = int.from_bytes(content[len(MAGIC) : len(MAGIC) + 4], "big")
    written = json.loads(content[len(MAGIC) + 4 : len(MAGIC) + 4 + length])
    (lock,) = written["locks"]
    for locks in ([lock | {"scrypt_n": 2**20}], [lock] * 50, [], [["scrypt_n"]]):
        header = json.dumps(written | {"locks": locks}).encode()
        answer = tried(world, "reader", MAGIC + len(header).to_bytes(4, "big") + header + b"x", passphrase)
        assert answer.status_code == 422, locks


def test_a_sealed_export_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    with open_doors(tmp_path / "home", upload_megabytes=1) as opened_doors:
        none = opened_doors.browser().post("/api/me/exports/open", content=b"x" * 1_000_001)
        assert none.status_code == 403
        opened_doors.product.exports.seal(LOCAL_ACTOR, LOCAL_ACTOR.user_id, tmp_path / "sealed", [b"x"])
        answer = opened_doors.browser().post("/api/me/exports/open", content=b"x" * 1_000_001)
        assert (answer.status_code, "larger than the 1 MB" in answer.text) == (413, True)


def test_an_erased_person_is_out_of_everything_and_a_receipt_says_so(world: World) -> None:
    reader, admin = world.client("reader"), world.client("admin")
    user_id = world.actors["reader"].user_id
    receipt = admin.post(f"/api/people/{user_id}/erase", json={"name": "reader"}).json()
    assert receipt["destroyed"]["conversations"] == 1
    assert receipt["destroyed"]["accounts"] == 1
    assert receipt["destroyed"]["grants"] == 1
    world.product.erasure.signer.verify(receipt)
    assert admin.get("/api/erasures").json() == [receipt]
    assert reader.get("/api/collections").status_code == 401
    assert user_id not in {one["user_id"] for one in admin.get("/api/people").json()}
    grants = world.product.collections.grants(LOCAL_ACTOR, world.collection_id)
    assert user_id not in {one.holder for one in grants}


def test_whoever_erases_themselves_must_type_their_name(world: World) -> None:
    reader = world.client("reader")
    assert reader.post("/api/me/erase", json={"name": "Reader"}).status_code == 404
    assert reader.post("/api/me/erase", json={"name": "reader"}).status_code == 200
    assert reader.get("/api/me").status_code == 401


def test_the_last_administrator_cannot_be_erased(world: World) -> None:
    admin = world.client("admin")
    answer = admin.post("/api/me/erase", json={"name": "admin"})
    assert (answer.status_code, "last administrator" in answer.text) == (409, True)
    assert admin.get("/api/me").json()["name"] == "admin"


def test_a_legal_hold_suspends_erasure_visibly(world: World) -> None:
    reader, admin = world.client("reader"), world.client("admin")
    user_id = world.actors["reader"].user_id
    hold = admin.post("/api/holds", json={"user_id": user_id, "reason": "Case 17"}).json()["hold_id"]
    refused = reader.post("/api/me/erase", json={"name": "reader"})
    assert refused.status_code == 423
    assert "hold" in refused.text
    assert world.product.history.turns(world.actors["reader"], world.conversation_id)
    assert [one["name"] for one in admin.get("/api/holds").json()] == ["reader"]
    assert admin.delete(f"/api/holds/{hold}").status_code == 204
    assert reader.post("/api/me/erase", json={"name": "reader"}).status_code == 200


@pytest.mark.parametrize("themself", [True, False])
def test_an_erasure_is_recorded_under_the_pseudonym_the_person_had(world: World, *, themself: bool) -> None:
    person = world.actors["peer" if themself else "employee"]
    admin = world.actors["admin"]
    pseudonym = world.product.audit.pseudonym(person.user_id, make=True)
    client = world.client("peer" if themself else "admin")
    path = "/api/me/erase" if themself else f"/api/people/{person.user_id}/erase"
    assert client.post(path, json={"name": person.name}).status_code == 200
    (row,) = world.product.audit.rows(Only(actions=("person erased",)), limit=1)
    assert row.result == "done"
    assert row.who == (pseudonym if themself else world.product.audit.pseudonym(admin.user_id))
    assert bool(row.address) is not themself  # sealed with the person's key, which is gone
    assert row.object_id == ("" if themself else pseudonym)
    assert pseudonym not in world.product.audit.people()
    assert world.product.audit.pseudonym(person.user_id) == ERASED
    assert person.user_id not in repr(list(world.product.audit.rows()))
    assert world.product.audit.faults() == []
