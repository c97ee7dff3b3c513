"""The audit log over JSON: rows, narrowed and paged, and what is unusual in them."""

import time
from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from app.api.callers import Caller
from app.observe.alerts import HOUR, alerts
from app.product import Product
from app.rights import Right, require
from app.shapes import shape_row
from app.store.audit import Only
from app.store.audit_words import Action, Result

DAYS = 24 * HOUR


class Wanted(BaseModel):
    """Which rows are wanted; what is left out does not narrow."""

    model_config = ConfigDict(extra="forbid")

    since: float | None = Field(default=None, description="Seconds since 1970.")
    until: float | None = Field(default=None, description="Seconds since 1970; not part of it.")
    action: list[Action] = []
    result: list[Result] = []
    person: str = Field(default="", description="A user id, or a pseudonym from the log.")
    before: int | None = Field(default=None, description="Only rows with a smaller number: for paging back.")
    limit: int = Field(default=100, ge=1, le=1_000)

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


def router(product: Product) -> APIRouter:
    """Return the routes."""
    routes = APIRouter(prefix="/api/audit", tags=["audit"])

    @routes.get("", summary="Who did what, the newest first")
    def rows(actor: Caller, wanted: Annotated[Wanted, Query()]) -> dict[str, Any]:
        require(actor, Right.AUDIT)
        people = product.audit.people()
        held = product.audit.rows(wanted.only(), limit=wanted.limit)
        found = [shape_row(row, product.audit.address(row, people)) for row in held]
        return {"rows": found, "before": found[-1]["number"] if len(found) == wanted.limit else None}

    @routes.get("/alerts", summary="What was unusual of late")
    def unusual(actor: Caller, days: Annotated[float, Query(gt=0, le=366)] = 7) -> list[dict[str, Any]]:
        require(actor, Right.AUDIT)
        recent = Only(since=time.time() - days * DAYS)
        return [asdict(alert) for alert in alerts(product.audit.rows(recent))]

    return routes
