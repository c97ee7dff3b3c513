"""What somebody says against a verdict is theirs alone and goes with the answer."""

from collections.abc import Iterator

import pytest
from sqlalchemy import text

from app.answers import LOCAL_ACTOR, Actor, Question
from app.product import Product
from app.store.errors import NotFoundError
from tests.fakes import ScriptedChat
from tests.served import QUESTION, doors_of, learn, light_product

OTHER = Actor(user_id="other", name="Other", roles=frozenset({"admin"}))
SAID = "The Paris office has 97 desks."


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    with light_product(tmp_path_factory.mktemp("home"), ScriptedChat(texts=[SAID])) as opened:
        learn(opened)
        yield opened


@pytest.fixture
def answer_id(product: Product) -> str:
    conversation = product.history.start(LOCAL_ACTOR)
    question = Question(text=QUESTION, conversation_id=conversation.conversation_id)
    *_, _answer = product.assistant().ask(LOCAL_ACTOR, question)
    (turn,) = product.history.turns(LOCAL_ACTOR, conversation.conversation_id)
    assert turn.answer is not None
    return turn.answer.answer_id


def test_a_dispute_is_kept_listed_replaced_and_taken_back(product: Product, answer_id: str) -> None:
    disputes = product.feedback.disputes
    disputes.record(LOCAL_ACTOR, answer_id, 0, comment="first")
    disputes.record(LOCAL_ACTOR, answer_id, 0, comment=" it was 97 ")
    (kept,) = disputes.of(LOCAL_ACTOR, answer_id)
    assert (kept.statement, kept.verdict, kept.comment) == (SAID, "value differs", "it was 97")
    assert kept in disputes.all_of(LOCAL_ACTOR)
    disputes.withdraw(LOCAL_ACTOR, answer_id, 0)
    assert disputes.of(LOCAL_ACTOR, answer_id) == []


def test_a_dispute_says_nothing_about_the_thumb(product: Product, answer_id: str) -> None:
    product.feedback.disputes.record(LOCAL_ACTOR, answer_id, 0)
    assert product.feedback.of(LOCAL_ACTOR, answer_id) is None


def test_other_peoples_answers_cannot_be_disputed_nor_their_disputes_read(product: Product, answer_id: str) -> None:
    disputes = product.feedback.disputes
    disputes.record(LOCAL_ACTOR, answer_id, 0)
    for call in (
        lambda: disputes.record(OTHER, answer_id, 0),
        lambda: disputes.of(OTHER, answer_id),
        lambda: disputes.withdraw(OTHER, answer_id, 0),
    ):
        with pytest.raises(NotFoundError):
            call()
    assert disputes.all_of(OTHER) == []
    assert len(disputes.of(LOCAL_ACTOR, answer_id)) == 1


def test_only_statements_there_are_can_be_disputed(product: Product, answer_id: str) -> None:
    with pytest.raises(NotFoundError):
        product.feedback.disputes.record(LOCAL_ACTOR, answer_id, 7)


def test_a_dispute_is_sealed_and_goes_with_its_conversation(product: Product, answer_id: str) -> None:
    product.feedback.disputes.record(LOCAL_ACTOR, answer_id, 0, comment="a telling word")
    with product.database.connect() as connection:
        (content,) = connection.scalars(
            text("SELECT content FROM disputes WHERE answer_id = :answer_id"), {"answer_id": answer_id}
        )
    assert b"telling" not in content
    for conversation in product.history.conversations(LOCAL_ACTOR):
        product.history.delete(LOCAL_ACTOR, conversation.conversation_id)
    assert product.feedback.disputes.all_of(LOCAL_ACTOR) == []


def test_the_api_tells_each_statement_with_its_reason_and_keeps_disputes(product: Product, answer_id: str) -> None:
    client = doors_of(product, ScriptedChat()).program()
    (told,) = client.get(f"/api/answers/{answer_id}/statements").json()["statements"]
    assert (told["text"], told["verdict"], told["dispute"]) == (SAID, "value differs", None)
    assert "42 desks" in told["quotes"][0]["quote"]
    path = f"/api/answers/{answer_id}/disputes/{told['start']}"
    assert client.put(path, json={"comment": "no"}).json()["comment"] == "no"
    (told,) = client.get(f"/api/answers/{answer_id}/statements").json()["statements"]
    assert told["dispute"]["verdict"] == "value differs"
    assert client.get("/api/disputes").json()[0]["statement"] == SAID
    assert client.delete(path).status_code == 204
    assert client.get("/api/disputes").json() == []
    assert client.put(path, json={"comment": "x" * 2001}).status_code == 422
    assert client.get("/api/answers/unknown/statements").status_code == 404
