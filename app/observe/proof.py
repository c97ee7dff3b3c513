"""What proves the audit log, told: whether it is whole and signed, up to which row, what was removed for its age."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from app.store.audit import Audit
from app.store.audit_cuts import Cut


def proof_of(
    audit: Audit, *, noted: Mapping[int, bytes] | None = None, accepted: frozenset[int] = frozenset()
) -> dict[str, Any]:
    """Return whether a log is whole and signed, in a sentence and in figures; a million rows take seconds.

    Args:
        audit: the log.
        noted: heads that were written down elsewhere: the number of a row and its hash.
        accepted: rows that tell of a cut somebody knows about.
    """
    heads = dict(noted or {})
    faults = audit.faults(noted=heads, accepted=accepted)
    head, past = audit.head, audit.cuts()
    gone = past[-1].number if past else 0
    sentence = " ".join(faults) or (
        f"The audit log is whole and signed, {head.number - gone:,} rows. {_of_cuts(past, heads)}Note its head away "
        f"from this machine: {head.number}:{head.hash.hex()}"
    )
    told: dict[str, Any] = {"ok": not faults, "faults": faults, "sentence": sentence}
    told |= {"rows": head.number - gone, "removed": gone, "cuts": [cut.shown() for cut in past]}
    return told | {"head": head.hash.hex(), "public_key": audit.public_key}


def signed_end(audit: Audit) -> dict[str, Any]:
    """Return what an export of the log ends with: its signed head, and all that proves the rows before it."""
    head = audit.head
    told = {"number": head.number, "hash": head.hash.hex(), "signature": head.signature.hex()}
    return {"head": told, "cuts": [cut.shown() for cut in audit.cuts()], "public_key": audit.public_key}


def _of_cuts(past: list[Cut], noted: Mapping[int, bytes]) -> str:
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
