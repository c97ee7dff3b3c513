"""Writes into the audit log which commands were run, at one place.

Knows which command is which action, not what a command does. Whoever runs a command is the person of this machine.
"""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, NamedTuple

from app.answers import LOCAL_ACTOR
from app.errors import status_of
from app.product import Product
from app.store.audit_words import COMMAND, Action, ObjectKind, Result, result_of
from app.store.errors import UnknownCollectionError, UnknownPersonError


class Recorded(NamedTuple):
    """How a command is written down; `argument` names the collection or model it is about."""

    action: Action
    kind: ObjectKind
    argument: str = ""


A, K = Action, ObjectKind
RECORDED: dict[str, Recorded] = {
    "ingest": Recorded(A.DOCUMENT_ADDED, K.COLLECTION, "collection"),
    "documents remove": Recorded(A.DOCUMENT_REMOVED, K.COLLECTION, "collection"),
    "collections create": Recorded(A.COLLECTION_MADE, K.COLLECTION, "name"),
    "collections delete": Recorded(A.COLLECTION_DELETED, K.COLLECTION, "name"),
    "collections edit": Recorded(A.COLLECTION_CHANGED, K.COLLECTION, "name"),
    "collections export": Recorded(A.COLLECTION_EXPORTED, K.COLLECTION, "name"),
    "folders add": Recorded(A.FOLDER_WATCHED, K.COLLECTION, "collection"),
    "folders change": Recorded(A.FOLDER_WATCHED, K.COLLECTION, "collection"),
    "folders run": Recorded(A.FOLDER_WATCHED, K.COLLECTION, "collection"),
    "folders remove": Recorded(A.FOLDER_LEFT, K.COLLECTION, "collection"),
    "verified add": Recorded(A.ANSWER_VERIFIED, K.COLLECTION, "collection"),
    "verified remove": Recorded(A.ANSWER_UNVERIFIED, K.COLLECTION, "collection"),
    "collections release": Recorded(A.DOCUMENT_RELEASED, K.COLLECTION, "name"),
    "collections discard": Recorded(A.DOCUMENT_REMOVED, K.COLLECTION, "name"),
    "reviews list": Recorded(A.FEEDBACK_REVIEWED, K.INSTALLATION),
    "reviews show": Recorded(A.FEEDBACK_REVIEWED, K.RATING, "review"),
    "reviews settle": Recorded(A.FEEDBACK_SETTLED, K.RATING, "review"),
    "search": Recorded(A.SEARCHED, K.COLLECTION, "collection"),
    "ask": Recorded(A.ASKED, K.CONVERSATION),
    "models use": Recorded(A.MODEL_CHOSEN, K.MODEL, "name"),
    "models remove": Recorded(A.MODEL_REMOVED, K.MODEL, "name"),
    "reindex": Recorded(A.INDEX_RENEWED, K.INSTALLATION),
    "rebuild index": Recorded(A.INDEX_RENEWED, K.INSTALLATION),
    "users add": Recorded(A.PERSON_ADDED, K.PERSON, "name"),
    "users edit": Recorded(A.PERSON_CHANGED, K.PERSON, "name"),
    "users bind": Recorded(A.PERSON_CHANGED, K.PERSON, "name"),
    "users link": Recorded(A.PASSWORD_RESET, K.PERSON, "name"),
    "users erase": Recorded(A.PERSON_ERASED, K.PERSON, "user"),
    "users export": Recorded(A.PERSON_EXPORTED, K.PERSON, "user"),
    "users hold": Recorded(A.HOLD_SET, K.PERSON, "user"),
    "users release": Recorded(A.HOLD_LIFTED, K.INSTALLATION),
    "tokens create": Recorded(A.TOKEN_MADE, K.PERSON, "user"),
    "tokens revoke": Recorded(A.TOKEN_REVOKED, K.PERSON, "user"),
    "collections grant": Recorded(A.GRANTED, K.COLLECTION, "name"),
    "collections revoke": Recorded(A.REVOKED, K.COLLECTION, "name"),
    "audit list": Recorded(A.LOG_READ, K.INSTALLATION),
    "audit export": Recorded(A.LOG_EXPORTED, K.INSTALLATION),
    "backup": Recorded(A.BACKED_UP, K.INSTALLATION),
}
UNRECORDED = frozenset(
    {
        "demonstrate",
        "check",
        "examine",
        "examine security",
        "documents list",
        "documents show",
        "collections list",
        "collections grants",
        "collections conflicts",
        "collections quarantine",
        "folders list",
        "verified list",
        "users list",
        "users holds",
        "users receipts",
        "users verify",
        "tokens list",
        "audit verify",
        "audit alerts",
    }
)
"""What changes nothing, and shows the person of this machine what is theirs. A test looks that none is forgotten."""


@contextmanager
def recorded(product: Product, name: str, arguments: dict[str, Any]) -> Generator[None]:
    """Record, behind the block, that a command was run and what came of it."""
    wanted = RECORDED.get(name)
    if wanted is None:
        yield
        return
    object_id = _id_of(product, wanted, arguments)
    result = Result.DONE
    try:
        yield
    except Exception as error:
        result = result_of(status_of(error))
        raise
    finally:
        object_id = object_id or _id_of(product, wanted, arguments)  # what it has made is known only now
        product.audit.record(LOCAL_ACTOR, wanted.action, wanted.kind, object_id, result, COMMAND)


def _id_of(product: Product, wanted: Recorded, arguments: dict[str, Any]) -> str:
    named = str(arguments.get(wanted.argument, ""))
    if wanted.kind is ObjectKind.PERSON:
        return _user_id(product, named)
    if wanted.kind is not ObjectKind.COLLECTION:
        return named
    try:
        return product.collections.by_name(LOCAL_ACTOR, named).collection_id
    except UnknownCollectionError:
        return ""


def _user_id(product: Product, name: str) -> str:
    """Return whose account this is: the log names people by pseudonym, never by name."""
    try:
        return product.people.accounts.by_name(name).user_id
    except UnknownPersonError:
        return ""
