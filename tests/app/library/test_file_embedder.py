"""The product with an embedding model in a GGUF file: chosen by command, found with, and not taken for another."""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from app import commands, voices
from app.answers import LOCAL_ACTOR
from app.assemble import assemble
from app.chat_model.shelf import bring
from app.doctor import check_models
from app.product import Product
from app.settings import Settings
from models.errors import EmbedderCrashedError, NotEmbedderError
from models.file_embedder import FileEmbedder
from models.weights import find
from retrieval.errors import EmbedderChangedError
from retrieval.sources import collect
from tests.light import light_parts
from tests.models import minilm_file

pytestmark = pytest.mark.weights
HANDBOOK = Path(__file__).parents[3] / "assets" / "demo" / "handbook"
QUERIES = ("How long is parental leave?", "hotel limit in Paris", "Who repairs a broken laptop?", "password length")


@pytest.fixture(name="cache", scope="module")
def _cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the embedding model of the catalogue, and the same imported as `mini`."""
    cache, real = tmp_path_factory.mktemp("cache"), Settings()
    weights = cache / "weights"
    weights.mkdir()
    (weights / "all-MiniLM-L6-v2").symlink_to(find("minilm", directory=real.weights))
    file = minilm_file.write(weights / "all-MiniLM-L6-v2", cache / "mini.gguf")
    assert bring(real.model_copy(update={"cache": cache}), file) == "mini"
    return cache


@contextmanager
def product_of(home: Path, cache: Path, **chosen: Any) -> Iterator[Product]:
    """Open a product with real embedding models and no chat model."""
    light = light_parts()
    with pytest.MonkeyPatch.context() as patched:
        for name in ("load_engine", "load_chat"):
            patched.setattr(voices, name, light[name])
        settings = Settings(home=home, cache=cache, key_source="file", key_file=home.with_name("key"), **chosen)
        product = assemble(settings, tell=lambda _sentence: None)
        try:
            yield product
        finally:
            product.close()


def learn(product: Product) -> None:
    collection = product.collections.create(LOCAL_ACTOR, "Handbook")
    for _ in product.knowledge.learn(collect([HANDBOOK]), collection_id=collection.collection_id):
        pass


def found(product: Product) -> list[list[str]]:
    ids = [one.collection_id for one in product.collections.list(LOCAL_ACTOR)]
    search = product.retriever().search
    return [[passage.text for passage in search(query, collection_ids=ids, k=3)] for query in QUERIES]


def test_a_file_takes_the_place_of_the_folder_and_finds_the_same(tmp_path: Path, cache: Path) -> None:
    home = tmp_path / "home"
    with product_of(home, cache) as product:
        learn(product)
        before = found(product)
        *_, last = commands.run(product, "reindex", {"embedder": "mini"}, threading.Event())
        assert "made anew with mini" in last["value"]["sentence"]
        assert isinstance(product.embedder(), FileEmbedder)
        assert found(product) == before
    with product_of(home, cache, embedder="mini") as product:
        assert found(product) == before
        assert product.knowledge.disagreements() == []
        embedder = product.embedder()
        assert isinstance(embedder, FileEmbedder)
    assert not embedder.alive


def test_an_index_of_another_file_of_the_same_name_is_refused(tmp_path: Path, cache: Path) -> None:
    with product_of(tmp_path / "home", cache, embedder="mini") as product:
        learn(product)
    other = tmp_path / "cache"
    (other / "weights").mkdir(parents=True)
    folder = cache / "weights" / "all-MiniLM-L6-v2"
    minilm_file.write(folder, other / "weights" / "mini.gguf", kind="f32")
    with (
        product_of(tmp_path / "home", other, embedder="mini") as product,
        pytest.raises(EmbedderChangedError, match="another file called mini"),
    ):
        found(product)


def test_a_death_of_the_model_is_a_sentence_and_the_next_question_is_answered(tmp_path: Path, cache: Path) -> None:
    with product_of(tmp_path / "home", cache, embedder="mini") as product:
        learn(product)
        before = found(product)
        embedder = product.embedder()
        assert isinstance(embedder, FileEmbedder)
        assert embedder.pid
        os.kill(embedder.pid, signal.SIGSTOP)
        dying = threading.Timer(0.2, os.kill, (embedder.pid, signal.SIGKILL))
        dying.start()
        with pytest.raises(EmbedderCrashedError):
            embedder.embed_query("hotel")
        dying.join()
        assert found(product) == before


def test_a_chat_model_is_not_changed_to(tmp_path: Path, cache: Path) -> None:
    chat = find("tiny", directory=Settings().weights)
    with product_of(tmp_path / "home", cache) as product:
        learn(product)
        with pytest.raises(NotEmbedderError, match="writes answers"):
            list(commands.run(product, "reindex", {"embedder": str(chat)}, threading.Event()))
        assert found(product)
        assert not (tmp_path / "home" / "index.next").exists()


def test_the_doctor_tries_the_file_and_refuses_a_chat_model(tmp_path: Path, cache: Path) -> None:
    settings = Settings(home=tmp_path, cache=cache, embedder="mini", model="mini")
    *_, weights, engine = check_models(settings)
    assert (weights.name, weights.remedy) == ("weights mini", "")
    assert (engine.found, engine.remedy) == ("It embeds with this model.", "")
    chat = find("tiny", directory=Settings().weights)
    as_model, _, weights = check_models(settings.model_copy(update={"embedder": str(chat)}))
    assert "does not write answers" in as_model.found
    assert "writes answers" in weights.found
