"""The audit log over JSON: rows, narrowed, paged or all of them, what proves them, and what is unusual in them."""

import json
import time
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from app.api.callers import Caller
from app.api.document import streams
from app.api.numbers import Moment, Whole
from app.api.originals import attachment
from app.observe.alerts import HOUR, alerts
from app.observe.proof import proof_of, signed_end
from app.product import Product
from app.rights import Right, require
from app.shapes import shape_row
from app.store.audit import Audit, Only
from app.store.audit_chain import AuditRow
from app.store.audit_words import Action, Result

DAYS = 24 * HOUR


NotedHead = Annotated[str, Field(pattern=r"^\d{1,15}:[0-9a-f]{64}$", description="A noted head, NUMBER:HASH.")]
NONE_NOTED: list[str] = []


class Narrowed(BaseModel):
    """Which rows are wanted; what is left out does not narrow."""

    model_config = ConfigDict(extra="forbid")

    since: Moment | None = Field(default=None, description="Seconds since 1970.")
    until: Moment | None = Field(default=None, description="Seconds since 1970; not part of it.")
    action: list[Action] = []
    result: list[Result] = []
    person: str = Field(default="", description="A user id, or a pseudonym from the log.")
    before: Whole | None = Field(default=None, description="Only rows with a smaller number: for paging back.")

    def only(self) -> Only:
        """Return the same for the store."""
        return Only(
            since=self.since,
            until=self.until,
            actions=tuple(self.action),
            results=tuple(self.result),
            person=self.person,
            before=self.before,
        )


class Wanted(Narrowed):
    """The same, and how many together."""

    limit: int = Field(default=100, ge=1, le=1_000)


def router(product: Product) -> APIRouter:
    """Return the routes."""
    routes = APIRouter(prefix="/api/audit", tags=["audit"])

    @routes.get("", summary="Who did what, the newest first")
    def rows(actor: Caller, wanted: Annotated[Wanted, Query()]) -> dict[str, Any]:
        held = product.audit.read(actor, wanted.only(), limit=wanted.limit)
        people = product.audit.people()
        found = [shape_row(row, product.audit.address(row, people)) for row in held]
        return {"rows": found, "before": found[-1]["number"] if len(found) == wanted.limit else None}

    @routes.get("/proof", summary="Whether the log is whole and signed, and its head, to be noted elsewhere")
    def proof(actor: Caller, head: Annotated[list[NotedHead], Query()] = NONE_NOTED) -> dict[str, Any]:
        require(actor, Right.AUDIT)
        noted = {int(number): bytes.fromhex(hashed) for number, _, hashed in (one.partition(":") for one in head)}
        return proof_of(product.audit, noted=noted)

    @routes.get(
        "/export",
        summary="Its rows as JSON lines, the newest first, and last the signed head",
        response_class=StreamingResponse,
        responses=streams("application/x-ndjson"),
    )
    def exported(actor: Caller, wanted: Annotated[Narrowed, Query()]) -> StreamingResponse:
        headers = {"content-disposition": attachment("audit.jsonl")}
        written = lines(product.audit, product.audit.read(actor, wanted.only()))
        return StreamingResponse(written, media_type="application/x-ndjson", headers=headers)

    @routes.get("/alerts", summary="What was unusual of late")
    def unusual(actor: Caller, days: Annotated[float, Query(gt=0, le=366)] = 7) -> list[dict[str, Any]]:
        recent = Only(since=time.time() - days * DAYS)
        return [asdict(alert) for alert in alerts(product.audit.read(actor, recent))]

    return routes


def lines(audit: Audit, rows: Iterable[AuditRow]) -> Iterator[bytes]:
    """Yield rows as lines of JSON and last what proves them; what `inhouse audit export` prints."""
    people = audit.people()
    for row in rows:
        yield json.dumps(shape_row(row, audit.address(row, people)), default=str).encode() + b"\n"
    yield json.dumps(signed_end(audit)).encode() + b"\n"
