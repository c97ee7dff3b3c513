"""Every error as `{"error": {"message", "type", "code"}}` with one sentence a person can act on."""

import re

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from app.errors import AppError, explain, status_of
from models.errors import ModelError
from retrieval.errors import RetrievalError

KINDS = {401: "authentication_error", 403: "permission_error", 404: "not_found_error", 429: "rate_limit_error"}
SERVER_ERRORS = 500


class BadRequestError(AppError):
    """The request cannot be understood."""

    status = 400


class TooLargeError(AppError):
    """The file is too large."""

    status = 413


def error_object(error: BaseException) -> dict[str, dict[str, str]]:
    """Return an error as the API shows it."""
    return shape(status_of(error), explain(error), _code(type(error).__name__))


def shape(status: int, sentence: str, code: str) -> dict[str, dict[str, str]]:
    """Return the object for a status, a sentence and a code."""
    kind = "server_error" if status >= SERVER_ERRORS else KINDS.get(status, "invalid_request_error")
    return {"error": {"message": sentence, "type": kind, "code": code}}


def add_error_answers(application: FastAPI) -> None:
    """Make an application answer errors in this shape; what is no known error is answered at the gate."""
    for root in (AppError, ModelError, RetrievalError):
        application.add_exception_handler(root, _answer_known)
    application.add_exception_handler(RequestValidationError, _answer_invalid)
    application.add_exception_handler(HTTPException, _answer_http)
    application.add_exception_handler(ValueError, _answer_half_a_character)


def _answer_known(_request: Request, error: Exception) -> JSONResponse:
    return JSONResponse(error_object(error), status_of(error))


def _answer_invalid(_request: Request, error: Exception) -> JSONResponse:
    """Name the first field that is wrong; its value, which may be a question, is not repeated."""
    first = error.errors()[0] if isinstance(error, RequestValidationError) else {"loc": (), "msg": ""}
    if first.get("type") == "json_invalid":
        return JSONResponse(shape(422, "The request's body is not JSON.", "invalid_json"), 422)
    field = ".".join(str(part) for part in first["loc"] if part != "body") or "the request's body"
    reason = str(first["msg"]).removeprefix("Value error, ")
    return JSONResponse(shape(422, f"{field} cannot be used: {reason}.", "invalid_field"), 422)


def _answer_half_a_character(_request: Request, error: Exception) -> JSONResponse:
    """Refuse a text with one of two surrogates, which JSON can spell and nothing can store; all else is our fault."""
    if "surrogates not allowed" not in str(error):
        raise error
    return JSONResponse(shape(422, "A text holds half of a character. Leave it out.", "half_a_character"), 422)


def _answer_http(_request: Request, error: Exception) -> JSONResponse:
    status = error.status_code if isinstance(error, HTTPException) else SERVER_ERRORS
    sentences = {
        400: "The request's body cannot be read as JSON.",
        404: "There is nothing at this address.",
        405: "This address does not take such a request.",
        413: "The request is too large.",
    }
    return JSONResponse(shape(status, sentences.get(status, "The request was refused."), "refused"), status)


def _code(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name.removesuffix("Error")).lower()
