"""What keeps an installation whole, over JSON: its key, backups while it runs, how long data is kept, what lies open.

The master key leaves only sealed by a passphrase. It is replaced while nothing is open, so a page can only ask the next
start to do it. Putting a backup in the place of what is there stays a command, and so does the copy of people's keys,
which an erasure must find on the disk.
"""

from dataclasses import asdict
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response, StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from app.api.callers import Caller
from app.api.document import streams
from app.api.originals import attachment
from app.api.sending import place, send_once
from app.custody import asked_rotation
from app.custody.asked_rotation import BY_ITSELF
from app.custody.backing_up import SUFFIX
from app.privacy_notice import record
from app.product import Product
from app.rights import Right, require
from app.security import examine_security
from app.settings import SettingsError, load_settings, write_setting
from app.shapes import moment
from app.store.keycard import load_card
from app.store.keys import recovery_file
from app.stored_security import examine_stored


class Sealing(BaseModel):
    """What a backup opens with beside the key."""

    passphrase: str = Field(default="", max_length=1000, description="Nothing: the key alone opens it.")


class Passphrase(BaseModel):
    """What a recovery key opens with."""

    passphrase: str = Field(min_length=8, max_length=1000)


class Days(BaseModel):
    """For how many days each kind of data is kept; null: for ever. What is left out stays."""

    model_config = ConfigDict(extra="forbid")

    conversations: int | None = Field(default=None, ge=1, le=36_600)
    feedback: int | None = Field(default=None, ge=1, le=36_600)
    audit: int | None = Field(default=None, ge=30, le=36_600)


def router(product: Product) -> APIRouter:
    """Return the routes; all are for those who look after the installation."""
    routes = APIRouter(prefix="/api", tags=["safekeeping"])
    settings = product.settings

    @routes.get("/safekeeping", summary="Where the key is kept, how long data is kept, and what is left open")
    def told(actor: Caller) -> dict[str, Any]:
        require(actor, Right.OPERATE)
        card = load_card(settings.home)
        generation, rotated = (card.generation, card.rotated) if card else (1, "")
        key: dict[str, Any] = {"source": settings.key_source, "generation": generation, "rotated": rotated}
        following = written_days(settings.home)
        kept = [
            {"kind": kind, "days": days, "from_next_start": following.get(kind, days)}
            for kind, days in settings.days.items()
        ]
        wanted = asked_rotation.asked(settings.home)
        key |= {"asked": moment(wanted.at) if wanted else None, "by_itself": settings.key_source in BY_ITSELF}
        found = chain(examine_security(settings), examine_stored(settings, product.people, product.audit))
        findings = [asdict(one) | {"ok": not one.remedy} for one in found]
        return {"home": str(settings.home), "key": key, "retention": kept, "findings": findings}

    @routes.get("/processing", summary="The record of processing, for the data-protection officer")
    def processing(actor: Caller) -> dict[str, str]:
        require(actor, Right.OPERATE)
        now = record(settings)
        return {"version": now.version, "text": now.text}

    _add_copies(routes, product)
    _add_rotation(routes, product)
    return routes


def _add_copies(routes: APIRouter, product: Product) -> None:
    """Add what is carried away from here: backups, and the recovery key."""
    settings = product.settings

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


def _add_rotation(routes: APIRouter, product: Product) -> None:
    """Add what the next start is to do otherwise."""
    settings = product.settings

    @routes.put("/retention", summary="How long each kind of data is kept from the next start on")
    def keep(actor: Caller, wanted: Days) -> dict[str, int | None]:
        require(actor, Right.OPERATE)
        for kind, days in wanted.model_dump(exclude_unset=True).items():
            write_setting(settings.home, f"keep_{kind}_days", days)
        return written_days(settings.home)

    @routes.post("/rotation", status_code=202, summary="Replace the master key at the next start")
    def rotate(actor: Caller) -> dict[str, str]:
        require(actor, Right.OPERATE)
        return {"asked": moment(asked_rotation.ask(settings.home, source=settings.key_source).at)}

    @routes.delete("/rotation", status_code=204, summary="Do not replace it after all")
    def leave(actor: Caller) -> Response:
        require(actor, Right.OPERATE)
        asked_rotation.cancel(settings.home)
        return Response(status_code=204)


def written_days(home: Path) -> dict[str, int | None]:
    """Return how long each kind will be kept after the next start; empty where the settings cannot be read."""
    try:
        return load_settings(home=home).days
    except SettingsError:
        return {}
