"""Rated answers by command: the queue of reviewers, one of it, and settling one.

Whoever runs a command owns the data directory, and may review all that was shared.
"""

import threading
from collections.abc import Iterator

from app.answers import LOCAL_ACTOR, FeedbackReason
from app.commands.items import Item, result
from app.product import Product
from app.shapes import shape_review, shape_review_in_list
from app.store.shared_turns import Wanted


def list_reviews(
    product: Product, *, stop: threading.Event, state: str, reason: FeedbackReason | None, limit: int
) -> Iterator[Item]:
    """Name the rated answers that were shared, the newest first.

    Args:
        product: where they are.
        stop: not looked at.
        state: "open", "settled" or "all".
        reason: only those rated so; None for any.
        limit: how many at most.
    """
    settled = None if state == "all" else state == "settled"
    found = product.feedback.shared.queue(LOCAL_ACTOR, Wanted(reason=reason, settled=settled), limit=limit)
    good, bad = product.feedback.shared.counts(LOCAL_ACTOR)
    yield result({"reviews": list(map(shape_review_in_list, found)), "counts": {"good": good, "bad": bad}})


def show_review(product: Product, *, stop: threading.Event, review: str) -> Iterator[Item]:
    """Tell all that was shared of one rated answer."""
    yield result(shape_review(product.feedback.shared.get(LOCAL_ACTOR, review), product.collections.list(LOCAL_ACTOR)))


def settle_review(product: Product, *, stop: threading.Event, review: str, note: str) -> Iterator[Item]:
    """Settle one, with a note for whoever rated."""
    settled = product.feedback.shared.settle(LOCAL_ACTOR, review, note=note)
    sentence = "It is settled. Whoever rated sees that, with the note." if note else "It is settled."
    yield result(shape_review(settled, product.collections.list(LOCAL_ACTOR)) | {"sentence": sentence})
