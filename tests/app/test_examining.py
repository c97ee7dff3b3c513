"""The second tier behind stored answers: what a model finds is kept; what fails changes nothing."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from app import commands, voices
from app.answers import LOCAL_ACTOR, Answer, Claim, Question
from app.product import Product
from app.second_tier import MOST_SAVED, Purse
from app.settings import Settings
from app.store.errors import ErasedError, NotFoundError
from app.web.conversations import how_far
from models.checker import Checker
from models.errors import EngineCrashedError
from models.isolated import IsolatedEngine
from models.weights import find
from tests import crossencoder
from tests.fakes import ScriptedChat, scripted_engine
from tests.served import doors_of, learn, light_product

FILLING = "\n\n".join(
    f"## Room {number}\n\nSmoking and the garden behind the house are matters of room {number} too, where whoever has a"
    " question about the house finds somebody who knows its rules, on most days of the week and at most hours."
    for number in range(1, 6)
)
RULES = f"""# House rules

## The house

Smoking is allowed in the garden behind the house. Whoever travels by night gets the next morning off.

{FILLING}
"""
"""Long enough for an answer to cost as much as answers do beside a judgement."""
OPPOSED = "Smoking is not allowed in the garden behind the house."
QUESTION = "Is smoking allowed in the garden behind the house?"


class Judge(ScriptedChat):
    """A scripted model that may fail when it judges."""

    breaks: Exception | None = None

    def _judge(self, asked: str) -> Iterator[object]:  # type: ignore[override]
        if self.breaks is not None:
            self._judged.append(asked)
            raise self.breaks
        return super()._judge(asked)


@dataclass(frozen=True, kw_only=True)
class House:
    """A product with one document, and its scripted model."""

    product: Product
    chat: Judge
    conversation_id: str

    def ask(self) -> Answer:
        question = Question(text=QUESTION, conversation_id=self.conversation_id)
        *_, answer = self.product.assistant().ask(LOCAL_ACTOR, question)
        assert isinstance(answer, Answer)
        return answer

    def stored(self, answer: Answer) -> Claim:
        (claim,) = self.product.history.answer(LOCAL_ACTOR, answer.answer_id).claims
        return claim

    def settled(self, answer: Answer) -> None:
        until(lambda: self.product.examining.of(answer.answer_id) is None)


def until(true: Callable[[], bool]) -> None:
    """Wait until something is so; a test's own time limit ends what never is."""
    while not true():
        time.sleep(0.01)


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Callable[..., House]]:
    """Open a house; `seconds` may be judged after an answer."""
    products = []

    def build(*, seconds: float = 60.0, text: str = OPPOSED, **settings: Any) -> House:
        chat = Judge(texts=[text], yes=0.02)
        product = light_product(tmp_path, chat, examine_seconds=seconds, **settings)
        products.append(product)
        made = product.__enter__()
        learn(made, "rules.md", RULES)
        return House(product=made, chat=chat, conversation_id=made.history.start(LOCAL_ACTOR).conversation_id)

    yield build
    for product in products:
        product.__exit__(None, None, None)


def test_what_a_model_finds_contradicted_is_kept_with_its_quote(opened: Callable[..., House]) -> None:
    house = opened()
    answer = house.ask()
    assert answer.claims[0].verdict == "not found"
    house.settled(answer)
    claim = house.stored(answer)
    assert claim.verdict == "contradicted"
    assert claim.judged is not None
    assert claim.judged < 0.1
    stored = house.product.history.answer(LOCAL_ACTOR, answer.answer_id)
    quotes = [one.quote for one in stored.citations if one.n in claim.citations]
    assert "Smoking is allowed in the garden behind the house." in quotes[0]
    assert stored.text == answer.text
    assert "Smoking is allowed" in house.chat.judged[0]


def test_a_checker_of_the_settings_judges_in_place_of_the_model(
    opened: Callable[..., House], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[tuple[str, str, float]] = []
    judge = Checker.__call__

    def heard(self: Checker, source: str, claim: str) -> float:
        said.append((source, claim, judge(self, source, claim)))
        return said[-1][2]

    monkeypatch.setattr(Checker, "__call__", heard)
    house = opened(checker=crossencoder.make(tmp_path / "checker", "contradiction", "entailment", "neutral"))
    answer = house.ask()
    house.settled(answer)
    ((source, claim, probability),) = said
    assert "Smoking is allowed in the garden behind the house." in source
    assert claim == OPPOSED
    assert house.stored(answer).judged == pytest.approx(probability, abs=1e-3)
    assert house.chat.judged == []


def test_a_smaller_model_judges_in_place_of_the_one_that_answers(
    opened: Callable[..., House], monkeypatch: pytest.MonkeyPatch
) -> None:
    small = Judge(yes=0.99)
    loaded: list[Settings] = []

    def load_engine(settings: Settings, _tell: object, place: object) -> IsolatedEngine:
        assert place is None, "it saves nothing"
        loaded.append(settings)
        return scripted_engine()

    monkeypatch.setattr(voices, "load_engine", load_engine)
    monkeypatch.setattr(voices, "load_chat", lambda _engine: small)
    house = opened(background_model="small")
    answer = house.ask()
    house.settled(answer)
    assert [one.model for one in loaded] == ["small"]
    assert "Smoking is allowed" in small.judged[0]
    assert house.chat.judged == []
    assert house.stored(answer).verdict == "supported"
    assert house.product.serving.name != "small"


def test_a_smaller_model_that_is_not_there_leaves_the_verdicts(opened: Callable[..., House]) -> None:
    house = opened(background_model="nowhere.gguf")
    for _ in range(2):
        answer = house.ask()
        house.settled(answer)
        assert house.stored(answer) == answer.claims[0]
    assert house.product.serving.ready
    (told,) = house.product.notices.latest  # once, for whoever looks at the Models page
    assert told.sentence.startswith("No model examines the statements of answers. The model file nowhere.gguf")


def test_who_waits_for_a_model_that_is_not_there_gets_the_answer_all_the_same(opened: Callable[..., House]) -> None:
    house = opened(background_model="nowhere.gguf")
    arguments = {"questions": [{"text": QUESTION}], "examine": True}
    *_, last = commands.run(house.product, "ask", arguments, threading.Event())
    (claim,) = last["value"]["claims"]
    assert (claim["verdict"], claim["judged"]) == ("not found", None)


@pytest.mark.weights
def test_a_checker_in_a_file_judges_in_a_process_of_its_own_and_ends_with_the_product(
    opened: Callable[..., House],
) -> None:
    house = opened(checker=find("small", directory=Settings().weights), background_model="nowhere.gguf")
    answer = house.ask()
    house.settled(answer)
    claim = house.stored(answer)
    assert house.chat.judged == []
    assert claim.judged is not None
    assert 0.5 <= claim.judged < 0.65  # 0.57; of what the source says it finds 0.69
    assert claim.verdict == "not found"  # its "no" may be "does not say"
    (judging,) = house.product.examining._judging.engines
    assert judging.alive
    house.product.close()
    assert not judging.alive


def test_a_suspected_contradiction_that_is_none_is_cleared(opened: Callable[..., House]) -> None:
    house = opened()
    house.chat.yes = 0.99
    answer = house.ask()
    house.settled(answer)
    assert house.stored(answer).verdict == "supported"


def test_nobody_waits_for_the_model_that_judges(opened: Callable[..., House]) -> None:
    house = opened()
    house.chat.judging = threading.Event()
    answer = house.ask()
    until(lambda: bool(house.chat.judged))
    assert house.product.examining.left(answer.answer_id) == 1
    assert house.stored(answer).verdict == "not found"
    assert not house.product.serving.busy  # documents need not wait for it either
    second = house.ask()
    assert second.outcome == "finished"
    house.chat.judging.set()
    for one in (answer, second):
        house.settled(one)
        assert house.stored(one).verdict == "contradicted"


def test_it_can_be_turned_off(opened: Callable[..., House]) -> None:
    house = opened(seconds=0)
    answer = house.ask()
    assert house.product.examining.of(answer.answer_id) is None
    assert house.stored(answer) == answer.claims[0]
    assert house.chat.judged == []


def test_a_model_that_crashes_leaves_what_was_found_before(opened: Callable[..., House]) -> None:
    house = opened()
    house.chat.breaks = EngineCrashedError()
    answer = house.ask()
    house.settled(answer)
    assert house.chat.judged
    assert house.stored(answer) == answer.claims[0]
    house.chat.breaks = None
    again = house.ask()
    house.settled(again)
    assert house.stored(again).verdict == "contradicted"


def test_what_the_model_does_not_say_in_time_stays_as_it_was(opened: Callable[..., House]) -> None:
    house = opened()
    house.chat.yes = None
    answer = house.ask()
    house.settled(answer)
    assert house.chat.judged
    assert house.stored(answer) == answer.claims[0]


def test_an_answer_whose_time_is_over_when_its_turn_comes_is_left(opened: Callable[..., House]) -> None:
    house = opened(seconds=0.001)
    answer = house.ask()
    house.settled(answer)
    assert house.stored(answer) == answer.claims[0]


def test_an_answer_whose_time_is_over_is_not_said_to_be_examined_whatever_holds_the_model_up(
    opened: Callable[..., House],
) -> None:
    house = opened(seconds=1.0)
    house.chat.judging = threading.Event()
    answer = house.ask()
    until(lambda: bool(house.chat.judged))
    before = how_far(house.product, LOCAL_ACTOR, house.conversation_id)
    until(lambda: house.product.examining.left(answer.answer_id) == 0)
    assert house.product.examining.of(answer.answer_id) is not None  # the model has not answered yet
    after = how_far(house.product, LOCAL_ACTOR, house.conversation_id)
    assert after not in {"", before}  # so that pages draw it anew, and look further
    house.chat.judging.set()
    house.settled(answer)
    assert house.stored(answer).verdict == "contradicted"


def test_judging_costs_no_more_than_its_share_of_the_answer(opened: Callable[..., House]) -> None:
    house = opened()
    house.chat.texts = [f"{OPPOSED} Whoever travels by day never gets the next morning off. " * 3]
    house.chat.judging = threading.Event()
    answer = house.ask()
    unsure = house.product.examining.of(answer.answer_id)
    assert unsure is not None
    assert unsure.left == 6
    house.chat.judging.set()
    house.settled(answer)
    cost = answer.timings.prompt_tokens + 10 * answer.timings.tokens  # the scripted engine reads ten times as fast
    asked = sum(len(one.split()) + 10 for one in house.chat.judged)
    assert 0 < len(house.chat.judged) < 6
    assert asked <= 0.25 * cost


def test_what_one_answer_does_not_need_pays_for_a_later_one() -> None:
    purse = Purse()
    purse.earn(400)
    assert not purse.pay(101)
    assert purse.pay(60)
    assert not purse.pay(60)
    purse.earn(400)
    assert purse.pay(140)
    assert not purse.pay(1)


def test_no_more_is_saved_than_a_few_statements_cost() -> None:
    purse = Purse()
    for _ in range(100):
        purse.earn(400)
    assert purse.pay(MOST_SAVED)
    assert not purse.pay(1)
    purse.earn(40_000)  # but a long answer may spend its own share
    assert purse.pay(10_000)


def test_a_deleted_conversation_stays_deleted_and_judging_ends(opened: Callable[..., House]) -> None:
    house = opened()
    house.chat.judging = threading.Event()
    answer = house.ask()
    until(lambda: bool(house.chat.judged))
    house.product.history.delete(LOCAL_ACTOR, house.conversation_id)
    house.settled(answer)
    assert house.chat.closed == 1
    with pytest.raises(NotFoundError):
        house.product.history.answer(LOCAL_ACTOR, answer.answer_id)


def test_an_erased_person_gets_no_new_key(opened: Callable[..., House], monkeypatch: pytest.MonkeyPatch) -> None:
    house = opened()
    house.chat.judging = threading.Event()
    answer = house.ask()
    until(lambda: bool(house.chat.judged))
    ledger = house.product.history._ledger
    monkeypatch.setattr(house.product.history, "turns", lambda *_: [])
    ledger.erase(LOCAL_ACTOR.user_id)
    house.chat.judging.set()
    house.settled(answer)
    assert not ledger.erase(LOCAL_ACTOR.user_id)
    with pytest.raises(ErasedError):
        house.product.history.answer(LOCAL_ACTOR, answer.answer_id)


def test_the_end_of_the_product_does_not_wait_for_the_model(opened: Callable[..., House]) -> None:
    house = opened()
    house.chat.judging = threading.Event()
    answer = house.ask()
    until(lambda: bool(house.chat.judged))
    house.product.examining.close()
    assert house.chat.closed == 1
    assert house.stored(answer) == answer.claims[0]
    assert house.product.examining.of(house.ask().answer_id) is None


def test_a_model_nobody_needs_is_not_loaded_to_judge(
    opened: Callable[..., House], monkeypatch: pytest.MonkeyPatch
) -> None:
    house = opened()
    monkeypatch.setattr(type(house.product.serving), "ready", property(lambda _self: False))
    answer = house.ask()
    house.settled(answer)
    assert house.chat.judged == []


@pytest.mark.parametrize("seconds", [0.0, 60.0])
def test_a_command_can_wait_for_what_a_model_finds(opened: Callable[..., House], seconds: float) -> None:
    house = opened(seconds=seconds)

    def asked(**more: Any) -> dict[str, Any]:
        arguments = {"questions": [{"text": QUESTION}]} | more
        *_, last = commands.run(house.product, "ask", arguments, threading.Event())
        claim: dict[str, Any] = last["value"]["claims"][0]
        return claim

    assert (asked()["verdict"], asked()["judged"]) == ("not found", None)
    assert asked(examine=True)["verdict"] == "contradicted"
    assert asked(examine=True, conversation=house.conversation_id)["verdict"] == "contradicted"


def test_a_program_fetches_a_stored_answer_again_when_it_was_judged(opened: Callable[..., House]) -> None:
    house = opened()
    house.chat.judging = threading.Event()
    answer = house.ask()
    client = doors_of(house.product, house.chat).program()

    def fetched(path: str = "") -> dict[str, Any]:
        told: dict[str, Any] = client.get(f"/api/answers/{answer.answer_id}{path}").json()
        return told

    before = fetched()
    assert (before["left"], before["claims"][0]["verdict"], before["answer"]) == (1, "not found", answer.text)
    assert fetched("/statements")["still"] == "1 statement still being examined"
    house.chat.judging.set()
    house.settled(answer)
    after = fetched()
    assert (after["left"], after["claims"][0]["verdict"]) == (0, "contradicted")
    assert fetched("/statements")["still"] == ""
    assert client.get("/api/answers/nothing").status_code == 404


def test_an_answer_asked_for_over_openais_door_is_not_judged(opened: Callable[..., House]) -> None:
    house = opened()
    asked = {"messages": [{"role": "user", "content": QUESTION}]}
    told = doors_of(house.product, house.chat).program().post("/v1/chat/completions", json=asked).json()
    assert told["inhouse"]["claims"][0]["judged"] is None
    assert house.chat.judged == []
