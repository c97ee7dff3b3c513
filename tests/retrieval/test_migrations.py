"""Databases of the version before are brought over with their contents."""

import pytest
import sqlalchemy as sa
from sqlalchemy import Engine

from app.store.migrate import migrate
from retrieval import rows
from retrieval.library import Library
from retrieval.retriever import Retriever
from retrieval.settling import remove_document
from retrieval.words import terms
from tests.retrieval.learning import COLLECTION, found_by_words, learn

FILES = {
    "form.md": "# Form SF-1012\n\nHand it in by Friday.",
    "sum.txt": "The fund holds 4,711 shares.",
    "plain.txt": "Cats are not allowed in the office.",
}


def stored(engine: Engine) -> list[str]:
    """Return the terms of the chunks in order."""
    with engine.connect() as connection:
        return list(connection.scalars(sa.text("SELECT terms FROM chunks ORDER BY number")))


def without_languages(engine: Engine) -> None:
    """Take out what came with version 11."""
    with engine.begin() as connection:
        connection.execute(sa.text("DROP INDEX documents_by_language"))
        connection.execute(sa.text("ALTER TABLE documents DROP COLUMN language"))


GERMAN = {
    "fristen.txt": "Die Kündigungsfrist beträgt vier Wochen. Sie ist von beiden Seiten einzuhalten.",
    "rules.txt": "The notice is four weeks. It is to be given in writing by both sides.",
}


def test_words_of_documents_from_before_are_cut_in_their_languages(
    engine: Engine, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as before:
        before.setattr(rows, "tongue_of", lambda *_: "")
        learn(library, GERMAN)
    old = stored(engine)
    without_languages(engine)
    with engine.begin() as connection:
        connection.execute(
            sa.text("UPDATE alembic_version SET version_num = 'retrieval_0010' WHERE version_num LIKE 'retrieval%'")
        )
    migrate(engine)
    new = stored(engine)
    assert [before != after for before, after in zip(old, new, strict=True)] == [True, False]
    assert library.chunks.finder.languages([COLLECTION]) == ["de"]
    learn(library, {"other.txt": "Something else."})
    assert stored(engine)[:2] == new
    assert found_by_words(library, "Kündigungsfristen") == ["fristen.txt"]
    for document in library.chunks.documents(COLLECTION):
        remove_document(document.document_id, collection_id=COLLECTION, chunks=library.chunks, index=library.index)
    with engine.connect() as connection:
        assert connection.scalar(sa.text("SELECT count(*) FROM chunks_fts")) == 0


def test_numbers_and_codes_of_documents_from_before_are_found_as_a_whole(
    engine: Engine, library: Library, retriever: Retriever, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as before:
        before.setattr(rows, "indexed_terms", lambda text, language: terms(text))  # noqa: ARG005 - of later
        learn(library, FILES)
    old = stored(engine)
    without_languages(engine)
    with engine.begin() as connection:
        connection.execute(
            sa.text("UPDATE alembic_version SET version_num = 'retrieval_0009' WHERE version_num LIKE 'retrieval%'")
        )
    migrate(engine)
    new = stored(engine)
    learn(library, FILES)
    assert stored(engine) == new != old
    for query, name in (("SF1012", "form.md"), ("4711", "sum.txt"), ("cats", "plain.txt")):
        term = query.lower().rstrip("s")
        numbers = library.chunks.finder.lexical({term: (term,)}, collection_ids=[COLLECTION], limit=9).numbers
        assert len(numbers) == 1, query
        assert retriever.search(query, collection_ids=[COLLECTION])[0].document == name
    for document in library.chunks.documents(COLLECTION):
        remove_document(document.document_id, collection_id=COLLECTION, chunks=library.chunks, index=library.index)
    with engine.connect() as connection:
        assert connection.scalar(sa.text("SELECT count(*) FROM chunks_fts")) == 0
