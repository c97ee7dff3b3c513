"""A question in another language than the documents: an answer or a refusal with a sentence, and never a fault."""

import json
import threading
from collections.abc import Iterator

import pytest

from app import assemble
from app.answers import LOCAL_ACTOR, Answer, Question
from app.commands.demonstration import demonstrate
from app.product import Product
from app.web.present import answer_markdown
from tests.fakes import ScriptedChat
from tests.light import around_small
from tests.served import doors_of

pytestmark = pytest.mark.weights
LEAVE = "Wie viele Tage Jahresurlaub haben Vollzeitbeschäftigte in Rotterdam?"
ELSEWHERE = "Wer hat das Endspiel der Fußball-Weltmeisterschaft 1954 gewonnen?"
MIXED = "Wie hoch ist laut Travel Policy 2024 das Hotel-Limit (hotel limit) pro night in Paris?"
QUESTIONS = (LEAVE, ELSEWHERE, MIXED, "Wie ist das?", "Was steht in SF-1012 über „Größe“ & Maß?")
REFUSED = ("abstained", "asked")


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """The product with the small model, the real embedder and the demonstration's English handbook."""
    opened = assemble.assemble(around_small(tmp_path_factory.mktemp("home"), examine_seconds=0), tell=print)
    for _ in demonstrate(opened, stop=threading.Event()):
        pass
    yield opened
    opened.close()


def ask(product: Product, question: str) -> Answer:
    *_, answer = product.assistant().ask(LOCAL_ACTOR, Question(text=question))
    assert isinstance(answer, Answer)
    return answer


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_german_question_gets_an_answer_or_a_refusal_with_a_sentence(product: Product, question: str) -> None:
    answer = ask(product, question)
    assert answer.outcome in {"finished", *REFUSED}
    assert len(answer.text.split()) >= (3 if answer.outcome in REFUSED else 1)
    assert answer_markdown(answer).strip()
    for citation in answer.citations:
        document = product.chunks.document(citation.document_id)
        assert document is not None
        assert document[1].text[citation.start : citation.end] == citation.quote


def test_a_german_question_with_the_handbooks_own_words_is_answered(product: Product) -> None:
    answer = ask(product, MIXED)
    assert answer.outcome == "finished"
    near = [claim.nearest.quote for claim in answer.claims if claim.nearest]
    assert any("160" in quote for quote in [*near, *(citation.quote for citation in answer.citations)])


def test_what_the_handbook_says_nothing_of_is_refused_and_the_nearest_shown(product: Product) -> None:
    answer = ask(product, ELSEWHERE)
    assert answer.abstained
    assert answer.citations == ()
    assert answer.nearest


def test_the_handbook_is_found_by_the_names_in_a_german_question(product: Product) -> None:
    found = product.retriever().search(
        LEAVE, collection_ids=[one.collection_id for one in product.collections.list(LOCAL_ACTOR)], k=5
    )
    assert "annual-leave.md" in {passage.document for passage in found}


@pytest.mark.parametrize("stream", [False, True])
def test_programs_get_the_same_without_a_fault(product: Product, *, stream: bool) -> None:
    asked = {"messages": [{"role": "user", "content": ELSEWHERE}], "stream": stream}
    answer = doors_of(product, ScriptedChat()).program().post("/v1/chat/completions", json=asked)
    assert answer.status_code == 200
    last = answer.text.split("data: ")[-2] if stream else answer.text
    assert json.loads(last)["inhouse"]["abstained"] is True
