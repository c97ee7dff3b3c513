"""What was done in another tab to the conversation that a page shows, and to the list of them.

A handler of plain values; it first asks who is calling. The page asks when somebody comes back to its tab
(assets/product/returning.js).
"""

import gradio as gr

from app.product import Product
from app.store.errors import NotFoundError
from app.web.callers import actor_of, page_of
from app.web.conversations import Shown, begin, choices_of_conversations, heading, show
from app.web.running import Running


def catch_up(product: Product, running: Running, request: gr.Request) -> Shown:
    """Show the list and the title as they are now; an empty conversation in the place of a deleted one."""
    actor, page = actor_of(request), page_of(request)
    shown = running.shown(page)
    title = gr.skip()
    if shown is not None:
        try:
            title = heading(product.history.conversation(actor, shown))
        except NotFoundError:
            gr.Info("This conversation was deleted elsewhere.", title="Gone")
            return begin(product, running, request)
    # Which one is chosen is left as it is: another may have been clicked meanwhile.
    listed = choices_of_conversations(product, actor, shown, running.found(page))
    return show(chosen=gr.Radio(choices=listed), title=title)
