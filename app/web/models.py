"""The models page: what the engine does right now, which models there are, and letting another one answer.

What is drawn comes from /api/models, through assets/product/models.js: figures that change every two seconds must be
changed in their place, silently for a screen reader, and not at all while nobody looks at the page.
"""

import gradio as gr

INTRODUCTION = """# Models

A model on this machine writes the answers. Nothing is sent anywhere; what is shown here are counts, never what anybody
asked."""


def build() -> None:
    """Lay out the page; the script fills it."""
    with gr.Column(elem_id="models"):
        gr.Markdown(INTRODUCTION)
        gr.Column(elem_id="engine-now")
        gr.Column(elem_id="model-shelf")
