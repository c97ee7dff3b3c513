"""Loading documents, and the collections they are loaded into."""

import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

from app.answers import LOCAL_ACTOR, Collection
from app.commands.items import Item, note, progress, result
from app.commands.stores import told_apart
from app.product import Product
from app.shapes import shape_report
from app.store.errors import UnknownCollectionError
from retrieval.ingest import IngestReport
from retrieval.sources import Source, collect


def ingest(
    product: Product, *, stop: threading.Event, paths: Sequence[str], collection: str, sync: bool
) -> Iterator[Item]:
    """Learn files and folders into a collection; fails when none can be read.

    A collection that does not exist is made, and goes again when nothing has come into it.

    Args:
        product: the product that learns.
        stop: ends the run after the step it is in; what was learned is kept and the next run goes on from there.
        paths: absolute.
        collection: its name.
        sync: also remove documents of the collection that are not below the paths any more.
    """
    sources = collect([Path(path) for path in paths])
    target, made = _find_or_make(product, collection)
    if made:
        yield note(f"The collection {target.name} is new.")
    yield from told_apart(product)
    try:
        yield from _learn(product, target, sources, sync=sync, stop=stop)
    finally:
        if made and not product.knowledge.holds(target.collection_id):
            product.collections.delete(LOCAL_ACTOR, target.collection_id)


def _learn(
    product: Product, target: Collection, sources: Sequence[Source], *, sync: bool, stop: threading.Event
) -> Iterator[Item]:
    for event in product.knowledge.learn(sources, collection_id=target.collection_id, sync=sync):
        if isinstance(event, IngestReport):
            nothing_read = event.failed > 0 and not event.added + event.updated + event.unchanged
            if nothing_read:
                yield note("Nothing was learned: no file could be read. The problems say why.")
            yield result({"collection": target.name} | shape_report(event), failed=nothing_read)
        else:
            yield progress(event.name, event.done, event.total)
        if stop.is_set():
            return


def list_collections(product: Product, *, stop: threading.Event) -> Iterator[Item]:
    """Name every collection and how much it holds."""
    listed = [_count(product, collection) for collection in product.collections.list(LOCAL_ACTOR)]
    yield result({"collections": listed})


def create_collection(product: Product, *, stop: threading.Event, name: str, description: str) -> Iterator[Item]:
    """Make an empty collection."""
    made = product.collections.create(LOCAL_ACTOR, name, description)
    yield result({"collection": made.name, "sentence": f"The collection {made.name} was made."})


def delete_collection(product: Product, *, stop: threading.Event, name: str) -> Iterator[Item]:
    """Delete a collection with every document, chunk, vector and original that is only in it."""
    target = product.collections.by_name(LOCAL_ACTOR, name)
    product.watches.remove_of(target.collection_id)
    product.knowledge.forget_collection(target.collection_id)
    product.collections.delete(LOCAL_ACTOR, target.collection_id)
    yield result({"collection": target.name, "sentence": f"The collection {target.name} was deleted."})


def _find_or_make(product: Product, name: str) -> tuple[Collection, bool]:
    try:
        return product.collections.by_name(LOCAL_ACTOR, name), False
    except UnknownCollectionError:
        return product.collections.create(LOCAL_ACTOR, name), True


def _count(product: Product, collection: Collection) -> Item:
    documents = product.chunks.documents(collection.collection_id)
    return {
        "collection": collection.name,
        "description": collection.description,
        "documents": len(documents),
        "chunks": sum(document.chunks for document in documents),
        "problems": len(product.chunks.problems(collection.collection_id)),
    }
