"""Where a collection has its answers double-checked, the question is asked again by itself."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from app.again import DoubleCheck
from app.answering.doubling import TEMPERATURE, TIMES_UNASKED
from app.answering.policies import asked_again
from app.answers import LOCAL_ACTOR, Answer, Collection, Question
from app.commands import run
from app.product import Product
from app.web.conversations import how_far
from app.web.present import answer_markdown
from tests.app.answering.test_doubling import SAID, OneEach
from tests.app.passages import passage
from tests.app.test_examining import until
from tests.served import QUESTION, doors_of, learn, light_product

OTHERWISE = "The Paris office has 97 desks."


@dataclass(frozen=True, kw_only=True)
class Office:
    """A product with one collection whose answers are double-checked, and its scripted model."""

    product: Product
    chat: OneEach
    conversation_id: str

    def ask(self, *texts: str) -> Answer:
        """Ask; the first text is the answer, the others come when the question is asked again."""
        self.chat.texts = list(texts)
        self.chat._options.clear()
        question = Question(text=QUESTION, conversation_id=self.conversation_id)
        *_, answer = self.product.assistant().ask(LOCAL_ACTOR, question)
        assert isinstance(answer, Answer)
        return answer

    def kept(self, answer: Answer) -> DoubleCheck | None:
        """Return what is stored when nothing more is to come."""
        until(lambda: not self.product.asking_again.pending(answer.answer_id))
        return self.product.history.answer(LOCAL_ACTOR, answer.answer_id).double_check


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Callable[..., Office]]:
    products = []

    def build(*, strict: bool = True, **settings: Any) -> Office:
        chat = OneEach(texts=[SAID])
        product = light_product(tmp_path, chat, **settings)
        products.append(product)
        made = product.__enter__()
        collection = learn(made)
        made.collections.describe(LOCAL_ACTOR, collection.collection_id, double_check=strict)
        return Office(product=made, chat=chat, conversation_id=made.history.start(LOCAL_ACTOR).conversation_id)

    yield build
    for product in products:
        product.__exit__(None, None, None)


def test_an_answer_that_comes_again_is_said_to(opened: Callable[..., Office]) -> None:
    office = opened()
    answer = office.ask(SAID)
    assert answer.double_check is None
    found = office.kept(answer)
    assert found is not None
    assert (found.asked, found.agree, found.reworded) == (TIMES_UNASKED, TIMES_UNASKED, 1)
    stored = office.product.history.answer(LOCAL_ACTOR, answer.answer_id)
    assert "the model said the same each time." in answer_markdown(stored)
    assert (stored.text, stored.claims) == (answer.text, answer.claims)


def test_it_is_asked_at_background_priority_one_after_the_other(opened: Callable[..., Office]) -> None:
    office = opened()
    office.kept(office.ask(SAID))
    first, *again = office.chat._options
    assert "priority" not in first
    assert [(one["priority"], one["temperature"]) for one in again] == [("background", TEMPERATURE)] * TIMES_UNASKED
    assert office.product.serving.busy is False


def test_an_answer_that_comes_otherwise_is_shown_with_what_was_said_instead(opened: Callable[..., Office]) -> None:
    office = opened()
    answer = office.ask(SAID, SAID, OTHERWISE, OTHERWISE)
    found = office.kept(answer)
    assert found is not None
    assert (found.agree, found.count("else")) == (1, 2)
    shown = unescape(answer_markdown(office.product.history.answer(LOCAL_ACTOR, answer.answer_id)))
    assert "the model said the same once. It is not sure of this." in shown
    assert "Otherwise: <q>The Paris office has 97 desks.</q> (2 times)" in shown


def test_other_collections_are_left_alone(opened: Callable[..., Office]) -> None:
    office = opened(strict=False)
    assert office.kept(office.ask(SAID)) is None
    assert len(office.chat._options) == 1


def test_it_can_be_turned_off_for_all(opened: Callable[..., Office]) -> None:
    office = opened(double_check_seconds=0)
    assert office.kept(office.ask(SAID)) is None
    assert len(office.chat._options) == 1


def test_where_there_is_no_time_that_is_said(opened: Callable[..., Office]) -> None:
    office = opened(double_check_seconds=0.05)
    office.chat.gate_after = 3
    answer = office.ask(SAID)
    assert office.kept(answer) is not None  # so fast that it may have come in time
    office.chat.gate = threading.Event()
    office.chat.texts = [SAID]
    waits = office.product.asking_again
    waits.begin(LOCAL_ACTOR, answer, office.product.history.passages(LOCAL_ACTOR, answer.answer_id))
    found = office.kept(answer)
    assert found == DoubleCheck(asked=0, groups=())
    stored = office.product.history.answer(LOCAL_ACTOR, answer.answer_id)
    assert "There was no time to double-check this answer." in answer_markdown(stored)


def test_a_deleted_answer_is_asked_no_further(opened: Callable[..., Office]) -> None:
    office = opened()
    gate = threading.Event()
    office.chat.gate_after = 3
    answer = office.ask(SAID)
    office.kept(answer)
    office.chat.gate = gate
    passages = office.product.history.passages(LOCAL_ACTOR, answer.answer_id)
    office.product.asking_again.begin(LOCAL_ACTOR, answer, passages)
    told = how_far(office.product, LOCAL_ACTOR, office.conversation_id)
    assert told == f"{answer.answer_id}:again"
    office.product.history.delete(LOCAL_ACTOR, office.conversation_id)
    until(lambda: not office.product.asking_again.pending(answer.answer_id))
    assert not gate.is_set()


def test_the_end_of_the_product_does_not_wait_for_it(opened: Callable[..., Office]) -> None:
    office = opened()
    office.chat.gate_after = 3
    answer = office.ask(SAID)
    office.kept(answer)
    office.chat.gate = threading.Event()
    passages = office.product.history.passages(LOCAL_ACTOR, answer.answer_id)
    office.product.asking_again.begin(LOCAL_ACTOR, answer, passages)
    office.product.asking_again.close()
    assert not office.product.serving.engines or not office.product.serving.busy


def test_one_collection_of_an_answer_is_enough() -> None:
    mild, strict = Collection(collection_id="c1", name="A"), Collection(collection_id="c2", name="B", double_check=True)
    assert asked_again([strict, mild], [passage("text")]) is False
    assert asked_again([Collection(collection_id="c1", name="A", double_check=True)], [passage("text")]) is True


def test_the_policy_is_set_by_command_and_over_the_api(opened: Callable[..., Office]) -> None:
    office = opened(strict=False)
    changes = {"name": "Handbook", "changes": {"double_check": "yes"}}
    *_, item = run(office.product, "collections edit", changes, stop=None)  # type: ignore[arg-type]
    assert item["value"]["double_check"] is True
    (known,) = office.product.collections.list(LOCAL_ACTOR)
    client, path = doors_of(office.product, office.chat).program(), f"/api/collections/{known.collection_id}"
    assert client.patch(path, json={"owner": "HR"}).json()["double_check"] is True
    assert client.patch(path, json={"double_check": False}).json()["double_check"] is False
