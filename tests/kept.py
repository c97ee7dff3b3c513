"""A small data directory with something of everything in it, and whether all of it is there."""

import threading
from pathlib import Path

import pytest

from app import commands
from app.answers import LOCAL_ACTOR
from app.store.recovery import recovery_key
from tests import light
from tests.light import opened

TEXT = "# Allowances\n\nThe zeppelin allowance is 4711 pelicans a month.\n"
QUESTION = "What is the zeppelin allowance?"


def fill(place: Path) -> Path:
    """Make a data directory `home` in a folder, with documents, vectors and a conversation; return the folder."""
    folder = place / "documents"
    folder.mkdir()
    (folder / "allowances.md").write_text(TEXT)
    for number in range(5):
        (folder / f"rule-{number}.md").write_text(f"# Number {number}\n\nRule {number} concerns {number} walruses.\n")
    with opened(place / "home") as product:
        stop = threading.Event()
        arguments = {"paths": [str(folder)], "collection": "Pay", "sync": False}
        assert list(commands.run(product, "ingest", arguments, stop))
        conversation = product.history.start(LOCAL_ACTOR).conversation_id
        asked = {"questions": [{"text": QUESTION}], "conversation": conversation, "collections": []}
        assert list(commands.run(product, "ask", asked, stop))
        (collection,) = product.collections.list(LOCAL_ACTOR)
        (first, *_) = product.retriever().search(QUESTION, collection_ids=[collection.collection_id])
        (place / "cosine").write_text(str(first.dense))
    return place


def expect_everything(home: Path) -> str:
    """Check that everything is there and can be searched and read with one key; return its recovery key."""
    with opened(home) as product:
        (collection,) = product.collections.list(LOCAL_ACTOR)
        found = product.retriever().search(QUESTION, collection_ids=[collection.collection_id], k=3)
        assert "zeppelin allowance" in found[0].text
        assert found[0].dense == pytest.approx(float((home.parent / "cosine").read_text()), abs=1e-5)
        assert product.knowledge.disagreements() == []
        (conversation,) = product.history.conversations(LOCAL_ACTOR)
        (turn,) = product.history.turns(LOCAL_ACTOR, conversation.conversation_id)
        assert turn.question == QUESTION
        assert turn.answer is not None
        assert turn.answer.text == light.ANSWER
        for document in product.chunks.documents(collection.collection_id):
            assert product.originals.read(document.sha256)
    assert not (home / "next").exists()
    assert not light.key_file(home).with_name("home.key.next").exists()
    return recovery_key(light.key_file(home).read_bytes())
