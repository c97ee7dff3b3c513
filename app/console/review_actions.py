"""What `inhouse reviews list|show|settle` do: options in, exit status out."""

import argparse
from typing import Any, get_args

from app.answers import FeedbackReason
from app.console.invoking import invoke
from app.console.options import command, count


def add_to(commands: Any) -> None:
    """Add `reviews`."""
    reviews = commands.add_parser("reviews", help="rated answers that were shared: list, show or settle them")
    parts = reviews.add_subparsers(metavar="list|show|settle", required=True)
    listed = command(parts, "list", list_reviews, "name the rated answers that were shared, the newest first")
    listed.add_argument("--state", choices=("open", "settled", "all"), default="open", help="default: open")
    listed.add_argument("--reason", choices=get_args(FeedbackReason), help="only those rated so")
    listed.add_argument("--limit", metavar="50", type=count, default=50, help="how many")
    shown = command(parts, "show", show_review, "print all that was shared of one")
    settled = command(parts, "settle", settle_review, "settle one, with a note for whoever rated")
    settled.add_argument("--note", metavar="TEXT", default="", help="what whoever rated is told")
    for part in (shown, settled):
        part.add_argument("review", metavar="REVIEW", help="its id, from `inhouse reviews list`")


def list_reviews(options: argparse.Namespace) -> int:
    """Print the queue."""
    return invoke(options, "reviews list", state=options.state, reason=options.reason, limit=options.limit)


def show_review(options: argparse.Namespace) -> int:
    """Print one."""
    return invoke(options, "reviews show", review=options.review)


def settle_review(options: argparse.Namespace) -> int:
    """Settle one."""
    return invoke(options, "reviews settle", review=options.review, note=options.note)
