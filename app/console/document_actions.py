"""What `inhouse documents list|show|remove` do: options in, exit status out."""

import argparse
import sys
from typing import Any

from app.console.invoking import invoke
from app.console.options import command, count
from app.console.terminal import say
from app.console.typed import agreed

NOT_DONE = 1


def add_to(commands: Any) -> None:
    """Add `documents`."""
    documents = commands.add_parser("documents", help="list the documents of a collection, show or remove one")
    parts = documents.add_subparsers(metavar="list|show|remove", required=True)
    listed = command(parts, "list", list_documents, "name the documents of a collection, and files that were not read")
    show = command(
        parts, "show", show_document, "tell who loaded a document, its versions, how it was understood, its chunks"
    )
    remove = command(parts, "remove", remove_document, "take a document out of everything")
    for part in (listed, show, remove):
        part.add_argument("collection", metavar="COLLECTION")
    for part in (show, remove):
        part.add_argument("document", metavar="NAME", help="as `inhouse documents list` names it, or its id")
    show.add_argument("--from", metavar="N", dest="first", type=count, default=1, help="the chunk to begin with")
    remove.add_argument("--yes", action="store_true", help="do not ask")


def list_documents(options: argparse.Namespace) -> int:
    """Print the documents of a collection."""
    return invoke(options, "documents list", collection=options.collection)


def show_document(options: argparse.Namespace) -> int:
    """Print a document in detail."""
    wanted = {"collection": options.collection, "document": options.document, "first": options.first - 1}
    return invoke(options, "documents show", **wanted)


def remove_document(options: argparse.Namespace) -> int:
    """Remove a document, after its name was typed once more where there is somebody to ask."""
    if not options.yes and sys.stdin.isatty():
        say(f"This removes {options.document} from the collection {options.collection}. Type its name to go on:")
        if not agreed(options.document):
            say("Nothing was removed.")
            return NOT_DONE
    return invoke(options, "documents remove", collection=options.collection, document=options.document)
