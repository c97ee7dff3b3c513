"""/v1/models and /v1/chat/completions: OpenAI's shapes over `Assistant.ask`.

What OpenAI's shape has no place for stands in the field `inhouse`: collections in, citations and claims out.
"""

import asyncio
import json
import threading
import time
import uuid
from collections.abc import AsyncIterator, Iterator
from itertools import chain
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response, StreamingResponse
from starlette.concurrency import iterate_in_threadpool

from app.answers import Actor, Answer, Delta, Event, Progress, Question
from app.api.callers import Caller, through
from app.api.document import streams
from app.api.errors import BadRequestError, error_object, shape
from app.api.wanted import MODEL, Completion, turns_of
from app.errors import AppError
from app.product import Product
from app.shapes import shape_answer

ASSISTANT = {"id": MODEL, "object": "model", "created": 0, "owned_by": "inhouse"}
FAILED = 503
"""The status of an answer that failed: what the asker could mend is refused before it begins."""


class UnknownModelError(AppError):
    """There is no model of this name here. The assistant's name is inhouse."""

    status = 404


def router(product: Product) -> APIRouter:
    """Return the routes."""
    routes = APIRouter(prefix="/v1", tags=["OpenAI"])

    @routes.get("/models", summary="The assistant, as a model")
    def models(_actor: Caller) -> dict[str, Any]:
        return {"object": "list", "data": [ASSISTANT]}

    @routes.get("/models/{name}", summary="The same by its name")
    def model(_actor: Caller, name: str) -> dict[str, Any]:
        if name not in {MODEL, product.serving.name}:
            raise UnknownModelError
        return ASSISTANT

    @routes.post(
        "/chat/completions",
        summary="Answer a question from the documents",
        responses=streams("text/event-stream", meaning="The answer, whole or in pieces.", as_json=True),
    )
    async def complete(actor: Caller, wanted: Completion, request: Request) -> Response:
        question = question_of(product, actor, wanted)
        stop = product.people.stops.add(threading.Event(), actor.user_id, through(request))
        loading = asyncio.to_thread(product.assistant)
        events = product.limits.counted(actor, (await loading).ask(actor, question, stop=stop))
        first = await asyncio.to_thread(next, events)
        if wanted.stream:
            lines = stream(first, events, usage=wanted.stream_options.include_usage)
            return StreamingResponse(ended_with(lines, stop), media_type="text/event-stream")
        return await whole(events, request, stop)

    return routes


def question_of(product: Product, actor: Actor, wanted: Completion) -> Question:
    """Return the question of a request: its last message, with the earlier ones as history.

    Raises:
        BadRequestError: the last message is not the user's, or another model is named.
    """
    if wanted.model not in {MODEL, product.serving.name}:
        raise BadRequestError(f"There is no model of this name here. The assistant's name is {MODEL}.")
    if wanted.messages[-1].role != "user":
        raise BadRequestError("The last message must be the user's question.")
    ids = tuple(product.collections.by_name(actor, name).collection_id for name in wanted.inhouse.collections)
    history = tuple(turns_of(wanted.messages[:-1]))
    return Question(text=wanted.messages[-1].text, collection_ids=ids, history=history)


async def whole(events: Iterator[Event], request: Request, stop: threading.Event) -> JSONResponse:
    """Return the whole answer, as an error when it failed; a caller who goes away ends it."""
    answer: Answer | None = None
    async for event in iterate_in_threadpool(events):
        if isinstance(event, Answer):
            answer = event
        elif await request.is_disconnected():
            stop.set()
    assert answer is not None  # noqa: S101 - `Assistant.ask` ends with exactly one
    if answer.outcome == "failed":
        return JSONResponse(failure_of(answer), FAILED)
    message = {"role": "assistant", "content": answer.text}
    choice = {"index": 0, "message": message, "finish_reason": finish_reason(answer)}
    whole_answer = {"choices": [choice], "usage": usage_of(answer), "inhouse": shape_answer(answer)}
    return JSONResponse(head("chat.completion") | whole_answer)


def stream(first: Event, events: Iterator[Event], *, usage: bool) -> Iterator[str]:
    """Yield an answer as server-sent events in OpenAI's shape.

    Progress is sent as comments, which clients pass over: it comes several times a second while nothing is written,
    and so lets a caller who has gone away be noticed.
    """
    start = head("chat.completion.chunk")
    try:
        yield chunk(start, {"role": "assistant", "content": ""})
        for event in chain((first,), events):
            if isinstance(event, Delta):
                yield chunk(start, {"content": event.text})
            elif isinstance(event, Progress):
                yield f": {event.stage} {event.done}/{event.total}\n\n"
            elif isinstance(event, Answer) and event.outcome == "failed":
                yield f"data: {json.dumps(failure_of(event), ensure_ascii=False)}\n\n"
            elif isinstance(event, Answer):
                yield from last_chunks(start, event, usage=usage)
    except Exception as error:  # noqa: BLE001 - this is a door; the answer has begun, so the error is an event
        yield f"data: {json.dumps(error_object(error))}\n\n"
    yield "data: [DONE]\n\n"


def last_chunks(start: dict[str, Any], answer: Answer, *, usage: bool) -> Iterator[str]:
    """Yield the chunk that ends an answer, and its usage where it was asked for."""
    yield chunk(start, {}, finish=finish_reason(answer), inhouse=shape_answer(answer))
    if usage:
        yield f"data: {json.dumps(start | {'choices': [], 'usage': usage_of(answer)})}\n\n"


async def ended_with(lines: Iterator[str], stop: threading.Event) -> AsyncIterator[str]:
    """Pass lines on; when nobody listens any more the answer is stopped and its end awaited."""
    try:
        async for line in iterate_in_threadpool(lines):
            yield line
    finally:
        stop.set()
        await asyncio.shield(asyncio.to_thread(_drain, lines))


def _drain(lines: Iterator[str]) -> None:
    for _ in lines:
        pass


def chunk(start: dict[str, Any], delta: dict[str, str], finish: str | None = None, **extension: Any) -> str:
    """Return one server-sent event."""
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return f"data: {json.dumps(start | {'choices': [choice]} | extension, ensure_ascii=False)}\n\n"


def head(kind: str) -> dict[str, Any]:
    """Return what every object of one answer begins with."""
    return {"id": f"chatcmpl-{uuid.uuid4().hex}", "object": kind, "created": int(time.time()), "model": MODEL}


def failure_of(answer: Answer) -> dict[str, Any]:
    """Return the error for an answer that failed, with what there is of it."""
    return shape(FAILED, answer.flags[-1], "answer_failed") | {"inhouse": shape_answer(answer)}


def finish_reason(answer: Answer) -> str:
    """Return OpenAI's word for how an answer ended."""
    return "length" if answer.outcome == "stopped" else "stop"


def usage_of(answer: Answer) -> dict[str, int]:
    """Return what an answer cost."""
    read, written = answer.timings.prompt_tokens, answer.timings.tokens
    return {"prompt_tokens": read, "completion_tokens": written, "total_tokens": read + written}
