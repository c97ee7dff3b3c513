"""What keeps an installation whole, over JSON: its key, backups while it runs, how long data is kept, what lies open.

The master key leaves only sealed by a passphrase. Whoever replaces it, or puts a backup in the place of what is there,
has to end Inhouse first, so both are commands; so is the copy of people's keys, which an erasure must find on the disk.
"""

from dataclasses import asdict
from datetime import UTC, datetime
from itertools import chain
from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response, StreamingResponse
from pydantic import BaseModel, Field

from app.api.callers import Caller
from app.api.document import streams
from app.api.originals import attachment
from app.api.sending import place, send_once
from app.custody.backing_up import SUFFIX
from app.product import Product
from app.rights import Right, require
from app.security import examine_security
from app.store.keycard import load_card
from app.store.keys import recovery_file
from app.stored_security import examine_stored


class Sealing(BaseModel):
    """What a backup opens with beside the key."""

    passphrase: str = Field(default="", max_length=1000, description="Nothing: the key alone opens it.")


class Passphrase(BaseModel):
    """What a recovery key opens with."""

    passphrase: str = Field(min_length=8, max_length=1000)


def router(product: Product) -> APIRouter:
    """Return the routes; all are for those who look after the installation."""
    routes = APIRouter(prefix="/api", tags=["safekeeping"])
    settings = product.settings

    @routes.get("/safekeeping", summary="Where the key is kept, how long data is kept, and what is left open")
    def told(actor: Caller) -> dict[str, Any]:
        require(actor, Right.OPERATE)
        card = load_card(settings.home)
        generation, rotated = (card.generation, card.rotated) if card else (1, "")
        key = {"source": settings.key_source, "generation": generation, "rotated": rotated}
        kept = [{"kind": kind, "days": days} for kind, days in settings.days.items()]
        found = chain(examine_security(settings), examine_stored(settings, product.people, product.audit))
        findings = [asdict(one) | {"ok": not one.remedy} for one in found]
        return {"home": str(settings.home), "key": key, "retention": kept, "findings": findings}

    @routes.post(
        "/backups",
        summary="A backup of everything but people's keys, made now, as one sealed file",
        response_class=StreamingResponse,
        responses=streams("application/octet-stream"),
    )
    def back_up(actor: Caller, sealing: Sealing) -> StreamingResponse:
        require(actor, Right.OPERATE)
        file = place(settings.home, SUFFIX)
        for _ in product.backups.write(file, passphrase=sealing.passphrase):
            pass  # whoever waits sees that it is being made
        return send_once(file, f"inhouse-{datetime.now(UTC):%Y-%m-%d-%H%M}{SUFFIX}")

    @routes.post(
        "/recovery-key",
        summary="The recovery key, sealed by a passphrase, as a file",
        response_class=Response,
        responses=streams("application/octet-stream"),
    )
    def recovery_key(actor: Caller, sealing: Passphrase) -> Response:
        require(actor, Right.OPERATE)
        content = recovery_file(settings.home, product.backups.key, sealing.passphrase)
        headers = {"content-disposition": attachment("recovery.inhouse-key")}
        return Response(content, media_type="application/octet-stream", headers=headers)

    return routes
