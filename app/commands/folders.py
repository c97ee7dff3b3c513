"""The folders that collections watch, by command: list, add, pause, go on, change, look at now, remove."""

import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from app.answers import LOCAL_ACTOR
from app.commands.items import Item, note, progress, result
from app.library.watching import checked_minutes
from app.product import Product
from app.shapes import shape_watch
from app.store.errors import NotFoundError
from app.store.watches import Watch


def list_folders(product: Product, *, stop: threading.Event) -> Iterator[Item]:
    """Name every watched folder, its collection, and what came of the last time it was looked at."""
    listed = [
        {"collection": collection.name} | shape_watch(watch, product.watching.running)
        for collection in product.collections.list(LOCAL_ACTOR)
        for watch in product.watches.of(collection.collection_id)
    ]
    yield result({"folders": listed})


def watch_folder(
    product: Product, *, stop: threading.Event, folder: str, collection: str, minutes: int
) -> Iterator[Item]:
    """Watch a folder for a collection, from now on and whenever Inhouse serves."""
    target = product.collections.by_name(LOCAL_ACTOR, collection)
    added = product.watching.add(LOCAL_ACTOR, target.collection_id, folder=folder, minutes=minutes)
    sentence = f"The collection {target.name} watches {added.folder} while Inhouse serves."
    yield result({"collection": target.name, "folder": added.folder, "sentence": sentence})


def change_folder(
    product: Product,
    *,
    stop: threading.Event,
    folder: str,
    collection: str,
    minutes: int | None = None,
    paused: bool | None = None,
) -> Iterator[Item]:
    """Look at a folder more or less often, pause it, or go on; what is None stays.

    Raises:
        FolderRefusedError: that is too often or too seldom.
    """
    name, watch = _watched(product, folder, collection)
    every = None if minutes is None else checked_minutes(minutes)
    changed = product.watches.change(watch.watch_id, minutes=every, paused=paused)
    how = "is paused: nobody looks at it" if changed.paused else f"is looked at every {changed.minutes} minutes"
    told = {"collection": name} | shape_watch(changed, product.watching.running)
    yield result(told | {"sentence": f"{changed.folder} {how} while Inhouse serves."})


def look_at_folder(product: Product, *, stop: threading.Event, folder: str, collection: str) -> Iterator[Item]:
    """Look at a folder now, also one that is paused: a running Inhouse in the background, else this process."""
    name, watch = _watched(product, folder, collection)
    told = {"collection": name, "folder": watch.folder}
    if product.watching.serving:
        product.watching.run_now(watch.watch_id)
        sentence = f"{watch.folder} is looked at now. `inhouse folders list` says what came of it."
        yield result(told | {"sentence": sentence})
        return
    with closing(product.watching.look_at(watch.watch_id)) as steps:
        for step in steps:
            yield progress(watch.folder, step.done, step.total)
            if stop.is_set():
                return
    came = product.watches.get(watch.watch_id).last_result
    if error := came.get("error"):
        yield note(error)
    changes = [f"{count} {what}" for what, count in came.get("documents", {}).items() if count]
    sentence = f"{watch.folder}: {', '.join(changes) or 'no files'}."
    yield result(told | came | {"sentence": sentence}, failed="error" in came)


def leave_folder(product: Product, *, stop: threading.Event, folder: str, collection: str) -> Iterator[Item]:
    """Watch a folder no longer; its documents stay."""
    name, watch = _watched(product, folder, collection)
    product.watches.remove(watch.watch_id)
    sentence = f"The collection {name} watches {folder} no longer. Its documents stay."
    yield result({"collection": name, "folder": folder, "sentence": sentence})


def _watched(product: Product, folder: str, collection: str) -> tuple[str, Watch]:
    """Return the name of a collection and a folder it watches.

    Raises:
        NotFoundError: it does not watch it.
    """
    target = product.collections.by_name(LOCAL_ACTOR, collection)
    for watch in product.watches.of(target.collection_id):
        if watch.folder == str(Path(folder).resolve()):
            return target.name, watch
    raise NotFoundError(f"The collection {target.name} does not watch {folder}. See `inhouse folders list`.")
