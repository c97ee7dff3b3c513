"""Another embedder or way of cutting: refused until the index is made anew, and the old one serves meanwhile."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from app import commands, voices
from app.answers import LOCAL_ACTOR
from app.api import embedder as page
from app.library import changeover
from app.library.changeover import ChangingAlreadyError
from app.product import Product
from retrieval.documents import FloatMatrix
from retrieval.errors import EmbedderChangedError
from retrieval.generations import embedder_of
from retrieval.index import VectorIndex
from retrieval.sources import bytes_source
from tests.fakes import HashEmbedder, ScriptedChat
from tests.served import doors_of, learn, light_product

PARIS = "How many desks has the Paris office?"


class WideEmbedder(HashEmbedder):
    """Another model: its vectors have another length, and it waits where a test wants it to."""

    dimension = 96

    def __init__(self) -> None:
        self.reached, self.go_on = threading.Event(), threading.Event()
        self.go_on.set()

    def embed_documents(self, texts: Sequence[str], *, before_pass: Callable[[], None] = lambda: None) -> FloatMatrix:
        self.reached.set()
        self.go_on.wait(30)
        return super().embed_documents(texts, before_pass=before_pass)


@pytest.fixture(name="wide")
def _wide(monkeypatch: pytest.MonkeyPatch) -> WideEmbedder:
    wide = WideEmbedder()
    monkeypatch.setattr(changeover, "GRACE_SECONDS", 0.0)
    monkeypatch.setattr(
        voices, "load_embedder", lambda settings: wide if settings.embedder == "wide" else HashEmbedder()
    )
    return wide


@pytest.fixture(name="product")
def _product(tmp_path: Path) -> Iterator[Product]:
    with light_product(tmp_path, ScriptedChat()) as product:
        learn(product)
        yield product


def search(product: Product, query: str = PARIS) -> list[str]:
    ids = [one.collection_id for one in product.collections.list(LOCAL_ACTOR)]
    return [passage.text for passage in product.retriever().search(query, collection_ids=ids, k=1)]


def run(product: Product, **arguments: Any) -> dict[str, Any]:
    *_, last = commands.run(product, "reindex", {"embedder": None} | arguments, threading.Event())
    value: dict[str, Any] = last["value"]
    return value


def test_the_embedder_that_is_used_already_is_not_changed_to(tmp_path: Path) -> None:
    with light_product(tmp_path, ScriptedChat()) as product:
        learn(product)
        assert run(product, embedder=product.settings.embedder)["sentence"] == "Documents learned anew: 0."


def handbook(product: Product) -> str:
    return product.collections.by_name(LOCAL_ACTOR, "Handbook").collection_id


def test_another_embedder_is_refused_until_the_index_is_made_anew(tmp_path: Path) -> None:
    with light_product(tmp_path, ScriptedChat()) as product:
        learn(product)
    with light_product(tmp_path, ScriptedChat(), embedder="wide") as product:
        for attempt in (lambda: search(product), lambda: learn(product, into="Other")):
            with pytest.raises(EmbedderChangedError, match="made with the embedder minilm, and the settings name wide"):
                attempt()
        list(commands.run(product, "rebuild index", {}, threading.Event()))
        assert "42 desks" in search(product)[0]


def test_old_index_serves_while_the_new_one_is_made(product: Product, wide: WideEmbedder) -> None:
    before = search(product)
    wide.go_on.clear()
    told: list[dict[str, Any]] = []
    changing = threading.Thread(target=lambda: told.append(run(product, embedder="wide")))
    changing.start()
    assert wide.reached.wait(30)
    assert search(product) == before
    added = bytes_source("new.md", b"# Rome\n\nThe Rome office has 9 lamps.")
    list(product.knowledge.learn([added], collection_id=handbook(product)))
    (offices,) = [one for one in product.chunks.documents(handbook(product)) if one.name == "offices.md"]
    wide.go_on.set()
    changing.join(30)
    assert "made anew with wide" in told[0]["sentence"]
    assert product.embedder() is wide
    assert search(product) == before
    assert "Rome" in search(product, "How many lamps has the Rome office?")[0]
    assert product.knowledge.disagreements() == []
    product.knowledge.forget_document(offices.document_id)
    assert product.knowledge.disagreements() == []


def test_next_start_finds_the_new_index_alone(tmp_path: Path, wide: WideEmbedder) -> None:
    with light_product(tmp_path, ScriptedChat()) as product:
        learn(product)
        run(product, embedder="wide")
    assert 'embedder = "wide"' in (tmp_path / "inhouse.toml").read_text()
    with light_product(tmp_path, ScriptedChat(), embedder="wide") as product:
        product.embedder.replace(wide)  # light products are built with the other one
        assert "42 desks" in search(product)[0]
        assert product.knowledge.disagreements() == []
    assert not (tmp_path / "index.next").exists()


def test_change_over_that_is_stopped_leaves_everything_as_it_was(product: Product, wide: WideEmbedder) -> None:
    assert wide.reached.is_set() is False
    events = product.change_over("wide")
    next(events)
    events.close()
    assert not (product.settings.home / "index.next").exists()
    assert "42 desks" in search(product)[0]
    assert "made anew" in run(product, embedder="wide")["sentence"]


def test_embedder_can_be_changed_again_and_again_and_the_last_one_serves_after_the_next_start(
    tmp_path: Path, wide: WideEmbedder
) -> None:
    with light_product(tmp_path, ScriptedChat()) as product:
        learn(product)
        for name in ("wide", "minilm", "wide", "minilm", "wide"):
            assert f"made anew with {name}" in run(product, embedder=name)["sentence"]
            assert product.change_over.used == product.settings_in_use.embedder == name
            assert "42 desks" in search(product)[0]
            assert product.knowledge.disagreements() == []
    assert 'embedder = "wide"' in (tmp_path / "inhouse.toml").read_text()
    with light_product(tmp_path, ScriptedChat(), embedder="wide") as product:
        product.embedder.replace(wide)  # light products are built with the other one
        assert "42 desks" in search(product)[0]
    assert [one.name for one in tmp_path.iterdir() if one.name.startswith("index")] == ["index"]


def test_two_changes_at_once_are_refused(product: Product, wide: WideEmbedder) -> None:
    events = product.change_over("wide")
    next(events)
    with pytest.raises(ChangingAlreadyError):
        next(product.change_over("wide"))
    events.close()
    assert wide.go_on.is_set()
    list(product.change_over("wide"))


@pytest.mark.usefixtures("wide")
def test_an_index_that_is_left_late_takes_none_with_it_that_lies_where_it_lay(
    product: Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changeover, "GRACE_SECONDS", 0.5)
    for name in ("wide", "minilm") * 2:
        list(product.change_over(name))
    for leaving in product.change_over.leaving.values():
        leaving.join()
    assert [one.parent for one in product.settings.home.glob("index*/embedder")] == [product.index().directory]
    assert search(product)


def test_no_search_fails_while_the_embedder_is_changed(product: Product, wide: WideEmbedder) -> None:
    assert wide.dimension != HashEmbedder.dimension
    ended, failed, found = threading.Event(), list[BaseException](), list[str]()

    def ask() -> None:
        while not ended.is_set():
            try:
                found.append(search(product)[0])
            except BaseException as error:  # noqa: BLE001 - told by the test
                failed.append(error)

    asking = [threading.Thread(target=ask) for _ in range(3)]
    for thread in asking:
        thread.start()
    for name in ("wide", "minilm") * 4:
        list(product.change_over(name))
    ended.set()
    for thread in asking:
        thread.join(30)
    assert failed == []
    assert found
    assert all("42 desks" in text for text in found)


def test_a_backup_names_the_embedder_that_was_changed_to(product: Product, wide: WideEmbedder) -> None:
    list(product.change_over("wide"))
    assert wide.reached.is_set()
    assert embedder_of(product.index().directory) == "wide"


def told_until(client: TestClient, right: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """Return what the page is told once it is right."""
    end = time.monotonic() + 30
    told: dict[str, Any] = client.get("/api/embedder").json()
    while not right(told):
        assert time.monotonic() < end, told
        time.sleep(0.02)
        told = client.get("/api/embedder").json()
    return told


def test_page_chooses_pauses_goes_on_and_cancels(
    product: Product, wide: WideEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changeover, "REST_SECONDS", 0.01)
    monkeypatch.setattr(changeover, "PRUNE_SECONDS", 0.0)
    monkeypatch.setattr(page, "embedders", lambda directory: ["minilm", "wide"])  # noqa: ARG005 - asked by name
    before = search(product)
    client = doors_of(product, ScriptedChat()).browser()
    assert client.get("/api/embedder").json() == {
        "used": "minilm",
        "here": ["minilm", "wide"],
        "work": None,
        "paused": False,
    }
    assert client.patch("/api/embedder", json={"state": "paused"}).status_code == 409
    assert client.post("/api/embedder", json={"model": "minilm"}).status_code == 409
    wide.go_on.clear()
    assert client.post("/api/embedder", json={"model": "wide"}).status_code == 202
    assert client.patch("/api/embedder", json={"state": "paused"}).json()["paused"]
    wide.go_on.set()
    assert told_until(client, lambda told: told["work"]["total"] == 1)["work"]["state"] == "running"
    assert search(product) == before
    assert client.patch("/api/embedder", json={"state": "cancelled"}).json()["paused"]
    told = told_until(client, lambda told: told["work"]["state"] != "running")
    assert (told["used"], told["paused"], told["work"]["state"]) == ("minilm", False, "failed")
    assert "Cancelled." in told["work"]["sentence"]
    assert not (product.settings.home / "index.next").exists()
    assert client.post("/api/embedder", json={"model": "wide"}).status_code == 202
    client.patch("/api/embedder", json={"state": "paused"})
    client.patch("/api/embedder", json={"state": "running"})
    told = told_until(client, lambda told: told["work"]["state"] != "running")
    assert told["work"]["sentence"] == "The index was made anew with wide, and everything is searched with it."
    assert told["used"] == "wide"
    assert search(product) == before


def test_documents_removed_while_a_change_rests_leave_its_index_too(
    product: Product, wide: WideEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changeover, "REST_SECONDS", 0.0)
    monkeypatch.setattr(changeover, "PRUNE_SECONDS", 0.0)
    made: list[VectorIndex] = []

    def opened(place: Path) -> VectorIndex:
        made.append(product.change_over.open_index(place))
        return made[0]

    over = replace(product.change_over, open_index=opened)
    added = bytes_source("new.md", b"# Rome\n\nThe Rome office has 9 lamps.")
    list(product.knowledge.learn([added], collection_id=handbook(product)))
    rests = [False]
    events = over("wide", rests=lambda: rests[0])
    first, second = next(events), next(events)
    assert (first.done, second.done, second.total) == (0, 1, 2)
    assert wide.reached.is_set()
    rests[0] = True
    next(events)
    count = made[0].count(handbook(product))
    for document in product.chunks.documents(handbook(product)):
        product.knowledge.forget_document(document.document_id)
    next(events)
    assert made[0].count(handbook(product)) == 0 < count
    events.close()


def test_documents_cut_otherwise_are_learned_anew_from_their_originals(tmp_path: Path) -> None:
    with light_product(tmp_path, ScriptedChat()) as product:
        learn(product)
    with light_product(tmp_path, ScriptedChat(), chunk_tokens=32) as product:
        assert len(product.knowledge.outdated(handbook(product))) == 1
        assert "42 desks" in search(product)[0]
        assert run(product)["renewed"] == 1
        assert product.knowledge.outdated(handbook(product)) == []
        assert "42 desks" in search(product)[0]
        assert run(product)["renewed"] == 0


def test_two_that_learn_at_once_take_turns(product: Product) -> None:
    assert product.knowledge.library().turn is product.knowledge.library().turn


def test_page_says_how_many_documents_are_outdated_and_learns_them_anew(tmp_path: Path) -> None:
    with light_product(tmp_path, ScriptedChat()) as product:
        learn(product)
    with light_product(tmp_path, ScriptedChat(), chunk_tokens=32) as product:
        client = doors_of(product, ScriptedChat()).browser()
        assert client.get("/api/renewal").json() == {"outdated": 1, "work": None}
        assert client.post("/api/renewal").status_code == 202
        end = time.monotonic() + 30
        while (told := client.get("/api/renewal").json())["work"]["state"] == "running":
            assert time.monotonic() < end
            time.sleep(0.02)
        assert told["outdated"] == 0
        assert told["work"]["sentence"] == "Documents learned anew: 1."


def test_page_is_told_that_the_index_is_of_another_embedder(tmp_path: Path) -> None:
    with light_product(tmp_path, ScriptedChat()) as product:
        learn(product)
    with light_product(tmp_path, ScriptedChat(), embedder="wide") as product:
        refused = doors_of(product, ScriptedChat()).browser().get("/api/renewal")
        assert refused.status_code == 409
        assert "made with the embedder minilm" in refused.json()["error"]["message"]
