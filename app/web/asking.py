"""Asking on the page: a question, an example, once more; and Stop.

Handlers of plain values; each first asks who is calling. Knows the events of `Assistant.ask`, no model and no search.
"""

import threading
from collections.abc import Iterator
from dataclasses import replace
from functools import partial

import gradio as gr

from app.answers import Actor, Event, Question
from app.product import Product
from app.store.audit_words import Action, ObjectKind
from app.web.callers import actor_of, noted, page_of
from app.web.conversations import Shown, messages_of, question_message, show, turns_of
from app.web.following import follow
from app.web.running import Running, Writing
from app.web.values import UnfitValueError, turn_at


def ask(
    product: Product,
    running: Running,
    text: str,
    conversation_id: str | None,
    collection_ids: list[str] | None,
    request: gr.Request,
) -> Iterator[Shown]:
    """Answer the question in the box, in a conversation, beginning one when there is none."""
    question = Question(text=text, collection_ids=tuple(collection_ids or ()), conversation_id=conversation_id)
    yield from answer(product, running, question, request, typed=True)


def answer(
    product: Product, running: Running, question: Question, request: gr.Request, *, typed: bool = False
) -> Iterator[Shown]:
    """Answer a question; while an answer is being written there nothing is asked.

    What is in the box stays there unless it is this question.
    """
    actor, page = actor_of(request), page_of(request)
    with running.asking(page, question.conversation_id) as may:
        if not may:
            yield show()
            return
        chosen, text = question.collection_ids, question.text
        current = question.conversation_id or product.history.start(actor, collection_ids=chosen).conversation_id
        question = replace(question, conversation_id=current)
        asked = [*messages_of(product.history.turns(actor, current), product), question_message(text)]
        writing = Writing(user_id=actor.user_id, conversation_id=current, text=text, asked=asked)
        noted(product, request, Action.ASKED, ObjectKind.CONVERSATION, current)
        running.write(page, writing, partial(write, product, actor, question))
    yield from follow(product, running, actor, page, writing, typed=typed)


def write(product: Product, actor: Actor, question: Question, stop: threading.Event) -> Iterator[Event]:
    """Yield the events of an answer; a conversation in which nothing was stored is taken out again."""
    try:
        answering = product.assistant().ask(actor, question, stop=product.people.stops.add(stop, actor.user_id))
        yield from product.limits.counted(actor, answering)
    except Exception:
        if not turns_of(product, actor, str(question.conversation_id)):
            product.history.delete(actor, str(question.conversation_id))
        raise


def ask_example(
    product: Product,
    running: Running,
    conversation_id: str | None,
    collection_ids: list[str] | None,
    request: gr.Request,
    chosen: gr.SelectData,
) -> Iterator[Shown]:
    """Answer one of the example questions of the empty page."""
    text = chosen.value.get("text") if isinstance(chosen.value, dict) else None
    if not isinstance(text, str):
        raise UnfitValueError
    question = Question(text=text, collection_ids=tuple(collection_ids or ()), conversation_id=conversation_id)
    yield from answer(product, running, question, request)


def ask_again(
    product: Product,
    running: Running,
    conversation_id: str,
    collection_ids: list[str] | None,
    request: gr.Request,
    chosen: gr.RetryData,
) -> Iterator[Shown]:
    """Answer a question of the conversation once more; the earlier answer stays."""
    turns = product.history.turns(actor_of(request), conversation_id)
    text = turn_at(turns, chosen.index).question
    question = Question(text=text, collection_ids=tuple(collection_ids or ()), conversation_id=conversation_id)
    yield from answer(product, running, question, request)


def stop(running: Running, request: gr.Request) -> None:
    """End the answer that is being written in the conversation this page shows."""
    actor_of(request)
    running.stop(page_of(request))
