"""The documents a collection holds: listed, shown in detail, removed. Loading them is `app.commands.documents`'s."""

import threading
from collections.abc import Iterator

from app.answers import LOCAL_ACTOR, Collection
from app.commands.items import Item, note, result
from app.details import details, listed
from app.errors import AppError
from app.product import Product
from retrieval.documents import StoredDocument

ANOTHER = """Another document of this name is {state}: `inhouse documents show "{collection}" {document_id}`."""
STATES = {"quarantined": "in quarantine", "indexed": "ready"}


class UnknownDocumentError(AppError):
    """There is no such document."""

    status = 404


def list_documents(product: Product, *, stop: threading.Event, collection: str) -> Iterator[Item]:
    """Name the documents of a collection, how well each was understood, and the files that could not be read."""
    target = product.collections.by_name(LOCAL_ACTOR, collection)
    yield result({"collection": target.name} | listed(product.chunks, target.collection_id, curates=True))


def show_document(
    product: Product, *, stop: threading.Event, collection: str, document: str, first: int
) -> Iterator[Item]:
    """Tell everything of a document: who loaded it, its versions and relatives, and chunks of it as they are indexed.

    Args:
        product: where it is.
        stop: not looked at.
        collection: its name.
        document: its name or its id.
        first: the chunk to begin with, from 0.
    """
    target = product.collections.by_name(LOCAL_ACTOR, collection)
    shown, *others = _named(product, target, document)
    for other in others:
        state = STATES.get(other.state, "being indexed")
        yield note(ANOTHER.format(state=state, collection=target.name, document_id=other.document_id))
    told = details(
        shown,
        chunks=product.chunks,
        versions=product.versions,
        accounts=product.people.accounts,
        me="",
        first=first,
    )
    yield result({"collection": target.name} | told)


def remove_document(product: Product, *, stop: threading.Event, collection: str, document: str) -> Iterator[Item]:
    """Take a document out of everything, also what waits in quarantine under its name; or forget an unread file."""
    target = product.collections.by_name(LOCAL_ACTOR, collection)
    if any(one.name == document for one in product.chunks.problems(target.collection_id)):
        product.chunks.clear_problem(target.collection_id, document)
        found = [one for one in product.chunks.documents(target.collection_id) if one.name == document]
    else:
        found = _named(product, target, document)
    for one in found:
        product.knowledge.forget_document(one.document_id)
    sentence = f"{found[0].name if found else document} was removed from the collection {target.name}."
    yield result({"collection": target.name, "document": document, "removed": len(found), "sentence": sentence})


def _named(product: Product, collection: Collection, document: str) -> list[StoredDocument]:
    """Return the documents of a name, the found one first, or the one of an id; at least one.

    Raises:
        UnknownDocumentError: there is none; where a file of this name could not be read, it says why.
    """
    held = product.chunks.documents(collection.collection_id)
    found = [one for one in held if one.name == document] or [one for one in held if one.document_id == document]
    if found:
        return sorted(found, key=lambda one: not one.is_found)
    for problem in product.chunks.problems(collection.collection_id):
        if problem.name == document:
            raise UnknownDocumentError(f"{document} could not be read: {problem.sentence}")
    raise UnknownDocumentError(
        f"There is no document {document} in {collection.name}. `inhouse documents list` names those there are."
    )
