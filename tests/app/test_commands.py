"""Commands between their door and the product: stopping, unknown names, histories."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from app import commands, voices
from app.answers import Turn
from app.assemble import assemble
from app.commands import UnknownCommandError
from app.commands.questions import turns
from app.product import Product
from app.settings import Settings
from app.store.errors import DiskFullError
from app.store.originals import Originals
from models.errors import EngineBusyError
from tests.fakes import ScriptedChat
from tests.light import LONG_ANSWER, use_light_models


@pytest.fixture(name="product")
def _product(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Product]:
    use_light_models(monkeypatch, answer=LONG_ANSWER)
    product = assemble(Settings(home=tmp_path / "home", key_source="file", key_file=tmp_path / "key"), tell=print)
    yield product
    product.close()


@pytest.fixture(name="folder")
def _folder(tmp_path: Path) -> Path:
    folder = tmp_path / "documents"
    folder.mkdir()
    for number in range(5):
        (folder / f"{number}.md").write_text(f"# Rule {number}\n\nThe zeppelin allowance of class {number} is 4711.\n")
    return folder


def test_an_unknown_command_or_argument_is_a_sentence(product: Product) -> None:
    for name, arguments in (("unheard of", {}), ("search", {"wish": 1})):
        with pytest.raises(UnknownCommandError):
            list(commands.run(product, name, arguments, threading.Event()))


def test_an_ingest_that_is_stopped_keeps_what_it_has_and_goes_on_later(product: Product, folder: Path) -> None:
    stop = threading.Event()
    ingest = {"paths": [str(folder)], "collection": "Pay", "sync": False}
    items = commands.run(product, "ingest", ingest, stop)
    stopped = [item for item in items if not stop.set()]  # type: ignore[func-returns-value]
    assert {item["kind"] for item in stopped} <= {"note", "progress"}, "it ended before its report"
    assert product.knowledge.disagreements() == []
    (report,) = [
        item["value"] for item in commands.run(product, "ingest", ingest, threading.Event()) if "value" in item
    ]
    assert report["documents"]["failed"] == 0
    collections = next(commands.run(product, "collections list", {}, threading.Event()))["value"]["collections"]
    assert collections[0]["documents"] == 5


def test_an_ingest_that_ends_before_its_first_document_leaves_no_collection(
    product: Product, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise DiskFullError

    monkeypatch.setattr(Originals, "keep", full)
    ingest = {"paths": [str(folder)], "collection": "Pay", "sync": False}
    with pytest.raises(DiskFullError):
        list(commands.run(product, "ingest", ingest, threading.Event()))
    listed = next(commands.run(product, "collections list", {}, threading.Event()))
    assert listed["value"]["collections"] == []


def test_an_answer_that_is_stopped_ends_with_what_was_written(product: Product, folder: Path) -> None:
    stop = threading.Event()
    ingest = {"paths": [str(folder)], "collection": "Pay", "sync": False}
    list(commands.run(product, "ingest", ingest, threading.Event()))
    asked = {"questions": [{"text": "What is the zeppelin allowance of class 1?"}, {"text": "And of class 2?"}]}
    results = []
    for item in commands.run(product, "ask", asked, stop):
        if item["kind"] == "delta":
            stop.set()
        if item["kind"] == "result":
            results.append(item["value"])
    (answer,) = results
    assert answer["outcome"] == "stopped"
    assert len(answer["answer"]) < len(LONG_ANSWER) / 2


def test_a_model_that_fails_gives_its_sentence_and_a_failed_result(
    product: Product, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(voices, "load_chat", lambda _: ScriptedChat(fails=EngineBusyError()))
    ingest = {"paths": [str(folder)], "collection": "Pay", "sync": False}
    list(commands.run(product, "ingest", ingest, threading.Event()))
    asked = {"questions": [{"text": "What is the zeppelin allowance of class 1?"}]}
    with pytest.raises(EngineBusyError):
        list(commands.run(product, "ask", asked, threading.Event()))
    monkeypatch.setattr(EngineBusyError, "status", 503)
    *_, sentence, answer = commands.run(product, "ask", asked, threading.Event())
    assert sentence == {"kind": "note", "text": "Too many questions are waiting. Try again in a minute."}
    assert answer["failed"]
    assert answer["value"]["outcome"] == "failed"


def test_checking_with_a_model_that_says_neither_yes_nor_no_keeps_the_first_verdicts(product: Product) -> None:
    source = "Smoking is allowed in the garden."
    items = [{"id": "1", "passages": [source], "answer": "Smoking is not allowed in the garden."}, {"id": "2"}]
    yielded = list(commands.run(product, "check", {"items": items}, threading.Event()))
    found, refused = (item["value"] for item in yielded if item["kind"] == "result")
    assert [(claim["verdict"], claim["judged"]) for claim in found["claims"]] == [("not found", None)]
    assert refused["id"] == "2"
    assert "answer" in refused["error"]


def test_a_history_is_paired_whatever_its_order() -> None:
    said = [("agent", "Hello."), ("user", "a?"), ("user", "b?"), ("agent", "B."), ("agent", "More.")]
    history = [{"speaker": speaker, "text": text} for speaker, text in said]
    assert turns(history) == (
        Turn(question="", answer="Hello."),
        Turn(question="a?", answer=""),
        Turn(question="b?", answer="B."),
        Turn(question="", answer="More."),
    )
