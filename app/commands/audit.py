"""The audit log for commands: look at it, write it out, prove it, tell what is unusual."""

import threading
import time
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from app.answers import LOCAL_ACTOR
from app.commands.items import Item, progress, result
from app.observe.alerts import alerts
from app.observe.proof import proof_of, signed_end
from app.product import Product
from app.shapes import shape_row
from app.store.audit import Only

DAY = 86_400.0


def show(product: Product, *, stop: threading.Event, only: dict[str, Any], limit: int | None) -> Iterator[Item]:
    """Yield rows of the log, the newest first."""
    yield from _rows(product, stop, _only(only), limit)


def export(product: Product, *, stop: threading.Event, only: dict[str, Any]) -> Iterator[Item]:
    """Yield rows of the log, the newest first, and last the signed head, with all that proves them."""
    yield from _rows(product, stop, _only(only), None)
    yield result(signed_end(product.audit))


def verify(product: Product, *, stop: threading.Event, noted: dict[str, str], accepted: list[int]) -> Iterator[Item]:
    """Tell whether the log is whole and signed.

    Args:
        product: whose log it is.
        stop: not looked at; a million rows take seconds.
        noted: heads that were written down elsewhere: the number of a row and its hash in hexadecimal.
        accepted: rows that tell of a cut somebody knows about.
    """
    yield progress("Reading the audit log")
    heads = {int(number): bytes.fromhex(hashed) for number, hashed in noted.items()}
    told = proof_of(product.audit, noted=heads, accepted=frozenset(accepted))
    yield result(told, failed=not told["ok"])


def unusual(product: Product, *, stop: threading.Event, days: float) -> Iterator[Item]:
    """Yield what was unusual of late."""
    found = alerts(product.audit.read(LOCAL_ACTOR, Only(since=time.time() - days * DAY)))
    yield result({"alerts": [asdict(alert) for alert in found]})


def _only(given: dict[str, Any]) -> Only:
    return Only(**given | {name: tuple(given.get(name, ())) for name in ("actions", "results")})


def _rows(product: Product, stop: threading.Event, only: Only, limit: int | None) -> Iterator[Item]:
    people = product.audit.people()
    for row in product.audit.read(LOCAL_ACTOR, only, limit=limit):
        if stop.is_set():
            return
        yield result(shape_row(row, product.audit.address(row, people)))
