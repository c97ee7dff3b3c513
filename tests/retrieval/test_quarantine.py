"""A suspicious document is found by nobody until a person releases it."""

from dataclasses import replace

import pytest
import sqlalchemy as sa

from retrieval.agreement import check_agreement, rebuild_index
from retrieval.library import Library
from retrieval.retriever import Retriever
from retrieval.screening import Screening
from retrieval.settling import release_document, remove_document
from tests.retrieval.dying import SCREENING, judge
from tests.retrieval.learning import COLLECTION, learn

CLEAN = "# Hotels\n\nThe hotel limit is 120 euros."
POISONED = "# Hotels\n\nThe hotel limit is 900 euros. POISON."


@pytest.fixture(name="library")
def _library(library: Library) -> Library:
    return replace(library, screening=SCREENING)


def states(library: Library) -> list[tuple[str, str]]:
    return [(stored.name, stored.state) for stored in library.chunks.documents(COLLECTION)]


def waiting(library: Library) -> str:
    return next(each.document_id for each in library.chunks.documents(COLLECTION) if each.state == "quarantined")


def texts(retriever: Retriever) -> str:
    return " ".join(passage.text for passage in retriever.search("hotel limit euros", collection_ids=[COLLECTION]))


def agree(library: Library) -> bool:
    return not check_agreement(chunks=library.chunks, index=library.index, collection_ids=[COLLECTION])


def test_suspicious_document_waits_and_is_counted_and_not_found(library: Library, retriever: Retriever) -> None:
    report = learn(library, {"a.md": POISONED})
    assert (report.quarantined, report.added, report.chunks) == (1, 0, 0)
    assert states(library) == [("a.md", "quarantined")]
    assert texts(retriever) == ""
    assert library.chunks.documents(COLLECTION)[0].suspicion == judge(library.read(POISONED.encode(), name="a.md"))
    assert agree(library)


def test_second_ingest_of_a_waiting_document_changes_nothing(library: Library) -> None:
    learn(library, {"a.md": POISONED})
    report = learn(library, {"a.md": POISONED})
    assert (report.unchanged, report.quarantined) == (1, 0)
    assert states(library) == [("a.md", "quarantined")]


def test_released_document_is_found_and_stays_released(library: Library, retriever: Retriever) -> None:
    learn(library, {"a.md": POISONED})
    assert release_document(waiting(library), collection_id=COLLECTION, library=library)
    assert "900" in texts(retriever)
    assert learn(library, {"a.md": POISONED}).unchanged == 1
    cut_anew = learn(replace(library, max_tokens=30), {"a.md": POISONED})
    assert (cut_anew.updated, cut_anew.quarantined) == (1, 0)
    assert states(library) == [("a.md", "indexed")]
    assert library.chunks.documents(COLLECTION)[0].released is not None
    assert agree(library)


def test_document_that_does_not_wait_cannot_be_released(library: Library) -> None:
    learn(library, {"a.md": CLEAN})
    document_id = library.chunks.documents(COLLECTION)[0].document_id
    assert not release_document(document_id, collection_id=COLLECTION, library=library)
    assert library.chunks.documents(COLLECTION)[0].released is None


def test_released_document_that_changes_is_judged_again(library: Library) -> None:
    learn(library, {"a.md": POISONED})
    release_document(waiting(library), collection_id=COLLECTION, library=library)
    assert learn(library, {"a.md": POISONED + " More."}).quarantined == 1


def test_older_version_is_found_while_the_new_one_waits(library: Library, retriever: Retriever) -> None:
    learn(library, {"a.md": CLEAN})
    learn(library, {"a.md": POISONED})
    assert states(library) == [("a.md", "indexed"), ("a.md", "quarantined")]
    assert "120" in texts(retriever)
    assert "900" not in texts(retriever)
    release_document(waiting(library), collection_id=COLLECTION, library=library)
    assert states(library) == [("a.md", "indexed")]
    assert "120" not in texts(retriever)
    assert agree(library)


def test_file_that_changes_back_takes_the_waiting_version_with_it(library: Library) -> None:
    learn(library, {"a.md": CLEAN})
    learn(library, {"a.md": POISONED})
    assert learn(library, {"a.md": CLEAN}).unchanged == 1
    assert states(library) == [("a.md", "indexed")]
    assert agree(library)


def test_clean_version_takes_the_place_of_a_waiting_one(library: Library) -> None:
    learn(library, {"a.md": POISONED})
    assert learn(library, {"a.md": CLEAN}).updated == 1
    assert states(library) == [("a.md", "indexed")]


def test_newer_waiting_version_takes_the_place_of_the_older(library: Library) -> None:
    learn(library, {"a.md": POISONED})
    learn(library, {"a.md": POISONED + " More."})
    assert states(library) == [("a.md", "quarantined")]


def test_waiting_document_is_removed_and_synced_away(library: Library) -> None:
    learn(library, {"a.md": POISONED, "b.md": POISONED + " Other."})
    remove_document(waiting(library), collection_id=COLLECTION, chunks=library.chunks, index=library.index)
    assert len(states(library)) == 1
    assert learn(library, {}, sync=True).removed == 1
    assert states(library) == []
    assert agree(library)


def test_rebuilding_the_index_leaves_the_quarantine_alone(library: Library, retriever: Retriever) -> None:
    learn(library, {"a.md": POISONED})
    list(rebuild_index(library, collection_ids=[COLLECTION]))
    assert texts(retriever) == ""
    assert agree(library)


def test_document_of_an_older_judge_is_judged_at_the_next_ingest(library: Library, retriever: Retriever) -> None:
    trusting = replace(library, screening=Screening(version="0", judge=lambda _: None))
    learn(trusting, {"a.md": POISONED, "b.md": CLEAN})
    assert "900" in texts(retriever)
    learn(library, {})
    assert states(library) == [("a.md", "quarantined"), ("b.md", "indexed")]
    assert "900" not in texts(retriever)
    assert agree(library)
    release_document(waiting(library), collection_id=COLLECTION, library=library)
    assert "900" in texts(retriever)
    learn(replace(library, screening=replace(SCREENING, version="2")), {})
    assert states(library) == [("a.md", "indexed"), ("b.md", "indexed")]


def test_judged_documents_are_not_judged_again(library: Library, engine: sa.Engine) -> None:
    learn(library, {"b.md": CLEAN})
    learn(library, {})
    assert list(library.quarantine.unjudged(COLLECTION, mark=SCREENING.mark)) == []
