"""Rates of verdicts as a page and as JSON show them: numbers, and words only of whoever looks."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from xml.etree import ElementTree as ET

import pytest

from app.answers import LOCAL_ACTOR, Actor, Question
from app.product import Product
from app.web.quality import NOTHING, disputes_html, rates_html
from tests.fakes import ScriptedChat
from tests.served import ANSWER, QUESTION, doors_of, learn, light_product

PLANTED = "The Paris office has 97 desks."
NAME = "Desks <b>& chairs</b>"


@pytest.fixture(scope="module")
def today() -> date:
    """The day these tests begin on, which is not always the day on which they were collected."""
    return datetime.now(UTC).date()


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """Two answers from one collection: one found, one with another number."""
    with light_product(tmp_path_factory.mktemp("home"), ScriptedChat(texts=[ANSWER, PLANTED])) as opened:
        learn(opened, into=NAME)
        for _ in range(2):
            conversation = opened.history.start(LOCAL_ACTOR).conversation_id
            for _ in opened.assistant().ask(LOCAL_ACTOR, Question(text=QUESTION, conversation_id=conversation)):
                pass
        yield opened


def parsed(shown: str) -> ET.Element:
    """Return our own HTML as a tree, which it is only where every tag is closed and every text escaped."""
    return ET.fromstring(f"<div>{shown}</div>")  # noqa: S314 - it is ours


def test_rates_are_drawn_and_told_in_a_table(product: Product, today: date) -> None:
    shown = rates_html(product, LOCAL_ACTOR, today=today)
    page = parsed(shown)
    (picture,) = page.iter("svg")
    assert [rect.get("class") for rect in picture.iter("rect")] == ["found", "differs"]
    assert [float(rect.get("height", 0)) for rect in picture.iter("rect")] == [48.0, 48.0]
    (told,) = [title.text for title in picture.iter("title")]
    assert told == f"{today.isoformat()}: 1 found in the sources, 1 value differs"
    heads = [head.text for head in page.iter("th")]
    verdicts = ["found in the sources", "not in the sources", "value differs", "contradicted", "not examined"]
    assert heads == ["collection", "model", "statements", *verdicts]
    cells = [cell.text for cell in page.iter("td")]
    assert cells == [NAME, "starter", "2", "1 (50%)", "0 (0%)", "1 (50%)", "0 (0%)", "0"]


def test_days_gone_by_are_not_shown(product: Product, today: date) -> None:
    assert NOTHING in rates_html(product, LOCAL_ACTOR, today=today + timedelta(days=31))


def test_rates_show_no_word_of_an_answer(product: Product, today: date) -> None:
    shown = rates_html(product, LOCAL_ACTOR, today=today)
    assert "42" not in shown
    assert "Paris" not in shown


def test_programs_get_the_same_numbers(product: Product, today: date) -> None:
    doors = doors_of(product, ScriptedChat())
    told = doors.program().get("/api/checks/rates", params={"days": 7}).json()
    counts = {"supported": 1, "value differs": 1}
    line = {"day": today.isoformat(), "collection": NAME, "model": "starter", "statements": 2, "verdicts": counts}
    assert told == {"from": (today - timedelta(days=6)).isoformat(), "rates": [line]}
    assert doors.program().get("/api/checks/rates", params={"days": 0}).status_code == 422
    assert doors.stranger().get("/api/checks/rates").status_code == 401


def test_disputes_are_shown_to_whoever_made_them(product: Product) -> None:
    assert disputes_html(product, LOCAL_ACTOR).startswith("<p>None.")
    (conversation, *_) = product.history.conversations(LOCAL_ACTOR)
    (turn,) = product.history.turns(LOCAL_ACTOR, conversation.conversation_id)
    product.feedback.disputes.record(LOCAL_ACTOR, turn.turn_id, 0, comment="<b>97</b> was right")
    shown = disputes_html(product, LOCAL_ACTOR)
    (item,) = parsed(shown).iter("li")
    assert "".join(item.itertext()) == f"{PLANTED}was called “value differs”<b>97</b> was right"
    assert disputes_html(product, Actor(user_id="other", name="Other")).startswith("<p>None.")


def test_a_collection_that_is_deleted_takes_its_numbers_with_it(product: Product, today: date) -> None:
    collection = product.collections.by_name(LOCAL_ACTOR, NAME)
    product.delete_collection(LOCAL_ACTOR, collection.collection_id)
    assert product.rates.since(today, (collection.collection_id,)) == []
