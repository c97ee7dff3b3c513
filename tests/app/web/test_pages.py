"""The pages as one application: what Gradio does by itself while nobody does anything."""

import asyncio

import gradio as gr

from app.web.pages import LOOK_SECONDS, PROGRESS_SECONDS, look_less_often

NAMES = ("sleep_when_free", "progress_update_sleep_when_free")


async def blocks() -> gr.Blocks:
    """Return an empty page; async, because outside of an event loop Gradio makes some and closes none."""
    pages: gr.Blocks
    with gr.Blocks(analytics_enabled=False) as pages:
        gr.Markdown("")
    return pages


def test_gradio_looks_for_events_less_often_than_it_would() -> None:
    pages = asyncio.run(blocks())
    before = [getattr(pages._queue, name) for name in NAMES]  # fails when Gradio names them otherwise
    look_less_often(pages)
    after = [getattr(pages._queue, name) for name in NAMES]
    assert after == [LOOK_SECONDS, PROGRESS_SECONDS]
    assert all(new > old for new, old in zip(after, before, strict=True))
