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


def redraw(product: Product, running: Running, request: gr.Request) -> Any:
    """Draw the messages of the conversation that a page shows anew, unless an answer is being written there."""
    shown = _shown(product, running, request)
    if shown is None or not running.rests(page_of(request), shown[1]):
        return gr.skip()
    return gr.Chatbot(cast("Any", messages_of(turns_of(product, *shown), product)))


def _shown(product: Product, running: Running, request: gr.Request) -> tuple[Actor, str] | None:
    """Return who looks at which conversation; None where there is none, or it is gone."""
    actor, conversation_id = actor_of(request), running.shown(page_of(request))
    if conversation_id is None or not turns_of(product, actor, conversation_id):
        return None
    return actor, conversation_id
