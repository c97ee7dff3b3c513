"""Who may read or fill a collection, over JSON: list, give, take."""

from typing import Any, Literal

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from app.api.callers import Caller
from app.api.errors import BadRequestError
from app.product import Product
from app.readers import people_of
from app.rights import Right, require
from app.shapes import shape_grants
from app.store.errors import NotFoundError
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
        accounts = product.people.accounts
        return people_of(actor, collection_id, collections=product.collections, accounts=accounts)

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
