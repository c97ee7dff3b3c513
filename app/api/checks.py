"""Answers made elsewhere, examined over JSON. Nothing of them is kept."""

from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, Field, StringConstraints

from app.api.callers import Caller
from app.checks.report import check_item
from app.product import Product

MOST_PASSAGES = 200
MOST_CHARACTERS = 500_000
"""Of the answer and of each passage: some 80,000 words."""
LongText = Annotated[str, StringConstraints(max_length=MOST_CHARACTERS)]


class Check(BaseModel):
    """An answer and the passages it was given."""

    id: str = ""
    question: LongText = ""
    passages: list[LongText] = Field(max_length=MOST_PASSAGES)
    answer: LongText


def router(_product: Product) -> APIRouter:
    """Return the routes."""
    routes = APIRouter(prefix="/api", tags=["checks"])

    @routes.post("/check", summary="Examine an answer made elsewhere")
    def check(_actor: Caller, wanted: Check) -> dict[str, Any]:
        return check_item(wanted.model_dump())

    return routes
