"""What follows when a statement is not found, by the policy of the collection; and what is left out is named."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, cast, get_args
from unittest.mock import patch

import pytest

from app import cli
from app.answering.policies import MENDED, POLICIES, REPLACED, again, asked_again, policy_of
from app.answers import LOCAL_ACTOR, Answer, Claim, Collection, Delta, Policy, Progress, Question
from app.commands import run
from app.product import Product
from app.web.present import WARNING, answer_markdown
from models.errors import EngineBusyError
from tests.app.passages import passage
from tests.fakes import ScriptedChat
from tests.served import QUESTION, doors_of, learn, light_product

RIGHT = "The Paris office has 42 desks."
WRONG = "The Paris office has 97 desks."


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    with light_product(tmp_path_factory.mktemp("home"), ScriptedChat()) as opened:
        learn(opened)
        yield opened


def ask(product: Product, policy: Policy, *texts: str) -> tuple[Answer, str, int]:
    """Ask under a policy; return the answer, what was streamed, and how often the model was asked."""
    known = product.collections.by_name(LOCAL_ACTOR, "Handbook")
    product.collections.describe(LOCAL_ACTOR, known.collection_id, on_unsupported=policy)
    chat = cast("ScriptedChat", product.chat())
    chat.texts = list(texts)
    chat.prompts.clear()
    *events, last = product.assistant().ask(LOCAL_ACTOR, Question(text=QUESTION))
    assert isinstance(last, Answer)
    return last, "".join(event.text for event in events if isinstance(event, Delta)), len(chat.prompts)


def test_shown_is_what_was_written_with_its_mark(product: Product) -> None:
    answer, _, asked = ask(product, "show", WRONG, RIGHT)
    assert (answer.text, answer.policy, asked) == (WRONG, "show", 1)
    assert WARNING not in answer_markdown(answer)


def test_a_warning_stands_above_an_answer_that_is_not_all_found(product: Product) -> None:
    answer, _, asked = ask(product, "warn", WRONG)
    assert (answer.text, asked) == (WRONG, 1)
    assert WARNING in answer_markdown(answer)
    assert WARNING not in answer_markdown(ask(product, "warn", RIGHT)[0])


def test_stop_while_an_answer_is_checked_leaves_it_finished(product: Product) -> None:
    known = product.collections.by_name(LOCAL_ACTOR, "Handbook")
    product.collections.describe(LOCAL_ACTOR, known.collection_id, on_unsupported="regenerate")
    chat = cast("ScriptedChat", product.chat())
    chat.texts = [WRONG, RIGHT]
    chat.prompts.clear()
    stop, last = threading.Event(), None
    for last in product.assistant().ask(LOCAL_ACTOR, Question(text=QUESTION), stop=stop):
        if isinstance(last, Progress) and last.stage == "checking":
            stop.set()
    assert isinstance(last, Answer)
    assert (last.text, last.outcome, last.flags) == (WRONG, "finished", ())


def test_the_model_writes_once_more_with_the_fault_named(product: Product) -> None:
    answer, streamed, asked = ask(product, "regenerate", WRONG, RIGHT)
    assert (answer.text, asked) == (RIGHT, 2)
    assert MENDED in answer.flags
    assert [claim.verdict for claim in answer.claims] == ["supported"]
    assert streamed == WRONG
    told = cast("ScriptedChat", product.chat()).prompts[1]
    assert WRONG in told[-1].text
    assert told[-2].text == WRONG


def test_it_writes_once_only_and_what_is_no_better_changes_nothing(product: Product) -> None:
    worse = "The Paris office has 98 desks and 99 chairs."
    answer, _, asked = ask(product, "regenerate", WRONG, worse, RIGHT)
    assert (answer.text, asked) == (WRONG, 2)
    assert MENDED not in answer.flags


def test_nothing_is_written_again_where_all_was_found(product: Product) -> None:
    answer, _, asked = ask(product, "regenerate", RIGHT, WRONG)
    assert (answer.text, asked) == (RIGHT, 1)


@pytest.mark.parametrize("second", ["", "NOT FOUND"])
def test_a_second_answer_that_is_none_changes_nothing(product: Product, second: str) -> None:
    answer, _, _ = ask(product, "regenerate", WRONG, second)
    assert (answer.text, answer.outcome) == (WRONG, "finished")


def test_the_first_answer_stands_where_the_model_fails_the_second_time(product: Product) -> None:
    chat = cast("ScriptedChat", product.chat())
    words = chat._words

    def failing(*arguments: Any) -> Iterator[Any]:
        if len(chat.prompts) > 1:
            raise EngineBusyError
        return words(*arguments)

    with patch.object(ScriptedChat, "_words", lambda _self, *arguments: failing(*arguments)):
        answer, _, asked = ask(product, "regenerate", WRONG, RIGHT)
    assert (answer.text, answer.outcome, asked) == (WRONG, "finished", 2)


def test_quotes_take_the_place_of_an_answer_that_is_not_all_found(product: Product) -> None:
    answer, _, _ = ask(product, "quote", WRONG)
    assert (answer.text, answer.outcome, answer.claims) == (REPLACED, "abstained", ())
    assert "42 desks" in answer_markdown(answer)
    assert ask(product, "quote", RIGHT)[0].text == RIGHT


def test_a_part_of_the_question_that_is_left_out_is_named(product: Product) -> None:
    cast("ScriptedChat", product.chat()).texts = [RIGHT]
    question = "How many desks has the Paris office and when does the Lisbon office close?"
    *_, answer = product.assistant().ask(LOCAL_ACTOR, Question(text=question))
    assert isinstance(answer, Answer)
    assert answer.unanswered == ("when does the Lisbon office close",)
    assert "Not answered:" in answer_markdown(answer)


def test_the_strictest_collection_that_was_used_decides() -> None:
    mild = Collection(collection_id="c1", name="A", on_unsupported="warn")
    strict = Collection(collection_id="c2", name="B", on_unsupported="quote")
    of_mild, of_strict = passage("text"), replace(passage("text", rank=2), collection_id="c2")
    assert policy_of([mild, strict], [of_mild]) == "warn"
    assert policy_of([mild, strict], [of_mild, of_strict]) == "quote"
    assert policy_of([], []) == "show"
    assert get_args(Policy) == POLICIES == cli.POLICIES


def test_one_collection_that_was_used_is_enough_to_have_the_question_asked_again() -> None:
    plain = Collection(collection_id="c1", name="A")
    doubted = Collection(collection_id="c2", name="B", double_check=True)
    of_plain, of_doubted = passage("text"), replace(passage("text", rank=2), collection_id="c2")
    assert asked_again([plain, doubted], [of_plain, of_doubted])
    assert not asked_again([plain, doubted], [of_plain])


def test_a_long_answer_is_named_in_a_few_statements_only() -> None:
    claims = [Claim(text=f"Fault {n}.", start=n, end=n + 1, verdict="not found", score=0) for n in range(1000)]
    assert again(claims).count("Fault") == 3


def test_the_policy_is_set_by_command_and_over_the_api(product: Product, tmp_path: Path) -> None:
    changes = {"name": "Handbook", "changes": {"on_unsupported": "quote"}}
    *_, item = run(product, "collections edit", changes, stop=None)  # type: ignore[arg-type]
    assert item["value"]["on_unsupported"] == "quote"
    known = product.collections.by_name(LOCAL_ACTOR, "Handbook")
    client, path = doors_of(product, ScriptedChat()).program(), f"/api/collections/{known.collection_id}"
    assert client.patch(path, json={"on_unsupported": "warn"}).json()["on_unsupported"] == "warn"
    assert client.patch(path, json={"owner": "HR"}).json()["on_unsupported"] == "warn"
    assert client.patch(path, json={"on_unsupported": "burn"}).status_code == 422
