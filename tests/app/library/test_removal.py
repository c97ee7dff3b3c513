"""What is removed is gone: from every table, from the index, from the originals, from what the engine keeps."""

import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa

from app import commands
from app.answers import LOCAL_ACTOR
from app.product import Product
from retrieval.sources import bytes_source
from tests.fakes import ScriptedChat
from tests.served import light_product

WORD = "zeppelinpelican"
NAME = f"{WORD}-rules.md"
TEXT = f"# {WORD} allowance\n\nThe {WORD} allowance is 4711 a month.\n"


@pytest.fixture(name="product")
def _product(tmp_path: Path) -> Iterator[Product]:
    with light_product(tmp_path, ScriptedChat()) as product:
        made = product.collections.create(LOCAL_ACTOR, "Rules")
        sources = [bytes_source(NAME, TEXT.encode()), bytes_source("other.md", b"# Other\n\nAnother rule.")]
        for data in (TEXT + "\nEarlier.\n", TEXT):
            sources[0] = bytes_source(NAME, data.encode())
            list(product.knowledge.learn(sources, collection_id=made.collection_id))
        list(product.knowledge.learn([bytes_source(f"{WORD}.pdf", b"%PDF- no")], collection_id=made.collection_id))
        yield product


def rules(product: Product) -> str:
    return product.collections.by_name(LOCAL_ACTOR, "Rules").collection_id


def traces(product: Product) -> set[str]:
    """Return the tables in which the word still stands, those of the search by words among them."""
    found = set()
    with closing(product.database.connect()) as connection:
        names = connection.scalars(sa.text("SELECT name FROM sqlite_master WHERE type = 'table'")).all()
        for name in names:
            if name == "chunks_fts":
                continue
            for row in connection.execute(sa.text(f'SELECT * FROM "{name}"')):  # noqa: S608 - its own tables
                held = [value.encode() if isinstance(value, str) else value for value in row]
                if any(isinstance(value, bytes) and WORD.encode() in value for value in held):
                    found.add(name)
    return found


def remove_document(product: Product) -> None:
    for stored in product.chunks.documents(rules(product)):
        if stored.name == NAME:
            product.knowledge.forget_document(stored.document_id)
    product.chunks.clear_problem(rules(product), f"{WORD}.pdf")


def remove_by_sync(product: Product) -> None:
    others = [bytes_source("other.md", b"# Other\n\nAnother rule.")]
    list(product.knowledge.learn(others, collection_id=rules(product), sync=True))


def remove_collection(product: Product) -> None:
    list(commands.run(product, "collections delete", {"name": "Rules"}, threading.Event()))


@pytest.mark.parametrize("remove", [remove_document, remove_by_sync, remove_collection])
def test_what_is_removed_stands_nowhere_any_more(product: Product, remove: object) -> None:
    assert callable(remove)
    collection_id = rules(product)
    assert {"documents", "chunks", "document_versions", "problems"} <= traces(product)
    before = product.originals.digests()
    remove(product)
    assert traces(product) == set()
    left = 0 if remove is remove_collection else 1
    assert (len(before), len(product.originals.digests())) == (2, left)
    assert len(list((product.settings.home / "originals").rglob("*.sealed"))) == left
    assert product.index().count(collection_id) == left


def test_an_original_is_not_taken_from_whoever_learns_the_same_bytes_meanwhile(
    product: Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = product.collections.create(LOCAL_ACTOR, "Other rules").collection_id
    turn, remove = product.knowledge.library().turn, product.originals.remove

    def learn() -> None:
        list(product.knowledge.learn([bytes_source(NAME, TEXT.encode())], collection_id=other))

    learning = threading.Thread(target=learn)

    def while_learning(sha256: str) -> None:
        learning.start()
        while learning.is_alive() and not turn.wanted:
            learning.join(0.01)
        remove(sha256)

    monkeypatch.setattr(type(product.originals), "remove", lambda _, sha256: while_learning(sha256))
    remove_document(product)
    learning.join()
    (stored,) = product.chunks.documents(other)
    assert product.originals.read(stored.sha256) == TEXT.encode()


def test_an_original_that_was_lost_is_kept_again_when_its_document_is_loaded_again(product: Product) -> None:
    collection_id = rules(product)
    for file in (product.settings.home / "originals").rglob("*.sealed"):
        file.unlink()
    sources = [bytes_source(NAME, TEXT.encode()), bytes_source("copy.md", b"# Other\n\nAnother rule.")]
    list(product.knowledge.learn(sources, collection_id=collection_id))
    kept = [product.originals.has(one.sha256) for one in product.chunks.documents(collection_id)]
    assert kept == [True, True, True]
