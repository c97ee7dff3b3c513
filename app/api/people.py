"""The people of an installation over JSON, for administrators: accounts, roles, groups, links to choose a password.

Nothing here shows or changes what a person wrote; there is no such door.
"""

from typing import Any

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from app.answers import Role
from app.api.callers import Caller, about
from app.product import Product
from app.rights import Right, require
from app.shapes import shape_account, shape_token


class NewPerson(BaseModel):
    """An account to make."""

    name: str
    roles: list[Role] = Field(default=["employee"])
    groups: list[str] = Field(default_factory=list)


class Changed(BaseModel):
    """What to change of an account; what is left out stays."""

    roles: list[Role] | None = None
    groups: list[str] | None = None
    active: bool | None = None
    name: str | None = Field(default=None, max_length=1000, description="What they sign in with from now on.")
    subject: str | None = Field(
        default=None, max_length=255, description="Whose it is at the provider; empty: nobody's."
    )


def router(product: Product) -> APIRouter:
    """Return the routes."""
    routes = APIRouter(prefix="/api/people", tags=["people"])
    people = product.people

    @routes.get("", summary="Everybody who has an account")
    def everybody(actor: Caller) -> list[dict[str, Any]]:
        return [shape_account(one) for one in people.accounts.list(actor)]

    @routes.post("", status_code=201, summary="Make an account; its owner chooses a password through the link")
    def add(actor: Caller, wanted: NewPerson, request: Request) -> dict[str, Any]:
        made = people.accounts.add(actor, wanted.name, roles=wanted.roles, groups=wanted.groups)
        about(request, made.user_id)
        return shape_account(made) | {"link": welcome(people.invite(actor, made.user_id))}

    @routes.patch("/{user_id}", summary="Give other roles, groups or a name, disable or enable")
    def change(actor: Caller, user_id: str, wanted: Changed) -> dict[str, Any]:
        if wanted.subject is not None:
            product.way_in().bind(actor, user_id, wanted.subject)
        return shape_account(people.change(actor, user_id, **wanted.model_dump(exclude={"subject"})))

    @routes.post("/{user_id}/link", summary="A link through which the person chooses a new password")
    def invite(actor: Caller, user_id: str) -> dict[str, str]:
        return {"link": welcome(people.invite(actor, user_id))}

    @routes.post("/{user_id}/sign-out", status_code=204, summary="End the person's sessions, tokens and answers")
    def throw_out(actor: Caller, user_id: str) -> Response:
        require(actor, Right.PEOPLE)
        people.throw_out(people.accounts.get(user_id).user_id)
        return Response(status_code=204)

    _add_tokens(routes, product)
    return routes


def _add_tokens(routes: APIRouter, product: Product) -> None:
    """Add what is done about the tokens of somebody's programs."""
    people = product.people

    @routes.get("/{user_id}/tokens", summary="The tokens of the person's programs")
    def tokens(actor: Caller, user_id: str) -> list[dict[str, Any]]:
        return [shape_token(one) for one in people.tokens_of(actor, user_id)]

    @routes.delete("/{user_id}/tokens/{token_id}", status_code=204, summary="Revoke a token of the person's")
    def revoke(actor: Caller, user_id: str, token_id: str) -> Response:
        require(actor, Right.PEOPLE)
        people.revoke_token(people.accounts.get(user_id).actor, token_id)
        return Response(status_code=204)


def welcome(token: str) -> str:
    """Return where a link leads, on this server."""
    return f"/welcome?token={token}"
