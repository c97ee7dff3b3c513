"""The statements of an answer over JSON: what was found about each and why, and what its asker says against that."""

import asyncio
import threading
from typing import Any

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from app.answering.doubling import LOOK_SECONDS, Asking, double_check
from app.answering.wording import VERDICTS, second_look, still, tally, why
from app.answers import Actor, Answer, Claim, Dispute
from app.api.callers import Caller, through
from app.api.numbers import Whole
from app.product import Product
from app.shapes import shape_answer, shape_double_check


class Against(BaseModel):
    """What is said against a verdict."""

    comment: str = Field(default="", max_length=2000)


def router(product: Product) -> APIRouter:
    """Return the routes; an answer is found only by whoever asked for it."""
    routes = APIRouter(prefix="/api", tags=["reading"])
    disputes = product.feedback.disputes
    _add_double_check(routes, product)

    @routes.get("/answers/{answer_id}", summary="An answer as it is stored now, and how much is still to be examined")
    def answer(actor: Caller, answer_id: str) -> dict[str, Any]:
        stored = product.history.answer(actor, answer_id)
        told = {"answer_id": answer_id, "question": stored.question, "left": product.examining.left(answer_id)}
        return told | {"asking_again": product.asking_again.pending(answer_id)} | shape_answer(stored)

    @routes.get("/answers/{answer_id}/statements", summary="The statements of an answer, and why each got its verdict")
    def statements(actor: Caller, answer_id: str) -> dict[str, Any]:
        answer = product.history.answer(actor, answer_id)
        against = {one.start: one for one in disputes.of(actor, answer_id)}
        listed = [shape_statement(answer, claim, against.get(claim.start)) for claim in answer.claims]
        left = product.examining.left(answer_id)
        again = product.asking_again.pending(answer_id)
        told = {"answer_id": answer_id, "tally": tally(answer), "left": left, "still": still(left, again=again)}
        told |= {"asking_again": again, "double_check": shape_double_check(answer.double_check)}
        return told | {"statements": listed}

    @routes.put("/answers/{answer_id}/disputes/{start}", summary="Say that the verdict on a statement is wrong")
    def dispute(actor: Caller, answer_id: str, start: Whole, against: Against) -> dict[str, Any]:
        return shape_dispute(disputes.record(actor, answer_id, start, comment=against.comment))

    @routes.delete("/answers/{answer_id}/disputes/{start}", status_code=204, summary="Take that back")
    def withdraw(actor: Caller, answer_id: str, start: Whole) -> Response:
        disputes.withdraw(actor, answer_id, start)
        return Response(status_code=204)

    @routes.get("/disputes", summary="All you have said against verdicts")
    def listed(actor: Caller) -> list[dict[str, Any]]:
        return [shape_dispute(one) for one in disputes.all_of(actor)]

    return routes


def _add_double_check(routes: APIRouter, product: Product) -> None:
    """Add what asks an answer's question again, for as long as the caller waits for it."""

    @routes.post("/answers/{answer_id}/double-check", summary="Ask its question several times; do the answers agree?")
    async def doubled(actor: Caller, answer_id: str, request: Request) -> dict[str, Any]:
        stop = product.people.stops.add(threading.Event(), actor.user_id, through(request))
        checking = asyncio.create_task(asyncio.to_thread(double_checked, product, actor, answer_id, stop))
        try:
            while not (await asyncio.wait({checking}, timeout=LOOK_SECONDS))[0]:
                if await request.is_disconnected():
                    stop.set()
        finally:
            stop.set()
        return await checking


def double_checked(product: Product, actor: Actor, answer_id: str, stop: threading.Event) -> dict[str, Any]:
    """Ask an answer's question again until `stop` is set; return what came of it, which is kept with the answer.

    Raises:
        TooManyQuestionsError: it counts as a question of the actor's, and is one too many.
    """
    answer = product.history.answer(actor, answer_id)
    passages = product.history.passages(actor, answer_id)
    asking = Asking(rule=product.settings.personal_data)
    with product.limits.asking(actor):
        product.assistant()
        with product.serving.writing() as writer:
            found = double_check(writer, actor, answer, passages, asking, unwanted=stop.is_set)
    product.verdicts.keep_double_check(actor, answer_id, found)
    return shape_double_check(found) or {}


def shape_statement(answer: Answer, claim: Claim, against: Dispute | None) -> dict[str, Any]:
    """Return a statement with its verdict in words, the quotes it was held against, and what was said against it."""
    cited = [one for one in answer.citations if one.n in claim.citations]
    near = [claim.nearest] if claim.nearest else []
    quotes = [{"n": one.n, "title": one.title or one.document, "page": one.page, "quote": one.quote} for one in cited]
    quotes += [
        {"n": None, "title": one.title or one.document, "page": one.page, "quote": one.quote}
        | {"document_id": one.document_id, "start": one.start, "end": one.end}
        for one in near
    ]
    return {
        "text": claim.text,
        "start": claim.start,
        "verdict": claim.verdict,
        "words": VERDICTS[claim.verdict],
        "why": why(claim, [one.quote for one in [*cited, *near]]),
        "second_look": second_look(claim),
        "quotes": quotes,
        "dispute": shape_dispute(against) if against else None,
    }


def shape_dispute(given: Dispute) -> dict[str, Any]:
    """Return what was said against a verdict."""
    fields = ("answer_id", "start", "statement", "verdict", "comment")
    return {name: getattr(given, name) for name in fields}
