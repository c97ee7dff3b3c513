"""Who may read a collection, in words: as it was granted, and everybody by name with what lets them.

The same for the API and the command line. Whoever asks has been let in before.
"""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from app.answers import LOCAL_ACTOR, Actor
from app.rights import Right, may
from app.shapes import shape_grants
from app.store.accounts import Account, Accounts
from app.store.collections import Collections
from app.store.errors import UnknownCollectionError
from app.store.grants import Grant
from app.store.sign_ins import folded

EVERYBODY = ["everybody who uses this Inhouse"]
"""Who may read a collection of a workstation."""


def readers_of(collection_id: str, *, collections: Collections, accounts: Accounts, sign_in: bool) -> list[str]:
    """Return who may read a collection, in words.

    Args:
        collection_id: the collection.
        collections: what was granted.
        accounts: name people.
        sign_in: whether people sign in here.
    """
    if not sign_in:
        return EVERYBODY
    grants = shape_grants(collections.grants(LOCAL_ACTOR, collection_id), accounts)
    named = ["everybody" if one["kind"] == "everyone" else one["name"] for one in grants]
    return [*named, "administrators"]


def people_of(
    actor: Actor, collection_id: str, *, collections: Collections, accounts: Accounts
) -> list[dict[str, Any]]:
    """Return everybody with an account who may read a collection, by asking what is asked when they do.

    Raises:
        ForbiddenError: the actor may not manage people.
        UnknownCollectionError: there is none.
    """
    held, told = collections.grants(actor, collection_id), []
    for account in accounts.list(actor):
        with suppress(UnknownCollectionError):
            collections.get(account.actor, collection_id)
            access = "curate" if collections.may_curate(account.actor, collection_id) else "read"
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
