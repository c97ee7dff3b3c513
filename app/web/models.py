"""The models page: what the engine does right now, which models there are, and letting another one answer.

What is drawn comes from /api/models, through assets/product/models.js: figures that change every two seconds must be
changed in their place, silently for a screen reader, and not at all while nobody looks at the page.
"""

import gradio as gr

from app.product import Product

HERE = "A model on this machine writes the answers. Nothing is sent anywhere;"
ELSEWHERE = (
    "Model servers write the answers: questions and the passages found for them are sent there, and nowhere else;"
)


def build(product: Product) -> None:
    """Lay out the page; the script fills it."""
    where = ELSEWHERE if product.settings.model_servers else HERE
    with gr.Column(elem_id="models"):
        gr.Markdown(f"# Models\n\n{where} what is shown here are counts, never what anybody asked.")
        gr.Column(elem_id="engine-now")
        gr.Column(elem_id="model-shelf")
