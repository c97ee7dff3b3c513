"""Who may read or fill a collection, over JSON: list, give, take."""

from typing import Any, Literal

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from app.api.callers import Caller
from app.api.errors import BadRequestError
from app.product import Product
from app.store.accounts import folded
from app.store.errors import NotFoundError
from app.store.grants import Access, Grant


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
        return shape_grants(product, product.collections.grants(actor, collection_id))

    @routes.put("", summary="Let somebody read or fill it")
    def give(actor: Caller, collection_id: str, wanted: Given) -> list[dict[str, Any]]:
        product.collections.curated(actor, collection_id)
        product.collections.grant(actor, collection_id, grant_of(product, wanted, wanted.may))
        return shape_grants(product, product.collections.grants(actor, collection_id))

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


def shape_grants(product: Product, grants: tuple[Grant, ...]) -> list[dict[str, Any]]:
    """Return grants as the API shows them; a person by name, a leaver's grant not at all."""
    names = product.people.accounts.names({one.holder for one in grants if one.kind == "person"})
    held = [one for one in grants if one.kind != "person" or one.holder in names]
    return [{"kind": one.kind, "name": names.get(one.holder, one.holder), "may": one.may} for one in held]
