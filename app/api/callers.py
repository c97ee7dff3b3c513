"""Who calls a route, as the gate found it."""

from typing import TYPE_CHECKING, Annotated

from fastapi import Depends, Request

from app.answers import Actor
from app.errors import AppError

if TYPE_CHECKING:
    from app.identity.people import Bearer


class NobodyError(AppError):
    """This needs the token in run/token of the data directory, or a browser that came through the link."""

    status = 401


def caller(request: Request) -> Actor:
    """Return the actor of a request.

    Raises:
        NobodyError: the gate let the request pass without one.
    """
    actor: Actor | None = request.scope.get("inhouse.actor")
    if actor is None:
        raise NobodyError
    return actor


def session(request: Request) -> str | None:
    """Return the id of the browser session a request belongs to; None for a program."""
    found: str | None = request.scope.get("inhouse.session")
    return found


def through(request: Request) -> str:
    """Return the id of the session or token a request came with; empty for whoever owns the data directory."""
    token: Bearer | None = request.scope.get("inhouse.token")
    return token.token_id if token else session(request) or ""


def about(request: Request, object_id: str) -> None:
    """Tell the audit log what a request is about, where its path does not say."""
    request.scope["inhouse.object"] = object_id


Caller = Annotated[Actor, Depends(caller)]
SessionId = Annotated[str | None, Depends(session)]
