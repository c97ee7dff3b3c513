"""An old answer keeps its words; of its sources it is said that they are gone, closed or have changed since."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

import pytest

from app.answering.standing import source_of, sources_of
from app.answers import LOCAL_ACTOR, Answer, Citation
from app.product import Product
from app.web.present import cited_markdown
from retrieval.library import Library
from retrieval.sources import bytes_source
from tests.fakes import ScriptedChat
from tests.served import OFFICES, doors_of, learn, light_product

TEXT = "The Paris office has 42 desks"
NAME = "offices.md"


@pytest.fixture(name="product")
def _product(tmp_path: Path) -> Iterator[Product]:
    with light_product(tmp_path, ScriptedChat()) as product:
        learn(product)
        yield product


def cite(product: Product) -> Citation:
    """Return a citation of the one document there is."""
    (collection,) = product.collections.list(LOCAL_ACTOR)
    (stored,) = product.chunks.documents(collection.collection_id)
    start = OFFICES.index(TEXT)
    return Citation(
        n=1,
        collection_id=collection.collection_id,
        document_id=stored.document_id,
        document=stored.name,
        title=stored.title,
        page=None,
        start=start,
        end=start + len(TEXT),
        quote=TEXT,
        headings=("Paris",),
        sha256=stored.sha256,
        added=stored.added.isoformat(),
    )


def relearn(product: Product, text: str) -> None:
    """Load a newer version of the document."""
    (collection,) = product.collections.list(LOCAL_ACTOR)
    list(product.knowledge.learn([bytes_source(NAME, text.encode())], collection_id=collection.collection_id))


def keep_answer(product: Product, citation: Citation) -> Answer:
    """Store an answer of the local person that carries the citation."""
    conversation = product.history.start(LOCAL_ACTOR).conversation_id
    turn = product.history.begin_turn(LOCAL_ACTOR, conversation, "How many desks?")
    answer = Answer(answer_id=turn, question="How many desks?", query="", text=TEXT, citations=(citation,), claims=())
    product.history.finish_turn(LOCAL_ACTOR, turn, answer)
    return answer


def opened(product: Product, answer: Answer) -> dict[str, object]:
    """Return what the page shows of the citation."""
    view: dict[str, object] = (
        doors_of(product, ScriptedChat()).browser().get(f"/api/answers/{answer.answer_id}/citations/1").json()
    )
    return view


def listed(product: Product, answer: Answer) -> str:
    """Return the list of sources beside the answer."""
    readable = {one.collection_id for one in product.collections.list(LOCAL_ACTOR)}
    return cited_markdown(
        answer, sources_of(answer.citations, readable=readable, chunks=product.chunks, versions=product.versions)
    )


def test_source_that_is_here_says_since_when(product: Product) -> None:
    answer = keep_answer(product, cite(product))
    assert opened(product, answer)["standing"] == "here"
    assert str(opened(product, answer)["added"]).startswith("20")
    assert "added " in listed(product, answer)


def test_removed_document_is_gone_and_the_answer_keeps_its_quote(product: Product) -> None:
    answer = keep_answer(product, cite(product))
    product.knowledge.forget_document(answer.citations[0].document_id)
    view = opened(product, answer)
    assert view["standing"] == "gone"
    assert "no longer here" in str(view["notice"])
    assert TEXT in str(view["blocks"])
    assert ">gone<" in listed(product, answer)
    assert product.history.answer(LOCAL_ACTOR, answer.answer_id).text == TEXT


def test_citation_still_names_section_and_version_when_its_document_is_gone(product: Product) -> None:
    answer = keep_answer(product, cite(product))
    named = ("section", "added", "sha256")
    before = {name: opened(product, answer)[name] for name in named}
    assert before["section"] == "Paris"
    product.knowledge.forget_document(answer.citations[0].document_id)
    assert {name: opened(product, answer)[name] for name in named} == before


def test_citation_from_before_sections_and_versions_were_kept_opens(product: Product) -> None:
    answer = keep_answer(product, replace(cite(product), headings=(), sha256="", added=""))
    assert opened(product, answer)["section"] == "Paris"
    product.knowledge.forget_document(answer.citations[0].document_id)
    view = opened(product, answer)
    assert (view["section"], view["added"]) == ("", None)


def test_document_that_was_only_cut_anew_has_not_changed_though_its_versions_are_forgotten(product: Product) -> None:
    citation = cite(product)
    with patch.object(Library, "recipe", "other"):
        relearn(product, OFFICES)
    product.versions.forget(citation.collection_id)
    readable = {citation.collection_id}
    source = source_of(citation, readable=readable, chunks=product.chunks, versions=product.versions)
    assert source.standing == "here"


def test_deleted_collection_is_gone(product: Product) -> None:
    citation = cite(product)
    product.knowledge.forget_collection(citation.collection_id)
    product.collections.delete(LOCAL_ACTOR, citation.collection_id)
    assert source_of(citation, readable=set(), chunks=product.chunks, versions=product.versions).standing == "gone"


@pytest.mark.parametrize(("newer", "unchanged"), [("# New\n\n" + OFFICES, True), ("# Offices\n\nNo desks.", False)])
def test_newer_version_is_named_and_opens_at_the_quote_where_it_says_the_same(
    product: Product, *, newer: str, unchanged: bool
) -> None:
    answer = keep_answer(product, cite(product))
    relearn(product, newer)
    view = opened(product, answer)
    assert view["standing"] == "changed"
    assert "newer version" in str(view["notice"])
    found = view["newer"]
    assert isinstance(found, dict)
    assert found["unchanged"] is unchanged
    place = (
        doors_of(product, ScriptedChat())
        .browser()
        .get(f"/api/documents/{found['document_id']}", params={"start": found["start"], "end": found["end"]})
    )
    assert ("'marked': True" in str(place.json()["blocks"])) is unchanged
    assert "changed since" in listed(product, answer)


def test_who_lost_access_learns_only_that(product: Product, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = keep_answer(product, cite(product))
    monkeypatch.setattr(type(product.collections), "list", lambda _self, _actor: ())
    view = opened(product, answer)
    assert view["standing"] == "closed"
    assert "no longer open to you" in str(view["notice"])
    assert view["newer"] is None
    assert "17 desks" not in str(view)
    assert "not open to you" in listed(product, answer)


def test_whether_a_closed_collection_still_holds_the_document_is_not_told(product: Product) -> None:
    citation = cite(product)
    for one in (citation, replace(citation, document_id="gone", document="gone.md")):
        assert source_of(one, readable=set(), chunks=product.chunks, versions=product.versions).standing == "closed"


def test_document_that_was_only_cut_anew_has_not_changed(product: Product) -> None:
    answer = keep_answer(product, cite(product))
    with patch.object(Library, "recipe", "other"):
        relearn(product, OFFICES)
    assert product.chunks.summary(answer.citations[0].document_id) is None
    view = opened(product, answer)
    assert view["standing"] == "here"
    assert f"'text': '{TEXT}', 'marked': True" in str(view["blocks"])
    assert "changed" not in listed(product, answer)
