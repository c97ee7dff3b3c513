"""The models on this machine and those that can be had: what each is, whether it is here, what it is used for.

Reads the folder of weights and the catalogue; loads nothing and starts nothing.
"""

from typing import Any

from app.settings import Settings
from models.catalogue import CATALOGUE, Entry
from models.weights import installed


def listed(settings: Settings, *, answers: str) -> list[dict[str, Any]]:
    """Return every model, those of the catalogue first, as `inhouse models list --json` and the page show them.

    Args:
        settings: where the weights are, and which embedder is used.
        answers: the chat model that answers, or will after the next start.
    """
    here = installed(directory=settings.weights)
    used = {answers, settings.embedder}
    names = list(CATALOGUE) + [name for name in here if name not in CATALOGUE]
    described = [describe(name, CATALOGUE.get(name)) for name in names]
    return [
        model | {"here": model["name"] in here, "used": model["name"] in used, "answers": model["name"] == answers}
        for model in described
    ]


def describe(name: str, entry: Entry | None) -> dict[str, Any]:
    """Return what is known of a model; of an imported file that is its name."""
    if entry is None:
        return {"name": name, "title": "Imported", "kind": "chat", "licence": None, "bytes": None}
    return {
        "name": name,
        "title": entry.title,
        "kind": entry.kind,
        "licence": entry.licence,
        "bytes": entry.size,
        "context_tokens": entry.context_tokens,
    }
