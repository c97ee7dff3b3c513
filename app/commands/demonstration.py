"""The handbook of an invented company, so that the first question has something to find."""

import json
import threading
from collections.abc import Iterator

from app.answers import LOCAL_ACTOR
from app.commands import documents
from app.commands.items import Item
from app.product import Product
from app.settings import ASSETS

MARK = "demonstration"
"""The file in the data directory that says it was loaded; who deletes the collection is not given it again."""


def demonstrate(product: Product, *, stop: threading.Event) -> Iterator[Item]:
    """Load the demonstration into a data directory that never had it; one that was interrupted goes on."""
    mark = product.settings.home / MARK
    if mark.exists():
        return
    told = json.loads((ASSETS / "demo" / "questions.json").read_text(encoding="utf-8"))
    if all(one.name != told["collection"] for one in product.collections.list(LOCAL_ACTOR)):
        product.collections.create(LOCAL_ACTOR, told["collection"], told["description"])
    folder = str(ASSETS / "demo" / "handbook")
    yield from documents.ingest(product, stop=stop, paths=[folder], collection=told["collection"], sync=False)
    if not stop.is_set():
        mark.touch()
