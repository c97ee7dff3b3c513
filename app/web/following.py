"""An answer being written, drawn on every page that shows its conversation, from what there is of it to its end.

Handlers of plain values; each first asks who is calling. Knows how an answer looks, not how it comes about.
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, cast

import gradio as gr

from app.answers import Actor, Progress
from app.product import Product
from app.web.callers import actor_of, page_of
from app.web.conversations import (
    Shown,
    answer_message,
    begin,
    closed_box,
    heading,
    how_far,
    list_of,
    messages_of,
    open_box,
    show,
    sources_markdown,
    stored,
    thumbs_of,
    turns_of,
)
from app.web.plain import tamed
from app.web.present import found_markdown
from app.web.running import Running, Writing
from app.web.status import status_line
from retrieval.documents import Passage

SEND_SECONDS = 0.08
"""Below 50 ms Gradio spends more of the processor on events than is left for the model's tokens; above 100 ms
the text is seen to jump."""


def arrive(product: Product, running: Running, request: gr.Request) -> tuple[Any, ...]:
    """Show an empty conversation on a page just opened; last, the one whose answer goes on since a page was left.

    No generator: Gradio would send its piece once more, over a conversation that is opened meanwhile.
    """
    return *begin(product, running, request), running.unseen(actor_of(request).user_id) or ""


def reopen(product: Product, running: Running, conversation_id: str, request: gr.Request) -> Iterator[Shown]:
    """Show a stored conversation, and follow the answer that is being written there, if one is."""
    actor, page = actor_of(request), page_of(request)
    writing = running.show(page, conversation_id)
    shown = stored(product, actor, conversation_id, writing=writing is not None)
    if running.shown(page) != conversation_id:
        yield show()  # another one was chosen while this was read, and is what the page shows
        return
    yield shown
    if writing is not None:
        yield from follow(product, running, actor, page, writing)


def follow(
    product: Product, running: Running, actor: Actor, page: str, writing: Writing, *, typed: bool = False
) -> Iterator[Shown]:
    """Show an answer from what there is of it to its end, as long as the page shows its conversation.

    Args:
        product: where the conversation is stored.
        running: knows which conversation the page shows.
        actor: whose it is.
        page: its name.
        writing: the answer.
        typed: whether its question is in the page's box; it comes back there when it fails.
    """
    drawing = Drawing(typed=typed)
    loading = Progress(stage="searching" if product.assistant.ready else "loading")
    yield drawing.begin(writing, writing.progress or loading)
    while running.shows(page, writing) and not writing.over:
        writing.wait(drawing.news, pause=drawing.pause)
        if not running.shows(page, writing):
            break
        if writing.news and not drawing.named:
            drawing.named = True
            yield named(product, actor, writing.conversation_id)
        elif drawn := drawing.draw(writing):
            yield drawn
    if not running.shows(page, writing):
        yield show()  # Gradio sends the last piece once more when a stream ends
        return
    if writing.error is not None:
        turns = turns_of(product, actor, writing.conversation_id)
        box = open_box(writing.question if typed else None)
        yield show(messages=messages_of(turns, product), question=box, status="")
        raise writing.error
    if writing.answer is not None:
        yield finished(product, actor, writing)


@dataclass(slots=True)
class Drawing:
    """What of an answer a page shows already."""

    typed: bool = False
    news: int = -1
    asked: Sequence[Any] = ()
    named: bool = False
    sources: Sequence[Passage] | None = None
    sent: float = 0.0

    @property
    def pause(self) -> float:
        """How many seconds until the page may be sent the next piece."""
        return self.sent + SEND_SECONDS - time.monotonic()

    def begin(self, writing: Writing, progress: Progress) -> Shown:
        """Draw what there is."""
        self.news, self.sources, self.sent = writing.news, writing.passages, time.monotonic()
        self.asked = writing.asked
        messages = [*self.asked, answer_message(tamed(writing.text))]
        sources = found_markdown(self.sources) if self.sources else ""
        box = closed_box("" if self.typed else None)
        return show(messages=messages, question=box, status=status_line(progress), sources=sources)

    def draw(self, writing: Writing) -> Shown | None:
        """Draw what has changed, None where nothing has."""
        if writing.news == self.news or writing.progress is None:
            return None
        self.news, self.sent = writing.news, time.monotonic()
        sources = gr.skip()
        if writing.passages is not None and self.sources is not writing.passages:
            self.sources = writing.passages
            sources = found_markdown(self.sources)
        status = status_line(writing.progress)
        if not writing.text and self.asked is writing.asked:
            return show(status=status, sources=sources)
        self.asked = writing.asked
        return show(messages=[*self.asked, answer_message(tamed(writing.text))], status=status, sources=sources)


def named(product: Product, actor: Actor, conversation_id: str) -> Shown:
    """Show the conversation in the list, where it can be come back to, now that its first question is stored."""
    conversation = product.history.conversation(actor, conversation_id)
    return show(
        chosen=list_of(product, actor, conversation.conversation_id),
        title=heading(conversation),
        actions=gr.Button(visible=True),
    )


def finished(product: Product, actor: Actor, writing: Writing) -> Shown:
    """Show the answer with its citations and marks, as it is stored."""
    conversation_id, found = writing.conversation_id, found_markdown(writing.passages or ())
    conversation = product.history.conversation(actor, conversation_id)
    turns = product.history.turns(actor, conversation_id)
    far = how_far(product, actor, conversation_id)
    messages = messages_of(turns, product)
    return show(
        messages=gr.Chatbot(cast("Any", messages), feedback_value=thumbs_of(turns)),
        question=open_box(None),
        status="",
        sources=sources_markdown(product, actor, turns, otherwise=found),
        chosen=list_of(product, actor, conversation.conversation_id),
        title=heading(conversation),
        actions=gr.Button(visible=True),
        examined=far,
        look=gr.Timer(active=bool(far)),
    )
