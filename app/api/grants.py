"""Who may read or fill a collection, over JSON: list, give, take."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Literal

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from app.answers import Actor
from app.api.callers import Caller
from app.api.errors import BadRequestError
from app.product import Product
from app.rights import Right, may, require
from app.shapes import shape_grants
from app.store.accounts import Account
from app.store.errors import NotFoundError, UnknownCollectionError
from app.store.grants import Access, Grant
from app.store.sign_ins import folded


class Holder(BaseModel):
    """To whom: everyone, a group, or a person by the name they sign in with."""

    kind: Literal["everyone", "group", "person"]
    name: str = Field(default="", max_length=200)


class Given(Holder):
    """What they may."""

    may: Access = "read"


def router(product: Product) -> APIRouter:
    """Return the routes."""
    routes = APIRouter(prefix="/api/collections/{collection_id}/grants", tags=["knowledge"])

    @routes.get("", summary="Who may read or fill it")
    def grants(actor: Caller, collection_id: str) -> list[dict[str, Any]]:
        return shape_grants(product.collections.grants(actor, collection_id), product.people.accounts)

    @routes.get("/people", summary="Everybody who may read or fill it now, and through what")
    def everybody(actor: Caller, collection_id: str) -> list[dict[str, Any]]:
        require(actor, Right.PEOPLE)
        return readers_of(product, actor, collection_id)

    @routes.put("", summary="Let somebody read or fill it")
    def give(actor: Caller, collection_id: str, wanted: Given) -> list[dict[str, Any]]:
        product.collections.curated(actor, collection_id)
        product.collections.grant(actor, collection_id, grant_of(product, wanted, wanted.may))
        return shape_grants(product.collections.grants(actor, collection_id), product.people.accounts)

    @routes.delete("", status_code=204, summary="Let somebody read it no longer, unless another grant does")
    def take(
        actor: Caller, collection_id: str, kind: Literal["everyone", "group", "person"], name: str = ""
    ) -> Response:
        product.collections.curated(actor, collection_id)
        if not product.collections.revoke(
            actor, collection_id, grant_of(product, Holder(kind=kind, name=name), "read")
        ):
            raise NotFoundError
        return Response(status_code=204)

    return routes


def readers_of(product: Product, actor: Actor, collection_id: str) -> list[dict[str, Any]]:
    """Return everybody with an account who may read a collection, by asking what is asked when they do.

    Raises:
        UnknownCollectionError: there is none.
    """
    held, told = product.collections.grants(actor, collection_id), []
    for account in product.people.accounts.list(actor):
        with suppress(UnknownCollectionError):
            product.collections.get(account.actor, collection_id)
            access = "curate" if product.collections.may_curate(account.actor, collection_id) else "read"
            if account.active:
                told.append({"name": account.name, "may": access, "through": through(account, held)})
    return told


def through(account: Account, held: Sequence[Grant]) -> list[str]:
    """Return, in words, what lets somebody read a collection."""
    groups = {folded(name): name for name in account.groups}
    words = ["administrator"] if may(account.actor, Right.GOVERN) else []
    words += ["everybody" for one in held if one.kind == "everyone"]
    words += [f"group {groups[one.holder]}" for one in held if one.kind == "group" and one.holder in groups]
    return words + ["by name" for one in held if one.kind == "person" and one.holder == account.user_id]


def grant_of(product: Product, holder: Holder, access: Access) -> Grant:
    """Return the grant to a holder named by a person.

    Raises:
        BadRequestError: a group without a name.
        UnknownPersonError: nobody signs in under this name.
    """
    if holder.kind == "everyone":
        return Grant(kind="everyone", holder="", may=access)
    if holder.kind == "person":
        return Grant(kind="person", holder=product.people.accounts.by_name(holder.name).user_id, may=access)
    if not folded(holder.name):
        raise BadRequestError("Name the group.")
    return Grant(kind="group", holder=folded(holder.name), may=access)
