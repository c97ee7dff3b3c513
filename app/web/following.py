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
from app.store.looking_back import Remembered
from app.web.callers import actor_of, page_of
from app.web.conversations import (
    NO_SOURCES,
    Shown,
    answer_message,
    begin,
    closed_box,
    empty,
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
DELETED_SECONDS = 10.0
"""The longest that deleting a conversation takes."""


def arrive(product: Product, running: Running, request: gr.Request) -> tuple[Any, ...]:
    """Show an empty conversation on a page just opened; last, the one whose answer goes on since a page was left.

    No generator: Gradio would send its piece once more, over a conversation that is opened meanwhile.
    """
    return *begin(product, running, request), running.unseen(actor_of(request).user_id) or ""


def reopen(product: Product, running: Running, conversation_id: str, request: gr.Request) -> Iterator[Shown]:
    """Show a stored conversation, and follow the answer that is being written there, if one is."""
    actor, page = actor_of(request), page_of(request)
    writing = running.show(page, conversation_id)
    shown = stored(product, actor, conversation_id, writing=writing is not None, found=running.found(page))
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
            yield named(product, actor, writing.conversation_id, running.found(page))
        elif drawn := drawing.draw(writing):
            yield drawn
    if not running.shows(page, writing):
        yield left(product, running, actor, page, writing)
        return
    if writing.error is not None:
        turns = turns_of(product, actor, writing.conversation_id)
        box = open_box(writing.question if typed else None)
        sources = sources_markdown(product, actor, turns, otherwise=NO_SOURCES)
        yield show(messages=messages_of(turns, product), question=box, status="", sources=sources)
        raise writing.error
    if writing.answer is not None:
        yield finished(product, actor, writing, running.found(page))


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


def left(product: Product, running: Running, actor: Actor, page: str, writing: Writing) -> Shown:
    """Show nothing more of an answer; an empty conversation where its own was deleted on another page."""
    if writing.dropped and writing.gone.wait(DELETED_SECONDS) and running.shown(page) == writing.conversation_id:
        return empty(product, running, actor, page)
    return show()  # Gradio sends the last piece once more when a stream ends


def named(product: Product, actor: Actor, conversation_id: str, found: Sequence[Remembered] | None) -> Shown:
    """Show the conversation in the list, where it can be come back to, now that its first question is stored."""
    conversation = product.history.conversation(actor, conversation_id)
    return show(
        chosen=list_of(product, actor, conversation.conversation_id, found),
        title=heading(conversation),
        actions=gr.Button(visible=True),
    )


def finished(product: Product, actor: Actor, writing: Writing, found: Sequence[Remembered] | None) -> Shown:
    """Show the answer with its citations and marks, as it is stored."""
    conversation_id, passages = writing.conversation_id, found_markdown(writing.passages or ())
    conversation = product.history.conversation(actor, conversation_id)
    turns = product.history.turns(actor, conversation_id)
    far = how_far(product, actor, conversation_id)
    messages = messages_of(turns, product)
    return show(
        messages=gr.Chatbot(cast("Any", messages), feedback_value=thumbs_of(turns)),
        question=open_box(None),
        status="",
        sources=sources_markdown(product, actor, turns, otherwise=passages),
        chosen=list_of(product, actor, conversation.conversation_id, found),
        title=heading(conversation),
        actions=gr.Button(visible=True),
        examined=far,
        look=gr.Timer(active=bool(far)),
    )
