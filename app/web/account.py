"""The pages of administration: your account, everybody's accounts, the audit log, backups and the key.

Drawn by account.js, people.js, audit.js and safekeeping.js of assets/product over /api, because a password must not go
through Gradio's events; here are only the frames. What a page is not for is refused there, whoever opens the page.
"""

import gradio as gr


def build_account() -> None:
    """Lay out the page about your own account."""
    with gr.Column(elem_id="account", elem_classes="people-page"):
        gr.Markdown("# Your account")
        gr.Column(elem_id="account-parts")


def build_people() -> None:
    """Lay out the page on which administrators manage people."""
    with gr.Column(elem_id="people", elem_classes="people-page"):
        gr.Markdown(
            "# People\n\nWhat people ask and are answered is theirs alone: no administrator can read it, but for "
            "single answers they share by rating them."
        )
        gr.Column(elem_id="people-parts")


def build_audit() -> None:
    """Lay out the page on which auditors read the audit log."""
    with gr.Column(elem_id="audit", elem_classes="people-page"):
        gr.Markdown(
            "# Audit log\n\nWho did what, when, from where, with which result. It holds no content; people stand "
            "in it by pseudonym."
        )
        gr.Column(elem_id="audit-parts")


def build_safekeeping() -> None:
    """Lay out the page on which administrators keep the installation safe."""
    with gr.Column(elem_id="safekeeping", elem_classes="people-page"):
        gr.Markdown("# Safekeeping\n\nBackups, the key, legal holds, erasures, and what lies open.")
        gr.Column(elem_id="safekeeping-parts")
