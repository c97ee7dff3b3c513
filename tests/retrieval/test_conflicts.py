"""What documents say differently is found when they come, and goes with either of them."""

from collections.abc import Iterable
from dataclasses import replace
from threading import Thread

import pytest
import sqlalchemy as sa

from app.checks.conflicts import COMPARING, differences
from retrieval.comparing import uncompared
from retrieval.conflicts import Comparing, Difference
from retrieval.documents import Chunk
from retrieval.imprint import imprint_of
from retrieval.ingest import Ingesting, IngestReport, ingest
from retrieval.library import Library
from retrieval.settling import release_document, remove_document
from tests.retrieval.learning import COLLECTION, learn

POLICY = """# Travel policy

Owner: Finance · Valid from: 1 January 2024

The hotel limit for Paris is 160 euros a night. Whoever travels books early.
"""
FAQ = "# Questions\n\nThe hotel limit for Paris is 185 euros a night, breakfast included."


@pytest.fixture
def comparing(library: Library) -> Library:
    return replace(library, comparing=COMPARING)


def pairs(library: Library) -> set[tuple[str, str, str]]:
    """Return what kind of conflict there is between which two documents."""
    found = library.chunks.conflicts.of(COLLECTION)
    named = [(each.kind, *sorted((each.one.document, each.other.document))) for each in found]
    return {(kind, one, other) for kind, one, other in named}


def id_of(library: Library, name: str) -> str:
    return next(one.document_id for one in library.chunks.documents(COLLECTION) if one.name == name)


@pytest.mark.parametrize("order", [("policy.md", "faq.md"), ("faq.md", "policy.md")])
def test_a_conflict_is_found_whichever_document_comes_first(comparing: Library, order: tuple[str, str]) -> None:
    files = {"policy.md": POLICY, "faq.md": FAQ}
    for name in order:
        learn(comparing, {name: files[name]})
    assert pairs(comparing) == {("value", "faq.md", "policy.md")}


def test_each_side_has_its_words_and_its_place(comparing: Library) -> None:
    learn(comparing, {"policy.md": POLICY, "faq.md": FAQ})
    (found,) = comparing.chunks.conflicts.touching([id_of(comparing, "policy.md")])
    assert found.one.quote == "The hotel limit for Paris is 160 euros a night."
    assert POLICY[found.one.start : found.one.end] == found.one.quote
    assert found.other.quote == "The hotel limit for Paris is 185 euros a night, breakfast included."
    assert (found.other.document, found.order) == ("faq.md", 0)


def test_a_changed_document_takes_its_conflicts_with_it(comparing: Library) -> None:
    learn(comparing, {"policy.md": POLICY, "faq.md": FAQ})
    learn(comparing, {"faq.md": FAQ.replace("185", "160")})
    assert pairs(comparing) == set()
    learn(comparing, {"faq.md": FAQ.replace("185", "170")})
    assert pairs(comparing) == {("value", "faq.md", "policy.md")}


def test_what_one_document_found_stays_where_the_other_does_not_find_it(comparing: Library) -> None:
    learn(comparing, {"policy.md": POLICY, "faq.md": FAQ})
    conflicts = comparing.chunks.conflicts
    (found,) = conflicts.of(COLLECTION)
    places = {"start": found.one.start, "end": found.one.end}
    places |= {"other_start": found.other.start, "other_end": found.other.end}
    one, other = found.one.document_id, found.other.document_id
    difference = Difference(kind="value", **places)
    conflicts.note(one, [(other, difference, found.one.quote, found.other.quote)], version="1")
    conflicts.note(other, [], version="1")
    assert pairs(comparing) == {("value", "faq.md", "policy.md")}


def test_what_both_documents_found_is_told_once(comparing: Library, engine: sa.Engine) -> None:
    learn(comparing, {"policy.md": POLICY, "faq.md": FAQ})
    with engine.connect() as connection:
        assert connection.scalar(sa.text("SELECT count(*) FROM conflicts")) == 2
    assert len(comparing.chunks.conflicts.of(COLLECTION)) == 1
    assert len(comparing.chunks.conflicts.touching([id_of(comparing, "faq.md")])) == 1


def test_of_one_document_only_so_much_is_kept(comparing: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("retrieval.comparing.MOST_FOUND", 2)
    prices = "\n\n".join(f"The hotel limit for {city} is 160 euros a night." for city in ("Rome", "Oslo", "Bern"))
    learn(comparing, {"policy.md": prices})
    learn(comparing, {"faq.md": prices.replace("160", "185")})
    assert len(comparing.chunks.conflicts.of(COLLECTION)) == 2


def test_a_removed_document_takes_its_conflicts_with_it(comparing: Library, engine: sa.Engine) -> None:
    learn(comparing, {"policy.md": POLICY, "faq.md": FAQ})
    remove_document(
        id_of(comparing, "faq.md"), collection_id=COLLECTION, chunks=comparing.chunks, index=comparing.index
    )
    with engine.connect() as connection:
        assert connection.scalar(sa.text("SELECT count(*) FROM conflicts")) == 0


def test_what_the_other_document_says_as_well_is_no_conflict(comparing: Library) -> None:
    both = FAQ + "\n\nUntil 2024 it was otherwise: the hotel limit for Paris is 160 euros a night. So it was."
    learn(comparing, {"policy.md": POLICY, "faq.md": both})
    assert pairs(comparing) == set()


def test_collections_are_not_compared_with_each_other(comparing: Library) -> None:
    learn(comparing, {"policy.md": POLICY})
    learn(comparing, {"faq.md": FAQ}, collection_id="c2")
    assert pairs(comparing) == set()


def test_nobody_is_told_of_documents_in_quarantine_until_they_are_released(comparing: Library) -> None:
    learn(comparing, {"policy.md": POLICY})
    learn(comparing, {"faq.md": FAQ})
    faq = id_of(comparing, "faq.md")
    with comparing.chunks._engine.begin() as connection:
        connection.execute(sa.text("UPDATE documents SET state = 'quarantined', compared = '' WHERE name = 'faq.md'"))
    assert pairs(comparing) == set()
    assert release_document(faq, collection_id=COLLECTION, library=comparing)
    assert pairs(comparing) == {("value", "faq.md", "policy.md")}


def test_an_older_version_is_told_as_such(comparing: Library) -> None:
    rest = " ".join(f"word{number} stands here." for number in range(60))
    learn(comparing, {"policy-v1.md": POLICY + rest, "policy-v2.md": POLICY.replace("160", "175") + rest})
    (found,) = comparing.chunks.conflicts.touching([id_of(comparing, "policy-v1.md")])
    assert found.order == -1
    assert found.turned().order == 1


def test_documents_of_an_older_inhouse_are_compared_at_the_next_ingest(library: Library, comparing: Library) -> None:
    learn(library, {"policy.md": POLICY, "faq.md": FAQ})
    assert pairs(library) == set()
    learn(comparing, {})
    assert pairs(comparing) == {("value", "faq.md", "policy.md")}


def test_the_same_bytes_under_two_names_are_no_conflict_and_the_heir_is_compared(comparing: Library) -> None:
    learn(comparing, {"policy.md": POLICY, "faq.md": FAQ, "copy.md": FAQ})
    holder = next(
        one for one in comparing.chunks.documents(COLLECTION) if one.name in {"faq.md", "copy.md"} and one.chunks
    )
    assert len(pairs(comparing)) == 1
    remove_document(holder.document_id, collection_id=COLLECTION, chunks=comparing.chunks, index=comparing.index)
    learn(comparing, {})
    ((_, one, other),) = pairs(comparing)
    assert "policy.md" in {one, other}


@pytest.mark.parametrize(
    "text", ["", "   ", "# Only a heading", "| a |\n|---|\n| 1 |", "```\nx = 160\n```", "Ünïcödé 160 €?"]
)
def test_awkward_documents_are_compared_without_a_fault(comparing: Library, text: str) -> None:
    learn(comparing, {"policy.md": POLICY})
    learn(comparing, {"odd.md": text, "odd2.md": text + "\n\nx"})
    assert pairs(comparing) == set()


def test_a_fault_in_comparing_two_chunks_keeps_nothing_from_being_learned(library: Library) -> None:
    def faulty(one: Chunk, other: Chunk) -> Iterable[Difference]:
        if "odd" in one.text + other.text:
            raise ValueError(one.text)
        return differences(one, other)

    comparing = replace(library, comparing=Comparing(version="1", judge=lambda: faulty))
    learn(comparing, {"policy.md": POLICY})
    assert learn(comparing, {"odd.md": FAQ.replace("# Questions", "An odd list."), "faq.md": FAQ}).added == 2
    assert comparing.chunks.conflicts.waiting(COLLECTION, version="1") == []
    assert pairs(comparing) == {("value", "faq.md", "policy.md")}


def shown(event: Ingesting | IngestReport) -> str:
    assert isinstance(event, Ingesting)
    return event.name


def test_others_learn_while_documents_are_compared_anew(comparing: Library) -> None:
    learn(comparing, {"policy.md": POLICY, "faq.md": FAQ, "pets.md": "# Pets\n\nCats stay at home."})
    comparing = replace(comparing, comparing=replace(comparing.comparing, version="another"))
    events = ingest([], library=comparing, collection_id=COLLECTION)
    assert shown(next(events)) == "faq.md"
    other = Thread(target=comparing.turn.acquire)
    other.start()
    while not comparing.turn.wanted:
        pass
    assert shown(next(events)) == ""  # it waits now
    other.join()
    assert len(uncompared(comparing, collection_id=COLLECTION)) > 0
    comparing.turn.release()
    assert isinstance([*events][-1], IngestReport)
    assert uncompared(comparing, collection_id=COLLECTION) == []
    assert len(pairs(comparing)) == 1


def test_a_document_says_whose_it_is_and_of_when() -> None:
    assert (imprint_of(POLICY).owner, imprint_of(POLICY).dated) == ("Finance", "valid from 1 January 2024")
    told = imprint_of("**Owner:** People team · **Version:** 3.2 · **Last updated:** 2 May 2025\n\nText")
    assert (told.owner, told.dated) == ("People team", "last updated 2 May 2025")


@pytest.mark.parametrize("text", ["", "The owner of the car pays.", "Date: soon", FAQ])
def test_what_a_document_does_not_say_is_left_empty(text: str) -> None:
    head = imprint_of(text)
    assert (head.owner, head.dated) == ("", "")


def test_chunks_near_a_very_long_document_are_read_in_one_go(library: Library) -> None:
    learn(library, {"a.md": "# Desks\n\nThe Paris office has 42 desks."})
    (kept,) = library.index.chunk_ids(COLLECTION)
    named = [kept, *(f"{number:x}-0" for number in range(300_000))]
    assert [chunk.chunk_id for chunk in library.chunks.conflicts.chunks(named)] == [kept]
