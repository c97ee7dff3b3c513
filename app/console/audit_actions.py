"""What the `audit` and `privacy` commands and `inhouse doctor --security` do: options in, exit status out."""

import argparse
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from app.console.invoking import invoke
from app.console.terminal import interruptible, print_value, say

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.doctor import Finding
    from app.settings import Settings


def show(options: argparse.Namespace) -> int:
    """Print the newest rows of the log."""
    return invoke(options, "audit list", only=_only(options), limit=options.limit)


def export(options: argparse.Namespace) -> int:
    """Print all rows as JSON lines, and last the signed head."""
    options.json = True
    return invoke(options, "audit export", only=_only(options))


def verify(options: argparse.Namespace) -> int:
    """Tell whether the log is whole and signed; 1 when it is not."""
    noted = dict(head.split(":", 1) for head in options.heads)
    return invoke(options, "audit verify", noted=noted, accepted=options.accepted)


def unusual(options: argparse.Namespace) -> int:
    """Print what was unusual of late."""
    return invoke(options, "audit alerts", days=options.days)


def privacy_text(options: argparse.Namespace) -> int:
    """Print the privacy notice or the record of processing, from the settings in force."""
    from app import privacy_notice
    from app.settings import load_settings

    made = getattr(privacy_notice, options.text)(load_settings())
    value = {"version": made.version, "text": made.text, "sentence": f"{made.text}\nVersion {made.version}"}
    print_value(value, command="privacy", as_json=options.json)
    return 0


def examine(options: argparse.Namespace) -> int:
    """Print what leaves more open than it has to, and what to change; 1 when there is something."""
    from app.doctor import of_error, report
    from app.security import examine_security
    from app.settings import load_settings

    settings = load_settings()
    findings = list(examine_security(settings))
    if (settings.home / "inhouse.db").exists():
        try:
            findings += _stored(settings)
        except Exception as error:  # noqa: BLE001 - the doctor's door: whatever it dies of is a finding
            findings.append(of_error(error))
    found = report(findings)
    print_value(found, command="doctor", as_json=options.json)
    return 0 if found["ok"] else 1


def _stored(settings: "Settings") -> "Iterator[Finding]":
    """Yield what is found in the stores, by whoever owns them: accounts, tokens, backups, the audit log."""
    from app.dispatch import run_anywhere
    from app.doctor import Finding

    proof: dict[str, Any] = {"noted": {}, "accepted": []}
    with interruptible() as stop:
        for name, arguments in (("examine security", {}), ("audit verify", proof)):
            for item in run_anywhere(settings, name, arguments, stop=stop, tell=say):
                if item["kind"] != "result":
                    continue
                told = item["value"]
                yield from (Finding(**one) for one in told.get("findings", ()))
                if name == "audit verify":
                    remedy = "" if told["ok"] else "Find out who changed it, or which backup was put back."
                    yield Finding(name="audit log", found=told["sentence"], remedy=remedy)


def head(text: str) -> str:
    """Return a noted head as it was typed, `NUMBER:HASH`.

    Raises:
        ValueError: it is none.
    """
    number, _, hashed = text.partition(":")
    if len(bytes.fromhex(hashed)) != 32:  # noqa: PLR2004 - SHA-256
        raise ValueError(text)
    return f"{int(number)}:{hashed}"


def _only(options: argparse.Namespace) -> dict[str, Any]:
    """Return which rows are wanted; days are UTC days, and the last one is part of it."""
    day = {name: _seconds(getattr(options, name)) for name in ("since", "until")}
    return {
        "since": day["since"],
        "until": None if day["until"] is None else day["until"] + 86_400,
        "actions": options.actions,
        "results": options.results,
        "person": options.person,
    }


def _seconds(day: str | None) -> float | None:
    return datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp() if day else None
