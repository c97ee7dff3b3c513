"""The marks of answers while a model judges their statements: looked at each second, drawn anew when there is news.

A timer does this rather than the event that answered: while an event of the messages goes on, Gradio lets nobody ask
again.
"""

from typing import Any, cast

import gradio as gr

from app.answers import Actor
from app.product import Product
from app.web.callers import actor_of, page_of
from app.web.conversations import how_far, messages_of, turns_of
from app.web.running import Running

LOOK_SECONDS = 1.0
"""A judgement takes two to four seconds on two cores."""


def look(product: Product, running: Running, request: gr.Request) -> tuple[str, gr.Timer]:
    """Return how far the examinations of the conversation that a page shows are, and whether to look again."""
    shown = _shown(product, running, request)
    far = how_far(product, *shown) if shown else ""
    return far, gr.Timer(active=bool(far))


def redraw(product: Product, running: Running, request: gr.Request) -> tuple[Any, Any]:
    """Draw the messages of the conversation that a page shows anew; look again where something of them is to come.

    While an answer is being written there, whoever draws that draws those before it.
    """
    shown = _shown(product, running, request)
    if shown is None:
        return gr.skip(), gr.skip()
    far = how_far(product, *shown)
    look_again = gr.Timer(active=True) if far else gr.skip()  # a look that saw an earlier state may have ended it
    turns = turns_of(product, *shown)
    if writing := running.written(shown[1]):
        earlier = turns[: len(writing.asked) // 2]
        writing.retell([*messages_of(earlier, product), writing.asked[-1]])
    if not running.rests(page_of(request), shown[1]):
        return gr.skip(), look_again
    return gr.Chatbot(cast("Any", messages_of(turns, product))), look_again


def _shown(product: Product, running: Running, request: gr.Request) -> tuple[Actor, str] | None:
    """Return who looks at which conversation; None where there is none, or it is gone."""
    actor, conversation_id = actor_of(request), running.shown(page_of(request))
    if conversation_id is None or not turns_of(product, actor, conversation_id):
        return None
    return actor, conversation_id
