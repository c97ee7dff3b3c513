"""Asking on the page: the stream of one answer, from the press of Enter to its sources.

Handlers of plain values; each first asks who is calling. Knows the events of `Assistant.ask`, no model and no search.
"""

import time
from collections.abc import Iterator
from typing import Any, cast

import gradio as gr

from app.answers import Actor, Answer, Delta, Found, Progress, Question
from app.product import Product
from app.web.callers import actor_of, page_of
from app.web.conversations import answer_message, heading, list_of, messages_of, open_box, question_message, thumbs_of
from app.web.present import answer_markdown, cited_markdown, found_markdown, tamed
from app.web.running import Running, Stop
from app.web.status import LOADING, status_line

SEND_SECONDS = 0.08
"""Below 50 ms Gradio spends more of the processor on events than is left for the model's tokens; above 100 ms
the text is seen to jump."""

Shown = tuple[Any, ...]
"""Messages, question box, status, sources, conversation list, title, rename button, delete button."""


def ask(
    product: Product,
    running: Running,
    text: str,
    conversation_id: str | None,
    collection_ids: list[str] | None,
    request: gr.Request,
) -> Iterator[Shown]:
    """Answer a question in a conversation, beginning one when there is none."""
    actor = actor_of(request)
    chosen = tuple(collection_ids or ())
    current = conversation_id or product.history.start(actor, collection_ids=chosen).conversation_id
    question = Question(text=text, collection_ids=chosen, conversation_id=current)
    with running.answer(page_of(request)) as stop:
        try:
            yield from follow(product, actor, question, stop)
        except Exception:
            turns = product.history.turns(actor, current)
            if not turns:
                product.history.delete(actor, current)
            yield show(messages=messages_of(turns), question=open_box(text), status="")
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
    yield from ask(product, running, str(chosen.value["text"]), conversation_id, collection_ids, request)


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
    position = chosen.index if isinstance(chosen.index, int) else chosen.index[0]
    yield from ask(product, running, turns[position // 2].question, conversation_id, collection_ids, request)


def stop(running: Running, request: gr.Request) -> None:
    """End the answer that is being written on this page."""
    actor_of(request)
    running.stop(page_of(request))


def follow(product: Product, actor: Actor, question: Question, stop: Stop) -> Iterator[Shown]:
    """Show an answer from its first sign to its last; nothing more once the page shows something else."""
    earlier = messages_of(product.history.turns(actor, str(question.conversation_id)))
    asked = [*earlier, question_message(question.text)]
    yield show(
        messages=[*asked, answer_message("")],
        question=closed_box(),
        status=status_line(Progress(stage="searching")) if product.assistant.ready else LOADING,
        sources="",
    )
    text, progress, sent, shown = "", Progress(stage="searching"), 0.0, ("", "")
    for event in product.assistant().ask(actor, question, stop=stop):
        if stop.left:
            continue
        if isinstance(event, Answer):
            yield finished(product, actor, question, event)
            return
        if isinstance(event, Found):
            yield show(sources=found_markdown(event.passages))
            continue
        text += event.text if isinstance(event, Delta) else ""
        progress = advanced(progress, event, text)
        now = (status_line(progress), text)
        if now != shown and time.monotonic() - sent >= SEND_SECONDS:
            yield underway(asked, *now)
            shown, sent = now, time.monotonic()
    yield show()


def advanced(progress: Progress, event: Progress | Delta, text: str) -> Progress:
    """Return how far an answer is after an event; a model that goes on after its first word is writing."""
    if text and (isinstance(event, Delta) or event.stage != "checking"):
        return Progress(stage="writing")
    return event if isinstance(event, Progress) else progress


def underway(asked: list[dict[str, Any]], status: str, text: str) -> Shown:
    """Show how far an answer is and what is written of it."""
    if not text:
        return show(status=status)
    return show(messages=[*asked, answer_message(tamed(text))], status=status)


def finished(product: Product, actor: Actor, question: Question, answer: Answer) -> Shown:
    """Show the answer with its citations and marks, as it is stored."""
    conversation = product.history.conversation(actor, str(question.conversation_id))
    turns = product.history.turns(actor, conversation.conversation_id)
    messages = messages_of(turns)
    messages[-1] = answer_message(answer_markdown(answer))
    return show(
        messages=gr.Chatbot(cast("Any", messages), feedback_value=thumbs_of(turns)),
        question=open_box(),
        status="",
        sources=cited_markdown(answer) or gr.skip(),
        chosen=list_of(product, actor, conversation.conversation_id),
        title=heading(conversation),
        actions=gr.Button(visible=True),
    )


def closed_box() -> gr.Textbox:
    """Return the question box while an answer is written: empty, with Stop in the place of Ask."""
    return gr.Textbox(value="", submit_btn=False, stop_btn="Stop")


def show(**outputs: Any) -> Shown:
    """Return the outputs of an event by name; what is not given stays as it is on the page.

    Names: messages, question, status, sources, chosen, title, actions (both buttons).
    """
    names = ("messages", "question", "status", "sources", "chosen", "title", "actions", "actions")
    return tuple(outputs.get(name, gr.skip()) for name in names)
