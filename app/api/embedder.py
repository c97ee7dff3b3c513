"""The embedding model over JSON: which one is used, which are here, and making the index anew with another one.

One change at a time, in a thread of its own that any number of pages may watch; the old index serves until the new one
is complete.
"""

import threading
from contextlib import closing
from typing import Any, Literal

from fastapi import APIRouter
from pydantic import BaseModel

from app.api.callers import Caller
from app.api.work import Report, Work
from app.errors import AppError
from app.product import Product
from app.rights import Right, require
from models.embedders import embedders
from models.errors import UnknownModelError


class UsedAlreadyError(AppError):
    """This embedding model is used already. Nothing was changed."""

    status = 409


class NotChangingError(AppError):
    """The index is not being made anew, so there is nothing to pause, to go on with or to cancel."""

    status = 409


class ChangeCancelledError(AppError):
    """Cancelled. The index and the embedding model are what they were."""

    status = 409


class Chosen(BaseModel):
    """An embedding model to search with from now on."""

    model: str


class Wanted(BaseModel):
    """What shall become of the change."""

    state: Literal["running", "paused", "cancelled"]


class _Change:
    """The change that is being made, or was made last."""

    def __init__(self) -> None:
        self.work = Work()
        self.rests, self.ends = threading.Event(), threading.Event()

    def begin(self, product: Product, name: str) -> dict[str, Any]:
        """Begin a change, from its first document on."""
        if not self.running:
            self.rests.clear()
            self.ends.clear()
        return self.work.begin("embed", name, lambda report: self._made(product, name, report))

    def _made(self, product: Product, name: str, report: Report) -> str:
        """Make the change; return the sentence that says that it is done.

        Raises:
            ChangeCancelledError: somebody wanted it to end.
        """
        with closing(product.change_over(name, rests=lambda: self.rests.is_set() and not self.ends.is_set())) as events:
            for event in events:
                if self.ends.is_set():
                    raise ChangeCancelledError
                report.show(event.done, event.total)
        return f"The index was made anew with {name}, and everything is searched with it."

    def become(self, state: str) -> None:
        """Let it rest, go on or end.

        Raises:
            NotChangingError: there is none.
        """
        if not self.running:
            raise NotChangingError
        if state == "cancelled":
            self.ends.set()
        elif state == "paused":
            self.rests.set()
        else:
            self.rests.clear()

    @property
    def running(self) -> bool:
        """Whether it has not ended."""
        told = self.work.state
        return told is not None and told["state"] == "running"


def router(product: Product) -> APIRouter:
    """Return the routes."""
    routes = APIRouter(prefix="/api/embedder", tags=["knowledge"])
    change = _Change()

    def told() -> dict[str, Any]:
        paused = change.running and change.rests.is_set()
        here = embedders(directory=product.settings.weights)
        return {"used": product.change_over.used, "here": here, "work": change.work.state, "paused": paused}

    @routes.get("", summary="The embedding model that is used, those that are here, and how far a change is")
    def embedder(_actor: Caller) -> dict[str, Any]:
        return told()

    @routes.post("", status_code=202, summary="Make the index anew with another one; the old one serves meanwhile")
    def begin(actor: Caller, chosen: Chosen) -> dict[str, Any]:
        require(actor, Right.GOVERN)
        if chosen.model not in embedders(directory=product.settings.weights):
            raise UnknownModelError("There is no such embedding model on the machine Inhouse runs on.")
        if chosen.model == product.change_over.used:
            raise UsedAlreadyError
        change.begin(product, chosen.model)
        return told()

    @routes.patch("", summary="Pause the change, go on with it, or cancel it")
    def become(actor: Caller, wanted: Wanted) -> dict[str, Any]:
        require(actor, Right.GOVERN)
        change.become(wanted.state)
        return told()

    return routes
