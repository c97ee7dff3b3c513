"""The index is built again from the database where a page asks for it, too, and what it finds meanwhile is told."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.answers import LOCAL_ACTOR
from app.product import Product
from retrieval.errors import IndexDamagedError
from tests.fakes import HashEmbedder, ScriptedChat
from tests.served import Doors, doors_of, learn, light_product

PARIS = "How many desks has the Paris office?"


@pytest.fixture(name="doors")
def _doors(tmp_path: Path) -> Iterator[Doors]:
    with light_product(tmp_path, ScriptedChat()) as product:
        learn(product)
        yield doors_of(product, ScriptedChat())


def state(doors: Doors) -> str:
    return str(doors.browser().get("/api/index").json()["state"])


def rebuild(doors: Doors) -> dict[str, Any]:
    """Build the index again and return what is told at the end."""
    browser = doors.browser()
    assert browser.post("/api/index").status_code == 202
    end = time.monotonic() + 30
    while (told := browser.get("/api/index").json())["state"] == "rebuilding":
        assert time.monotonic() < end
        time.sleep(0.02)
    return dict(told)


def passages(product: Product) -> int:
    ids = [one.collection_id for one in product.collections.list(LOCAL_ACTOR)]
    return len(product.retriever().search(PARIS, collection_ids=ids, k=5))


def test_lost_vectors_are_told_and_built_again(doors: Doors) -> None:
    assert state(doors) == "agrees"
    product = doors.product
    product.index().drop(product.chunks.collection_ids()[0])
    assert state(doors) == "disagrees"
    told = rebuild(doors)
    assert (told["state"], told["work"]["state"]) == ("agrees", "done")
    assert told["work"]["total"] == 1
    assert product.knowledge.disagreements() == []
    assert passages(product) > 0


def test_index_that_cannot_be_opened_is_told_removed_and_built_again(tmp_path: Path) -> None:
    with light_product(tmp_path, ScriptedChat()) as product:
        learn(product)
    (tmp_path / "index" / "chroma.sqlite3").write_bytes(b"no database" * 1000)
    with light_product(tmp_path, ScriptedChat()) as product:
        doors = doors_of(product, ScriptedChat())
        assert state(doors) == "unopened"
        with pytest.raises(IndexDamagedError):
            product.index()
        assert state(doors) == "damaged"
        assert rebuild(doors)["state"] == "agrees"
        assert passages(product) > 0


def test_index_of_another_embedder_is_left_to_the_command(tmp_path: Path) -> None:
    with light_product(tmp_path, ScriptedChat()) as product:
        learn(product)
    with light_product(tmp_path, ScriptedChat(), embedder="wide") as product:
        doors = doors_of(product, ScriptedChat())
        refused = doors.browser().post("/api/index")
        assert refused.status_code == 409
        assert "inhouse reindex --embedder wide" in refused.json()["error"]["message"]
        assert (tmp_path / "index" / "embedder").read_text() == "minilm"


def test_rebuilding_that_fails_says_so_and_can_be_begun_again(doors: Doors, monkeypatch: pytest.MonkeyPatch) -> None:
    product = doors.product
    product.index().drop(product.chunks.collection_ids()[0])

    def fail(*_arguments: Any, **_options: Any) -> None:
        raise IndexDamagedError

    with monkeypatch.context() as broken:
        broken.setattr(HashEmbedder, "embed_documents", fail)
        told = rebuild(doors)
    assert (told["state"], told["work"]["state"]) == ("disagrees", "failed")
    assert "cannot be read or written" in told["work"]["sentence"]
    assert rebuild(doors)["state"] == "agrees"


def test_rebuilding_stands_in_the_audit_log(doors: Doors) -> None:
    rebuild(doors)
    assert "index renewed" in [row.action for row in doors.product.audit.rows(limit=5)]
