"""Loading documents, and the collections they are loaded into."""

import contextlib
import os
import threading
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from app.answers import LOCAL_ACTOR, Collection
from app.commands.items import Item, note, progress, result
from app.commands.stores import told_apart
from app.errors import AppError
from app.library.exporting import export, shape
from app.library.watching import FolderEmptyError
from app.product import Product
from app.readers import readers_of
from app.shapes import shape_qualities, shape_report, shape_suspicion
from app.store.errors import UnknownCollectionError
from retrieval.documents import StoredDocument
from retrieval.ingest import IngestReport
from retrieval.sources import Source, collect

WAITING = """Suspicious and in quarantine, so not found by anybody: {count}. Look at why with \
`inhouse collections quarantine "{name}"`, then release or remove each."""


class UnknownDocumentError(AppError):
    """There is no such document in quarantine."""

    status = 404


class FileThereError(AppError):
    """The file cannot be written. Choose another name."""

    status = 409


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
    if sync and not sources and product.chunks.documents(target.collection_id):
        raise FolderEmptyError(
            "There are no files there, so nothing was done. If a disk is not mounted, mount it; if everything was "
            f"removed on purpose, run `inhouse collections delete {target.name}`."
        )
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
            nothing_read = event.failed > 0 and not learned(event)
            if nothing_read:
                yield note("Nothing was learned: no file could be read. The problems say why.")
            if event.quarantined:
                yield note(WAITING.format(count=event.quarantined, name=target.name))
            yield result({"collection": target.name} | shape_report(event), failed=nothing_read)
        else:
            yield progress(event.name, event.done, event.total)
        if stop.is_set():
            return


def learned(report: IngestReport) -> int:
    """Return how many files could be read."""
    return report.added + report.updated + report.unchanged + report.quarantined


def list_collections(product: Product, *, stop: threading.Event) -> Iterator[Item]:
    """Name every collection, how much it holds and who may read it."""
    listed = [_count(product, collection) for collection in product.collections.list(LOCAL_ACTOR)]
    yield result({"collections": listed})


def create_collection(product: Product, *, stop: threading.Event, name: str, description: str) -> Iterator[Item]:
    """Make an empty collection."""
    made = product.collections.create(LOCAL_ACTOR, name, description)
    yield result({"collection": made.name, "sentence": f"The collection {made.name} was made."})


def describe_collection(
    product: Product, *, stop: threading.Event, name: str, changes: Mapping[str, str]
) -> Iterator[Item]:
    """Say anew what a collection is.

    Args:
        product: where it is.
        stop: not looked at.
        name: of the collection.
        changes: any of name, description, owner, on_unsupported, review_on (a date, or "" for none) and double_check
            ("yes" or "no"); the rest stays.
    """
    known = product.collections.by_name(LOCAL_ACTOR, name)
    fields: dict[str, Any] = dict(changes)
    if day := changes.get("review_on"):
        fields["review_on"] = date.fromisoformat(day)
    if "double_check" in changes:
        fields["double_check"] = changes["double_check"] == "yes"
    changed = product.collections.describe(LOCAL_ACTOR, known.collection_id, **fields)
    yield result(
        shape(changed) | {"collection": changed.name, "sentence": f"The collection {changed.name} is changed."}
    )


def export_collection(product: Product, *, stop: threading.Event, name: str, path: str) -> Iterator[Item]:
    """Write a collection's originals and a manifest into a ZIP file only its owner can read.

    Stopped or failed, it leaves no file.

    Raises:
        FileThereError: there is a file of this name, or it cannot be written.
    """
    target = product.collections.by_name(LOCAL_ACTOR, name)
    written = 0
    parts = export(target, chunks=product.chunks, originals=product.originals, versions=product.versions)
    with contextlib.ExitStack() as undone:
        try:
            with open(path, "xb", opener=_privately) as file:
                undone.callback(Path(path).unlink, missing_ok=True)
                for part in parts:
                    written += file.write(part)
                    yield progress(f"{written / 1e6:,.0f} MB written")
                    if stop.is_set():
                        return
        except FileExistsError as error:
            raise FileThereError(f"There is a file {path} already. Choose another name.") from error
        except OSError as error:
            raise FileThereError(f"{path} cannot be written: {error.strerror}.") from error
        undone.pop_all()
    sentence = f"The collection {target.name} is in {path}. It is not encrypted: keep it where only you can read it."
    yield result({"collection": target.name, "file": path, "bytes": written, "sentence": sentence})


def _privately(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def delete_collection(product: Product, *, stop: threading.Event, name: str) -> Iterator[Item]:
    """Delete a collection with every document, chunk, vector and original that is only in it."""
    target = product.collections.by_name(LOCAL_ACTOR, name)
    product.delete_collection(LOCAL_ACTOR, target.collection_id)
    yield result({"collection": target.name, "sentence": f"The collection {target.name} was deleted."})


def list_quarantine(product: Product, *, stop: threading.Event, name: str) -> Iterator[Item]:
    """Name the documents of a collection that wait for a person, each with the sentences that caused it."""
    target = product.collections.by_name(LOCAL_ACTOR, name)
    waiting = [
        {"document": document.name, "title": document.title} | (shape_suspicion(document.suspicion) or {})
        for document in _waiting(product, target)
    ]
    yield result({"collection": target.name, "quarantined": waiting})


def release_document(product: Product, *, stop: threading.Event, name: str, document: str) -> Iterator[Item]:
    """Let a document out of quarantine, so that it is found."""
    target = product.collections.by_name(LOCAL_ACTOR, name)
    product.knowledge.release(_named(product, target, document).document_id)
    sentence = f"{document} was released and is found from now on."
    yield result({"collection": target.name, "document": document, "sentence": sentence})


def remove_waiting(product: Product, *, stop: threading.Event, name: str, document: str) -> Iterator[Item]:
    """Remove a document that is in quarantine."""
    target = product.collections.by_name(LOCAL_ACTOR, name)
    product.knowledge.forget_document(_named(product, target, document).document_id)
    yield result({"collection": target.name, "document": document, "sentence": f"{document} was removed."})


def _waiting(product: Product, collection: Collection) -> list[StoredDocument]:
    stored = product.chunks.documents(collection.collection_id)
    return [document for document in stored if document.state == "quarantined"]


def _named(product: Product, collection: Collection, name: str) -> StoredDocument:
    """Return a waiting document.

    Raises:
        UnknownDocumentError: none of this name waits in the collection.
    """
    for document in _waiting(product, collection):
        if document.name == name:
            return document
    raise UnknownDocumentError(
        f"No document called {name} is in quarantine. `inhouse collections quarantine` names those that are."
    )


def _find_or_make(product: Product, name: str) -> tuple[Collection, bool]:
    try:
        return product.collections.by_name(LOCAL_ACTOR, name), False
    except UnknownCollectionError:
        return product.collections.create(LOCAL_ACTOR, name), True


def _count(product: Product, collection: Collection) -> Item:
    documents = product.chunks.documents(collection.collection_id)
    told = shape(collection)
    accounts, sign_in = product.people.accounts, product.settings.sign_in
    return {
        "collection": told.pop("name"),
        **told,
        "documents": len(documents),
        "chunks": sum(document.chunks for document in documents),
        "quarantined": len(_waiting(product, collection)),
        "problems": len(product.chunks.problems(collection.collection_id)),
        "quality": shape_qualities(documents),
        "readers": readers_of(
            collection.collection_id, collections=product.collections, accounts=accounts, sign_in=sign_in
        ),
    }
