"""The pages as one Gradio application. Knows their order and addresses, nothing of what is on them."""

import os

import gradio as gr
from gradio.components import Navbar

from app.product import Product
from app.web import about, account, chat, knowledge, models, review, search
from app.web.running import Running

THEME = gr.themes.Base(
    primary_hue=gr.themes.colors.teal,
    neutral_hue=gr.themes.colors.slate,
    font=["Inter", "ui-sans-serif", "system-ui", "sans-serif"],
    font_mono=["ui-monospace", "monospace"],
    radius_size=gr.themes.sizes.radius_md,
)
"""Only names: the font, colours and spacing are in assets/product/inhouse.css."""

NO_STATISTICS = {"GRADIO_ANALYTICS_CACHE_FREQUENCY": "1000000000", "GRADIO_ANALYTICS_MAX_EVENTS": "1"}
"""Otherwise Gradio counts every event with pandas, over up to 10,000 earlier ones, after each event."""

LOOK_SECONDS = 0.03
"""How often Gradio looks for events that wait. Its own millisecond costs 6.5 % of a core while nobody does anything."""
PROGRESS_SECONDS = 1.0
"""How often it looks for progress bars, which no page has."""


def build(product: Product, running: Running) -> gr.Blocks:
    """Return the pages."""
    os.environ.update(NO_STATISTICS)
    pages: gr.Blocks
    with gr.Blocks(title="Inhouse", analytics_enabled=False, fill_width=True, fill_height=True) as pages:
        navigation()
        chat.build(pages, product, running)
    with pages.route("Search", "/search"):
        navigation()
        search.build()
    with pages.route("Knowledge", "/knowledge") as page:
        navigation()
        knowledge.build(page, product)
    with pages.route("Review", "/review"):
        navigation()
        review.build()
    with pages.route("Models", "/models"):
        navigation()
        models.build(product)
    with pages.route("Safekeeping", "/safekeeping"):
        navigation()
        account.build_safekeeping()
    with pages.route("About", "/about") as page:
        navigation()
        about.build(page, product)
    if product.settings.sign_in:
        people_pages(pages)
    pages.queue(default_concurrency_limit=16, api_open=False)
    look_less_often(pages)
    return pages


def people_pages(pages: gr.Blocks) -> None:
    """Add the pages there are only where people sign in."""
    for name, path, lay_out in (
        ("People", "/people", account.build_people),
        ("Audit", "/audit", account.build_audit),
        ("Account", "/account", account.build_account),
    ):
        with pages.route(name, path):
            navigation()
            lay_out()


def look_less_often(pages: gr.Blocks) -> None:
    """Let Gradio's queue rest while nothing waits in it; there is no setting for that."""
    queue = pages._queue  # noqa: SLF001
    queue.sleep_when_free = LOOK_SECONDS
    queue.progress_update_sleep_when_free = PROGRESS_SECONDS


def navigation() -> None:
    """Place the links to the pages."""
    Navbar(main_page_name="Chat")
