"""An answer that differs from what the same person was told before says so; nobody hears of anybody else's."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import cast

import pytest

from app.answers import LOCAL_ACTOR, Actor, Answer, Question
from app.library.approving import approve, today
from app.product import Product
from app.store.errors import NotFoundError
from app.web.present import answer_markdown
from retrieval.sources import bytes_source
from tests.fakes import ScriptedChat
from tests.served import OFFICES, QUESTION, learn, light_product

OTHER = Actor(user_id="other", name="Other", roles=frozenset({"admin"}))
RIGHT = "The Paris office has 42 desks."
WRONG = "The Paris office has 97 desks."
LISBON = "The Lisbon office has 17 desks and closes in August."


@pytest.fixture
def product(tmp_path: Path) -> Iterator[Product]:
    with light_product(tmp_path, ScriptedChat()) as opened:
        learn(opened)
        yield opened


def start(product: Product, actor: Actor = LOCAL_ACTOR) -> str:
    return product.history.start(actor).conversation_id


def ask(product: Product, conversation: str, text: str, says: str, *, actor: Actor = LOCAL_ACTOR) -> Answer:
    cast("ScriptedChat", product.chat()).texts = [says]
    *_, last = product.assistant().ask(actor, Question(text=text, conversation_id=conversation))
    assert isinstance(last, Answer)
    assert last.text == says
    return last


def test_a_contradiction_of_turn_one_is_flagged_in_turn_three(product: Product) -> None:
    here = start(product)
    assert ask(product, here, QUESTION, WRONG).earlier == ()
    assert ask(product, here, "How many desks has the Lisbon office?", LISBON).earlier == ()
    (told,) = ask(product, here, "How many desks are in the Paris office?", RIGHT).earlier
    assert (told.said, told.now, told.sources_changed) == (WRONG, RIGHT, False)


def test_the_same_question_elsewhere_is_compared_and_a_changed_source_is_told(product: Product) -> None:
    first = ask(product, start(product), QUESTION, RIGHT)
    assert first.earlier == ()
    handbook = product.collections.by_name(LOCAL_ACTOR, "Handbook").collection_id
    changed = OFFICES.replace("42", "58").encode()
    for _ in product.knowledge.learn([bytes_source("offices.md", changed)], collection_id=handbook):
        pass
    (told,) = ask(product, start(product), QUESTION, RIGHT.replace("42", "58")).earlier
    assert (told.answer_id, told.said, told.sources_changed) == (first.answer_id, RIGHT, True)


def test_the_same_answer_again_is_no_news(product: Product) -> None:
    ask(product, start(product), QUESTION, RIGHT)
    assert ask(product, start(product), QUESTION, RIGHT).earlier == ()
    assert ask(product, start(product), QUESTION, "42 desks are in the Paris office.").earlier == ()


def test_more_told_than_before_is_no_contradiction(product: Product) -> None:
    ask(product, start(product), QUESTION, f"{RIGHT} Every desk was bought in 1887 for 9000 zlotys.")
    assert ask(product, start(product), QUESTION, f"{RIGHT} {LISBON}").earlier == ()


def test_another_question_elsewhere_is_not_compared(product: Product) -> None:
    ask(product, start(product), "How many desks has the Lisbon office?", WRONG)
    assert ask(product, start(product), QUESTION, RIGHT).earlier == ()


def test_other_peoples_answers_are_never_told(product: Product) -> None:
    ask(product, start(product, OTHER), QUESTION, WRONG, actor=OTHER)
    assert ask(product, start(product), QUESTION, RIGHT).earlier == ()


def test_a_deleted_conversation_is_forgotten(product: Product) -> None:
    before = start(product)
    ask(product, before, QUESTION, WRONG)
    product.history.delete(LOCAL_ACTOR, before)
    assert ask(product, start(product), QUESTION, RIGHT).earlier == ()


def test_an_answer_that_cannot_be_opened_is_passed_over(product: Product, monkeypatch: pytest.MonkeyPatch) -> None:
    older, newer = (ask(product, start(product), QUESTION, WRONG.replace("97", number)) for number in ("97", "98"))
    opened = product.history.answer

    def damaged(actor: Actor, answer_id: str) -> Answer:
        if answer_id == newer.answer_id:
            raise NotFoundError
        return opened(actor, answer_id)

    monkeypatch.setattr(product.history, "answer", damaged)
    assert [told.answer_id for told in ask(product, start(product), QUESTION, RIGHT).earlier] == [older.answer_id]


def test_of_an_earlier_answer_only_the_sentence_is_kept_and_not_its_question(product: Product) -> None:
    before, here = start(product), start(product)
    ask(product, before, "How many desks, please, has the Paris office?", WRONG)
    answer = ask(product, here, QUESTION, RIGHT)
    assert len(answer.earlier) == 1
    assert "please" not in repr(answer)


def test_the_page_tells_when_and_what_as_plain_text(product: Product) -> None:
    here = start(product)
    ask(product, here, QUESTION, WRONG)
    shown = answer_markdown(ask(product, here, QUESTION, RIGHT))
    assert "You were told otherwise on" in shown
    assert "The sources are the same as then." in shown
    assert "97 desks" in shown


def verify(product: Product, answer: str) -> None:
    handbook = product.collections.by_name(LOCAL_ACTOR, "Handbook").collection_id
    for _ in approve(
        LOCAL_ACTOR,
        handbook,
        question=QUESTION,
        answer=answer,
        owner="Facilities",
        until=today() + timedelta(days=9),
        knowledge=product.knowledge,
        verified=product.verified,
    ):
        pass


def test_what_a_verified_answer_says_otherwise_is_shown_with_who_answers_for_it(product: Product) -> None:
    verify(product, RIGHT)
    answer = ask(product, start(product), QUESTION, WRONG)
    (told,) = answer.earlier
    assert (told.verified_by, told.said, told.now, told.answer_id) == ("Facilities", RIGHT, WRONG, "")
    shown = answer_markdown(answer)
    assert "A verified answer by Facilities, of " in shown
    assert "Ask them which one holds." in shown
    assert "42 desks" in shown


def test_a_verified_answer_counts_without_a_conversation_and_one_that_agrees_is_no_news(product: Product) -> None:
    verify(product, RIGHT)
    for says, news in ((WRONG, 1), (RIGHT, 0)):
        cast("ScriptedChat", product.chat()).texts = [says]
        *_, last = product.assistant().ask(LOCAL_ACTOR, Question(text=QUESTION))
        assert isinstance(last, Answer)
        assert len(last.earlier) == news


def test_a_verified_answer_to_another_question_is_not_compared(product: Product) -> None:
    verify(product, RIGHT)
    told = ask(product, start(product), "Does the Lisbon office close in August?", WRONG)
    assert told.earlier == ()


def test_an_expired_answer_is_not_held_against_a_new_one(product: Product) -> None:
    verify(product, RIGHT)
    (known,) = product.verified.of(product.collections.by_name(LOCAL_ACTOR, "Handbook").collection_id)
    product.verified.note(
        LOCAL_ACTOR,
        known.collection_id,
        name=known.name,
        question=known.question,
        owner=known.owner,
        until=today() - timedelta(days=1),
    )
    assert ask(product, start(product), QUESTION, WRONG).earlier == ()
