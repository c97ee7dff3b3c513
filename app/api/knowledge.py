"""Collections and their documents over JSON: create, list, upload, release from quarantine, remove.

An upload is the raw body of a PUT, kept in memory: nothing readable ever passes through a temporary file. Its
answer is a line of JSON for each step and a last one with what came of it; who accepts `application/json` gets one
object at the end, and a file that cannot be read is then an error with its status.
"""

import asyncio
import json
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any, Literal

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse, StreamingResponse
from pydantic import BaseModel, Field

from app.answers import Actor, Collection, Policy
from app.api.callers import Caller, about
from app.api.document import body, streams
from app.api.errors import BadRequestError, TooLargeError, error_object
from app.api.originals import attachment, readable
from app.details import listed
from app.library.exporting import export
from app.library.knowledge import NotWaitingError
from app.product import Product
from app.readers import readers_of
from app.shapes import shape_qualities, shape_report
from app.store.errors import NotFoundError
from retrieval.errors import UnreadableDocumentError
from retrieval.ingest import IngestReport
from retrieval.sources import bytes_source

MEGABYTE = 1_000_000
LONGEST_NAME = 255


class NewCollection(BaseModel):
    """What a collection is made of."""

    name: str
    description: str = ""


class Described(BaseModel):
    """What is said of a collection; what is left out stays."""

    name: str | None = None
    description: str | None = None
    owner: str | None = Field(default=None, max_length=200)
    review_on: date | Literal[""] | None = Field(default=None, description='"" takes the date away.')
    on_unsupported: Policy | None = Field(default=None, description="What follows when a statement is not found.")
    double_check: bool | None = Field(default=None, description="Ask the question of every answer again.")


def router(product: Product) -> APIRouter:
    """Return the routes."""
    routes = APIRouter(prefix="/api/collections", tags=["knowledge"])
    _add_collections(routes, product)
    _add_uploads(routes, product)
    _add_documents(routes, product)
    return routes


def _add_collections(routes: APIRouter, product: Product) -> None:
    """Add what is done to whole collections."""

    @routes.get("", summary="The collections you may read")
    def collections(actor: Caller) -> list[dict[str, Any]]:
        return [shape_collection(product, actor, one) for one in product.collections.list(actor)]

    @routes.post("", status_code=201, summary="Make a collection")
    def create(actor: Caller, wanted: NewCollection, request: Request) -> dict[str, Any]:
        made = product.collections.create(actor, wanted.name, wanted.description)
        about(request, made.collection_id)
        return shape_collection(product, actor, made)

    @routes.patch("/{collection_id}", summary="Say anew what a collection is, who answers for it, until when it holds")
    def describe(actor: Caller, collection_id: str, wanted: Described) -> dict[str, Any]:
        changed = product.collections.describe(actor, collection_id, **wanted.model_dump())
        return shape_collection(product, actor, changed)

    @routes.get(
        "/{collection_id}/export",
        summary="Its originals and a manifest, as a ZIP file",
        response_class=StreamingResponse,
        responses=streams("application/zip"),
    )
    def exported(actor: Caller, collection_id: str) -> StreamingResponse:
        collection = product.collections.curated(actor, collection_id)
        parts = export(collection, chunks=product.chunks, originals=product.originals, versions=product.versions)
        headers = {"content-disposition": attachment(f"{collection.name}.zip")}
        return StreamingResponse(parts, media_type="application/zip", headers=headers)

    @routes.delete("/{collection_id}", status_code=204, summary="Delete a collection with its documents")
    def delete(actor: Caller, collection_id: str) -> Response:
        product.delete_collection(actor, collection_id)
        return Response(status_code=204)


def _add_uploads(routes: APIRouter, product: Product) -> None:
    """Add how documents come, and what is said of files that could not be read."""

    @routes.put(
        "/{collection_id}/documents",
        summary="Upload a document: the body is the file",
        response_class=StreamingResponse,
        responses=streams("application/x-ndjson", meaning="A line for each step, or the counts.", as_json=True),
        openapi_extra=body(),
    )
    async def upload(actor: Caller, collection_id: str, name: str, request: Request) -> Response:
        product.collections.curated(actor, collection_id)
        checked = check_name(name)
        data = await read_file(request, megabytes=product.settings.upload_megabytes)
        if request.headers.get("accept") == "application/json":
            report = await asyncio.to_thread(learn_whole, product, checked, data, collection_id, actor.user_id)
            return JSONResponse(report)
        lines = learn(product, checked, data, collection_id=collection_id, by=actor.user_id)
        return StreamingResponse(lines, media_type="application/x-ndjson")

    @routes.delete("/{collection_id}/problems", status_code=204, summary="Forget a file that could not be read")
    def forget(actor: Caller, collection_id: str, name: str) -> Response:
        product.collections.curated(actor, collection_id)
        product.chunks.clear_problem(collection_id, name)
        return Response(status_code=204)


def _add_documents(routes: APIRouter, product: Product) -> None:
    """Add what is done to the documents of one collection."""

    @routes.get("/{collection_id}/documents", summary="Its documents, and the files that could not be read")
    def documents(actor: Caller, collection_id: str) -> dict[str, Any]:
        product.collections.get(actor, collection_id)
        curates = product.collections.may_curate(actor, collection_id)
        return listed(product.chunks, collection_id, curates=curates)

    @routes.delete("/{collection_id}/documents/{document_id}", status_code=204, summary="Remove a document")
    def remove(actor: Caller, collection_id: str, document_id: str) -> Response:
        product.collections.curated(actor, collection_id)
        check_document(product, actor, collection_id, document_id)
        product.knowledge.forget_document(document_id)
        return Response(status_code=204)

    @routes.post("/{collection_id}/documents/{document_id}/release", summary="Let a document out of quarantine")
    def release(actor: Caller, collection_id: str, document_id: str) -> dict[str, Any]:
        product.collections.curated(actor, collection_id)
        check_document(product, actor, collection_id, document_id)
        if not product.knowledge.release(document_id):
            raise NotWaitingError
        return {"document_id": document_id, "state": "indexed"}


def check_name(name: str) -> str:
    """Return a document's name as it may be kept: relative, `/` between folders.

    Raises:
        BadRequestError: it is empty, too long, or leads elsewhere.
    """
    parts = name.replace("\\", "/").split("/")
    if not name.isprintable() or len(name) > LONGEST_NAME or any(part.strip() in {"", ".", ".."} for part in parts):
        raise BadRequestError("The file's name cannot be used. Give it a plain name of at most 255 characters.")
    return "/".join(parts)


async def read_file(request: Request, *, megabytes: int) -> bytes:
    """Read an upload into memory.

    Raises:
        TooLargeError: it is larger than allowed; the rest is not read.
    """
    limit = megabytes * MEGABYTE
    declared = request.headers.get("content-length", "")
    data = bytearray()
    if not declared.isdigit() or int(declared) <= limit:
        async for part in request.stream():
            data += part
            if len(data) > limit:
                break
        else:
            return bytes(data)
    raise TooLargeError(
        f"The file is larger than the {megabytes} MB allowed here. Split it, or ask for a higher limit."
    )


def learn(product: Product, name: str, data: bytes, *, collection_id: str, by: str) -> Iterator[bytes]:
    """Learn one file, yielding a line of JSON for each step; the last holds the counts and the problem, if any."""
    try:
        for event in product.knowledge.learn([bytes_source(name, data)], collection_id=collection_id, by=by):
            if isinstance(event, IngestReport):
                yield line({"stage": "done", **shape_report(event)})
            else:
                yield line({"stage": "reading" if event.name else "waiting"})
    except Exception as error:  # noqa: BLE001 - this is a door; the answer has begun, so the error is its last line
        yield line({"stage": "failed", **error_object(error)})


def learn_whole(product: Product, name: str, data: bytes, collection_id: str, by: str) -> dict[str, Any]:
    """Learn one file and return the counts.

    Raises:
        UnreadableDocumentError: it cannot be read; the problem is kept, as in a stream.
    """
    *_, report = product.knowledge.learn([bytes_source(name, data)], collection_id=collection_id, by=by)
    assert isinstance(report, IngestReport)  # noqa: S101 - learning ends with exactly one
    if report.problems:
        raise UnreadableDocumentError(report.problems[0][1])
    return shape_report(report)


def check_document(product: Product, actor: Actor, collection_id: str, document_id: str) -> None:
    """Let only documents of collections pass that the actor may read.

    Raises:
        NotFoundError: there is no such document in this collection.
    """
    if readable(product, actor, document_id)[0] != collection_id:
        raise NotFoundError


def line(value: dict[str, Any]) -> bytes:
    """Return a value as one line of JSON."""
    return json.dumps(value, ensure_ascii=False).encode() + b"\n"


def shape_collection(product: Product, actor: Actor, collection: Collection) -> dict[str, Any]:
    """Return a collection as the API shows it; what waits or failed is for those who may change it."""
    curates = product.collections.may_curate(actor, collection.collection_id)
    documents = product.chunks.documents(collection.collection_id)
    documents = [one for one in documents if curates or one.is_found]
    return {
        "collection_id": collection.collection_id,
        "name": collection.name,
        "description": collection.description,
        "owner": collection.owner,
        "review_on": collection.review_on.isoformat() if collection.review_on else None,
        "review_due": is_due(collection),
        "on_unsupported": collection.on_unsupported,
        "double_check": collection.double_check,
        "readers": _readers(product, collection) if curates else [],
        "may_change": curates,
        "documents": len(documents),
        "quarantined": sum(document.state == "quarantined" for document in documents),
        "problems": len(product.chunks.problems(collection.collection_id)) if curates else 0,
        "quality": shape_qualities(documents),
    }


def _readers(product: Product, collection: Collection) -> list[str]:
    sign_in, accounts = product.settings.sign_in, product.people.accounts
    return readers_of(collection.collection_id, collections=product.collections, accounts=accounts, sign_in=sign_in)


def is_due(collection: Collection) -> bool:
    """Whether somebody should have looked through a collection by now."""
    return collection.review_on is not None and collection.review_on <= datetime.now().astimezone().date()
