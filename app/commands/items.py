"""What commands yield: JSON objects of four kinds."""

from typing import Any

Item = dict[str, Any]


def result(value: dict[str, Any], *, failed: bool = False) -> Item:
    """Make the item for a result; the value is what `--json` prints, `failed` makes the exit status 1."""
    return {"kind": "result", "value": value, "failed": failed}


def progress(text: str, done: int = 0, total: int = 0) -> Item:
    """Make the item that says how far a command is; `total` 0 where nobody knows."""
    return {"kind": "progress", "text": text, "done": done, "total": total}


def delta(text: str) -> Item:
    """Make the item for the next piece of an answer that is being written."""
    return {"kind": "delta", "text": text}


def note(text: str) -> Item:
    """Make the item for a sentence the person should read."""
    return {"kind": "note", "text": text}
