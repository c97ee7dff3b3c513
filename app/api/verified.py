"""Verified answers of a collection over JSON: list, approve. One is removed as the document it is."""

from datetime import date
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, Field

from app.answers import Actor
from app.api.callers import Caller
from app.library.approving import MOST_ANSWER, MOST_OWNER, MOST_QUESTION, answer_in, approve
from app.product import Product
from app.shapes import shape_approved, shape_report
from retrieval.documents import FOUND
from retrieval.ingest import IngestReport


class Approved(BaseModel):
    """What a verified answer is made of."""

    question: str = Field(max_length=MOST_QUESTION)
    answer: str = Field(max_length=MOST_ANSWER)
    owner: str = Field(max_length=MOST_OWNER)
    until: date = Field(description="The last day on which it holds.")


def router(product: Product) -> APIRouter:
    """Return the routes."""
    routes = APIRouter(prefix="/api/collections/{collection_id}/verified", tags=["knowledge"])

    @routes.get("", summary="Its verified answers, the first to expire first")
    def listed(actor: Caller, collection_id: str) -> list[dict[str, Any]]:
        curates = product.collections.may_curate(actor, collection_id)
        return [one for one in list_verified(product, actor, collection_id) if curates or one["state"] in FOUND]

    @routes.put("", summary="Approve an answer; one to the same question takes the other's place")
    def add(actor: Caller, collection_id: str, wanted: Approved) -> dict[str, Any]:
        product.collections.curated(actor, collection_id)
        *_, report = approve(
            actor, collection_id, **wanted.model_dump(), knowledge=product.knowledge, verified=product.verified
        )
        assert isinstance(report, IngestReport)  # noqa: S101 - learning ends with exactly one
        return shape_report(report)

    return routes


def list_verified(product: Product, actor: Actor, collection_id: str) -> list[dict[str, Any]]:
    """Return the verified answers of a collection the actor may read, those that expire first, first."""
    held = product.chunks.heads(product.collections.get(actor, collection_id).collection_id)
    heads = {head.name: head for head in sorted(held, key=lambda head: head.is_found)}  # what is found wins
    found = []
    for one in product.verified.of(collection_id):
        head = heads.get(one.name)
        document = product.chunks.document(head.document_id) if head else None
        if head and document:
            found.append(
                shape_approved(one)
                | {"document_id": head.document_id, "state": head.state, "answer": answer_in(document[1].text)}
            )
    return found
