"""Your own account over JSON: who you are, your password, second factor, sessions, tokens and signing out.

Only for browsers that have signed in: the gate lets no token of a program through to here.
"""

from typing import Any

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from app.answers import ROLES, Actor
from app.api.callers import Caller, SessionId, about
from app.api.entrance import COOKIE
from app.identity import second_factor
from app.identity.sessions import Session
from app.improve.sharing import at_the_button
from app.product import Product
from app.rights import RIGHTS, may
from app.shapes import moment, shape_token
from app.store.api_tokens import Scope
from app.store.errors import NotFoundError


class NewPassword(BaseModel):
    """A change of password."""

    old: str = Field(max_length=1000)
    new: str = Field(max_length=1000)


class Code(BaseModel):
    """What an authenticator app shows."""

    code: str = Field(max_length=20)


class Password(BaseModel):
    """Your password, asked for once more."""

    password: str = Field(max_length=1000)


class NewToken(BaseModel):
    """A token for a program of yours."""

    name: str
    scopes: list[Scope] = Field(default=["ask"], description="ask: ask and read; manage: all you may.")
    days: int = Field(default=90, description="How long it is valid, at most 366.")


def router(product: Product) -> APIRouter:
    """Return the routes."""
    routes = APIRouter(prefix="/api/me", tags=["account"])

    @routes.get("", summary="Who you are and what you may do")
    def me(actor: Caller) -> dict[str, Any]:
        return shape_me(product, actor)

    @routes.post("/sign-out", status_code=204, summary="End this session")
    def sign_out(_actor: Caller, request: Request) -> Response:
        product.people.sessions.end(request.cookies.get(COOKIE, ""))
        answer = Response(status_code=204)
        answer.delete_cookie(COOKIE)
        return answer

    @routes.post("/password", status_code=204, summary="Choose another password; your other sessions end")
    def change_password(actor: Caller, session_id: SessionId, wanted: NewPassword) -> Response:
        product.people.change_password(actor, wanted.old, wanted.new, session_id=session_id)
        return Response(status_code=204)

    _add_second_factor(routes, product)
    _add_sessions(routes, product)
    _add_tokens(routes, product)
    return routes


def _add_second_factor(routes: APIRouter, product: Product) -> None:
    """Add how a second factor comes and goes."""

    @routes.post("/second-factor", summary="A new secret for an authenticator app; a code of it confirms it")
    def begin(actor: Caller) -> dict[str, str]:
        secret = product.people.begin_second_factor(actor)
        return {"secret": second_factor.written(secret), "address": second_factor.address(secret, name=actor.name)}

    @routes.put("/second-factor", status_code=204, summary="Ask for codes of the new secret from now on")
    def confirm(actor: Caller, typed: Code) -> Response:
        product.people.confirm_second_factor(actor, typed.code)
        return Response(status_code=204)

    @routes.post("/second-factor/drop", status_code=204, summary="Ask for no codes any more")
    def drop(actor: Caller, typed: Password) -> Response:
        product.people.drop_second_factor(actor, typed.password)
        return Response(status_code=204)


def _add_sessions(routes: APIRouter, product: Product) -> None:
    """Add the browsers you are signed in with."""

    @routes.get("/sessions", summary="The browsers you are signed in with")
    def sessions(actor: Caller, session_id: SessionId) -> list[dict[str, Any]]:
        return [shape_session(one, now=session_id) for one in product.people.sessions_of(actor)]

    @routes.delete("/sessions/{ending}", status_code=204, summary="Sign one of them out")
    def end(actor: Caller, ending: str) -> Response:
        if not product.people.sessions.end_of(actor.user_id, session_id=ending):
            raise NotFoundError
        return Response(status_code=204)


def _add_tokens(routes: APIRouter, product: Product) -> None:
    """Add the tokens of your programs."""

    @routes.get("/tokens", summary="The tokens of your programs")
    def tokens(actor: Caller) -> list[dict[str, Any]]:
        return [shape_token(one) for one in product.people.tokens.of(actor)]

    @routes.post("/tokens", status_code=201, summary="Make a token; it is shown this once")
    def make(actor: Caller, wanted: NewToken, request: Request) -> dict[str, Any]:
        made, secret = product.people.make_token(actor, name=wanted.name, scopes=wanted.scopes, days=wanted.days)
        about(request, made.token_id)
        return shape_token(made) | {"token": secret}

    @routes.delete("/tokens/{token_id}", status_code=204, summary="Revoke a token")
    def revoke(actor: Caller, token_id: str) -> Response:
        product.people.revoke_token(actor, token_id)
        return Response(status_code=204)


def shape_me(product: Product, actor: Actor) -> dict[str, Any]:
    """Return an actor as the API shows it to itself."""
    rights = sorted({right.name.lower() for role in actor.roles for right in RIGHTS[role] if may(actor, right)})
    shaped = {
        "name": actor.name,
        "roles": [role for role in ROLES if role in actor.roles],
        "rights": rights,
        "signs_in": product.settings.sign_in,
        "rating": at_the_button(share_rated=product.settings.share_rated, sign_in=product.settings.sign_in),
    }
    if not product.settings.sign_in:
        return shaped
    account = product.people.accounts.get(actor.user_id)
    return (
        shaped
        | {"second_factor": account.second_factor, "single_sign_on": account.single_sign_on}
        | {"provider": product.single_sign_on is not None}
    )


def shape_session(session: Session, *, now: str | None) -> dict[str, Any]:
    """Return a session as the API shows it."""
    return {
        "session_id": session.session_id,
        "device": session.device,
        "since": moment(session.began),
        "this_one": session.session_id == now,
    }
