"""The empty page: what Inhouse is, and questions one may begin with."""

import json
from collections.abc import Sequence

from app.answers import Collection
from app.settings import ASSETS

QUESTIONS = ASSETS / "demo" / "questions.json"
WELCOME = """## What would you like to know?

Inhouse answers from your documents, on this machine, and shows where each sentence comes from."""
NOTHING_YET = """## Nothing to read yet

Add documents on the [Knowledge](/knowledge) page; then ask about them here."""


def welcome(collections: Sequence[Collection]) -> tuple[str, list[dict[str, str]]]:
    """Return the words of the empty page and its example questions; these fit the demonstration only."""
    if not collections:
        return NOTHING_YET, []
    demonstration = json.loads(QUESTIONS.read_text(encoding="utf-8")) if QUESTIONS.is_file() else {}
    fits = any(one.name == demonstration.get("collection") for one in collections)
    return WELCOME, [{"text": text} for text in demonstration.get("questions", [])] if fits else []
