"""Answers made elsewhere, examined over JSON, of which nothing is kept; and how often the product's own were found."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field, StringConstraints

from app.api.callers import Caller
from app.checks.report import check_item
from app.errors import AppError
from app.product import Product
from app.rights import Right, require
from app.store.rates import Rate

MOST_PASSAGES = 200
MOST_CHARACTERS = 300_000
"""Of question, answer and passages together: some 50,000 words."""
SECONDS = 20.0
"""How long one request may keep a core busy; prose of that length takes two."""
LongText = Annotated[str, StringConstraints(max_length=MOST_CHARACTERS)]


class TooMuchToCheckError(AppError):
    """Answer and passages are longer than 300,000 characters together. Send fewer passages, or parts of the answer."""

    status = 413


class Check(BaseModel):
    """An answer and the passages it was given."""

    id: str = ""
    question: LongText = ""
    passages: list[LongText] = Field(max_length=MOST_PASSAGES)
    answer: LongText


def router(product: Product) -> APIRouter:
    """Return the routes."""
    routes = APIRouter(prefix="/api", tags=["checks"])

    @routes.post("/check", summary="Examine an answer made elsewhere")
    def check(actor: Caller, wanted: Check) -> dict[str, Any]:
        require(actor, Right.ASK)
        if sum(map(len, (wanted.question, wanted.answer, *wanted.passages))) > MOST_CHARACTERS:
            raise TooMuchToCheckError
        return check_item(wanted.model_dump(), seconds=SECONDS, embed=product.embedder().embed_documents)

    @routes.get("/checks/rates", summary="How often which verdict was given, by day, collection and model")
    def rates(actor: Caller, days: Annotated[int, Query(ge=1, le=3660)] = 30) -> dict[str, Any]:
        names = {one.collection_id: one.name for one in product.collections.all_curated(actor)}
        first = datetime.now(UTC).date() - timedelta(days=days - 1)
        return {
            "from": first.isoformat(),
            "rates": [shape_rate(one, names) for one in product.rates.since(first, names)],
        }

    return routes


def shape_rate(rate: Rate, names: Mapping[str, str]) -> dict[str, Any]:
    """Return how many statements got which verdict on a day; `names` of collections by their ids."""
    told = {"day": rate.day.isoformat(), "collection": names[rate.collection_id], "model": rate.model}
    return told | {"statements": rate.examined, "verdicts": dict(rate.counts)}
