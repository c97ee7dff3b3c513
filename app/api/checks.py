"""Answers made elsewhere, examined over JSON. Nothing of them is kept."""

from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, Field, StringConstraints

from app.api.callers import Caller
from app.checks.report import check_item
from app.errors import AppError
from app.product import Product
from app.rights import Right, require

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


def router(_product: Product) -> APIRouter:
    """Return the routes."""
    routes = APIRouter(prefix="/api", tags=["checks"])

    @routes.post("/check", summary="Examine an answer made elsewhere")
    def check(actor: Caller, wanted: Check) -> dict[str, Any]:
        require(actor, Right.ASK)
        if sum(map(len, (wanted.question, wanted.answer, *wanted.passages))) > MOST_CHARACTERS:
            raise TooMuchToCheckError
        return check_item(wanted.model_dump(), seconds=SECONDS)

    return routes
