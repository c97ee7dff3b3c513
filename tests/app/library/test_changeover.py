"""Another embedder or way of cutting: refused until the index is made anew, and the old one serves meanwhile."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from app import commands, voices
from app.answers import LOCAL_ACTOR
from app.library import changeover
from app.library.changeover import ChangedAlreadyError
from app.product import Product
from retrieval.documents import FloatMatrix
from retrieval.errors import EmbedderChangedError
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
        with pytest.raises(ChangedAlreadyError):
            run(product, embedder="another")
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
