"""The page on which reviewers read rated answers. Drawn by assets/product/review.js over /api; here is its frame."""

import gradio as gr

ABOUT = (
    "# Rated answers\n\nEach is one question with its answer, shared by whoever rated it, under a pseudonym. "
    "The rest of their conversation is theirs alone. Who opens one is recorded."
)


def build() -> None:
    """Lay out the page: the answers at the left, the document that is read at the right."""
    with gr.Row(elem_id="review", equal_height=False):
        with gr.Column(elem_id="review-column", elem_classes="people-page", min_width=0):
            gr.Markdown(ABOUT)
            gr.Column(elem_id="review-parts")
        with gr.Column(elem_id="sources", min_width=0):
            gr.Markdown("## Document", elem_id="sources-title")
            gr.Markdown("Choose a source of an answer to read it in its document.", elem_id="source-list")
