"""Verified answers: list those that hold or are expired, approve one, remove one."""

import threading
from collections.abc import Iterator
from datetime import date

from app.answers import LOCAL_ACTOR
from app.commands.items import Item, progress, result
from app.commands.stores import told_apart
from app.library.approving import approve, in_one_line
from app.product import Product
from app.shapes import shape_approved, shape_report
from app.store.errors import NotFoundError
from retrieval.ingest import IngestReport


def list_verified(
    product: Product, *, stop: threading.Event, collection: str | None, owner: str, expired: bool
) -> Iterator[Item]:
    """Name the verified answers, those that expire first, first.

    Args:
        product: where they are.
        stop: not looked at.
        collection: the name of the only one to look at; None for all.
        owner: only those of this owner, in upper or lower case; "" for all.
        expired: only those that are expired.
    """
    everything = product.collections.list(LOCAL_ACTOR)
    chosen = everything if collection is None else [product.collections.by_name(LOCAL_ACTOR, collection)]
    listed = [
        {"collection": one.name} | shape_approved(answer)
        for one in chosen
        for answer in product.verified.of(one.collection_id)
        if not owner or answer.owner.casefold() == owner.casefold()
    ]
    found = [one for one in listed if not (expired and one["holds"])]
    yield result({"verified": sorted(found, key=lambda one: one["until"])})


def add_verified(  # noqa: PLR0913 - what a verified answer is made of
    product: Product, *, stop: threading.Event, question: str, answer: str, collection: str, owner: str, until: str
) -> Iterator[Item]:
    """Approve an answer; one to the same question takes the other's place."""
    target = product.collections.by_name(LOCAL_ACTOR, collection)
    yield from told_apart(product)
    events = approve(
        LOCAL_ACTOR,
        target.collection_id,
        question=question,
        answer=answer,
        owner=owner,
        until=date.fromisoformat(until),
        knowledge=product.knowledge,
        verified=product.verified,
    )
    for event in events:
        if isinstance(event, IngestReport):
            sentence = f"The answer is in {target.name} until {until}."
            yield result({"collection": target.name, "sentence": sentence} | shape_report(event))
        else:
            yield progress("Learning the answer")


def remove_verified(product: Product, *, stop: threading.Event, question: str, collection: str) -> Iterator[Item]:
    """Take a verified answer out of everything."""
    target = product.collections.by_name(LOCAL_ACTOR, collection)
    asked = in_one_line(question)
    name = next((one.name for one in product.verified.of(target.collection_id) if one.question == asked), None)
    if name is None:
        raise NotFoundError(f"{target.name} has no verified answer to this question. See `inhouse verified list`.")
    for head in product.chunks.heads(target.collection_id):
        if head.name == name:
            product.knowledge.forget_document(head.document_id)
    product.verified.forget(target.collection_id, name)
    yield result({"collection": target.name, "sentence": f"The answer was removed from {target.name}."})
