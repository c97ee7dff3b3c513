"""Rated answers over JSON: what you rated and what became of it, and the queue of those who review.

Opening one and looking at the queue are recorded in the audit log; the store refuses whoever is no reviewer.
"""

from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from app.answers import Actor, Citation, FeedbackReason
from app.api.callers import Caller, about
from app.api.numbers import Moment, Whole
from app.api.reading import open_citation
from app.api.recording import origin_of
from app.improve.reviewing import TakenOver
from app.improve.sharing import at_the_button, became
from app.library.approving import MOST_ANSWER, MOST_OWNER, MOST_QUESTION
from app.product import Product
from app.shapes import moment, shape_review, shape_review_in_list
from app.store.audit_words import Action, ObjectKind, Result
from app.store.errors import NotFoundError
from app.store.feedback import RecordedFeedback
from app.store.shared_turns import Standing, Wanted


class Narrowed(BaseModel):
    """Which reviews are wanted; what is left out does not narrow."""

    model_config = ConfigDict(extra="forbid")

    state: Literal["open", "settled", "all"] = "open"
    reason: FeedbackReason | None = None
    rating: Literal["good", "bad"] | None = None
    before: Moment | None = Field(default=None, description="Seconds since 1970: for paging back.")
    limit: int = Field(default=50, ge=1, le=500)

    def wanted(self) -> Wanted:
        """Return the same for the store."""
        return Wanted(
            reason=self.reason,
            liked=None if self.rating is None else self.rating == "good",
            settled=None if self.state == "all" else self.state == "settled",
            before=self.before,
        )


class Verified(BaseModel):
    """A verified answer that comes of a review."""

    collection_id: str
    question: str = Field(max_length=MOST_QUESTION)
    answer: str = Field(max_length=MOST_ANSWER)
    owner: str = Field(max_length=MOST_OWNER)
    until: date = Field(description="The last day on which it holds.")


class Settled(BaseModel):
    """That a review is done, what whoever rated is told, and the verified answer that came of it, if one did."""

    note: str = Field(default="", max_length=2000)
    verified: Verified | None = None


def router(product: Product) -> APIRouter:
    """Return the routes."""
    routes = APIRouter(prefix="/api", tags=["reviews"])
    shared = product.feedback.shared

    @routes.get("/ratings", summary="What you rated, whether it is shared, and what became of it")
    def ratings(actor: Caller) -> dict[str, Any]:
        settings = product.settings
        told = at_the_button(share_rated=settings.share_rated, sign_in=settings.sign_in)
        standings = shared.of(actor)
        given = product.feedback.list(actor)
        listed = [shape_rating(one, standings.get(one.answer.answer_id), sign_in=settings.sign_in) for one in given]
        return {"told": told, "ratings": listed}

    @routes.get("/reviews", summary="Rated answers that were shared with you as a reviewer, the newest first")
    def listed(actor: Caller, only: Annotated[Narrowed, Query()]) -> dict[str, Any]:
        found = shared.queue(actor, only.wanted(), limit=only.limit)
        good, bad = shared.counts(actor)
        before = found[-1].shared if len(found) == only.limit else None
        return {
            "reviews": list(map(shape_review_in_list, found)),
            "before": before,
            "counts": {"good": good, "bad": bad},
        }

    _add_one(routes, product)
    return routes


def _add_one(routes: APIRouter, product: Product) -> None:
    """Add what is done with one review."""
    shared = product.feedback.shared

    @routes.get("/reviews/{review_id}", summary="One rated answer: all that was shared of it")
    def one(actor: Caller, review_id: str) -> dict[str, Any]:
        return shape_review(shared.get(actor, review_id), product.collections.list(actor))

    @routes.get("/reviews/{review_id}/sources/{n}", summary="A source of a rated answer in its document")
    def source(actor: Caller, review_id: str, n: Whole) -> dict[str, Any]:
        return opened(product, actor, review_id, n)

    @routes.post("/reviews/{review_id}", summary="Settle it with a note, or by approving a verified answer")
    def settle(actor: Caller, review_id: str, wanted: Settled, request: Request) -> dict[str, Any]:
        if wanted.verified is None:
            shared.settle(actor, review_id, note=wanted.note)
        else:
            over = TakenOver(**wanted.verified.model_dump())
            for _ in product.reviewing.take_over(actor, review_id, over, note=wanted.note):
                pass
            # The settling is recorded as every request is; whoever looks for approvals finds this one, too.
            done = (Action.ANSWER_VERIFIED, ObjectKind.COLLECTION, over.collection_id, Result.DONE)
            product.audit.record(actor, *done, origin_of(request.scope))
        about(request, review_id)
        return shape_review(shared.get(actor, review_id), product.collections.list(actor))


def opened(product: Product, actor: Actor, review_id: str, n: int) -> dict[str, Any]:
    """Return a source of a review at its sentence, as far as the reviewer may read it."""
    for source in product.feedback.shared.get(actor, review_id).turn.sources:
        if source.n == n:
            fields = {name: getattr(source, name) for name in source.__slots__}
            return open_citation(product, actor, Citation(**fields))
    raise NotFoundError


def shape_rating(given: RecordedFeedback, standing: Standing | None, *, sign_in: bool) -> dict[str, Any]:
    """Return a rating as whoever gave it sees it."""
    settled = moment(standing.settled) if standing and standing.settled else None
    return {
        "answer_id": given.answer.answer_id,
        "question": given.answer.question,
        "rating": "good" if given.feedback.liked else "bad",
        "reasons": list(given.feedback.reasons),
        "comment": given.feedback.comment,
        "correction": given.feedback.correction,
        "rated": given.recorded.isoformat(),
        "shared": standing is not None,
        "settled": settled,
        "note": standing.note if standing else "",
        "sentence": became(standing, sign_in=sign_in),
    }
