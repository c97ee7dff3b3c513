"""Each sentence of an answer is attached to the place it rests on."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.answers import Verdict
from app.checks.claims import examine
from app.checks.judging import Revision
from app.citations import attach, judged, sources_of
from retrieval.documents import Page, Section
from tests.app.passages import passage

LEAVE = "Leave is earned monthly. You can request up to 240 hours of advanced sick leave. Ask your supervisor first."
FMLA = "FMLA entitles you to 12 weeks of unpaid leave per 12 month period. It takes 26 weeks to care for a veteran."
QUESTION = "How many hours of advanced sick leave can I ask for?"


def test_the_quote_is_the_document_at_its_offsets() -> None:
    document = "x" * 500 + LEAVE
    citations, _ = attach("You may request 240 hours.", [passage(LEAVE, start=500)], question=QUESTION)
    (citation,) = citations
    assert document[citation.start : citation.end] == citation.quote
    assert citation.quote == "You can request up to 240 hours of advanced sick leave."


def test_the_page_is_that_of_the_cited_sentence_not_of_the_passage() -> None:
    turn = 500 + LEAVE.index("You can")
    pages = (Page(number=3, start=0, end=turn), Page(number=4, start=turn, end=9_000))
    found = replace(passage(LEAVE, start=500), page=3, pages=pages)
    (citation,), _ = attach("You may request 240 hours.", [found], question=QUESTION)
    assert citation.page == 4


def test_the_section_is_that_of_the_cited_sentence_not_of_the_passage() -> None:
    turn = 500 + LEAVE.index("You can")
    sections = (
        Section(start=500, headings=("Rules", "Earning")),
        Section(start=turn, headings=("Rules", "Leave", "Advanced")),
    )
    found = replace(passage(LEAVE, start=500, title="Rules"), headings=("Rules", "Earning"), sections=sections)
    (citation,), _ = attach("You may request 240 hours.", [found], question=QUESTION)
    assert citation.headings == ("Leave", "Advanced")
    (citation,), _ = attach("You may request 240 hours.", [replace(found, sections=())], question=QUESTION)
    assert citation.headings == ("Earning",)


def test_a_citation_names_the_version_of_its_document() -> None:
    found = replace(passage(LEAVE), sha256="4f" * 32, added="2026-11-02T08:00:00+00:00")
    (citation,), _ = attach("You may request 240 hours.", [found], question=QUESTION)
    assert (citation.sha256, citation.added) == (found.sha256, found.added)


def test_sentences_cite_different_documents_numbered_in_their_order() -> None:
    answer = "A veteran's carer gets 26 weeks of leave. You can request 240 hours of advanced sick leave."
    citations, claims = attach(answer, [passage(LEAVE, rank=1), passage(FMLA, rank=2)], question=QUESTION)
    assert [(citation.n, citation.document_id) for citation in citations] == [(1, "d2"), (2, "d1")]
    assert [claim.citations for claim in claims] == [(1,), (2,)]


def test_sentences_that_rest_on_the_same_words_share_a_number() -> None:
    answer = "You can request up to 240 hours. The request is for advanced sick leave."
    citations, claims = attach(answer, [passage(LEAVE)], question=QUESTION)
    assert len(citations) == 1
    assert [claim.citations for claim in claims] == [(1,), (1,)]


def test_a_second_document_that_says_the_same_is_cited_too() -> None:
    passages = [passage(LEAVE, rank=1), passage(LEAVE, rank=2), passage(FMLA, rank=3)]
    citations, claims = attach("You can request up to 240 hours of sick leave.", passages, question=QUESTION)
    assert [citation.document_id for citation in citations] == ["d1", "d2"]
    assert claims[0].citations == (1, 2)


def test_a_second_document_with_another_value_is_not_cited() -> None:
    other = LEAVE.replace("240", "80")
    citations, _ = attach(
        "You can request up to 240 hours of sick leave.", [passage(LEAVE), passage(other, rank=2)], question=QUESTION
    )
    assert [citation.document_id for citation in citations] == ["d1"]


def test_a_bare_value_is_cited_where_the_question_is_answered() -> None:
    other = "Each office has 12 rooms. Each floor has 12 desks."
    citations, _ = attach("12 weeks.", [passage(other, rank=1), passage(FMLA, rank=2)], question="How long is FMLA?")
    assert [citation.document_id for citation in citations] == ["d2"]


def test_a_sentence_without_a_source_cites_nothing() -> None:
    citations, claims = attach("Bananas are yellow.", [passage(LEAVE)], question=QUESTION)
    assert citations == ()
    assert [(claim.verdict, claim.citations) for claim in claims] == [("not found", ())]


NEARLY = "The mayor grants 240 hours of advanced sick leave on request by telegram."


def test_the_place_nearest_to_what_was_not_found_is_no_citation_but_kept_beside_it() -> None:
    citations, (claim,) = attach(NEARLY, [passage(LEAVE, start=500)], question=QUESTION)
    assert (claim.verdict, claim.citations, citations) == ("not found", (), ())
    assert claim.nearest is not None
    assert claim.nearest.quote == "You can request up to 240 hours of advanced sick leave."
    assert (claim.nearest.n, claim.nearest.start) == (0, 500 + LEAVE.index("You can"))


def test_what_was_found_has_a_citation_and_nothing_nearest() -> None:
    _, (claim,) = attach("You can request up to 240 hours of advanced sick leave.", [passage(LEAVE)], question=QUESTION)
    assert (claim.verdict, claim.citations, claim.nearest) == ("supported", (1,), None)


@pytest.mark.parametrize("verdict", ["supported", "contradicted", "not found"])
def test_a_model_that_finds_it_after_all_makes_the_nearest_place_a_citation(verdict: Verdict) -> None:
    found = [passage(LEAVE, start=500)]
    citations, (claim,) = attach(NEARLY, found, question=QUESTION)
    (examined,) = examine(NEARLY, sources_of(found), question=QUESTION)
    revision = Revision(place=0, examined=replace(examined, verdict=verdict), probability=0.9)
    revised, after = judged(claim, revision, citations, found)
    cited = verdict != "not found"
    assert (revised.citations, len(after)) == (((1,), 1) if cited else ((), 0))
    assert revised.nearest == (None if cited else claim.nearest)


@pytest.mark.parametrize(("probability", "kept"), [(0.98765, 0.988), (0.0, 0.0), (None, None)])
def test_how_likely_a_model_thought_a_statement_is_kept_with_it(probability: float | None, kept: float | None) -> None:
    found = [passage(LEAVE)]
    citations, (claim,) = attach(NEARLY, found, question=QUESTION)
    (examined,) = examine(NEARLY, sources_of(found), question=QUESTION)
    revision = Revision(place=0, examined=replace(examined, score=0.12345), probability=probability)
    revised, _ = judged(claim, revision, citations, found)
    assert (revised.judged, revised.score) == (kept, 0.123)


def test_without_passages_nothing_is_cited_and_nothing_found() -> None:
    citations, claims = attach("Bananas are yellow.", [], question=QUESTION)
    assert citations == ()
    assert claims[0].verdict == "not found"


def test_the_same_passage_twice_is_cited_once() -> None:
    citations, _ = attach(LEAVE, [passage(LEAVE), passage(LEAVE)], question=QUESTION)
    assert len({(citation.start, citation.end) for citation in citations}) == len(citations)


@given(st.lists(st.text(alphabet="ab 12.\n-|", max_size=60), max_size=3), st.text(alphabet="ab 12.", max_size=40))
def test_every_claim_and_quote_is_exactly_where_it_says(texts: list[str], answer: str) -> None:
    passages = [passage(text, rank=rank, start=7) for rank, text in enumerate(texts, start=1)]
    citations, claims = attach(answer, passages, question="a 1?")
    for claim in claims:
        assert answer[claim.start : claim.end] == claim.text
        assert set(claim.citations) <= {citation.n for citation in citations}
    for citation in citations:
        source = next(one for one in passages if one.document_id == citation.document_id)
        assert source.text[citation.start - 7 : citation.end - 7] == citation.quote
