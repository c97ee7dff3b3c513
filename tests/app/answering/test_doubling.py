"""Asked several times at once, answers that differ in what they say are told apart."""

import threading
from collections.abc import Iterator
from typing import Any, cast

import pytest

from app.answering.doubling import DECLINED, TEMPERATURE, TIMES, clustered, say_the_same
from app.answering.wording import agreement
from app.answers import LOCAL_ACTOR, Actor, Answer, Question
from app.product import Product
from models.errors import EngineBusyError
from tests.fakes import ScriptedChat
from tests.served import QUESTION, doors_of, learn, light_product

LOCK = threading.Lock()
SAID = "The Paris office has 42 desks."


class OneEach(ScriptedChat):
    """Gives each of its texts to one of the calls that come at the same time; "fail" raises."""

    def _stream(self, messages: Any, stop: Any = None, run_manager: Any = None, **kwargs: Any) -> Iterator[Any]:
        with LOCK:
            text = self.texts.pop(0) if len(self.texts) > 1 else self.texts[0]
            self._options.append(kwargs)
            self._prompts.append(list(messages))
        if text == "fail":
            raise EngineBusyError
        return self._words(text, [], 1000)


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    with light_product(tmp_path_factory.mktemp("home"), OneEach(texts=[SAID])) as opened:
        learn(opened)
        yield opened


def ask(product: Product, question: str, says: str, *, actor: Actor = LOCAL_ACTOR) -> str:
    """Ask in a new conversation; return the id of the answer."""
    cast("OneEach", product.chat()).texts = [says]
    conversation = product.history.start(actor).conversation_id
    *_, answer = product.assistant().ask(actor, Question(text=question, conversation_id=conversation))
    assert isinstance(answer, Answer)
    return answer.answer_id


def doubled(product: Product, *texts: str, question: str = QUESTION, first: str = SAID) -> tuple[int, dict[str, Any]]:
    """Ask once, then double-check while the model says these texts; return the status and what was told."""
    chat = cast("OneEach", product.chat())
    answer = ask(product, question, first)
    chat.texts = list(texts)
    chat._options.clear()
    told = doors_of(product, chat).program().post(f"/api/answers/{answer}/double-check")
    return told.status_code, told.json()


def test_answers_that_agree_are_one_group(product: Product) -> None:
    status, told = doubled(product, SAID, SAID, "Paris has 42 desks.", "There are 42 desks in the Paris office.", SAID)
    assert (status, told["asked"], told["agree"], len(told["groups"])) == (200, 5, 5, 1)
    options = cast("OneEach", product.chat())._options
    assert len(options) == TIMES
    assert {each["temperature"] for each in options} == {TEMPERATURE}


def test_another_value_is_another_group_and_is_told(product: Product) -> None:
    _, told = doubled(product, SAID, SAID, SAID, "The Paris office has 97 desks.", "The Paris office has 97 desks.")
    assert (told["agree"], [one["count"] for one in told["groups"]]) == (3, [3, 2])
    assert told["groups"][1] == {"text": "The Paris office has 97 desks.", "count": 2, "same": False}
    assert "3 times" in told["sentence"]


def test_asks_that_fail_are_not_counted_and_none_at_all_is_told(product: Product) -> None:
    _, told = doubled(product, SAID, "fail", "fail", SAID, SAID)
    assert (told["asked"], told["agree"]) == (3, 3)
    status, told = doubled(product, "fail")
    assert status == 503
    assert "no second answer" in told["error"]["message"]


def test_a_refusal_is_an_answer_that_differs(product: Product) -> None:
    _, told = doubled(product, SAID, "NOT FOUND", "Not found.", SAID, SAID)
    assert (told["asked"], told["agree"], [one["count"] for one in told["groups"]]) == (5, 3, [3, 2])
    assert told["groups"][1] == {"text": DECLINED, "count": 2, "same": False}
    status, told = doubled(product, "NOT FOUND")
    assert (status, told["asked"], told["agree"]) == (200, 5, 0)


def test_a_refusal_cannot_be_double_checked(product: Product) -> None:
    status, told = doubled(product, SAID, question="Who won the football cup of 1954 in Switzerland?")
    assert status == 409
    assert "nothing to double-check" in told["error"]["message"]


def test_answers_of_nobody_and_others_are_not_found(product: Product) -> None:
    client = doors_of(product, cast("OneEach", product.chat())).program()
    others = ask(product, QUESTION, SAID, actor=Actor(user_id="other", name="Other", roles=frozenset({"admin"})))
    asked = len(cast("OneEach", product.chat())._options)
    for answer in ("unknown", others):
        assert client.post(f"/api/answers/{answer}/double-check").status_code == 404
    assert len(cast("OneEach", product.chat())._options) == asked


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Twelve weeks of leave.", "12 weeks of leave are paid.", True),
        ("Visitors must sign the book at the door.", "Visitors must not sign the book at the door.", False),
        ("Visitors must sign the book.", "Visitors must not sign the book.", False),
        ("Receipts are required for meals.", "Receipts are optional for meals.", False),
        ("It is prohibited to copy keys of the archive.", "It is not allowed to copy keys of the archive.", True),
        ("The desk opens early and closes late.", "The desk is open from early to late.", True),
        ("It opens in Paris.", "Lisbon closes at noon.", False),
        ("Yes.", "Yes.", True),
        ("Yes.", "No.", False),
        ("", "", True),
    ],
)
def test_what_counts_as_the_same(one: str, other: str, same: bool) -> None:  # noqa: FBT001
    assert say_the_same(one, other) is same
    assert say_the_same(other, one) is same


def test_the_largest_group_comes_first() -> None:
    assert clustered(["It costs 5 euros.", "It costs 7 euros.", "It costs 7 euros."])[0][0] == "It costs 7 euros."


def test_once_is_not_called_one_times() -> None:
    told = [agreement(agree, asked) for asked in (1, 2, 5) for agree in range(asked + 1)]
    assert not any("1 times" in sentence for sentence in told)
    assert len(set(told)) == len(told)


def test_the_sentence_gives_counts_and_no_percentage() -> None:
    assert all("%" not in agreement(count, 5) for count in range(6))
