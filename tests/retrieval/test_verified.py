"""A verified answer is found first by who asks its question, for as long as it holds, and no file takes its place."""

import threading
import time
from dataclasses import replace
from datetime import date

import pytest

from retrieval.agreement import check_agreement
from retrieval.chunks import ChunkStore
from retrieval.documents import Chunk, Document, Passage, Verified
from retrieval.finding import FoundChunk
from retrieval.index import VectorIndex
from retrieval.ingest import NAME_TAKEN, IngestReport, ingest
from retrieval.library import Library
from retrieval.retriever import Candidate, Retriever
from retrieval.sources import bytes_source
from retrieval.verified import SAME_QUESTION, answers_first, with_question
from tests.fakes import HashEmbedder
from tests.retrieval.learning import COLLECTION, learn

QUESTION = "How many days of leave are there?"
NAME = "Verified answers/leave.md"
BY_TRAVEL = Verified(owner="Travel desk", until="2027-03-01")
NOISE = {
    f"{n}.md": f"# Leave\n\nHow many days of leave are there in country {n}? Days of leave: {n}." for n in range(9)
}


def verify(library: Library, answer: str = "There are 25 days.", *, question: str = QUESTION) -> IngestReport:
    source = replace(bytes_source(NAME, f"# {question}\n\n{answer}\n".encode()), question=question)
    *_, report = ingest([source], library=library, collection_id=COLLECTION, answers=lambda: [NAME])
    assert isinstance(report, IngestReport)
    return report


@pytest.fixture(name="search")
def _search(chunks: ChunkStore, index: VectorIndex) -> Retriever:
    return searching(chunks, index, today=date(2027, 3, 1))


def searching(chunks: ChunkStore, index: VectorIndex, *, today: date) -> Retriever:
    return Retriever(
        chunks=chunks,
        index=index,
        embed_query=HashEmbedder().embed_query,
        are_verified=lambda places: {place: BY_TRAVEL for place in places if place[1] == NAME},
        today=lambda: today,
    )


def find(retriever: Retriever, query: str) -> list[Passage]:
    return retriever.search(query, collection_ids=[COLLECTION], k=5)


def test_who_asks_the_question_gets_the_whole_answer_first(library: Library, search: Retriever) -> None:
    learn(library, NOISE)
    verify(library, "There are 25 days.\n\n" + "More of it stands here. " * 60)
    first, *others = find(search, QUESTION)
    assert (first.document, first.verified) == (NAME, BY_TRAVEL)
    assert first.text.startswith(f"# {QUESTION}")
    assert first.text.count("More of it stands here.") == 60
    assert {passage.verified for passage in others} == {None}
    assert NAME not in {passage.document for passage in others}


def test_expired_answer_is_found_by_its_words_only(
    library: Library, search: Retriever, chunks: ChunkStore, index: VectorIndex
) -> None:
    late = searching(chunks, index, today=date(2027, 3, 2))
    plain = Retriever(chunks=chunks, index=index, embed_query=HashEmbedder().embed_query)
    learn(library, NOISE)
    verify(library, "Nobody here can tell, and nobody ever will, so look it up in the handbook of your own country.")
    assert find(search, QUESTION)[0].document == NAME
    asked = "Days of leave in country 7"
    assert [one.document for one in find(late, asked)] == [one.document for one in find(plain, asked)]
    (held,) = [one for one in late.search(QUESTION, collection_ids=[COLLECTION], k=50) if one.document == NAME]
    assert held.verified == BY_TRAVEL


def test_another_question_does_not_bring_it_first(library: Library, search: Retriever) -> None:
    learn(library, NOISE | {"hotel.md": "# Hotels\n\nThe hotel limit is 120 euros."})
    verify(library)
    assert find(search, "What is the hotel limit?")[0].document == "hotel.md"


def test_new_answer_takes_the_place_of_the_former(library: Library, search: Retriever) -> None:
    verify(library, "There are 25 days.")
    assert verify(library, "There are 30 days.").updated == 1
    (only,) = find(search, QUESTION)
    assert "30 days" in only.text
    assert not check_agreement(chunks=library.chunks, index=library.index, collection_ids=[COLLECTION])


def test_no_file_takes_the_place_of_an_answer(library: Library, search: Retriever) -> None:
    verify(library)
    source = bytes_source(NAME, b"# Leave\n\nThere are no days of leave.")
    *_, report = ingest([source], library=library, collection_id=COLLECTION, answers=lambda: [NAME])
    assert isinstance(report, IngestReport)
    assert report.problems == ((NAME, NAME_TAKEN),)
    assert "25 days" in find(search, QUESTION)[0].text


def test_answer_is_not_removed_because_a_folder_has_no_file_of_it(library: Library, search: Retriever) -> None:
    verify(library)
    source = bytes_source("hotel.md", b"# Hotels\n\nThe hotel limit is 120 euros.")
    *_, report = ingest([source], library=library, collection_id=COLLECTION, sync=True, answers=lambda: [NAME])
    assert isinstance(report, IngestReport)
    assert (report.added, report.removed) == (1, 0)
    assert find(search, QUESTION)[0].document == NAME


def test_answer_in_the_words_of_a_file_that_is_here_is_still_an_answer(library: Library, search: Retriever) -> None:
    learn(library, {"leave.md": f"# {QUESTION}\n\nThere are 25 days.\n"})
    assert verify(library).added == 1
    assert find(search, QUESTION)[0].verified == BY_TRAVEL


def found(name: str, ordinal: int, dense: float) -> Candidate:
    """Return a chunk of a document as a search comes upon it."""
    chunk = Chunk(
        chunk_id=f"{name}-{ordinal}",
        document_id=name,
        ordinal=ordinal,
        start=0,
        end=4,
        page=None,
        headings=(),
        text="Text",
    )
    held = FoundChunk(number=1, collection_id="c", document=name, title=name, media_type="text/markdown", chunk=chunk)
    return Candidate(found=held, dense=dense, lexical=0.0, score=0.0)


def test_of_several_answers_to_the_question_the_nearest_comes_first_and_only_for_its_question() -> None:
    near, nearer, words = found("a", 0, SAME_QUESTION), found("b", 0, 0.9), found("c", 1, 0.99)
    other, further = found("d", 0, 0.8), found("e", 0, SAME_QUESTION - 0.01)
    places = {("c", name): BY_TRAVEL for name in "abce"}
    ordered = answers_first([words, further, near, other, nearer], places, today=date(2027, 3, 1))
    assert ordered == [nearer, near, words, further, other]


def test_the_question_is_the_first_chunk_and_stands_where_it_says() -> None:
    text = f"# {QUESTION}\n\nThere are 25 days.\n"
    document = Document(sha256="", name=NAME, title="", media_type="text/markdown", text=text)
    parts = [
        Chunk(chunk_id=f"d-{n}", document_id="d", ordinal=n, start=n, end=n + 9, page=None, headings=("H",), text="…")
        for n in range(2)
    ]
    head, *rest = with_question(parts, document, QUESTION)
    assert (head.ordinal, head.chunk_id, head.headings) == (0, "d-0", ())
    assert head.text == text[head.start : head.end] == QUESTION
    assert [(part.ordinal, part.chunk_id, part.start) for part in rest] == [(1, "d-1", 0), (2, "d-2", 1)]


def test_answer_is_learned_between_two_files_of_any_ingest(library: Library) -> None:
    learning = ingest(
        [bytes_source(name, text.encode()) for name, text in NOISE.items()],
        library=library,
        collection_id=COLLECTION,
        sync=True,
        answers=lambda: [NAME],
    )
    next(learning)
    learned: list[int] = []

    def approve() -> None:
        verify(library)
        learned.append(len(library.chunks.documents(COLLECTION)))

    approving = threading.Thread(target=approve)
    approving.start()
    while not library.turn.wanted:
        time.sleep(0.001)
    *_, report = learning
    approving.join()
    assert isinstance(report, IngestReport)
    assert (report.added, report.removed) == (len(NOISE), 0)
    assert learned[0] < len(NOISE)
    assert NAME in {one.name for one in library.chunks.documents(COLLECTION)}
