"""The same bytes under several names are stored once, and stay as long as one of the names does."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from retrieval.agreement import check_agreement
from retrieval.documents import FloatMatrix
from retrieval.filters import EVERYTHING, Filter
from retrieval.library import Library
from retrieval.retriever import Retriever
from retrieval.settling import release_document, remove_collection, remove_document
from tests.retrieval.dying import SCREENING
from tests.retrieval.learning import COLLECTION, learn

TEXT = "# Hotels\n\nThe hotel limit is 120 euros."
SAME = {"a.md": TEXT, "b.md": TEXT, "c.md": TEXT}


def counts(library: Library) -> dict[str, int]:
    return {stored.name: stored.chunks for stored in library.chunks.documents(COLLECTION)}


def found(retriever: Retriever, only: Filter = EVERYTHING) -> list[str]:
    return [passage.document for passage in retriever.search("hotel limit", collection_ids=[COLLECTION], only=only)]


def agree(library: Library) -> bool:
    return not check_agreement(chunks=library.chunks, index=library.index, collection_ids=[COLLECTION])


def test_same_bytes_are_read_and_embedded_once(library: Library, retriever: Retriever) -> None:
    embedded: list[int] = []

    def counting(texts: Sequence[str]) -> FloatMatrix:
        embedded.append(len(texts))
        return library.embed(texts)

    report = learn(replace(library, embed=counting), SAME)
    assert (report.added, report.chunks, sum(embedded)) == (3, 1, 1)
    assert counts(library) == {"a.md": 1, "b.md": 0, "c.md": 0}
    assert found(retriever) == ["a.md"]
    assert learn(library, SAME).unchanged == 3
    assert agree(library)


def test_each_name_opens_the_whole_document(library: Library) -> None:
    learn(library, SAME)
    for stored in library.chunks.documents(COLLECTION):
        opened = library.chunks.document(stored.document_id)
        assert opened is not None
        assert (opened[1].name, opened[1].text) == (stored.name, TEXT)


@pytest.mark.parametrize("gone", ["a.md", "b.md"])
def test_what_is_left_is_found_when_one_name_goes(library: Library, retriever: Retriever, gone: str) -> None:
    learn(library, SAME)
    ids = {stored.name: stored.document_id for stored in library.chunks.documents(COLLECTION)}
    remove_document(ids[gone], collection_id=COLLECTION, chunks=library.chunks, index=library.index)
    assert sum(counts(library).values()) == 1
    assert found(retriever) == [next(iter(counts(library)))]
    assert library.index.chunk_ids(COLLECTION) == library.chunks.chunk_ids(COLLECTION)
    assert learn(library, {name: TEXT for name in SAME if name != gone}, sync=True).unchanged == 2
    for document_id in ids.values():
        remove_document(document_id, collection_id=COLLECTION, chunks=library.chunks, index=library.index)
    assert counts(library) == {}
    assert library.index.chunk_ids(COLLECTION) == set()


def test_name_whose_file_changes_gets_its_own_chunks(library: Library, retriever: Retriever) -> None:
    learn(library, SAME)
    assert learn(library, SAME | {"a.md": "# Trains\n\nThe train limit is 80 euros."}).updated == 1
    assert counts(library) == {"a.md": 1, "b.md": 1, "c.md": 0}
    assert found(retriever)[0] == "b.md"
    assert learn(library, SAME).updated == 1
    assert counts(library) == {"a.md": 0, "b.md": 1, "c.md": 0}
    assert agree(library)


def test_filter_by_any_of_the_names_finds_it(library: Library, retriever: Retriever) -> None:
    learn(library, SAME)
    assert found(retriever, Filter(name="c.md")) == ["a.md"]
    assert found(retriever, Filter(name="d.md")) == []


def test_other_ending_is_another_document(library: Library) -> None:
    learn(library, {"a.md": TEXT, "a.txt": TEXT})
    assert counts(library) == {"a.md": 1, "a.txt": 1}


def test_new_way_of_cutting_applies_to_all_names(library: Library) -> None:
    learn(library, SAME)
    assert learn(replace(library, max_tokens=30), SAME).updated == 3
    assert sorted(counts(library).values()) == [0, 0, 1]
    assert agree(library)


def test_suspicious_copies_wait_one_by_one(library: Library, retriever: Retriever) -> None:
    screening = replace(library, screening=SCREENING)
    poisoned = {"a.md": TEXT + " POISON", "b.md": TEXT + " POISON"}
    assert learn(screening, poisoned).quarantined == 2
    first, second = library.chunks.documents(COLLECTION)
    assert release_document(first.document_id, collection_id=COLLECTION, library=screening)
    assert found(retriever) == ["a.md"]
    assert release_document(second.document_id, collection_id=COLLECTION, library=screening)
    assert agree(library)


def test_collection_with_copies_leaves_nothing(library: Library) -> None:
    learn(library, SAME)
    remove_collection(COLLECTION, chunks=library.chunks, index=library.index)
    assert counts(library) == {}
    assert library.chunks.removals(COLLECTION) == []
