"""Thumbs, reasons, comments and corrections on the page. Handlers of plain values; each first asks who is calling."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

import gradio as gr

from app.answers import Actor, Feedback, FeedbackReason
from app.improve.sharing import became, share
from app.product import Product
from app.store.audit_words import Action, ObjectKind
from app.web.callers import actor_of, noted
from app.web.values import turn_at

REASONS: list[tuple[str, str]] = [
    ("Wrong", "wrong"),
    ("Not in the source", "not in the source"),
    ("Incomplete", "incomplete"),
    ("Out of date", "out of date"),
    ("Unsafe", "unsafe"),
    ("Other", "other"),
]


Typed = tuple[list[str], str, str]
"""Reasons, comment and correction, as they are in the form."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsent:
    """What was typed into the form for each answer and not sent; kept as long as the page is open."""

    about: str = ""
    """The answer whose words are in the form; empty: none."""
    typed: Mapping[str, Typed] = field(default_factory=dict)


def thumb(  # noqa: PLR0913, PLR0917 - the fields of the form
    product: Product,
    conversation_id: str,
    unsent: Unsent,
    reasons: list[str],
    comment: str,
    correction: str,
    request: gr.Request,
    given: gr.LikeData,
) -> tuple[Any, ...]:
    """Keep a thumb at once and open the form for more, with what was typed for its answer; one taken back is withdrawn.

    All in one event: a later one would empty a form in which somebody types already.
    """
    actor = actor_of(request)
    typed: Typed = (reasons, comment, correction)
    answer = turn_at(product.history.turns(actor, conversation_id), given.index).answer
    if answer is None:
        return gr.Group(visible=False), "", "", *turned_over("", unsent, typed)
    if given.liked is None:
        product.feedback.withdraw(actor, answer.answer_id)
        noted(product, request, Action.FEEDBACK_WITHDRAWN, ObjectKind.ANSWER, answer.answer_id)
        return gr.Group(visible=False), "", "", *turned_over("", unsent, typed)
    liked = given.liked is True or given.liked == "Like"
    _keep(product, actor, Feedback(answer_id=answer.answer_id, liked=liked))
    noted(product, request, Action.FEEDBACK_GIVEN, ObjectKind.ANSWER, answer.answer_id)
    words = "What was good about it?" if liked else "What should be better?"
    standing = product.feedback.shared.of(actor).get(answer.answer_id)
    told = became(standing, sign_in=product.settings.sign_in)
    heading = f"**Thank you.** {told} {words}"
    if answer.answer_id == unsent.about:
        choices = gr.CheckboxGroup(visible=not liked)
        return gr.Group(visible=True), heading, answer.answer_id, unsent, choices, gr.skip(), gr.skip()
    kept, chosen, *texts = turned_over(answer.answer_id, unsent, typed)
    choices = gr.CheckboxGroup(value=chosen, visible=not liked)
    return gr.Group(visible=True), heading, answer.answer_id, kept, choices, *texts


def turned_over(answer_id: str, unsent: Unsent, typed: Typed) -> tuple[Unsent, list[str], str, str]:
    """Return what is unsent of all answers, and the form with what was typed for another one earlier."""
    earlier = dict(unsent.typed)
    if unsent.about:
        earlier[unsent.about] = typed
    nothing: Typed = ([], "", "")
    return Unsent(about=answer_id, typed=earlier), *earlier.get(answer_id, nothing)


def send(
    product: Product, answer_id: str, reasons: list[str], comment: str, correction: str, request: gr.Request
) -> gr.Group:
    """Keep what else the person says about an answer."""
    actor = actor_of(request)
    before = product.feedback.of(actor, answer_id)
    given = Feedback(
        answer_id=answer_id,
        liked=before.liked if before else False,
        reasons=tuple(cast("FeedbackReason", reason) for reason in reasons),
        comment=comment.strip(),
        correction=correction.strip(),
    )
    _keep(product, actor, given)
    noted(product, request, Action.FEEDBACK_GIVEN, ObjectKind.ANSWER, answer_id)
    gr.Info("Your feedback is kept with the answer.", title="Thank you", duration=4)
    return gr.Group(visible=False)


def _keep(product: Product, actor: Actor, given: Feedback) -> None:
    """Keep a rating, and share the one turn it is about where the settings say so."""
    settings = product.settings
    product.feedback.record(actor, given, share=share(rule=settings.personal_data, share_rated=settings.share_rated))


def close(request: gr.Request) -> gr.Group:
    """Close the form; the thumb stays."""
    actor_of(request)
    return gr.Group(visible=False)
