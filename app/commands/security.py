"""What `inhouse doctor --security` finds in what is stored."""

import threading
from collections.abc import Iterator
from dataclasses import asdict

from app.commands.items import Item, result
from app.product import Product
from app.stored_security import examine_stored


def examine(product: Product, *, stop: threading.Event) -> Iterator[Item]:
    """Yield findings as `app.doctor` has them."""
    found = examine_stored(product.settings, product.people, product.audit)
    yield result({"findings": [asdict(one) for one in found]})
