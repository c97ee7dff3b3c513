import shutil
import threading
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from unittest.mock import ANY

import pytest

from retrieval.agreement import check_agreement, rebuild_index
from retrieval.chunks import ChunkStore
from retrieval.documents import FloatMatrix
from retrieval.errors import FolderGoneError
from retrieval.index import VectorIndex
from retrieval.ingest import Ingesting, IngestReport, ingest
from retrieval.library import Library
from retrieval.retriever import Retriever
from retrieval.settling import remove_collection, remove_document, resume
from retrieval.sources import bytes_source, collect
from tests.fakes import HashEmbedder
from tests.retrieval.learning import COLLECTION, learn

FILES = {"leave.md": "# Leave\n\nAsk for 240 hours.", "travel/hotels.txt": "The hotel limit is 120 euros."}


def names(chunks: ChunkStore) -> list[str]:
    return [stored.name for stored in chunks.documents(COLLECTION)]


def found(retriever: Retriever, query: str) -> list[str]:
    return [passage.document for passage in retriever.search(query, collection_ids=[COLLECTION])]


def agree(library: Library) -> bool:
    return not check_agreement(chunks=library.chunks, index=library.index, collection_ids=[COLLECTION])


def test_learned_documents_are_found(library: Library, retriever: Retriever) -> None:
    report = learn(library, FILES)
    assert (report.added, report.failed, report.chunks) == (2, 0, 2)
    assert found(retriever, "hotel limit")[0] == "travel/hotels.txt"
    assert agree(library)


def test_unchanged_files_are_not_embedded_again(library: Library) -> None:
    learn(library, FILES)
    calls: list[int] = []

    def counting(texts: Sequence[str]) -> FloatMatrix:
        calls.append(len(texts))
        return library.embed(texts)

    report = learn(replace(library, embed=counting), FILES)
    assert (report.unchanged, report.added, report.chunks, calls) == (2, 0, 0, [])


def test_a_changed_file_takes_the_place_of_the_old_one(library: Library, retriever: Retriever) -> None:
    learn(library, FILES)
    report = learn(library, {"leave.md": "# Leave\n\nAsk for sabbatical weeks."})
    assert (report.updated, report.added) == (1, 0)
    assert names(library.chunks) == ["leave.md", "travel/hotels.txt"]
    assert "240" not in "".join(p.text for p in retriever.search("240 hours leave", collection_ids=[COLLECTION]))
    assert agree(library)


def test_another_chunk_size_learns_everything_again(library: Library) -> None:
    learn(library, FILES)
    report = learn(replace(library, max_tokens=30), FILES)
    assert (report.updated, report.unchanged) == (2, 0)
    assert agree(library)


def test_sync_removes_what_is_gone(library: Library, retriever: Retriever) -> None:
    learn(library, FILES)
    report = learn(library, {"leave.md": FILES["leave.md"]}, sync=True)
    assert (report.unchanged, report.removed) == (1, 1)
    assert found(retriever, "hotel limit") == ["leave.md"]
    assert agree(library)


def test_without_sync_nothing_is_removed(library: Library) -> None:
    learn(library, FILES)
    learn(library, {})
    assert len(names(library.chunks)) == 2


def test_sync_does_not_remove_a_file_that_became_unreadable(library: Library) -> None:
    learn(library, FILES)
    learn(library, {"leave.md": "", "travel/hotels.txt": FILES["travel/hotels.txt"]}, sync=True)
    assert names(library.chunks) == ["leave.md", "travel/hotels.txt"]


def test_a_file_that_cannot_be_read_is_a_problem_until_it_can(library: Library) -> None:
    report = learn(library, {"bad.pdf": b"%PDF-1.7 broken", "good.txt": "Good."})
    assert (report.added, report.failed) == (1, 1)
    assert report.problems[0][0] == "bad.pdf"
    assert [problem.name for problem in library.chunks.problems(COLLECTION)] == ["bad.pdf"]
    learn(library, {"bad.pdf": b"%PDF-1.7 broken"})
    assert len(library.chunks.problems(COLLECTION)) == 1


def test_a_problem_is_gone_once_the_file_can_be_read(library: Library) -> None:
    learn(library, {"a.md": ""})
    learn(library, {"a.md": "Now it says something."})
    assert library.chunks.problems(COLLECTION) == []


def test_sync_forgets_problems_of_files_that_are_gone(library: Library) -> None:
    learn(library, {"a.md": ""})
    learn(library, {}, sync=True)
    assert library.chunks.problems(COLLECTION) == []


def test_the_same_bytes_may_be_in_two_collections(library: Library) -> None:
    learn(library, FILES)
    assert learn(library, FILES, collection_id="c2").added == 2
    remove_collection("c2", chunks=library.chunks, index=library.index)
    assert len(names(library.chunks)) == 2
    assert agree(library)


def test_progress_names_each_file(library: Library) -> None:
    sources = [bytes_source(name, text.encode()) for name, text in FILES.items()]
    events = list(ingest(sources, library=library, collection_id=COLLECTION))
    progress = [(event.name, event.done, event.total) for event in events if isinstance(event, Ingesting)]
    assert progress[:2] == [("leave.md", 0, 2), ("travel/hotels.txt", 1, 2)]


def test_originals_are_kept_before_anything_is_stored(library: Library) -> None:
    kept: dict[str, bytes] = {}

    def keep(sha256: str, data: bytes) -> None:
        assert sha256 not in library.chunks.digests()
        kept[sha256] = data

    source = bytes_source("a.txt", b"Some text.")
    list(ingest([source], library=library, collection_id=COLLECTION, keep_original=keep))
    assert kept.keys() == library.chunks.digests()


def test_a_removed_document_leaves_nothing_in_either_store(library: Library, retriever: Retriever) -> None:
    learn(library, FILES)
    stored = next(document for document in library.chunks.documents(COLLECTION) if document.name == "leave.md")
    remove_document(stored.document_id, collection_id=COLLECTION, chunks=library.chunks, index=library.index)
    assert library.chunks.document(stored.document_id) is None
    assert not [each for each in library.index.chunk_ids(COLLECTION) if each.startswith(stored.document_id)]
    assert found(retriever, "240 hours leave") == ["travel/hotels.txt"]
    assert library.chunks.removals(COLLECTION) == []
    assert agree(library)


def test_a_removed_collection_leaves_nothing_in_either_store(library: Library, retriever: Retriever) -> None:
    learn(library, FILES | {"bad.md": ""})
    remove_collection(COLLECTION, chunks=library.chunks, index=library.index)
    assert library.chunks.collection_ids() == []
    assert library.chunks.problems(COLLECTION) == []
    assert library.index.chunk_ids(COLLECTION) == set()
    assert found(retriever, "hotel") == []


def test_a_removal_that_was_cut_short_is_finished_later(library: Library) -> None:
    learn(library, FILES)
    for stored in library.chunks.documents(COLLECTION):
        library.chunks.remove_document(stored.document_id)
    assert agree(library)
    assert library.index.chunk_ids(COLLECTION)
    resume(library, collection_id=COLLECTION)
    assert library.index.chunk_ids(COLLECTION) == set()


def test_a_lost_index_is_noticed_and_built_again(library: Library, retriever: Retriever) -> None:
    learn(library, FILES)
    library.index.drop(COLLECTION)
    (wrong,) = check_agreement(chunks=library.chunks, index=library.index, collection_ids=[COLLECTION])
    assert (wrong.missing, wrong.unknown) == (2, 0)
    assert found(retriever, "hotel limit") == ["travel/hotels.txt"]
    assert len(list(rebuild_index(library, collection_ids=[COLLECTION]))) == 2
    assert agree(library)
    assert len(found(retriever, "hotel limit")) == 2


def test_an_index_is_not_dropped_while_somebody_learns(library: Library) -> None:
    learn(library, FILES)
    learning = ingest([bytes_source("new.md", b"# New")], library=library, collection_id=COLLECTION)
    next(learning)
    rebuilding = rebuild_index(library, collection_ids=[COLLECTION])
    assert next(rebuilding).name == ""
    assert len(library.index.chunk_ids(COLLECTION)) == 2
    learning.close()
    assert [event.name for event in rebuilding] == sorted(FILES)
    assert agree(library)


def test_what_is_removed_while_an_index_is_built_again_leaves_no_vector(library: Library) -> None:
    learn(library, FILES)
    removed = threading.Event()

    def remove() -> None:
        with library.turn.first():
            library.chunks.remove_document(library.chunks.heads(COLLECTION)[-1].document_id)
        removed.set()

    for event in rebuild_index(library, collection_ids=[COLLECTION]):
        if event.done == 0:
            threading.Thread(target=remove).start()
            while not library.turn.wanted:
                pass
    assert removed.wait(30)
    resume(library, collection_id=COLLECTION)
    assert agree(library)
    assert len(library.chunks.heads(COLLECTION)) == 1


def test_vectors_that_nobody_knows_are_noticed(library: Library, index: VectorIndex) -> None:
    learn(library, FILES)
    index.put(COLLECTION, ["stranger"], HashEmbedder().embed_documents(["x"]))
    (wrong,) = check_agreement(chunks=library.chunks, index=index, collection_ids=[COLLECTION])
    assert (wrong.missing, wrong.unknown) == (0, 1)


def test_an_embedder_that_fails_leaves_the_rest_and_the_next_run_goes_on(library: Library) -> None:
    def failing(texts: Sequence[str]) -> FloatMatrix:
        raise RuntimeError(str(len(texts)))

    learn(library, {"leave.md": FILES["leave.md"]})
    with pytest.raises(RuntimeError):
        learn(replace(library, embed=failing), FILES)
    assert [stored.state for stored in library.chunks.documents(COLLECTION)] == ["indexed", "arriving"]
    report = learn(library, FILES)
    assert (report.unchanged, report.added) == (2, 0)
    assert {stored.state for stored in library.chunks.documents(COLLECTION)} == {"indexed"}
    assert agree(library)


def test_an_ingest_that_is_left_early_can_be_run_again(library: Library) -> None:
    sources = [bytes_source(name, text.encode()) for name, text in FILES.items()]
    events = ingest(sources, library=library, collection_id=COLLECTION)
    next(events)
    next(events)
    events.close()
    learn(library, FILES)
    assert {stored.state for stored in library.chunks.documents(COLLECTION)} == {"indexed"}
    assert len(names(library.chunks)) == 2


def test_a_second_ingest_waits_for_the_first(library: Library) -> None:
    sources = [bytes_source(name, text.encode()) for name, text in FILES.items()]
    first = ingest(sources, library=library, collection_id=COLLECTION)
    next(first)
    second = ingest(sources, library=library, collection_id=COLLECTION)
    waiting = next(second)
    assert isinstance(waiting, Ingesting)
    assert waiting.name == ""
    list(first)
    assert list(second)[-1] == IngestReport(unchanged=2, seconds=ANY)


def test_a_document_removed_while_it_is_embedded_leaves_nothing(library: Library) -> None:
    def removing(texts: Sequence[str]) -> FloatMatrix:
        for stored in library.chunks.pending(COLLECTION):
            library.chunks.remove_document(stored.document_id)
        return library.embed(texts)

    learn(replace(library, embed=removing), FILES)
    assert library.index.chunk_ids(COLLECTION) == set()
    assert agree(library)


def test_a_restored_file_is_no_problem_any_more(library: Library) -> None:
    learn(library, FILES)
    learn(library, {"leave.md": ""})
    assert learn(library, FILES).unchanged == 2
    assert library.chunks.problems(COLLECTION) == []


def test_sync_keeps_chunks_and_vectors_of_a_renamed_file(library: Library, retriever: Retriever) -> None:
    learn(library, {"travel/old rules.txt": "Nobody may fly.", "b.txt": "Other rules."})
    (before,) = [one for one in library.chunks.documents(COLLECTION) if one.name != "b.txt"]
    report = learn(library, {"new rules.txt": "Nobody may fly.", "b.txt": "Other rules."}, sync=True)
    assert (report.updated, report.unchanged, report.added, report.removed, report.chunks) == (1, 1, 0, 0, 0)
    (after,) = [one for one in library.chunks.documents(COLLECTION) if one.name != "b.txt"]
    assert after.document_id == before.document_id
    assert (after.name, after.title) == ("new rules.txt", "new rules")
    assert retriever.search("Nobody may fly", collection_ids=[COLLECTION], k=1)[0].document == "new rules.txt"


def test_renaming_to_another_kind_of_file_reads_it_again(library: Library) -> None:
    learn(library, {"a.txt": "# Nobody may fly."})
    report = learn(library, {"a.md": "# Nobody may fly."}, sync=True)
    assert (report.added, report.removed) == (1, 1)


def test_a_copy_is_no_renamed_file(library: Library) -> None:
    learn(library, {"a.txt": "One rule."})
    report = learn(library, {"a.txt": "One rule.", "b.txt": "One rule."}, sync=True)
    assert report.unchanged == 1
    assert "a.txt" in {one.name for one in library.chunks.documents(COLLECTION)}


def test_without_sync_the_same_bytes_under_another_name_leave_the_first_alone(library: Library) -> None:
    learn(library, {"a.txt": "One rule."})
    learn(library, {"b.txt": "One rule."})
    assert "a.txt" in {one.name for one in library.chunks.documents(COLLECTION)}


def test_a_folder_that_vanishes_during_sync_costs_nothing(library: Library, tmp_path: Path) -> None:
    folder = tmp_path / "share"
    folder.mkdir()
    for name in ("a.txt", "b.txt", "c.txt"):
        (folder / name).write_text(f"Rule {name}.")
    list(ingest(collect([folder]), library=library, collection_id=COLLECTION, sync=True))
    events = ingest(collect([folder]), library=library, collection_id=COLLECTION, sync=True)
    next(events)
    shutil.rmtree(folder)
    with pytest.raises(FolderGoneError, match="share vanished"):
        list(events)
    assert len(library.chunks.documents(COLLECTION)) == 3
    assert library.chunks.problems(COLLECTION) == []


def test_one_in_the_background_lets_others_go_first(library: Library) -> None:
    sources = [bytes_source(f"{name}.txt", f"Rule {name}.".encode()) for name in "abcdef"]
    background = ingest(sources, library=replace(library, gives_way=True), collection_id=COLLECTION, sync=True)
    next(background)
    seen: list[list[str]] = []

    def upload() -> None:
        learn(library, {"upload.txt": "An urgent rule."}, collection_id="c2")
        seen.append(names(library.chunks))

    uploading = threading.Thread(target=upload)
    uploading.start()
    while not library.turn.wanted:
        time.sleep(0.001)
    *_, report = background
    uploading.join()
    assert isinstance(report, IngestReport)
    assert report.added == 6
    assert len(seen[0]) < 6
    assert names(library.chunks) == [source.name for source in sources]
    assert agree(library)


def test_what_is_removed_at_once_goes_between_two_files_of_any_ingest(library: Library) -> None:
    learn(library, {"old.txt": "An old rule."}, collection_id="c2")
    sources = [bytes_source(f"{name}.txt", f"Rule {name}.".encode()) for name in "abcdef"]
    learning = ingest(sources, library=library, collection_id=COLLECTION)
    next(learning)
    learned: list[list[str]] = []

    def remove() -> None:
        with library.turn.first():
            learned.append(names(library.chunks))

    removing = threading.Thread(target=remove)
    removing.start()
    while not library.turn.calls(background=False):
        time.sleep(0.001)
    *_, report = learning
    removing.join()
    assert isinstance(report, IngestReport)
    assert report.added == 6
    assert len(learned[0]) < 6
    assert agree(library)


def test_what_is_learned_meanwhile_is_not_removed_or_learned_twice(library: Library) -> None:
    sources = [bytes_source(f"{name}.txt", f"Rule {name}.".encode()) for name in "abc"]
    background = ingest(sources, library=replace(library, gives_way=True), collection_id=COLLECTION)
    next(background)
    uploading = threading.Thread(target=learn, args=[library, {"c.txt": "Rule c.", "d.txt": "Rule d."}])
    uploading.start()
    while not library.turn.wanted:
        time.sleep(0.001)
    *_, report = background
    uploading.join()
    assert isinstance(report, IngestReport)
    assert (report.added, report.unchanged) == (2, 1)
    assert names(library.chunks) == ["a.txt", "b.txt", "c.txt", "d.txt"]
