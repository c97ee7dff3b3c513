"""The audit log for commands: look at it, write it out, prove it, tell what is unusual."""

import threading
import time
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from app.commands.items import Item, progress, result
from app.observe.alerts import alerts
from app.product import Product
from app.shapes import shape_row
from app.store.audit import Only
from app.store.audit_cuts import Cut

DAY = 86_400.0
PROGRESS_ROWS = 10_000


def show(product: Product, *, stop: threading.Event, only: dict[str, Any], limit: int | None) -> Iterator[Item]:
    """Yield rows of the log, the newest first."""
    yield from _rows(product, stop, _only(only), limit)


def export(product: Product, *, stop: threading.Event, only: dict[str, Any]) -> Iterator[Item]:
    """Yield rows of the log, the newest first, and last the signed head, with all that proves them."""
    head = product.audit.head
    yield from _rows(product, stop, _only(only), None)
    told = {"number": head.number, "hash": head.hash.hex(), "signature": head.signature.hex()}
    past = [cut.shown() for cut in product.audit.cuts()]
    yield result({"head": told, "cuts": past, "public_key": product.audit.public_key})


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
    faults = product.audit.faults(noted=heads, accepted=frozenset(accepted))
    head, past = product.audit.head, product.audit.cuts()
    gone = past[-1].number if past else 0
    sentence = " ".join(faults) or (
        f"The audit log is whole and signed, {head.number - gone:,} rows. {_of_cuts(past, heads)}Note its head away "
        f"from this machine: {head.number}:{head.hash.hex()}"
    )
    told: dict[str, Any] = {"ok": not faults, "faults": faults, "sentence": sentence}
    told |= {"rows": head.number - gone, "removed": gone, "cuts": [cut.shown() for cut in past]}
    told |= {"head": head.hash.hex(), "public_key": product.audit.public_key}
    yield result(told, failed=bool(faults))


def unusual(product: Product, *, stop: threading.Event, days: float) -> Iterator[Item]:
    """Yield what was unusual of late."""
    found = alerts(product.audit.rows(Only(since=time.time() - days * DAY)))
    yield result({"alerts": [asdict(alert) for alert in found]})


def _of_cuts(past: list[Cut], noted: dict[int, bytes]) -> str:
    """Return what was removed for its age, and which noted heads cannot be looked at for it."""
    if not past:
        return ""
    gone, missing = past[-1], sum(cut.missing for cut in past)
    until = datetime.fromtimestamp(gone.until, UTC).strftime("%Y-%m-%d %H:%M UTC")
    told = f"Rows up to {gone.number:,}, the last of {until}, were removed by keep_audit_days, which is signed. "
    if missing:
        told += f"{missing:,} of them told that rows were missing. "
    known = {cut.number for cut in past}
    lost = ", ".join(str(number) for number in sorted(noted) if number < gone.number and number not in known)
    return told + (f"Noted heads of rows that are gone cannot be compared: {lost}. " if lost else "")


def _only(given: dict[str, Any]) -> Only:
    return Only(**given | {name: tuple(given.get(name, ())) for name in ("actions", "results")})


def _rows(product: Product, stop: threading.Event, only: Only, limit: int | None) -> Iterator[Item]:
    people = product.audit.people()
    for row in product.audit.rows(only, limit=limit):
        if stop.is_set():
            return
        yield result(shape_row(row, product.audit.address(row, people)))
