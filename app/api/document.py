"""What the OpenAPI document says of every route: how it is refused, what it answers that is no JSON, who may call.

Knows shapes only. `tests/app/test_openapi.py` holds the document against the answers of a running product.
"""

from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel

from app.api.fields import name_fields

Answers = dict[int | str, dict[str, Any]]
BYTES = {"schema": {"type": "string", "format": "binary"}}
EVENTS = {"schema": {"type": "object", "properties": {"data": {"type": "string"}}}}
"""One event of a stream: readers of the document know no stream as a whole."""
TOKEN, SESSION = "token", "session"
OPEN = frozenset({"/healthz", "/readyz"})
"""Answered to anybody."""


class Fault(BaseModel):
    """What went wrong: a sentence for a person, and a kind and a code for a program."""

    message: str
    type: str
    code: str


class Refused(BaseModel):
    """The shape of every answer that is a refusal or a failure."""

    error: Fault


def refusals() -> Answers:
    """Return what every route may answer instead."""
    told: dict[int | str, str] = {
        400: "The request cannot be understood.",
        401: "Nobody has signed in, or the token is not valid.",
        403: "Whoever calls may not do this.",
        404: "There is no such thing, or it is somebody else's.",
        422: "A field cannot be used; the sentence names it.",
        429: "Too often: the sentence says when to come back.",
        "4XX": "It cannot be done as asked.",
        "5XX": "Inhouse could not do it; nothing was lost.",
    }
    return {status: {"model": Refused, "description": meaning} for status, meaning in told.items()}


def streams(*kinds: str, meaning: str = "The file.", as_json: bool = False) -> Answers:
    """Return the answer of a route whose answer is no JSON, or not always.

    Args:
        kinds: media types.
        meaning: what it is.
        as_json: whether some callers get JSON.
    """
    content: dict[str, Any] = {kind: EVENTS if kind == "text/event-stream" else BYTES for kind in kinds}
    if as_json:
        content["application/json"] = {"schema": {"type": "object", "additionalProperties": True}}
    return {200: {"description": meaning, "content": content}}


def body(kind: str = "application/octet-stream") -> dict[str, Any]:
    """Return what a route says of a body that is a file."""
    return {"requestBody": {"required": True, "content": {kind: BYTES}}}


def tell_callers(application: FastAPI) -> None:
    """Let the document name the fields of answers, and say how a caller is known, which the gate does."""
    made = application.openapi

    def told() -> dict[str, Any]:
        document = made()
        if "security" in document:
            return document  # it is kept
        document.setdefault("components", {})["securitySchemes"] = {
            TOKEN: {"type": "http", "scheme": "bearer"},
            SESSION: {"type": "apiKey", "in": "cookie", "name": "inhouse_session"},
        }
        document["security"] = [{TOKEN: []}, {SESSION: []}]
        name_fields(document)
        for path in OPEN & document["paths"].keys():
            for operation in document["paths"][path].values():
                operation["security"] = []
        return document

    application.openapi = told  # type: ignore[method-assign]
