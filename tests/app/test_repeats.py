"""The same question again, to the small model over real stores: the same answer, or a word about why it is not."""

import time
from collections.abc import Iterator
from dataclasses import replace
from unittest.mock import patch

import pytest

from app import assemble, voices
from app.answering.doubling import TIMES_UNASKED
from app.answering.draft import Draft
from app.answers import LOCAL_ACTOR, Answer, Question, Timings
from app.checks.values import values_of
from app.product import Product
from app.web.present import answer_markdown
from retrieval.sources import bytes_source
from tests.fakes import HashEmbedder
from tests.light import around_small
from tests.served import learn

pytestmark = pytest.mark.weights

HOTELS = "# Hotels\n\nThe hotel limit for Oslo is 160 euros a night. The hotel limit for Rome is 120 euros a night."
LEAVE = "# Leave\n\nParents get 16 weeks of paid leave. A marriage gives 2 days of paid leave."
BICYCLES = "# Bicycles\n\nA company bicycle costs 35 euros a month. It may be used at the weekend too."
LEAVE_QUESTION = "How many weeks of paid leave do parents get?"
OSLO_QUESTION = "What is the hotel limit for Oslo a night?"


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """The product with the small model; what finds documents is not what is tested."""
    home = tmp_path_factory.mktemp("home")
    settings = around_small(home, examine_seconds=0)
    with patch.object(voices, "load_embedder", lambda _settings: HashEmbedder()):
        opened = assemble.assemble(settings, tell=print)
        opened.embedder()
    collection = learn(opened, "leave.md", LEAVE)
    for name, text in (("hotels.md", HOTELS), ("bicycles.md", BICYCLES)):
        put(opened, collection.collection_id, name, text)
    yield opened
    opened.close()


def put(product: Product, collection_id: str, name: str, text: str) -> None:
    for _ in product.knowledge.learn([bytes_source(name, text.encode())], collection_id=collection_id):
        pass


def start(product: Product) -> str:
    return product.history.start(LOCAL_ACTOR).conversation_id


def ask(product: Product, text: str, conversation: str) -> Answer:
    *_, answer = product.assistant().ask(LOCAL_ACTOR, Question(text=text, conversation_id=conversation))
    assert isinstance(answer, Answer)
    return answer


def said(answer: Answer) -> Answer:
    """Return an answer without what tells one time of asking from another."""
    return replace(answer, answer_id="", timings=Timings())


def values(text: str) -> set[tuple[str, str]]:
    return {(value.canonical, value.unit) for value in values_of(text)}


def test_the_same_question_on_the_same_sources_gives_the_same_answer(product: Product) -> None:
    first = ask(product, LEAVE_QUESTION, start(product))
    assert first.outcome == "finished"
    assert ("16", "week") in values(first.text)
    between = ask(product, "What does a company bicycle cost a month?", start(product))
    assert between.text != first.text
    assert said(ask(product, LEAVE_QUESTION, start(product))) == said(first)
    assert product.serving.forget()  # with nothing read before, as the first time
    assert said(ask(product, LEAVE_QUESTION, start(product))) == said(first)


def test_shuffled_passages_give_the_same_values(product: Product) -> None:
    passages = list(product.retriever().search(OSLO_QUESTION, collection_ids=product.chunks.collection_ids(), k=3))
    assert len(passages) == 3
    given = []
    for order in ((0, 1, 2), (2, 1, 0), (1, 2, 0)):
        draft = Draft(question=OSLO_QUESTION, query=OSLO_QUESTION, model="small", seconds=120)
        draft.found([replace(passages[place], rank=rank) for rank, place in enumerate(order, start=1)])
        with product.serving.writing() as writer:
            for _ in writer.answer(LOCAL_ACTOR, draft, (), may_decline=False):
                pass
        given.append(values(draft.text))
    assert given == [{("160", "€")}] * 3


def test_an_answer_is_double_checked_by_the_real_model_in_the_background(product: Product) -> None:
    collection = product.collections.by_name(LOCAL_ACTOR, "Handbook").collection_id
    product.collections.describe(LOCAL_ACTOR, collection, double_check=True)
    answer = ask(product, LEAVE_QUESTION, start(product))
    product.collections.describe(LOCAL_ACTOR, collection, double_check=False)
    while product.asking_again.pending(answer.answer_id):
        time.sleep(0.05)
    found = product.history.answer(LOCAL_ACTOR, answer.answer_id).double_check
    assert found is not None
    assert (found.asked, found.reworded) == (TIMES_UNASKED, 1)
    assert sum(group.count for group in found.groups) == TIMES_UNASKED


def test_a_contradiction_planted_in_turn_one_is_flagged_in_turn_three(product: Product) -> None:
    here = start(product)
    planted = replace(said(ask(product, LEAVE_QUESTION, start(product))), text="Parents get 19 weeks of paid leave.")
    turn = product.history.begin_turn(LOCAL_ACTOR, here, LEAVE_QUESTION)
    product.history.finish_turn(LOCAL_ACTOR, turn, replace(planted, answer_id=turn))
    assert ask(product, "What does a company bicycle cost a month?", here).earlier == ()
    told = ask(product, LEAVE_QUESTION, here)
    assert ("16", "week") in values(told.text)
    (earlier,) = [one for one in told.earlier if one.answer_id == turn]
    assert earlier.said == "Parents get 19 weeks of paid leave."
    assert "You were told otherwise on" in answer_markdown(told)


def test_a_document_updated_in_between_gives_that_the_source_changed(product: Product) -> None:
    collection = product.collections.by_name(LOCAL_ACTOR, "Handbook").collection_id
    before = ask(product, OSLO_QUESTION, start(product))
    assert values(before.text) == {("160", "€")}
    put(product, collection, "hotels.md", HOTELS.replace("160", "185"))
    after = ask(product, OSLO_QUESTION, start(product))
    put(product, collection, "hotels.md", HOTELS)
    assert values(after.text) == {("185", "€")}
    (told,) = after.earlier
    assert (told.answer_id, told.sources_changed) == (before.answer_id, True)
    assert "The source changed since." in answer_markdown(after)
