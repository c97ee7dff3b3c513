"""The commands that need the product: from a Product and plain values to JSON items.

Each is a generator, so that it runs the same in this process and behind the local socket; it looks at `stop` between
its steps. Knows neither arguments on a command line nor how anything is printed.
"""

import threading
from collections.abc import Callable, Iterator
from typing import Any

from app.commands import (
    audit,
    backups,
    checks,
    conflicts,
    demonstration,
    documents,
    folders,
    holdings,
    models,
    people,
    person,
    questions,
    recording,
    reviews,
    security,
    stores,
    verified,
)
from app.commands.items import Item
from app.errors import AppError
from app.product import Product


class UnknownCommandError(AppError):
    """The running Inhouse does not know this command. Stop it and start the installed version."""

    status = 400


COMMANDS: dict[str, Callable[..., Iterator[Item]]] = {
    "backup": backups.back_up,
    "examine security": security.examine,
    "users erase": person.erase,
    "users export": person.export,
    "users hold": person.hold,
    "users release": person.release,
    "users holds": person.list_holds,
    "users receipts": person.list_receipts,
    "users verify": person.verify,
    "demonstrate": demonstration.demonstrate,
    "ingest": documents.ingest,
    "documents list": holdings.list_documents,
    "documents show": holdings.show_document,
    "documents remove": holdings.remove_document,
    "collections list": documents.list_collections,
    "collections create": documents.create_collection,
    "collections delete": documents.delete_collection,
    "collections edit": documents.describe_collection,
    "collections export": documents.export_collection,
    "folders list": folders.list_folders,
    "folders add": folders.watch_folder,
    "folders change": folders.change_folder,
    "folders run": folders.look_at_folder,
    "folders remove": folders.leave_folder,
    "verified list": verified.list_verified,
    "verified add": verified.add_verified,
    "verified remove": verified.remove_verified,
    "reviews list": reviews.list_reviews,
    "reviews show": reviews.show_review,
    "reviews settle": reviews.settle_review,
    "collections conflicts": conflicts.list_conflicts,
    "collections quarantine": documents.list_quarantine,
    "collections release": documents.release_document,
    "collections discard": documents.remove_waiting,
    "search": questions.search,
    "ask": questions.ask,
    "check": checks.check,
    "models use": models.use,
    "models remove": models.remove,
    "users list": people.list_users,
    "users add": people.add_user,
    "users edit": people.change_user,
    "users bind": people.bind_user,
    "users link": people.invite_user,
    "tokens list": people.list_tokens,
    "tokens create": people.create_token,
    "tokens revoke": people.revoke_token,
    "collections grants": people.list_grants,
    "collections grant": people.grant,
    "collections revoke": people.revoke,
    "examine": stores.examine,
    "reindex": stores.reindex,
    "rebuild index": stores.rebuild_index,
    "audit list": audit.show,
    "audit export": audit.export,
    "audit verify": audit.verify,
    "audit alerts": audit.unusual,
}


def run(product: Product, name: str, arguments: dict[str, Any], stop: threading.Event) -> Iterator[Item]:
    """Run a command by name.

    Raises:
        UnknownCommandError: the name or its arguments are not known here, as when versions differ.
    """
    command = COMMANDS.get(name)
    if command is None:
        raise UnknownCommandError
    try:
        items = command(product, stop=stop, **arguments)
    except TypeError as error:
        raise UnknownCommandError from error
    with recording.recorded(product, name, arguments):
        yield from items
