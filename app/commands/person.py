"""What is kept about one person: exported, erased, or held.

The person is named as they sign in; "local" is whoever uses a workstation, or runs commands on a server.
"""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from app.answers import LOCAL_ACTOR, Actor
from app.commands.items import Item, result
from app.custody.erasing import erase_person
from app.errors import AppError
from app.product import Product
from app.store.errors import UnknownPersonError
from app.store.exports import write_file
from app.store.holds import EVERYBODY
from app.store.sign_ins import folded


class TwoOfThisNameError(AppError):
    """An account is called "local", as is whoever uses this machine. Run `inhouse users edit local --name NEW`."""

    status = 409


def erase(product: Product, *, stop: threading.Event, user: str) -> Iterator[Item]:
    """Erase a person and tell what was destroyed."""
    person = _person(product, user)
    receipt = erase_person(
        LOCAL_ACTOR, person, people=product.people, holds=product.holds, erasure=product.erasure, audit=product.audit
    )
    beyond = receipt["copies of keys"]["out of reach"]
    sentence = f"{person.name} was erased. The receipt says what was destroyed."
    if beyond:
        sentence += f" Destroy these copies of people's keys, or write them anew: {', '.join(beyond)}."
    yield result({"user": person.user_id, "receipt": receipt, "sentence": sentence})


def export(product: Product, *, stop: threading.Event, user: str, path: str) -> Iterator[Item]:
    """Write everything about a person into a file; in clear for whoever runs this, sealed for anybody else."""
    person, target = _person(product, user), Path(path)
    pieces = product.person_export.pieces(person)
    if person.user_id == LOCAL_ACTOR.user_id:
        write_file(target, pieces)
        sentence = f"{target} holds everything about you, in clear: keep it well."
    else:
        product.exports.seal(LOCAL_ACTOR, person.user_id, target, pieces)
        sentence = f"{target} is sealed. Only {person.name} is shown the passphrase, in Inhouse."
    sealed = person.user_id != LOCAL_ACTOR.user_id
    yield result({"user": person.user_id, "path": str(target), "sealed": sealed, "sentence": sentence})


def hold(product: Product, *, stop: threading.Event, user: str | None, reason: str) -> Iterator[Item]:
    """Put a legal hold on a person, or on everybody."""
    user_id = EVERYBODY if user is None else _person(product, user).user_id
    put = product.holds.put(LOCAL_ACTOR, user_id, reason=reason)
    whom = "everybody" if user is None else user
    sentence = f"Nothing of {whom} is deleted until `inhouse users release {put.hold_id}`."
    yield result({"hold": put.hold_id, "user": user, "reason": put.reason, "sentence": sentence})


def release(product: Product, *, stop: threading.Event, hold_id: str) -> Iterator[Item]:
    """Release a legal hold."""
    product.holds.release(LOCAL_ACTOR, hold_id)
    yield result({"hold": hold_id, "sentence": f"The hold {hold_id} was released."})


def list_holds(product: Product, *, stop: threading.Event) -> Iterator[Item]:
    """Tell every legal hold, in force or released."""
    held = product.holds.listed(LOCAL_ACTOR)
    names = product.people.accounts.names({one.user_id for one in held}) | {EVERYBODY: "everybody"}
    told = [
        {
            "hold": one.hold_id,
            "user": one.user_id or None,
            "name": names.get(one.user_id, one.user_id),
            "reason": one.reason,
            "since": _moment(one.set_at),
            "released": _moment(one.released_at) if one.released_at else None,
        }
        for one in held
    ]
    yield result({"holds": told})


def list_receipts(product: Product, *, stop: threading.Event) -> Iterator[Item]:
    """Tell every receipt of an erasure."""
    yield result({"receipts": product.erasure.receipts(LOCAL_ACTOR)})


def verify(product: Product, *, stop: threading.Event, receipt: dict[str, Any]) -> Iterator[Item]:
    """Tell whether a receipt is one of this installation's, unchanged."""
    within = receipt.get("receipt")  # as `inhouse users erase --json` prints it
    product.erasure.signer.verify(within if isinstance(within, dict) else receipt)
    yield result({"valid": True, "sentence": "This installation signed the receipt, and nobody changed it."})


def _person(product: Product, user: str) -> Actor:
    """Return whom a name at the command line means: an account, or "local", whoever uses this machine.

    Raises:
        TwoOfThisNameError: an older version let an account have that name.
    """
    if folded(user) != LOCAL_ACTOR.user_id:
        return product.people.accounts.by_name(user).actor
    try:
        product.people.accounts.by_name(user)
    except UnknownPersonError:
        return LOCAL_ACTOR
    raise TwoOfThisNameError


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")
