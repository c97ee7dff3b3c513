"""What is kept about a person, over JSON: taken out as a file, erased, or held by a legal hold.

Everybody takes out and erases what is their own; what an administrator takes out for somebody is sealed, and only that
person is shown the passphrase, and can have it opened here: in memory, so that nothing readable is written.
"""

import asyncio
from typing import Annotated, Any
from urllib.parse import unquote

from fastapi import APIRouter, Header, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

from app.answers import Actor
from app.api.callers import Caller, about
from app.api.document import body, streams
from app.api.knowledge import read_file
from app.api.originals import attachment
from app.api.sending import place, send_once
from app.custody.erasing import erase_person
from app.product import Product
from app.rights import Right, require
from app.shapes import moment
from app.store.errors import NotFoundError
from app.store.exports import SUFFIX, SomebodyElsesExportError
from app.store.holds import EVERYBODY


class Sure(BaseModel):
    """The name of whoever is to be erased, typed once more."""

    name: str


class Reason(BaseModel):
    """A legal hold: on whom and why."""

    user_id: str = Field(default="", description="Nothing: everybody.")
    reason: str = Field(min_length=1, max_length=500)


Passphrase = Annotated[
    str, Header(max_length=1000, description="Its passphrase; other signs than ASCII's as in an address (%C3%A9).")
]
"""In a header, for the body is the file; an address would be logged by whoever stands between."""


def router(product: Product) -> APIRouter:
    """Return the routes."""
    routes = APIRouter(prefix="/api", tags=["people"])
    _add_own(routes, product)
    _add_others(routes, product)
    _add_holds(routes, product)
    return routes


def _add_own(routes: APIRouter, product: Product) -> None:
    """Add what everybody does with what is theirs."""

    @routes.get(
        "/me/export",
        summary="Everything that is kept about you, as a ZIP file with JSON and a page to read",
        response_class=StreamingResponse,
        responses=streams("application/zip"),
    )
    def export(actor: Caller) -> StreamingResponse:
        headers = {"content-disposition": attachment("inhouse-export.zip")}
        return StreamingResponse(product.person_export.pieces(actor), media_type="application/zip", headers=headers)

    @routes.get("/me/exports", summary="Exports that administrators made for you, with their passphrases")
    def exports(actor: Caller) -> list[dict[str, Any]]:
        held = product.exports.of(actor)
        return [
            {"made": moment(one.made), "file": one.file, "passphrase": product.exports.passphrase(actor, one.export_id)}
            for one in held
        ]

    @routes.post(
        "/me/exports/open",
        summary="Open a sealed export that was made for you: the body is the file",
        response_class=Response,
        responses=streams("application/zip"),
        openapi_extra=body(),
    )
    async def open_export(actor: Caller, request: Request, inhouse_passphrase: Passphrase = "") -> Response:
        if not await asyncio.to_thread(product.exports.of, actor):
            raise SomebodyElsesExportError  # before anything is read
        content = await read_file(request, megabytes=product.settings.upload_megabytes)
        typed = unquote(inhouse_passphrase).strip()
        opened = await asyncio.to_thread(product.exports.open, actor, content, typed)
        headers = {"content-disposition": attachment("inhouse-export.zip")}
        return Response(opened, media_type="application/zip", headers=headers)

    @routes.post("/me/erase", summary="Erase yourself and everything of yours, for ever")
    def erase(actor: Caller, sure: Sure) -> dict[str, Any]:
        return _erased(product, actor, actor, sure)


def _add_others(routes: APIRouter, product: Product) -> None:
    """Add what administrators do for somebody else."""

    @routes.post(
        "/people/{user_id}/export",
        summary="Everything about a person, sealed: only they see the passphrase",
        response_class=StreamingResponse,
        responses=streams("application/octet-stream"),
    )
    def export(actor: Caller, user_id: str) -> StreamingResponse:
        require(actor, Right.PEOPLE)
        person = product.people.accounts.get(user_id).actor
        file = place(product.settings.home, SUFFIX)
        product.exports.seal(actor, person.user_id, file, product.person_export.pieces(person))
        return send_once(file)

    @routes.post("/people/{user_id}/erase", summary="Erase a person for ever; returns the signed receipt")
    def erase(actor: Caller, user_id: str, sure: Sure) -> dict[str, Any]:
        require(actor, Right.PEOPLE)
        return _erased(product, actor, product.people.accounts.get(user_id).actor, sure)

    @routes.get("/erasures", summary="The receipts of erasures, the newest first")
    def receipts(actor: Caller) -> list[dict[str, Any]]:
        return product.erasure.receipts(actor)

    @routes.post("/erasures/verify", summary="Whether a receipt is one of this installation's, unchanged")
    def verify(actor: Caller, receipt: dict[str, Any]) -> dict[str, Any]:
        require(actor, Right.PEOPLE)
        product.erasure.signer.verify(receipt)
        return {"valid": True, "sentence": "This installation signed the receipt, and nobody changed it."}


def _add_holds(routes: APIRouter, product: Product) -> None:
    """Add how legal holds are put and released."""

    @routes.get("/holds", summary="The legal holds, in force or released")
    def holds(actor: Caller) -> list[dict[str, Any]]:
        held = product.holds.listed(actor)
        names = product.people.accounts.names({one.user_id for one in held})
        return [
            {
                "hold_id": one.hold_id,
                "name": "everybody" if one.user_id == EVERYBODY else names.get(one.user_id, one.user_id),
                "reason": one.reason,
                "since": moment(one.set_at),
                "released": moment(one.released_at) if one.released_at else None,
            }
            for one in held
        ]

    @routes.post("/holds", status_code=201, summary="Put a legal hold: nothing of the person is deleted until released")
    def put(actor: Caller, wanted: Reason, request: Request) -> dict[str, str]:
        require(actor, Right.PEOPLE)
        user_id = product.people.accounts.get(wanted.user_id).user_id if wanted.user_id else EVERYBODY
        made = product.holds.put(actor, user_id, reason=wanted.reason)
        about(request, user_id)
        return {"hold_id": made.hold_id}

    @routes.delete("/holds/{hold_id}", status_code=204, summary="Release a legal hold; it stays in the list")
    def release(actor: Caller, hold_id: str) -> Response:
        require(actor, Right.PEOPLE)
        product.holds.release(actor, hold_id)
        return Response(status_code=204)


def _erased(product: Product, actor: Actor, person: Actor, sure: Sure) -> dict[str, Any]:
    """Erase a person whose name was typed once more."""
    if sure.name != person.name:
        raise NotFoundError("This is not the name of the account. Nothing was erased.")
    return erase_person(
        actor, person, people=product.people, holds=product.holds, erasure=product.erasure, audit=product.audit
    )
