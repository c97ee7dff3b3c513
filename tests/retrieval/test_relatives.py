"""Which documents are nearly the same, which is the older version, and that the newer one is found first."""

import random
import re
from dataclasses import replace

import pytest
import sqlalchemy as sa

from app.checks.conflicts import COMPARING
from retrieval.editions import edition_of
from retrieval.library import Library
from retrieval.likeness import likenesses, sketch_of
from retrieval.retriever import Retriever
from retrieval.settling import remove_document
from tests.retrieval.learning import COLLECTION, learn

WORDS = [f"w{number}" for number in range(400)]


def prose(seed: int, words: int = 300) -> str:
    rng = random.Random(seed)  # noqa: S311
    return " ".join(rng.choice(WORDS) for _ in range(words))


def changed(text: str, share: float, seed: int = 9) -> str:
    """Replace a share of the words."""
    rng = random.Random(seed)  # noqa: S311
    return " ".join(f"x{rng.random()}"[:6] if rng.random() < share else word for word in text.split())


def runs(text: str) -> set[tuple[str, ...]]:
    words = re.findall(r"\w+", text.lower())
    return {tuple(words[place : place + 3]) for place in range(len(words) - 2)}


def related(library: Library) -> set[tuple[str, str, int]]:
    """Return (name, name of the other, order), each pair once from the older or first by name."""
    names = {stored.document_id: stored.name for stored in library.chunks.documents(COLLECTION)}
    found = {
        (names[one], names[each.document_id], each.order)
        for one, others in library.chunks.relatives.of(COLLECTION).items()
        for each in others
    }
    return {(one, other, order) for one, other, order in found if order == 1 or (order == 0 and one < other)}


@pytest.mark.parametrize("share", [0.0, 0.02, 0.1, 0.3, 1.0])
def test_likeness_estimates_the_share_of_common_runs(share: float) -> None:
    text = prose(1, 2000)
    other = changed(text, share)
    true = len(runs(text) & runs(other)) / len(runs(text) | runs(other))
    (found,) = likenesses(sketch_of(text), sketch_of(other)[None, :])
    assert found == pytest.approx(true, abs=0.15)


def test_capitals_and_punctuation_do_not_matter_and_short_texts_are_like_nothing() -> None:
    text = prose(2)
    assert likenesses(sketch_of(text), sketch_of(text.upper().replace(" ", ", "))[None, :])[0] == 1
    assert likenesses(sketch_of("a few words"), sketch_of("a few words")[None, :])[0] == 0


@pytest.mark.parametrize(
    ("older", "newer"),
    [
        ("travel-policy-v1.pdf", "travel-policy-v2.docx"),
        ("travel-policy.pdf", "travel-policy-v2.pdf"),
        ("policy v1.9.md", "policy v1.10.md"),
        ("hr/Leave 2024.docx", "hr/Leave 2025-03 final.docx"),
        ("Leave_2024-05-01.md", "Leave_2024-06.md"),
        ("Leave 2023 and 2024.md", "Leave 2022 and 2025.md"),
        ("Leave v3 rev 1.md", "Leave v2 rev 4.md"),
    ],
)
def test_names_tell_the_older_version(older: str, newer: str) -> None:
    assert edition_of(older).is_older_than(edition_of(newer))
    assert not edition_of(newer).is_older_than(edition_of(older))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a/policy.md", "b/policy-v2.md"),
        ("covid-19 rules.md", "covid-20 rules.md"),
        ("report (1).md", "report.md"),
        ("policy-v1.md", "policy-2025.md"),
        ("leave 2024.md", "leave 2024-05.md"),
        ("v1.md", "v2.md"),
        ("policy.md", "policy-v1.md"),
        ("policy-v2.md", "policy-v2.pdf"),
        ("policy 2024.md", "policy 2024.pdf"),
        ("policy 2024.md", "policy-v2.md"),
        ("tea v1.md", "tea v2.md"),
    ],
)
def test_names_that_tell_nothing(one: str, other: str) -> None:
    assert not edition_of(one).is_older_than(edition_of(other))
    assert not edition_of(other).is_older_than(edition_of(one))


def test_nearly_same_documents_and_versions_are_noted(library: Library) -> None:
    text = prose(3)
    files = {
        "a.md": text,
        "b.md": changed(text, 0.01),
        "other.md": prose(4),
        "rules-v1.md": prose(5),
        "rules-v2.md": changed(prose(5), 0.1),
        "weekly-v1.md": prose(6),
        "weekly-v2.md": prose(7),
    }
    learn(library, files)
    assert related(library) == {("a.md", "b.md", 0), ("rules-v1.md", "rules-v2.md", 1)}


def test_order_of_loading_does_not_matter(library: Library) -> None:
    learn(library, {"rules-v2.md": changed(prose(5), 0.05)})
    learn(library, {"rules-v1.md": prose(5)})
    assert related(library) == {("rules-v1.md", "rules-v2.md", 1)}


def test_newer_version_is_found_first_and_the_older_alone_still(library: Library, retriever: Retriever) -> None:
    rules = f"# Hotels\n\nThe hotel limit in Lisbon is 120 euros a night. {prose(5, 40)}"
    learn(library, {"rules-v1.md": rules, "rules-v2.md": rules.replace("120", "130")})

    def found(query: str) -> list[str]:
        return [passage.document for passage in retriever.search(query, collection_ids=[COLLECTION])]

    query = "hotel limit Lisbon euros a night"
    assert found(query)[:2] == ["rules-v2.md", "rules-v1.md"]
    ids = {stored.name: stored.document_id for stored in library.chunks.documents(COLLECTION)}
    remove_document(ids["rules-v2.md"], collection_id=COLLECTION, chunks=library.chunks, index=library.index)
    assert found(query) == ["rules-v1.md"]
    assert related(library) == set()


HOTELS = f"# Hotels\n\nThe hotel limit is 120 euros a night. {prose(8, 100)}"


def names_found(retriever: Retriever, query: str) -> list[str]:
    return [passage.document for passage in retriever.search(query, collection_ids=[COLLECTION])]


@pytest.mark.parametrize(("first", "second"), [("a.md", "b.md"), ("b.md", "a.md")])
def test_of_two_nearly_the_same_the_one_that_came_later_is_found_first(
    library: Library, retriever: Retriever, first: str, second: str
) -> None:
    learn(library, {first: HOTELS})
    learn(library, {second: HOTELS.replace("120", "130")})
    assert related(library) == {("a.md", "b.md", 0)}
    assert names_found(retriever, "What is the hotel limit in euros a night?") == [second, first]


def test_both_of_two_nearly_the_same_are_seen_where_they_differ(library: Library, retriever: Retriever) -> None:
    comparing = replace(library, comparing=COMPARING)
    learn(comparing, {"b.md": HOTELS})
    learn(comparing, {"a.md": HOTELS.replace("120", "130")})
    assert related(library) == {("a.md", "b.md", 0)}
    (conflict,) = library.chunks.conflicts.of(COLLECTION)
    assert {("a.md", True), ("b.md", False)} == {
        (place.document, "130" in place.quote) for place in (conflict.one, conflict.other)
    }
    assert names_found(retriever, "What is the hotel limit in euros a night?") == ["a.md", "b.md"]


def test_only_cut_anew_a_document_is_no_newer(library: Library, retriever: Retriever) -> None:
    learn(library, {"a.md": HOTELS})
    learn(library, {"b.md": HOTELS.replace("120", "130")})
    came = {stored.name: stored.added for stored in library.chunks.documents(COLLECTION)}
    learn(replace(library, max_tokens=library.max_tokens - 1), {"a.md": HOTELS})
    assert {stored.name: stored.added for stored in library.chunks.documents(COLLECTION)} == came
    assert names_found(retriever, "What is the hotel limit in euros a night?") == ["b.md", "a.md"]


def test_what_was_asked_for_comes_first_though_another_is_nearly_the_same(
    library: Library, retriever: Retriever
) -> None:
    learn(library, {"lisbon.md": HOTELS.replace("hotel limit", "hotel limit in Lisbon")})
    learn(library, {"porto.md": HOTELS.replace("hotel limit", "hotel limit in Porto")})
    assert {(one, other) for one, other, _ in related(library)} == {("lisbon.md", "porto.md")}
    assert names_found(retriever, "What is the hotel limit in Lisbon?")[0] == "lisbon.md"
    assert names_found(retriever, "What is the hotel limit in Porto?")[0] == "porto.md"


def test_documents_of_different_collections_are_never_versions_of_each_other(
    library: Library, retriever: Retriever
) -> None:
    learn(library, {"a.md": HOTELS}, collection_id="c2")
    learn(library, {"a.md": HOTELS.replace("120", "130")})
    passages = retriever.search("hotel limit 120 euros a night", collection_ids=[COLLECTION, "c2"])
    assert [passage.collection_id for passage in passages] == ["c2", COLLECTION]
    assert library.chunks.relatives.newer({passage.document_id for passage in passages}) == {}


def test_documents_of_an_older_inhouse_are_compared_at_the_next_ingest(library: Library, engine: sa.Engine) -> None:
    learn(library, {"rules-v2.md": prose(5), "rules-v1.md": changed(prose(5), 0.02)})
    with engine.begin() as connection:
        connection.execute(sa.text("DELETE FROM likenesses"))
        connection.execute(sa.text("UPDATE documents SET sketch = NULL"))
    assert related(library) == set()
    learn(library, {})
    assert related(library) == {("rules-v1.md", "rules-v2.md", 1)}
