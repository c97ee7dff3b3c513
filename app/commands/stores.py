"""Examining and repairing what is stored, by the process that owns it."""

import contextlib
import threading
from collections.abc import Iterator

from app.commands.items import Item, note, progress, result
from app.errors import explain
from app.product import Product
from app.store.database import check
from retrieval.errors import RetrievalError
from retrieval.ingest import IngestReport

REBUILD = "Run `inhouse doctor --rebuild-index`."


def examine(product: Product, *, stop: threading.Event) -> Iterator[Item]:
    """Yield what is found about the key, the database and the index, one after the other, as `app.doctor` has them."""
    yield result({"findings": [_key(product)]})
    yield progress("Reading the database")
    yield result({"findings": [_database(product)]})
    yield progress("Comparing the index with the database")
    yield result({"findings": [_index(product)]})
    yield result({"findings": [_retention(product)]})


def rebuild_index(product: Product, *, stop: threading.Event) -> Iterator[Item]:
    """Build the vectors again from the database; stopping leaves an index that search can use, by words."""
    with contextlib.closing(product.rebuild_index()) as events:
        for event in events:
            yield progress(event.name, event.done, event.total)
            if stop.is_set():
                return
    yield result({"sentence": "The index was built again from the database."})


def reindex(product: Product, *, stop: threading.Event, embedder: str | None) -> Iterator[Item]:
    """Embed all anew with another embedder, learn anew what was cut otherwise than now; the old serves on meanwhile."""
    changed = ""
    if embedder is not None and embedder != product.change_over.used:
        changed = f"The index was made anew with {embedder}. "
        with contextlib.closing(product.change_over(embedder)) as events:
            for event in events:
                yield progress(event.name, event.done, event.total)
                if stop.is_set():
                    return
    renewed = 0
    for step in product.knowledge.renew():
        if isinstance(step, IngestReport):
            renewed += step.added + step.updated
        else:
            yield progress(step.name, step.done, step.total)
        if stop.is_set():
            return
    yield result({"renewed": renewed, "sentence": f"{changed}Documents learned anew: {renewed}."})


def told_apart(product: Product) -> Iterator[Item]:
    """Yield a sentence when this process is the first to open the index and it does not hold what the database does."""
    if not product.index.ready and product.knowledge.disagreements():
        yield note(f"The index and the database disagree, so some passages are found by their words only. {REBUILD}")


def _key(product: Product) -> dict[str, str]:
    return _finding("key", found=f"It opens {product.settings.home} (source: {product.settings.key_source}).")


def _database(product: Product) -> dict[str, str]:
    faults = check(product.database)
    if not faults:
        return _finding("database", found="Every page of it is sound.")
    remedy = "Stop Inhouse and put back a backup of the data directory."
    return _finding("database", found=f"It is damaged: {faults[0]}.", remedy=remedy)


def _index(product: Product) -> dict[str, str]:
    try:
        apart = product.knowledge.disagreements()
    except RetrievalError as error:
        return _finding("index", found=explain(error), remedy=REBUILD)
    if not apart:
        return _finding("index", found="It agrees with the database.")
    missing, unknown = sum(each.missing for each in apart), sum(each.unknown for each in apart)
    return _finding("index", found=f"{missing} chunks have no vector, {unknown} vectors have no chunk.", remedy=REBUILD)


def _retention(product: Product) -> dict[str, str]:
    days, held = product.retaining.days, len(product.holds.held())
    kept = ", ".join(f"{kind} {count} days" for kind, count in days.items()) or "everything for ever"
    suspended = f" Legal holds in force, which suspend deleting: {held} (`inhouse users holds`)." if held else ""
    return _finding("retention", found=f"Kept: {kept}.{suspended}")


def _finding(name: str, *, found: str, remedy: str = "") -> dict[str, str]:
    return {"name": name, "found": found, "remedy": remedy}
