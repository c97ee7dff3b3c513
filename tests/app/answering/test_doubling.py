"""Asked several times at once, answers that differ in what they say are told apart."""

import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, cast

import pytest

from app.again import DoubleCheck, Group, Says
from app.answering.doubling import (
    REWORDED,
    TEMPERATURE,
    TIMES,
    NoSecondAnswerError,
    NothingToDoubleCheckError,
    double_check,
    wordings,
)
from app.answering.wording import agreement
from app.answers import LOCAL_ACTOR, Actor, Answer, Question
from app.checks.agreement import DECLINED, beside, clustered
from app.identity.limits import Limits
from app.product import Product
from app.server import Server
from models.errors import EngineBusyError
from tests.app.passages import passage
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
    assert told["groups"][1] == {
        "text": "The Paris office has 97 desks.",
        "count": 2,
        "says": "else",
        "same": False,
    }
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
    assert (told["groups"][1]["text"], told["groups"][1]["says"]) == (DECLINED, "else")
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


def test_an_answer_that_adds_a_value_is_not_called_the_same(product: Product) -> None:
    more = "The Paris office has 42 desks on 3 floors."
    _, told = doubled(product, SAID, SAID, SAID, more, more)
    assert (told["agree"], [one["says"] for one in told["groups"]]) == (3, ["same", "more"])
    assert "said the same 3 times and said more twice." in told["sentence"]
    _, told = doubled(product, SAID, first=more)
    assert (told["agree"], told["groups"][0]["says"]) == (0, "less")
    assert told["sentence"].endswith("the model said less each time.")


def test_a_double_check_counts_as_a_question(product: Product) -> None:
    chat = cast("OneEach", product.chat())
    answer = ask(product, QUESTION, SAID)
    limited = replace(product, limits=Limits(at_once=1, a_minute=1))
    client = doors_of(limited, chat).program()
    assert client.post(f"/api/answers/{answer}/double-check").status_code == 200
    refused = client.post(f"/api/answers/{answer}/double-check")
    assert refused.status_code == 429
    assert "within a minute" in refused.json()["error"]["message"]


def test_what_came_of_it_is_kept_with_the_answer(product: Product) -> None:
    chat = cast("OneEach", product.chat())
    answer = ask(product, QUESTION, SAID)
    client = doors_of(product, chat).program()
    assert client.get(f"/api/answers/{answer}").json()["double_check"] is None
    chat.texts = [SAID, "The Paris office has 97 desks."]
    told = client.post(f"/api/answers/{answer}/double-check").json()
    for path in (f"/api/answers/{answer}", f"/api/answers/{answer}/statements"):
        assert client.get(path).json()["double_check"] == told


def test_some_are_asked_in_other_words_and_read_the_same_passages(product: Product) -> None:
    chat = cast("OneEach", product.chat())
    answer = ask(product, QUESTION, SAID)
    chat._prompts.clear()
    told = doors_of(product, chat).program().post(f"/api/answers/{answer}/double-check").json()
    assert told["reworded"] == len(REWORDED)
    assert "(twice in other words)" in told["sentence"]
    asked = [prompt[-1].text.rsplit("Question: ", 1) for prompt in chat._prompts]
    assert len({passages for passages, _ in asked}) == 1
    assert sorted(question for _, question in asked) == sorted(
        [QUESTION] * 3 + [frame.format(question=QUESTION) for frame in REWORDED]
    )


def made(question: str, text: str = SAID) -> Answer:
    """Return an answer that is stored nowhere."""
    return Answer(answer_id="a", question=question, query="", text=text, citations=(), claims=())


def test_a_question_in_another_language_is_asked_as_it_was() -> None:
    english = [passage("The Paris office has 42 desks and is open to everybody in the company.")]
    assert wordings(made(QUESTION), english, times=3) == ["", "", REWORDED[0].format(question=QUESTION)]
    german = made("Wie viele Tische hat das Büro in Paris und wann ist es offen?", "Das Büro in Paris hat 42 Tische.")
    assert wordings(german, english, times=3) == ["", "", ""]


def test_braces_in_a_question_are_its_own() -> None:
    english = [passage("The Paris office has 42 desks and is open to everybody in the company.")]
    assert (
        "What is {0} or {name} of the office?"
        in wordings(made("What is {0} or {name} of the office?"), english, times=2)[-1]
    )


def test_it_ends_when_nobody_wants_to_know_any_more(product: Product) -> None:
    chat = cast("OneEach", product.chat())
    answer_id = ask(product, QUESTION, SAID)
    answer, passages = (read(LOCAL_ACTOR, answer_id) for read in (product.history.answer, product.history.passages))
    assert isinstance(answer, Answer)
    chat.gate, chat.gate_after = threading.Event(), 3
    try:
        with product.serving.writing() as writer, pytest.raises(NoSecondAnswerError):
            double_check(writer, LOCAL_ACTOR, answer, passages, unwanted=lambda: True)  # type: ignore[arg-type]
    finally:
        chat.gate = None
    with product.serving.writing() as writer, pytest.raises(NothingToDoubleCheckError):
        double_check(writer, LOCAL_ACTOR, replace(answer, outcome="stopped"), passages)  # type: ignore[arg-type]


def test_a_caller_who_goes_away_ends_it(tmp_path: Path) -> None:
    chat = OneEach(texts=[SAID])
    with light_product(tmp_path, chat) as product, Server(product) as server:
        learn(product)
        answer = ask(product, QUESTION, SAID)
        chat.gate = threading.Event()
        token = (product.settings.home / "run" / "token").read_text(encoding="utf-8")
        before = len(chat.prompts)
        with closing(HTTPConnection(server.address.removeprefix("http://"))) as connection:
            headers = {"authorization": f"Bearer {token.strip()}"}
            connection.request("POST", f"/api/answers/{answer}/double-check", headers=headers)
            while len(chat.prompts) == before:
                threading.Event().wait(0.01)
        while product.serving.busy:  # all of it is let go, though the model says nothing more
            threading.Event().wait(0.01)
        assert product.history.answer(LOCAL_ACTOR, answer).double_check is None


@pytest.mark.parametrize(
    ("one", "other", "says"),
    [
        ("Twelve weeks of leave.", "12 weeks of leave are paid.", "same"),
        ("Visitors must sign the book at the door.", "Visitors must not sign the book at the door.", "else"),
        ("Visitors must sign the book.", "Visitors must not sign the book.", "else"),
        ("Receipts are required for meals.", "Receipts are optional for meals.", "else"),
        ("It is prohibited to copy keys of the archive.", "It is not allowed to copy keys of the archive.", "same"),
        ("The desk opens early and closes late.", "The desk is open from early to late.", "same"),
        ("It opens in Paris.", "Lisbon closes at noon.", "else"),
        ("Yes.", "Yes.", "same"),
        ("Yes.", "No.", "else"),
        ("", "", "same"),
        ("Leave is 12 weeks.", "Leave is 12 weeks, 6 of them paid.", "more"),
        ("The limit for Oslo is €160.", "The limit for Oslo is €185.", "else"),
        ("The limit for Oslo is €160 and there are 2 floors.", "The limit for Oslo is €185 and €160.", "else"),
        (DECLINED, "Leave is 12 weeks.", "else"),
        (DECLINED, DECLINED, "same"),
    ],
)
def test_what_counts_as_the_same(one: str, other: str, says: Says) -> None:
    assert beside(one, other) == says
    assert beside(other, one) == {"more": "less"}.get(says, says)


def test_a_value_that_the_question_gives_adds_nothing() -> None:
    question = "Is leave of 12 weeks paid?"
    assert beside("Leave is paid.", "Leave of 12 weeks is paid.", question=question) == "same"
    assert beside("Leave is paid.", "Leave of 12 weeks is paid.") == "more"


def test_the_largest_group_comes_first() -> None:
    assert clustered(["It costs 5 euros.", "It costs 7 euros.", "It costs 7 euros."])[0][0] == "It costs 7 euros."


def found(**counts: int) -> DoubleCheck:
    """Return a double-check with so many answers of each kind."""
    groups = tuple(Group(text=says, count=count, says=cast("Says", says)) for says, count in counts.items() if count)
    return DoubleCheck(asked=sum(counts.values()), groups=groups)


EVERY = [
    found(same=same, more=more, **{"else": asked - same - more})
    for asked in (1, 2, 5)
    for same in range(asked + 1)
    for more in range(asked + 1 - same)
]


def test_every_sentence_is_another_one_and_gives_counts_without_a_percentage() -> None:
    told = [agreement(one) for one in EVERY]
    assert len(set(told)) == len(told)
    assert not any("1 times" in sentence or "2 times the" in sentence or "%" in sentence for sentence in told)
    assert agreement(found(same=5)) == "Asked 5 times more, the model said the same each time."
    assert agreement(found(same=3, **{"else": 2})) == (
        "Asked 5 times more, the model said the same 3 times. It is not sure of this."
    )
    assert agreement(found(**{"else": 5})).endswith("the model never said this again. Do not rely on it.")
    assert agreement(DoubleCheck(asked=0, groups=())) == "There was no time to double-check this answer."
