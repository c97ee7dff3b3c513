"""Choosing and removing models beside a running Inhouse, by the process that answers with one of them."""

import threading
from collections.abc import Iterator
from queue import SimpleQueue

from app.chat_model.choosing import choose
from app.chat_model.shelf import remove as remove_from_shelf
from app.commands.items import Item, progress, result
from app.product import Product


def use(product: Product, *, stop: threading.Event, name: str, pause: bool) -> Iterator[Item]:
    """Let another model answer from now on, and after the next start; yields each step as it comes."""
    told: SimpleQueue[Item | Exception] = SimpleQueue()

    def switch() -> None:
        try:
            chosen = choose(
                product.settings, product.serving, name, pause=pause, told=lambda said: told.put(progress(said))
            )
            product.assistant()
            told.put(result({"model": chosen.name, "sentence": chosen.sentence}))
        except Exception as error:  # noqa: BLE001 - it is raised where it is waited for
            told.put(error)

    threading.Thread(target=switch, name="switching", daemon=True).start()
    while isinstance(item := told.get(), dict):
        yield item
        if item["kind"] == "result":
            return
    raise item


def remove(product: Product, *, stop: threading.Event, name: str) -> Iterator[Item]:
    """Delete a model that nobody here uses."""
    remove_from_shelf(product.settings_in_use, name, answers=product.serving.name)
    yield result({"model": name, "sentence": f"The model {name} was removed."})
