"""How documents look to a person on a terminal: a collection's list of them, and one in detail."""

from typing import Any

from app.console.printing import many, shortened
from app.console.showing import show

STATES = {"indexed": "ready", "quarantined": "in quarantine"}
ORDERS = {-1: "an older version", 0: "nearly the same", 1: "a newer version"}


def print_documents(told: dict[str, Any]) -> None:
    """Print a line for each document of a collection, and what is amiss below it."""
    for one in told["documents"]:
        size = f"{many(one['chunks'], 'chunk')}, {many(one['bytes'], 'byte')}"
        show(f"{one['name']}: {_state(one)}, {size}, added {one['added'][:10]}")
        for fault in _faults(one):
            show(f"  {fault}")
    for problem in told["problems"]:
        show(f"{problem['name']}: not read. {problem['sentence']}")
    if not told["documents"] and not told["problems"]:
        show("It holds no documents. Load some with `inhouse ingest PATH --collection NAME`.")


def print_document(told: dict[str, Any]) -> None:
    """Print everything that is known of a document."""
    show(f"{told['name']} ({told['title']}): {_state(told)}")
    show(f"Loaded: {_moment(told['added'])} by {told['added_by']}")
    show(f"File: {many(told['bytes'], 'byte')}, {told['media_type']}")
    if told["quality"]:
        show(f"Understood: {_understood(told['quality'])}")
    for said in [*_faults(told), *_notes(told)]:
        show(f"  {said}")
    for place in (told["suspicion"] or {}).get("places", []):
        show(f"Suspicious: {shortened(place['quote'])} ({', '.join(place['reasons'])})")
    if told["same_as_name"]:
        show(f"The same file as {told['same_as_name']}, which holds its chunks.")
    for one in told["relatives"]:
        show(f"Like {one['name']}: {one['likeness']:.0%}, {ORDERS[one['order']]}")
    for version in told["versions"]:
        if version["replaced"]:
            by = f"{_moment(version['added'])} by {version['added_by']}"
            show(f"Earlier version: {by}, replaced {_moment(version['replaced'])}, SHA-256 {version['sha256']}")
    _print_chunks(told)


def _print_chunks(told: dict[str, Any]) -> None:
    show(f"Chunks as they are indexed: {told['chunks']:,}")
    for chunk in told["indexed"]:
        page = f"page {chunk['page']}" if chunk["page"] else ""
        head = " · ".join(part for part in (page, " > ".join(chunk["headings"]), chunk["columns"]) if part)
        show(f"\n{chunk['ordinal'] + 1}. {head}".rstrip())
        show("\n".join(f"   {line}".rstrip() for line in chunk["text"].split("\n")))
    after = told["first"] + len(told["indexed"])
    if after < told["chunks"]:
        show(f"\nThe next ones: --from {after + 1}")


def _state(one: dict[str, Any]) -> str:
    released = ", released from quarantine" if one["released"] and one["state"] == "indexed" else ""
    return STATES.get(one["state"], "being indexed") + released


def _faults(one: dict[str, Any]) -> list[str]:
    return [*(fault["sentence"] for fault in (one["quality"] or {}).get("faults", [])), *one["warnings"]]


def _notes(one: dict[str, Any]) -> list[str]:
    return list((one["quality"] or {}).get("notes", []))


def _understood(quality: dict[str, Any]) -> str:
    counts = [many(quality["words"], "word")]
    counts += [many(quality[f"{thing}s"], thing) for thing in ("page", "table") if quality[f"{thing}s"]]
    return ", ".join([*counts, *filter(None, (quality["language"], quality["encoding"]))])


def _moment(text: str) -> str:
    return f"{text[:10]} {text[11:16]} UTC"


DOCUMENT_PRINTERS = {"documents list": print_documents, "documents show": print_document}
