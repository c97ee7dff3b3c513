from collections.abc import Sequence
from itertools import pairwise
from threading import Thread

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from retrieval.agreement import check_agreement
from retrieval.chunking import chunk_document
from retrieval.documents import Chunk, FloatVector
from retrieval.langchain import LangChainRetriever
from retrieval.library import Library
from retrieval.readers import read_document
from retrieval.retriever import MERGED_CHARACTERS, Retriever
from retrieval.settling import remove_document, resume
from tests.fakes import HashEmbedder
from tests.retrieval.files import pdf
from tests.retrieval.learning import COLLECTION, learn

FILES = {
    "leave.md": "# Leave\n\n## Sick leave\n\nYou can ask for 240 hours.\n\n## Study leave\n\nFive days a year.",
    "hotels.txt": "The hotel limit is 120 euros a night.",
    "pets.txt": "Cats are not allowed in the office.",
}
LONG = " ".join(f"Rule {number} says that gadget {number} must be cleaned daily." for number in range(200))


@pytest.fixture
def learned(library: Library) -> Library:
    learn(library, FILES)
    return library


def search(retriever: Retriever, query: str, *collections: str, k: int = 10) -> list[str]:
    return [passage.document for passage in retriever.search(query, collection_ids=collections or [COLLECTION], k=k)]


def test_the_best_document_comes_first(learned: Library, retriever: Retriever) -> None:
    assert search(retriever, "What is the hotel limit?")[0] == "hotels.txt"
    assert search(retriever, "are cats allowed")[0] == "pets.txt"


def test_a_passage_is_exactly_its_place_in_the_document(learned: Library, retriever: Retriever) -> None:
    for passage in retriever.search("leave hours hotel", collection_ids=[COLLECTION]):
        assert FILES[passage.document][passage.start : passage.end] == passage.text


def test_ranks_count_from_1_and_scores_fall(learned: Library, retriever: Retriever) -> None:
    passages = retriever.search("leave", collection_ids=[COLLECTION])
    assert [passage.rank for passage in passages] == list(range(1, len(passages) + 1))
    assert [passage.score for passage in passages] == sorted((p.score for p in passages), reverse=True)


def test_neighbours_become_one_passage(learned: Library, retriever: Retriever) -> None:
    passages = retriever.search("leave", collection_ids=[COLLECTION])
    (leave,) = [passage for passage in passages if passage.document == "leave.md"]
    assert "240 hours" in leave.text
    assert "Five days" in leave.text


def test_a_passage_over_several_pages_knows_where_each_begins(library: Library, retriever: Retriever) -> None:
    learn(library, {"hotels.pdf": pdf([["Hotels cost money."], ["The hotel limit is 120 euros."]])})
    (passage,) = retriever.search("hotel limit", collection_ids=[COLLECTION])
    assert passage.page == 1
    assert passage.page_at(passage.start + passage.text.index("120")) == 2


def test_a_passage_over_several_sections_knows_where_each_begins(learned: Library, retriever: Retriever) -> None:
    passages = retriever.search("leave", collection_ids=[COLLECTION])
    (leave,) = [passage for passage in passages if passage.document == "leave.md"]
    text = FILES["leave.md"]
    assert leave.section_at(text.index("You can")) == ("Sick leave",)
    assert leave.section_at(text.index("Five days")) == ("Study leave",)


def test_a_passage_names_the_version_of_its_document(learned: Library, retriever: Retriever) -> None:
    passages = retriever.search("leave hotel cats", collection_ids=[COLLECTION])
    assert {one.document for one in passages} == set(FILES)
    for one in passages:
        stored = learned.chunks.summary(one.document_id)
        assert stored is not None
        assert (one.sha256, one.added) == (stored.sha256, stored.added.isoformat())


def test_merging_is_bounded(library: Library, retriever: Retriever) -> None:
    learn(library, {"long.txt": LONG})
    passages = retriever.search("which gadget must be cleaned", collection_ids=[COLLECTION], k=5)
    assert len(passages) == 5
    assert max(len(passage.text) for passage in passages) <= MERGED_CHARACTERS


def test_passages_do_not_overlap(library: Library, retriever: Retriever) -> None:
    learn(library, {"long.txt": LONG})
    spans = sorted((p.start, p.end) for p in retriever.search("gadget cleaned", collection_ids=[COLLECTION]))
    assert all(before[1] <= after[0] for before, after in pairwise(spans))


def test_the_same_text_is_shown_once(library: Library, retriever: Retriever) -> None:
    learn(library, {"one.txt": "The limit is 5.", "copy.txt": "The  limit is 5.\n", "other.txt": "The limit is 6."})
    assert len(search(retriever, "limit")) == 2


def test_only_the_collections_named_are_searched(library: Library, retriever: Retriever) -> None:
    learn(library, {"a.txt": "Secret salaries."}, collection_id="c1")
    learn(library, {"b.txt": "Public holidays."}, collection_id="c2")
    assert search(retriever, "salaries", "c2") == ["b.txt"]
    assert search(retriever, "salaries", "c1", "c2")[0] == "a.txt"
    assert search(retriever, "salaries", "nobody") == []
    assert retriever.search("salaries", collection_ids=[]) == []


@pytest.mark.parametrize("query", ["", "  ", "\u200b\n", "?!"])
def test_an_empty_query_finds_nothing(learned: Library, retriever: Retriever, query: str) -> None:
    assert search(retriever, query) == []


@pytest.mark.parametrize(
    "query",
    [
        '"',
        "*",
        "NEAR(",
        "a AND",
        "OR",
        "terms:x",
        "^hotel",
        "hotel -limit",
        "{x y}:z",
        "'); DROP TABLE chunks;--",
        "((((",
    ],
)
def test_search_operators_are_plain_words(learned: Library, retriever: Retriever, query: str) -> None:
    found = retriever.search(query, collection_ids=[COLLECTION])
    assert bool(found) == any(sign.isalnum() for sign in query), "signs alone ask for nothing"


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(query=st.text(max_size=80))
def test_any_query_is_answered(learned: Library, retriever: Retriever, query: str) -> None:
    retriever.search(query, collection_ids=[COLLECTION])


def test_a_very_long_query_is_answered(learned: Library, retriever: Retriever) -> None:
    assert search(retriever, "hotel " * 30_000)[0] == "hotels.txt"


def test_stop_words_alone_still_find_by_meaning(learned: Library, retriever: Retriever) -> None:
    assert search(retriever, "what is it")


def test_words_find_what_the_vectors_miss(learned: Library, retriever: Retriever, library: Library) -> None:
    library.index.drop(COLLECTION)
    assert search(retriever, "hotel limit")[0] == "hotels.txt"


@pytest.mark.parametrize(
    ("query", "document"),
    [("SF1012", "form.txt"), ("SF-1012", "form.txt"), ("4711", "sum.txt"), ("2.3.1", "release.txt"), ("C++", "c.txt")],
)
def test_numbers_and_codes_are_found_in_either_spelling(
    library: Library, retriever: Retriever, query: str, document: str
) -> None:
    learn(
        library,
        {
            "form.txt": "Hand in form SF-1012 in time.",
            "sum.txt": "The fund holds 4,711 shares.",
            "release.txt": "We have used v2.3.1 since May.",
            "c.txt": "The engine is written in C++ by us.",
            "csharp.txt": "The page is written in C# by them.",
            **{f"{number}.txt": f"Vitamin C in shelf {number}, box SF." for number in range(9)},
        },
    )
    assert search(retriever, query)[0] == document


def test_k_bounds_the_passages(learned: Library, retriever: Retriever) -> None:
    assert len(search(retriever, "leave", k=1)) == 1
    assert search(retriever, "leave", k=0) == []


def test_dense_is_the_cosine(learned: Library, retriever: Retriever) -> None:
    (best, *_) = retriever.search("Cats are not allowed in the office.", collection_ids=[COLLECTION])
    assert best.document == "pets.txt"
    assert 0.5 < best.dense <= 1.0001


def test_a_reranker_decides_the_order(learned: Library) -> None:
    def prefer_pets(query: str, texts: Sequence[str]) -> list[float]:
        return [float("Cats" in text) for text in texts]

    reranked = Retriever(
        chunks=learned.chunks, index=learned.index, embed_query=HashEmbedder().embed_query, rerank=prefer_pets
    )
    assert search(reranked, "hotel limit")[0] == "pets.txt"


def add_pending(library: Library, name: str, text: str) -> Chunk:
    """Store a document of one chunk, without its vector; return the chunk."""
    document = read_document(text.encode(), name=name)
    (part,) = chunk_document(document, document_id="z", token_offsets=library.token_offsets, max_tokens=60)
    library.chunks.add_pending(document, [part], collection_id=COLLECTION, size=18, recipe=library.recipe)
    return part


def test_a_new_document_is_found_by_its_words_before_its_vectors_are_there(
    learned: Library, retriever: Retriever
) -> None:
    part = add_pending(learned, "zebra.txt", "Zebras everywhere.")
    assert "zebra.txt" in search(retriever, "Zebras everywhere")
    assert [retriever.search("Zebras", collection_ids=[COLLECTION])[0].dense] == [0]
    assert not check_agreement(chunks=learned.chunks, index=learned.index, collection_ids=[COLLECTION])
    resume(learned, collection_id=COLLECTION)
    (found, *_) = retriever.search("Zebras everywhere", collection_ids=[COLLECTION])
    assert (found.chunk_id, found.dense > 0) == (part.chunk_id, True)
    assert [stored.state for stored in learned.chunks.documents(COLLECTION) if stored.name == "zebra.txt"] == [
        "indexed"
    ]


def test_a_new_version_is_not_found_while_its_vectors_come_but_the_older_is(
    learned: Library, retriever: Retriever
) -> None:
    part = add_pending(learned, "hotels.txt", "Zebras everywhere.")
    learned.index.put(COLLECTION, [part.chunk_id], learned.embed([part.indexed_text]))
    assert part.chunk_id not in {found.chunk_id for found in retriever.search("Zebras", collection_ids=[COLLECTION])}
    assert "hotels.txt" in search(retriever, "hotel limit")


def test_a_new_document_that_goes_before_its_vectors_came_is_gone(learned: Library, retriever: Retriever) -> None:
    part = add_pending(learned, "zebra.txt", "Zebras everywhere.")
    remove_document(part.document_id, collection_id=COLLECTION, chunks=learned.chunks, index=learned.index)
    assert "zebra.txt" not in search(retriever, "Zebras everywhere")


def test_the_query_is_embedded_once(learned: Library) -> None:
    calls: list[str] = []

    def embed(query: str) -> FloatVector:
        calls.append(query)
        return HashEmbedder().embed_query(query)

    search(Retriever(chunks=learned.chunks, index=learned.index, embed_query=embed), "hotel", COLLECTION, "other")
    assert calls == ["hotel"]


def test_langchain_sees_the_same_passages(learned: Library, retriever: Retriever) -> None:
    (best, *_) = LangChainRetriever(retriever=retriever, collection_ids=[COLLECTION], k=3).invoke("hotel limit")
    assert best.page_content == FILES["hotels.txt"]
    assert best.metadata["document"] == "hotels.txt"
    assert (best.metadata["start"], best.metadata["end"]) == (0, len(FILES["hotels.txt"]))


def test_search_goes_on_while_documents_are_learned(learned: Library, retriever: Retriever) -> None:
    files = {f"{number}.txt": f"Gadget {number} must be cleaned. " * 20 for number in range(20)}
    learning = Thread(target=learn, args=(learned, files))
    learning.start()
    searches = 0
    while learning.is_alive():
        assert search(retriever, "What is the hotel limit?")[0] == "hotels.txt"
        searches += 1
    learning.join()
    assert searches > 0
    assert search(retriever, "gadget 19 cleaned")
