"""Asking on the page: the stream of one answer, from the press of Enter to its sources.

Handlers of plain values; each first asks who is calling. Knows the events of `Assistant.ask`, no model and no search.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, cast

import gradio as gr

from app.answers import Actor, Answer, Delta, Found, Progress, Question
from app.product import Product
from app.store.errors import NotFoundError
from app.web.callers import actor_of, page_of
from app.web.conversations import (
    answer_message,
    closed_box,
    heading,
    list_of,
    messages_of,
    open_box,
    question_message,
    thumbs_of,
)
from app.web.present import answer_markdown, cited_markdown, found_markdown, tamed
from app.web.running import Running, Stop
from app.web.status import status_line

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
    """Answer a question in a conversation, beginning one when there is none.

    While the page shows an answer being written nothing is asked.
    """
    actor = actor_of(request)
    chosen = tuple(collection_ids or ())
    with running.answer(page_of(request), conversation_id) as stop:
        if stop is None:
            yield show()
            return
        current = conversation_id or product.history.start(actor, collection_ids=chosen).conversation_id
        stop.conversation_id = current
        question = Question(text=text, collection_ids=chosen, conversation_id=current)
        try:
            yield from follow(product, actor, question, stop)
        except Exception as error:
            if stop.left and isinstance(error, NotFoundError):
                return  # the conversation was deleted meanwhile
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
    """Show an answer from its first sign to its last, except while the page shows something else."""
    earlier = messages_of(product.history.turns(actor, str(question.conversation_id)))
    view = View(asked=[*earlier, question_message(question.text)])
    yield show(
        messages=[*view.asked, answer_message("")],
        question=closed_box(),
        status=status_line(view.progress if product.assistant.ready else Progress(stage="loading")),
        sources="",
    )
    for event in product.assistant().ask(actor, question, stop=stop):
        if isinstance(event, Answer):
            stop.ended = True
            yield show() if stop.left else finished(product, actor, question, event)
            return
        begun = view.begun
        view.take(event)
        if stop.anew:
            stop.anew = False
            view.forget()
        if stop.left:
            continue
        if not begun:
            yield named(product, actor, question)
        elif drawn := view.news():
            yield drawn


@dataclass(slots=True, kw_only=True)
class View:
    """What there is to see of an answer being written, and what of it the page shows already."""

    asked: list[dict[str, Any]]
    text: str = ""
    progress: Progress = field(default_factory=lambda: Progress(stage="searching"))
    sources: str = ""
    begun: bool = False
    sent: float = 0.0
    drawn: tuple[str, ...] = ()

    def take(self, event: Progress | Delta | Found) -> None:
        """Add what an event tells."""
        self.begun = True
        if isinstance(event, Found):
            self.sources, self.sent = found_markdown(event.passages), 0.0
            return
        self.text += event.text if isinstance(event, Delta) else ""
        self.progress = advanced(self.progress, event, self.text)

    def forget(self) -> None:
        """Draw everything anew the next time."""
        self.drawn, self.sent = (), 0.0

    def news(self) -> Shown | None:
        """Return what to draw, None when nothing has changed or the last time was just now."""
        now = (status_line(self.progress), self.text, self.sources)
        if now == self.drawn or time.monotonic() - self.sent < SEND_SECONDS:
            return None
        sources = self.sources if self.drawn[2:] != (self.sources,) else gr.skip()
        self.drawn, self.sent = now, time.monotonic()
        if not self.text:
            return show(status=now[0], sources=sources)
        return show(messages=[*self.asked, answer_message(tamed(self.text))], status=now[0], sources=sources)


def named(product: Product, actor: Actor, question: Question) -> Shown:
    """Show the conversation in the list, where it can be come back to, now that its first question is stored."""
    conversation = product.history.conversation(actor, str(question.conversation_id))
    return show(
        chosen=list_of(product, actor, conversation.conversation_id),
        title=heading(conversation),
        actions=gr.Button(visible=True),
    )


def advanced(progress: Progress, event: Progress | Delta, text: str) -> Progress:
    """Return how far an answer is after an event; a model that goes on after its first word is writing."""
    if text and (isinstance(event, Delta) or event.stage != "checking"):
        return Progress(stage="writing")
    return event if isinstance(event, Progress) else progress


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


def show(**outputs: Any) -> Shown:
    """Return the outputs of an event by name; what is not given stays as it is on the page.

    Names: messages, question, status, sources, chosen, title, actions (both buttons).
    """
    names = ("messages", "question", "status", "sources", "chosen", "title", "actions", "actions")
    return tuple(outputs.get(name, gr.skip()) for name in names)
