"""A process killed anywhere loses nothing that was stored, and the next run goes on from there."""

import shutil
import signal
import threading
from pathlib import Path
from typing import Any

import pytest

from app import commands
from app.answers import LOCAL_ACTOR
from app.commands.demonstration import MARK
from app.product import Product
from tests import light
from tests.light import opened

OLD = "# Allowances\n\nThe zeppelin allowance is 4711 pelicans a month.\n"
NEW = "# Allowances\n\nThe zeppelin allowance is 5822 pelicans a month from June.\n"
QUESTION = "What is the zeppelin allowance?"
INGEST_STEPS = range(2 * len(light.INGEST_STEPS))
ANSWER_STEPS = range(len(INGEST_STEPS), 2 * len(light.STEPS))


def carry_out(product: Product, name: str, /, **arguments: Any) -> dict[str, Any]:
    """Run a command in this process and return its result."""
    results = [item for item in commands.run(product, name, arguments, threading.Event()) if item["kind"] == "result"]
    value: dict[str, Any] = results[-1]["value"]
    return value


def stored(product: Product) -> dict[str, str]:
    """Return the text of every indexed document by name, and see that both stores and the originals agree."""
    assert product.knowledge.disagreements() == []
    (collection,) = product.collections.list(LOCAL_ACTOR)
    documents = product.chunks.documents(collection.collection_id)
    assert {document.sha256 for document in documents} == product.originals.digests()
    texts = {}
    for document in documents:
        product.originals.read(document.sha256)
        found = product.chunks.document(document.document_id)
        assert found is not None
        if document.state == "indexed":
            texts[document.name] = found[1].text
    return texts


@pytest.fixture(name="before", scope="module")
def _before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory with two documents and a conversation of one turn, beside the folder it was loaded from."""
    place = tmp_path_factory.mktemp("before")
    folder = place / "documents"
    folder.mkdir()
    (folder / "allowances.md").write_text(OLD)
    (folder / "gone.md").write_text("# Gone\n\nThis document is removed before the second run.\n")
    with opened(place / "home") as product:
        carry_out(product, "ingest", paths=[str(folder)], collection="Pay", sync=False)
        conversation = product.history.start(LOCAL_ACTOR).conversation_id
        carry_out(product, "ask", questions=[{"text": QUESTION}], conversation=conversation)
    return place


@pytest.fixture(name="place")
def _place(before: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(before, tmp_path / "place"))


@pytest.mark.parametrize("step", INGEST_STEPS)
def test_a_killed_ingest_loses_nothing_and_goes_on(place: Path, step: int) -> None:
    home, folder = place / "home", place / "documents"
    (folder / "allowances.md").write_text(NEW)
    (folder / "gone.md").unlink()
    for number in range(3):
        (folder / f"new-{number}.md").write_text(f"# Number {number}\n\nRule {number} concerns {number} walruses.\n")

    killed = light.run(home, "--die-at", str(step), "ingest", str(folder), "--collection", "Pay", "--sync")
    assert killed.returncode == -signal.SIGKILL
    with opened(home) as product:
        assert stored(product).get("allowances.md") in {OLD, NEW}
        report = carry_out(product, "ingest", paths=[str(folder)], collection="Pay", sync=True)
        assert report["problems"] == []
        assert stored(product) == {file.name: file.read_text() for file in folder.iterdir()}


def test_a_killed_server_keeps_what_was_written_of_an_answer(place: Path) -> None:
    home = place / "home"
    with opened(home) as product:
        (conversation,) = product.history.conversations(LOCAL_ACTOR)
    (home / MARK).touch()  # without the demonstration
    with light.Served(home, "--long") as server:
        asking = light.start(home, "ask", QUESTION, "--conversation", conversation.conversation_id)
        assert asking.stdout.read(20 * len(light.ANSWER))  # longer than the second between two saves
        server.kill()
        done = asking.finish(timeout=30)
    assert done.returncode == 1
    assert "ended before it had finished" in done.stderr
    with opened(home) as product:
        _, turn = product.history.turns(LOCAL_ACTOR, conversation.conversation_id)
        assert turn.state == "interrupted"
        assert turn.written.startswith(light.ANSWER)
        assert stored(product).keys() == {"allowances.md", "gone.md"}


@pytest.mark.parametrize("step", ANSWER_STEPS)
def test_a_killed_answer_loses_no_question_and_no_earlier_turn(place: Path, step: int) -> None:
    home = place / "home"
    with opened(home) as product:
        (conversation,) = product.history.conversations(LOCAL_ACTOR)
    ask = ("ask", "And what is the zeppelin allowance?", "--conversation", conversation.conversation_id)
    killed = light.run(home, "--die-at", str(step), *ask)
    assert killed.returncode == -signal.SIGKILL
    with opened(home) as product:
        first, *rest = product.history.turns(LOCAL_ACTOR, conversation.conversation_id)
        assert first.question == QUESTION
        assert first.answer is not None
        assert first.answer.text == light.ANSWER
        begun, finished = step > ANSWER_STEPS[0], step == ANSWER_STEPS[-1]
        assert [turn.question for turn in rest] == [ask[1]] * begun
        assert [turn.state for turn in rest] == ["finished" if finished else "interrupted"] * begun
        assert stored(product).keys() == {"allowances.md", "gone.md"}
        again = carry_out(product, "ask", questions=[{"text": QUESTION}], conversation=conversation.conversation_id)
        assert again["outcome"] == "finished"
