"""The search page: passages without a model. Drawn by assets/product/search.js over /api; here is only its frame."""

import gradio as gr


def build() -> None:
    """Lay out the page: the search at the left, the document that is read at the right."""
    with gr.Row(elem_id="search", equal_height=False):
        gr.Column(elem_id="search-column", min_width=0)
        with gr.Column(elem_id="sources", min_width=0):
            gr.Markdown("## Document", elem_id="sources-title")
            gr.Markdown("Choose a passage to read it in its document.", elem_id="source-list")
