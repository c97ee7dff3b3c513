"""Examining answers made elsewhere with the model that answers as the second tier."""

import threading
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from app.checks.report import BadItemError, check_item
from app.commands.items import Item, note, progress, result
from app.product import Product


def check(product: Product, *, stop: threading.Event, items: Sequence[Mapping[str, Any]]) -> Iterator[Item]:
    """Yield what is found in each item; one that is none is a failed result with its sentence.

    Args:
        product: the product whose model judges.
        stop: ends the run before the next item.
        items: each `{"id", "question"?, "passages", "answer"}`.
    """
    with product.examining.hold() as voice:
        look, embed = product.examining.tier(voice).look, product.embedder().embed_documents
        for number, item in enumerate(items):
            if stop.is_set():
                return
            yield progress("Examining", number, len(items))
            try:
                yield result(dict(check_item(item, look=look, embed=embed)))
            except BadItemError as error:
                yield note(str(error))
                yield result({"id": item.get("id"), "error": str(error)}, failed=True)
