"""What documents of a collection say differently, for whoever answers for it."""

import threading
from collections.abc import Iterator

from app.answering.differing import MOST_REPORTED, Differing
from app.answers import LOCAL_ACTOR
from app.commands.items import Item, result
from app.product import Product
from app.shapes import shape_conflict


def list_conflicts(product: Product, *, stop: threading.Event, name: str) -> Iterator[Item]:
    """Name the pairs of sentences in a collection that say different things of the same thing, the first `most`."""
    target = product.collections.by_name(LOCAL_ACTOR, name)
    found = Differing(product.chunks).report(target)
    shown = [shape_conflict(one) for one in found]
    yield result({"collection": target.name, "conflicts": shown, "most": MOST_REPORTED})
