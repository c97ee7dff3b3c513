"""People by command: accounts, links to choose a password, tokens of programs, who may read a collection.

Whoever runs a command owns the data directory, and may do what an administrator may.
"""

import threading
from collections.abc import Iterator, Sequence
from typing import Any

from app.answers import LOCAL_ACTOR, ROLES, Role
from app.commands.items import Item, result
from app.errors import AppError
from app.product import Product
from app.readers import people_of
from app.shapes import shape_account, shape_grants, shape_token
from app.store.accounts import Account
from app.store.api_tokens import Scope
from app.store.errors import NotFoundError
from app.store.grants import Access, Grant, everyone, group, person
from app.store.sign_ins import folded

LINK = "Give {name} this link; it works once, within three days:\n\n    {link}\n"
NO_SIGN_IN = " People sign in once the setting `sign_in` is true."


class WhoError(AppError):
    """Say to whom: --everyone, --group NAME or --user NAME."""

    status = 422


def list_users(product: Product, *, stop: threading.Event) -> Iterator[Item]:
    """Name everybody who has an account."""
    yield result({"users": [shape_account(one) for one in product.people.accounts.list(LOCAL_ACTOR)]})


def add_user(
    product: Product, *, stop: threading.Event, name: str, roles: Sequence[Role], groups: Sequence[str]
) -> Iterator[Item]:
    """Make an account and a link through which its owner chooses a password."""
    made = product.people.accounts.add(LOCAL_ACTOR, name, roles=roles or ("employee",), groups=groups)
    yield _linked(product, made, f"{made.name} has an account.")


def change_user(product: Product, *, stop: threading.Event, name: str, **wanted: Any) -> Iterator[Item]:
    """Give other roles, groups or a name, disable or enable; it holds at once, in open sessions too.

    Args:
        product: where the account is.
        stop: not looked at.
        name: of the account.
        wanted: `roles` (none: they stay), `groups`, `active`, and `new_name`.
    """
    user_id = product.people.accounts.by_name(name).user_id
    values: dict[str, Any] = {"roles": wanted["roles"] or None, "name": wanted.get("new_name")}
    values |= {"groups": wanted["groups"], "active": wanted["active"]}
    changed = product.people.change(LOCAL_ACTOR, user_id, **values)
    state = "" if changed.active else " The account is disabled; its sessions and tokens have ended."
    held = ", ".join(role for role in ROLES if role in changed.roles)
    where = f" in {', '.join(changed.groups)}" if changed.groups else ""
    yield result(shape_account(changed) | {"sentence": f"{changed.name} is {held}{where}.{state}"})


def invite_user(product: Product, *, stop: threading.Event, name: str) -> Iterator[Item]:
    """Make a link through which a person chooses a new password; the old one works until then."""
    yield _linked(product, product.people.accounts.by_name(name), "")


def bind_user(product: Product, *, stop: threading.Event, name: str, subject: str) -> Iterator[Item]:
    """Let an account belong to a subject at the sign-in provider from now on, "" to none; its sessions end."""
    account = product.people.accounts.by_name(name)
    bound = product.way_in().bind(LOCAL_ACTOR, account.user_id, subject)
    told = (
        "signs in through the provider from now on" if bound.single_sign_on else "does not sign in through the provider"
    )
    yield result(shape_account(bound) | {"sentence": f"{bound.name} {told}."})


def list_tokens(product: Product, *, stop: threading.Event, user: str) -> Iterator[Item]:
    """Name the tokens of a person's programs."""
    account = product.people.accounts.by_name(user)
    yield result({"tokens": [shape_token(one) for one in product.people.tokens_of(LOCAL_ACTOR, account.user_id)]})


def create_token(
    product: Product, *, stop: threading.Event, name: str, user: str, scopes: Sequence[Scope], days: int
) -> Iterator[Item]:
    """Make a token for a program of somebody's; it is shown this once."""
    owner = product.people.accounts.by_name(user).actor
    made, secret = product.people.make_token(owner, name=name, scopes=scopes or ("ask",), days=days)
    sentence = f"The token of {owner.name}'s program {made.name}, shown only this once:\n\n    {secret}\n"
    yield result(shape_token(made) | {"token": secret, "sentence": sentence})


def revoke_token(product: Product, *, stop: threading.Event, token_id: str, user: str) -> Iterator[Item]:
    """Turn away whoever holds a token."""
    product.people.revoke_token(product.people.accounts.by_name(user).actor, token_id)
    yield result({"token_id": token_id, "sentence": "The token was revoked."})


def list_grants(product: Product, *, stop: threading.Event, name: str) -> Iterator[Item]:
    """Tell to whom a collection is granted, and everybody with an account who may read it, with what lets them."""
    collection = product.collections.by_name(LOCAL_ACTOR, name)
    people = people_of(
        LOCAL_ACTOR,
        collection.collection_id,
        collections=product.collections,
        accounts=product.people.accounts,
    )
    yield _held(product, collection.collection_id, collection.name, people=people)


def grant(product: Product, *, stop: threading.Event, name: str, kind: str, holder: str, may: Access) -> Iterator[Item]:
    """Let somebody read or fill a collection."""
    collection = product.collections.by_name(LOCAL_ACTOR, name)
    product.collections.grant(LOCAL_ACTOR, collection.collection_id, _grant(product, kind, holder, may))
    yield _held(product, collection.collection_id, collection.name)


def revoke(product: Product, *, stop: threading.Event, name: str, kind: str, holder: str) -> Iterator[Item]:
    """Let somebody read a collection no longer, unless another grant does."""
    collection = product.collections.by_name(LOCAL_ACTOR, name)
    if not product.collections.revoke(LOCAL_ACTOR, collection.collection_id, _grant(product, kind, holder, "read")):
        raise NotFoundError(f"They held no grant of {collection.name}.")
    yield _held(product, collection.collection_id, collection.name)


def _grant(product: Product, kind: str, holder: str, may: Access) -> Grant:
    match kind:
        case "everyone":
            return everyone(may=may)
        case "person":
            return person(product.people.accounts.by_name(holder).user_id, may=may)
        case "group" if folded(holder):
            return group(folded(holder), may=may)
    raise WhoError


def _held(product: Product, collection_id: str, name: str, **more: Any) -> Item:
    grants = shape_grants(product.collections.grants(LOCAL_ACTOR, collection_id), product.people.accounts)
    told = [f"{one['name'] or 'everyone'} ({one['may']})" for one in grants]
    sentence = f"{name} is open to {', '.join([*told, 'administrators'])}."
    sentence += "" if product.settings.sign_in else NO_SIGN_IN + " Until then whoever uses this Inhouse reads it."
    return result({"collection": name, "grants": grants, "sentence": sentence} | more)


def _linked(product: Product, account: Account, sentence: str) -> Item:
    token = product.people.invite(LOCAL_ACTOR, account.user_id)
    link = f"{product.settings.address}/welcome?token={token}"
    told = f"{sentence} {LINK.format(name=account.name, link=link)}".strip()
    shaped: dict[str, Any] = shape_account(account) | {"link": link}
    return result(shaped | {"sentence": told + ("" if product.settings.sign_in else NO_SIGN_IN)})
