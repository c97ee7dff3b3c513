"""The composition root: what is opened at once, what waits until it is needed, and what is let go of."""

import hashlib
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from unittest.mock import patch

import psutil
import pytest

from app import commands
from app.answers import LOCAL_ACTOR, Answer, Question, Turn
from app.assemble import assemble
from app.product import Once, Product
from app.settings import Settings, SettingsError, load_settings
from app.store.errors import DirectoryInUseError, UnknownCollectionError, WrongKeyError
from models.errors import ModelFileDamagedError
from models.reranker import Reranker
from retrieval.ingest import Ingesting, IngestReport
from retrieval.sources import bytes_source
from tests import crossencoder
from tests.fakes import ScriptedChat
from tests.light import opened, use_light_models

TEXT = "# Allowances\n\nThe zeppelin allowance is 4711 pelicans a month.\n"


@pytest.fixture(name="settings")
def _settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    use_light_models(monkeypatch)
    return Settings(home=tmp_path / "home", key_source="file", key_file=tmp_path / "key")


@pytest.fixture(name="product")
def _product(settings: Settings) -> Iterator[Product]:
    product = assemble(settings, tell=print)
    yield product
    product.close()


def carry_out(product: Product, name: str, /, **arguments: Any) -> list[dict[str, Any]]:
    items = commands.run(product, name, arguments, threading.Event())
    return [item["value"] for item in items if item["kind"] == "result"]


def built(product: Product) -> set[str]:
    parts = ("embedder", "index", "retriever", "engine", "chat", "assistant")
    return {name for name in parts if getattr(product, name).ready}


def test_nothing_heavy_is_built_before_it_is_needed(product: Product, tmp_path: Path) -> None:
    document = tmp_path / "pay.md"
    document.write_text(TEXT)
    assert built(product) == set()
    carry_out(product, "collections list")
    assert built(product) == set()
    carry_out(product, "ingest", paths=[str(document)], collection="Pay", sync=False)
    assert built(product) == {"index", "embedder"}
    carry_out(product, "search", queries=[{"text": "zeppelin"}], collection="Pay", k=1)
    assert built(product) == {"index", "embedder", "retriever"}
    carry_out(product, "ask", questions=[{"text": "What is the zeppelin allowance?"}])
    assert built(product) == {"index", "embedder", "retriever", "engine", "chat", "assistant"}


def test_documents_that_have_not_changed_need_no_embedder(settings: Settings, tmp_path: Path) -> None:
    document = tmp_path / "pay.md"
    document.write_text(TEXT)
    for needed in ({"index", "embedder"}, {"index"}):
        product = assemble(settings, tell=print)
        carry_out(product, "ingest", paths=[str(document)], collection="Pay", sync=False)
        assert built(product) == needed
        product.close()


def test_one_ingest_runs_at_a_time_and_the_next_says_that_it_waits(product: Product) -> None:
    sources = [bytes_source("pay.md", TEXT.encode())]
    collections = [product.collections.create(LOCAL_ACTOR, name).collection_id for name in ("Pay", "Travel")]
    first, second = (product.knowledge.learn(sources, collection_id=each) for each in collections)
    assert next(first) == Ingesting(name="pay.md", done=0, total=1, chunks=0)
    assert next(second) == Ingesting(name="", done=0, total=1, chunks=0)
    for ingest in (first, second):
        *_, report = ingest
        assert isinstance(report, IngestReport)
        assert report.added == 1


def test_a_collection_deleted_while_it_is_learned_leaves_nothing(product: Product) -> None:
    collection_id = product.collections.create(LOCAL_ACTOR, "Pay").collection_id
    sources = [bytes_source(f"{name}.md", f"{TEXT} {name}".encode()) for name in "abc"]
    learning = product.knowledge.learn(sources, collection_id=collection_id)
    next(learning)
    deleting = threading.Thread(target=product.delete_collection, args=(LOCAL_ACTOR, collection_id))
    deleting.start()
    while product.collections.exists(collection_id):
        time.sleep(0.001)
    with pytest.raises(UnknownCollectionError):
        list(learning)
    deleting.join()
    assert product.chunks.documents(collection_id) == []
    assert product.index().count(collection_id) == 0
    assert product.originals.digests() == set()


def test_a_collection_whose_deletion_was_interrupted_is_gone_after_the_next_start(settings: Settings) -> None:
    product = assemble(settings, tell=print)
    collection_id = product.collections.create(LOCAL_ACTOR, "Pay").collection_id
    list(product.knowledge.learn([bytes_source("pay.md", TEXT.encode())], collection_id=collection_id))
    product.collections.delete(LOCAL_ACTOR, collection_id)
    product.close()
    product = assemble(settings, tell=print)
    assert product.chunks.collection_ids() == []
    assert product.originals.digests() == set()
    product.close()


def test_documents_are_embedded_when_nobody_is_answered(product: Product) -> None:
    asked: list[str] = []
    with patch.object(type(product.serving), "make_way", lambda _: asked.append("may I?")):
        collection_id = product.collections.create(LOCAL_ACTOR, "Pay").collection_id
        list(product.knowledge.learn([bytes_source("pay.md", TEXT.encode())], collection_id=collection_id))
    assert asked == ["may I?"]


def test_the_directory_has_one_owner_until_the_product_is_closed(settings: Settings) -> None:
    first = assemble(settings, tell=print)
    with pytest.raises(DirectoryInUseError):
        assemble(settings, tell=print)
    first.close()
    first.close()
    assemble(settings, tell=print).close()


def test_a_product_that_cannot_be_assembled_lets_go_of_the_directory(settings: Settings) -> None:
    assemble(settings, tell=print).close()
    assert settings.key_file is not None
    key = settings.key_file.read_bytes()
    settings.key_file.write_bytes(bytes(32))
    with pytest.raises(WrongKeyError):
        assemble(settings, tell=print)
    settings.key_file.write_bytes(key)
    assemble(settings, tell=print).close()


def test_prompts_fit_a_model_that_holds_less_than_the_settings_allow(
    product: Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    chat = ScriptedChat(context_tokens=700)
    monkeypatch.setattr("app.voices.load_chat", lambda _engine: chat)
    collection = product.collections.create(LOCAL_ACTOR, "Pay").collection_id
    text = "\n\n".join(
        f"# Allowance {number}\n\n" + f"The zeppelin allowance is {number}. " * 40 for number in range(9)
    )
    list(product.knowledge.learn([bytes_source("pay.md", text.encode())], collection_id=collection))
    history = tuple(Turn(question="zeppelin " * 50, answer="allowance " * 90) for _ in range(9))
    *_, answer = product.assistant().ask(LOCAL_ACTOR, Question(text="What is the zeppelin allowance?", history=history))
    assert isinstance(answer, Answer)
    (prompt, *_) = chat.prompts
    assert 200 < chat.count_prompt_tokens(prompt) <= 700 - product.settings.answer_tokens


def test_an_answer_as_long_as_the_context_is_a_setting_that_cannot_be_used() -> None:
    with pytest.raises(SettingsError, match=r"answer_tokens may be at most half of context_tokens \(512\)\.$"):
        load_settings(context_tokens=512, answer_tokens=300)


def test_the_recovery_key_is_told_once(settings: Settings) -> None:
    told: list[str] = []
    for _ in range(2):
        assemble(settings, tell=told.append).close()
    assert len(told) == 1
    assert "INHOUSE-" in told[0]


def test_an_original_nobody_refers_to_is_destroyed_at_the_start(settings: Settings) -> None:
    product = assemble(settings, tell=print)
    product.originals.keep(hashlib.sha256(b"left over").hexdigest(), b"left over")
    product.close()
    product = assemble(settings, tell=print)
    assert product.originals.digests() == set()
    product.close()


def test_the_demonstration_is_loaded_once_and_not_again_after_it_was_deleted(product: Product) -> None:
    carry_out(product, "demonstrate")
    (collection,) = carry_out(product, "collections list")[0]["collections"]
    assert collection["documents"] >= 20
    assert collection["problems"] == 0
    carry_out(product, "collections delete", name=collection["collection"])
    carry_out(product, "demonstrate")
    assert carry_out(product, "collections list")[0]["collections"] == []


def test_a_part_is_built_once_for_all_threads() -> None:
    made: list[int] = []

    def build() -> int:
        time.sleep(0.05)
        made.append(1)
        return len(made)

    part = Once(build)
    assert not part.ready
    threads = [threading.Thread(target=part) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert part() == 1
    assert part.ready


def test_a_part_that_could_not_be_built_is_tried_again() -> None:
    attempts: list[int] = []

    def build() -> str:
        attempts.append(1)
        if len(attempts) == 1:
            raise OSError
        return "built"

    part = Once(build)
    with pytest.raises(OSError):  # noqa: PT011
        part()
    assert not part.ready
    assert isinstance(part.failure, OSError)
    assert part() == "built"


def reading_processes() -> set[psutil.Process]:
    """Return those of this process; one that is just ending tells nothing of itself."""
    found = set()
    for child in psutil.Process().children():
        with suppress(psutil.NoSuchProcess):
            found |= {child} if "retrieval.readers.child" in child.cmdline() else set()
    return found


def test_files_are_read_in_a_process_that_ends_with_the_product(tmp_path: Path) -> None:
    before = reading_processes()
    with opened(tmp_path / "home") as product:
        collection = product.collections.create(LOCAL_ACTOR, "Pay", "").collection_id
        list(product.knowledge.learn([bytes_source("a.txt", b"Words.")], collection_id=collection))
        (running,) = reading_processes() - before
    assert not running.is_running()


def test_reranker_of_the_settings_puts_the_candidates_in_order(settings: Settings, tmp_path: Path) -> None:
    texts = {"a.md": "the hotel is euros", "b.md": "hotel hotel hotel", "c.md": "the hotel leave days"}
    folder = crossencoder.make(tmp_path / "reranker")
    scores = Reranker.load(folder)("hotel", list(texts.values()))
    chosen = settings.model_copy(update={"reranker": folder})
    product = assemble(chosen, tell=print)
    try:
        sources = [bytes_source(name, text.encode()) for name, text in texts.items()]
        collection_id = product.collections.create(LOCAL_ACTOR, "Pay").collection_id
        list(product.knowledge.learn(sources, collection_id=collection_id))
        found = product.retriever().search("hotel", collection_ids=[collection_id])
        best_first = sorted(zip(scores, texts, strict=True), reverse=True)
        assert [passage.document for passage in found] == [name for _, name in best_first]
    finally:
        product.close()


@pytest.mark.parametrize("setting", ["reranker", "checker"])
def test_cross_encoder_that_is_none_stops_the_start(settings: Settings, tmp_path: Path, setting: str) -> None:
    chosen = settings.model_copy(update={setting: tmp_path})
    with pytest.raises(ModelFileDamagedError, match="no CrossEncoder"):
        assemble(chosen, tell=print)
    assemble(settings, tell=print).close()
