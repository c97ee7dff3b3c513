"""The HTTP API: OpenAI's shapes under /v1, our own JSON under /api, and the two health doors.

Who calls was found by the gate; every route hands that actor on. Knows no page.
"""

from fastapi import FastAPI, HTTPException

from app.api import (
    audit,
    checks,
    completions,
    conflicts,
    conversations,
    details,
    embedder,
    embeddings,
    entrance,
    folders,
    grants,
    health,
    knowledge,
    me,
    metrics,
    models,
    notice,
    originals,
    people,
    personal,
    reading,
    rebuilding,
    renewal,
    reviews,
    safekeeping,
    single_sign_on,
    statements,
    verified,
)
from app.api.errors import add_error_answers
from app.product import Product

ANSWERS = (checks, completions, embeddings, conversations, reading, statements, reviews)
KNOWLEDGE = (originals, knowledge, grants, details, conflicts, verified, folders, renewal, rebuilding, embedder)
PEOPLE = (me, notice, people, personal, safekeeping)
METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"]


def add_routes(application: FastAPI, product: Product) -> None:
    """Add every route and the shape of every error to an application."""
    add_error_answers(application)
    for routes in (*ANSWERS, *KNOWLEDGE, *PEOPLE, health, metrics, models, audit):
        application.include_router(routes.router(product))
    if product.settings.sign_in:
        for entrances in (entrance, single_sign_on):
            application.include_router(entrances.router(product))
    for room in ("/v1", "/api"):
        application.add_api_route(room + "/{rest:path}", _nothing, methods=METHODS, include_in_schema=False)


def _nothing(rest: str) -> None:
    """Answer every other address below /v1 and /api, which would otherwise be looked for among the pages."""
    raise HTTPException(404, rest)
