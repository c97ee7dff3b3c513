"""Sources that differ are told with the answer that rests on one of them, at every door."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from app.answering.differing import MOST_REPORTED, Differing
from app.answers import LOCAL_ACTOR, Answer, Question
from app.commands import run
from app.product import Product
from app.web.differing import differing_html
from app.web.present import answer_markdown
from retrieval.sources import bytes_source
from tests.fakes import ScriptedChat
from tests.served import doors_of, learn, light_product

POLICY = """# Travel policy

Owner: Finance · Valid from: 1 January 2024

The hotel limit for Paris is 160 euros a night.
"""
FAQ = "# Travel questions\n\nThe hotel limit for Paris is 185 euros a night, breakfast included."
DIFFERING_FILES = ("travel-policy-2024.pdf", "travel-faq-2025.html")
QUESTION = "What is the hotel limit for Paris a night?"
ANSWER = "The hotel limit for Paris is 160 euros a night."


@pytest.fixture
def product(tmp_path: Path) -> Iterator[Product]:
    with light_product(tmp_path, ScriptedChat(texts=[ANSWER])) as opened:
        learn(opened, "policy.md", POLICY)
        add(opened, "faq.md", FAQ)
        yield opened


def add(product: Product, name: str, text: str, *, into: str = "Handbook") -> None:
    collection = product.collections.by_name(LOCAL_ACTOR, into)
    for _ in product.knowledge.learn([bytes_source(name, text.encode())], collection_id=collection.collection_id):
        pass


def answer(product: Product, **fields: Any) -> Answer:
    *_, last = product.assistant().ask(LOCAL_ACTOR, Question(text=QUESTION, **fields))
    assert isinstance(last, Answer)
    return last


def test_both_sides_are_told_with_date_and_owner_the_cited_one_first(product: Product) -> None:
    (conflict,) = answer(product).conflicts
    assert (conflict.one.document, conflict.other.document) == ("policy.md", "faq.md")
    assert "160" in conflict.one.quote
    assert "185" in conflict.other.quote
    assert (conflict.one.owner, conflict.one.dated) == ("Finance", "valid from 1 January 2024")
    assert conflict.other.added >= "2024"


def test_the_owner_of_the_collection_answers_where_the_document_names_none(product: Product) -> None:
    known = product.collections.by_name(LOCAL_ACTOR, "Handbook")
    product.collections.describe(
        LOCAL_ACTOR, known.collection_id, name="Handbook", description="", owner="The office", review_on=None
    )
    (conflict,) = answer(product).conflicts
    assert (conflict.one.owner, conflict.other.owner) == ("Finance", "The office")


def test_a_conflict_that_an_answer_does_not_speak_of_is_not_told(product: Product) -> None:
    parking = "Parking at the office costs 5 euros a day for guests."
    add(product, "parking.md", f"# Parking\n\n{parking}")
    cast("ScriptedChat", product.chat()).texts = [parking]
    *_, last = product.assistant().ask(LOCAL_ACTOR, Question(text="What does parking at the office cost guests?"))
    assert isinstance(last, Answer)
    assert last.text == parking
    assert last.conflicts == ()


def test_documents_of_another_collection_count_only_where_it_was_searched(tmp_path: Path) -> None:
    with light_product(tmp_path, ScriptedChat(texts=[ANSWER])) as product:
        travel = learn(product, "policy.md", POLICY, into="Travel")
        learn(product, "faq.md", FAQ, into="Questions")
        assert {side.document for one in answer(product).conflicts for side in (one.one, one.other)} == {
            "policy.md",
            "faq.md",
        }
        assert answer(product, collection_ids=(travel.collection_id,)).conflicts == ()


def test_a_conflict_is_gone_when_one_document_was_mended(product: Product) -> None:
    add(product, "faq.md", FAQ.replace("185", "160"))
    assert answer(product).conflicts == ()


def test_stored_answers_keep_what_was_told(product: Product) -> None:
    conversation = product.history.start(LOCAL_ACTOR)
    told = answer(product, conversation_id=conversation.conversation_id)
    (turn,) = product.history.turns(LOCAL_ACTOR, conversation.conversation_id)
    assert turn.answer is not None
    assert turn.answer.conflicts == told.conflicts != ()


def test_the_page_shows_both_as_plain_text(product: Product) -> None:
    add(product, "faq.md", "# <b>Bold</b>\n\nThe hotel limit for Paris is 185 euros a night, breakfast <img> included.")
    shown = answer_markdown(answer(product))
    assert "The sources differ." in shown
    assert "valid from 1 January 2024" in shown
    assert "<img" not in shown


def test_several_differences_are_one_notice(product: Product) -> None:
    (conflict,) = answer(product).conflicts
    shown = differing_html([conflict, replace(conflict, order=-1)])
    assert shown.count("The sources differ") == shown.count("The sources differ in 2 places.") == 1
    assert shown.count("<ul>") == 2
    assert differing_html([]) == ""


def test_the_report_of_a_collection_is_told_by_command_and_api(product: Product) -> None:
    *_, item = run(product, "collections conflicts", {"name": "Handbook"}, threading.Event())
    known = product.collections.by_name(LOCAL_ACTOR, "Handbook")
    client = doors_of(product, ScriptedChat()).program()
    told = client.get(f"/api/collections/{known.collection_id}/conflicts").json()
    (one,) = told
    assert one["kind"] == "value"
    assert {one["one"]["document"], one["other"]["document"]} == {"policy.md", "faq.md"}
    assert item["value"]["conflicts"] == told
    assert client.get("/api/collections/unknown/conflicts").status_code == 404


def test_the_report_reads_each_document_once_and_ends(product: Product, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = [f"The hotel limit for {city} is 160 euros a night." for city in ("Rome", "Oslo", "Bern", "Kyiv")]
    add(product, "policy.md", "\n\n".join(kept))
    add(product, "faq.md", "\n\n".join(kept).replace("160", "185"))
    collection = product.collections.by_name(LOCAL_ACTOR, "Handbook")
    begun: list[str] = []
    beginning = product.chunks.conflicts.beginning

    def counted(document_id: str, *, characters: int) -> str:
        begun.append(document_id)
        return beginning(document_id, characters=characters)

    monkeypatch.setattr(product.chunks.conflicts, "beginning", counted)
    assert len(Differing(product.chunks).report(collection)) == 4
    assert len(begun) == 2
    monkeypatch.setattr("app.answering.differing.MOST_REPORTED", 3)
    assert len(Differing(product.chunks).report(collection)) == 3


def test_the_page_knows_how_many_the_report_has() -> None:
    script = Path(__file__).resolve().parents[3] / "assets" / "product" / "conflicts.js"
    assert f"const MOST = {MOST_REPORTED};" in script.read_text()


def test_the_demonstration_has_two_documents_that_differ(tmp_path: Path) -> None:
    handbook = Path(__file__).resolve().parents[3] / "assets" / "demo" / "handbook"
    with light_product(tmp_path, ScriptedChat(texts=["The hotel limit for Paris is €160 a night."])) as product:
        collection = product.collections.create(LOCAL_ACTOR, "Tarnbeck")
        files = [bytes_source(name, (handbook / name).read_bytes()) for name in DIFFERING_FILES]
        for _ in product.knowledge.learn(files, collection_id=collection.collection_id):
            pass
        (conflict,) = answer(product).conflicts
    assert (conflict.one.quote, conflict.one.page) == ("The hotel limit for Paris is €160 a night.", 2)
    assert conflict.other.quote == "The hotel limit for Paris is €185 a night, breakfast included."
    assert (conflict.one.dated, conflict.other.dated) == ("valid from 1 January 2024", "updated 17 February 2025")
    assert conflict.one.owner == conflict.other.owner == "Finance"
