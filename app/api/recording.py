"""Writes into the audit log what goes through the HTTP doors, at one place: outside of the gate, so denials too.

Knows which route is which action, not what a route does. Nobody is told that something is done before it is recorded.
"""

import asyncio
import time
from collections import deque
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.store.audit import NOBODY, Audit
from app.store.audit_words import Action, Door, ObjectKind, Origin, Result, result_of

if TYPE_CHECKING:
    from app.answers import Actor

COLLECTION, DOCUMENT = "/api/collections/{collection_id}", "/api/collections/{collection_id}/documents/{document_id}"
ANSWER = "/api/answers/{answer_id}"
REVIEW = "/api/reviews/{review_id}"
PERSON = "/api/people/{user_id}"
DENIALS_A_MINUTE = 60
"""Of nobody in particular: a flood of strangers must not fill the disk."""
MINUTE = 60.0
OBJECT = "inhouse.object"
"""Where a route puts the id of what it made, in the request's scope."""


class Recorded(NamedTuple):
    """How a request is written down."""

    action: Action
    kind: ObjectKind
    part: str = ""
    """The part of the path that is the object's id; empty: the route puts the id into the scope, or there is none."""


A, K = Action, ObjectKind
RECORDED: dict[tuple[str, str], Recorded] = {
    ("POST", "/v1/chat/completions"): Recorded(A.ASKED, K.CONVERSATION),
    ("POST", "/api/search"): Recorded(A.SEARCHED, K.INSTALLATION),
    ("POST", ANSWER + "/double-check"): Recorded(A.ASKED, K.ANSWER, "answer_id"),
    ("PUT", ANSWER + "/disputes/{start}"): Recorded(A.FEEDBACK_GIVEN, K.ANSWER, "answer_id"),
    ("DELETE", ANSWER + "/disputes/{start}"): Recorded(A.FEEDBACK_WITHDRAWN, K.ANSWER, "answer_id"),
    ("GET", "/api/reviews"): Recorded(A.FEEDBACK_REVIEWED, K.INSTALLATION),
    ("GET", REVIEW): Recorded(A.FEEDBACK_REVIEWED, K.RATING, "review_id"),
    ("GET", REVIEW + "/sources/{n}"): Recorded(A.FEEDBACK_REVIEWED, K.RATING, "review_id"),
    ("POST", REVIEW): Recorded(A.FEEDBACK_SETTLED, K.RATING, "review_id"),
    ("POST", "/api/collections"): Recorded(A.COLLECTION_MADE, K.COLLECTION),
    ("PATCH", COLLECTION): Recorded(A.COLLECTION_CHANGED, K.COLLECTION, "collection_id"),
    ("DELETE", COLLECTION): Recorded(A.COLLECTION_DELETED, K.COLLECTION, "collection_id"),
    ("GET", COLLECTION + "/export"): Recorded(A.COLLECTION_EXPORTED, K.COLLECTION, "collection_id"),
    ("PUT", COLLECTION + "/documents"): Recorded(A.DOCUMENT_ADDED, K.COLLECTION, "collection_id"),
    ("DELETE", COLLECTION + "/problems"): Recorded(A.DOCUMENT_REMOVED, K.COLLECTION, "collection_id"),
    ("DELETE", DOCUMENT): Recorded(A.DOCUMENT_REMOVED, K.DOCUMENT, "document_id"),
    ("POST", DOCUMENT + "/release"): Recorded(A.DOCUMENT_RELEASED, K.DOCUMENT, "document_id"),
    ("GET", "/api/documents/{document_id}/original"): Recorded(A.ORIGINAL_TAKEN, K.DOCUMENT, "document_id"),
    ("PUT", COLLECTION + "/verified"): Recorded(A.ANSWER_VERIFIED, K.COLLECTION, "collection_id"),
    ("POST", COLLECTION + "/folders"): Recorded(A.FOLDER_WATCHED, K.COLLECTION, "collection_id"),
    ("PATCH", COLLECTION + "/folders/{watch_id}"): Recorded(A.FOLDER_WATCHED, K.FOLDER, "watch_id"),
    ("POST", COLLECTION + "/folders/{watch_id}/run"): Recorded(A.FOLDER_WATCHED, K.FOLDER, "watch_id"),
    ("DELETE", COLLECTION + "/folders/{watch_id}"): Recorded(A.FOLDER_LEFT, K.FOLDER, "watch_id"),
    ("POST", "/api/index"): Recorded(A.INDEX_RENEWED, K.INSTALLATION),
    ("POST", "/api/renewal"): Recorded(A.INDEX_RENEWED, K.INSTALLATION),
    ("POST", "/api/embedder"): Recorded(A.INDEX_RENEWED, K.INSTALLATION),
    ("PATCH", "/api/embedder"): Recorded(A.INDEX_RENEWED, K.INSTALLATION),
    ("POST", "/api/models/use"): Recorded(A.MODEL_CHOSEN, K.MODEL),
    ("POST", "/api/models/fetch"): Recorded(A.MODEL_FETCHED, K.MODEL),
    ("POST", "/api/models/import"): Recorded(A.MODEL_FETCHED, K.MODEL),
    ("POST", "/api/models/verify"): Recorded(A.MODEL_VERIFIED, K.MODEL),
    ("DELETE", "/api/models"): Recorded(A.MODEL_REMOVED, K.MODEL),
    ("GET", "/api/audit"): Recorded(A.LOG_READ, K.INSTALLATION),
    ("GET", "/api/audit/export"): Recorded(A.LOG_EXPORTED, K.INSTALLATION),
    ("PUT", COLLECTION + "/grants"): Recorded(A.GRANTED, K.COLLECTION, "collection_id"),
    ("DELETE", COLLECTION + "/grants"): Recorded(A.REVOKED, K.COLLECTION, "collection_id"),
    ("POST", "/api/people"): Recorded(A.PERSON_ADDED, K.PERSON),
    ("PATCH", PERSON): Recorded(A.PERSON_CHANGED, K.PERSON, "user_id"),
    ("POST", PERSON + "/link"): Recorded(A.PASSWORD_RESET, K.PERSON, "user_id"),
    ("POST", PERSON + "/sign-out"): Recorded(A.SESSION_ENDED, K.PERSON, "user_id"),
    ("DELETE", PERSON + "/tokens/{token_id}"): Recorded(A.TOKEN_REVOKED, K.TOKEN, "token_id"),
    ("POST", PERSON + "/export"): Recorded(A.PERSON_EXPORTED, K.PERSON, "user_id"),
    ("POST", PERSON + "/erase"): Recorded(A.PERSON_ERASED, K.PERSON, "user_id"),
    ("GET", "/api/me/export"): Recorded(A.PERSON_EXPORTED, K.INSTALLATION),
    ("POST", "/api/me/exports/open"): Recorded(A.EXPORT_OPENED, K.INSTALLATION),
    ("POST", "/api/me/erase"): Recorded(A.PERSON_ERASED, K.INSTALLATION),
    ("POST", "/api/backups"): Recorded(A.BACKED_UP, K.INSTALLATION),
    ("PUT", "/api/retention"): Recorded(A.SETTING_CHANGED, K.INSTALLATION),
    ("POST", "/api/rotation"): Recorded(A.ROTATION_ASKED, K.INSTALLATION),
    ("DELETE", "/api/rotation"): Recorded(A.ROTATION_CANCELLED, K.INSTALLATION),
    ("POST", "/api/recovery-key"): Recorded(A.RECOVERY_KEY_EXPORTED, K.INSTALLATION),
    ("POST", "/api/holds"): Recorded(A.HOLD_SET, K.PERSON),
    ("DELETE", "/api/holds/{hold_id}"): Recorded(A.HOLD_LIFTED, K.INSTALLATION),
    ("POST", "/api/me/sign-out"): Recorded(A.SIGNED_OUT, K.SESSION),
    ("POST", "/api/me/password"): Recorded(A.PASSWORD_SET, K.INSTALLATION),
    ("PUT", "/api/me/second-factor"): Recorded(A.SECOND_FACTOR_SET, K.INSTALLATION),
    ("POST", "/api/me/second-factor/drop"): Recorded(A.SECOND_FACTOR_REMOVED, K.INSTALLATION),
    ("DELETE", "/api/me/sessions/{ending}"): Recorded(A.SESSION_ENDED, K.SESSION, "ending"),
    ("POST", "/api/me/tokens"): Recorded(A.TOKEN_MADE, K.TOKEN),
    ("DELETE", "/api/me/tokens/{token_id}"): Recorded(A.TOKEN_REVOKED, K.TOKEN, "token_id"),
}
ENTRANCES: dict[tuple[str, str], Recorded] = {
    ("POST", "/sign-in"): Recorded(A.SIGNED_IN, K.INSTALLATION),
    ("GET", "/sign-in/return"): Recorded(A.SIGNED_IN, K.DOOR),
    ("POST", "/welcome"): Recorded(A.PASSWORD_SET, K.INSTALLATION),
    ("POST", "/setup"): Recorded(A.PERSON_ADDED, K.INSTALLATION),
    ("POST", "/notice"): Recorded(A.CONSENT_GIVEN, K.INSTALLATION),
}
"""Pages with forms, which are no part of the API."""
UNRECORDED = frozenset(
    {
        ("POST", "/api/check"),
        ("POST", "/v1/embeddings"),
        ("POST", "/api/models/stop"),
        ("POST", "/api/me/second-factor"),
        ("POST", "/api/erasures/verify"),
    }
)
"""What changes nothing that is kept. Every other request that is no GET has to be above; a test looks."""


class Recording:
    """Records requests that change or take something, and those that are denied."""

    def __init__(self, app: ASGIApp, *, audit: Audit) -> None:
        """Stand around `app`, whose gate puts the caller into the scope."""
        self._app = app
        self._audit = audit
        self._strangers: deque[float] = deque(maxlen=DENIALS_A_MINUTE)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def recording(message: Message) -> None:
            if message["type"] == "http.response.start":
                await self._record(scope, message["status"])
            await send(message)

        await self._app(scope, receive, recording)

    async def _record(self, scope: Scope, status: int) -> None:
        wanted = seen(scope, status)
        actor: Actor = scope.get("inhouse.actor") or NOBODY
        if wanted is None or (actor is NOBODY and self._too_many()):
            return
        action, kind, object_id = wanted
        add = partial(self._audit.record, actor, action, kind, object_id, result_of(status), origin_of(scope))
        await asyncio.to_thread(add)

    def _too_many(self) -> bool:
        """Whether strangers have been denied so often in the last minute that this one is not written down."""
        now = time.monotonic()
        full = len(self._strangers) == DENIALS_A_MINUTE and now - self._strangers[0] < MINUTE
        if not full:
            self._strangers.append(now)
        return full


def seen(scope: Scope, status: int) -> tuple[Action, ObjectKind, str] | None:
    """Return how a request is recorded; None where it is not."""
    path = scope["path"]
    recorded = (RECORDED | ENTRANCES).get((scope["method"], template_of(scope)))
    if recorded is not None:
        made = scope.get(OBJECT, "")
        return recorded.action, recorded.kind, str(scope["path_params"].get(recorded.part, "")) or made
    if path == "/" and b"token=" in scope.get("query_string", b"") and scope["method"] == "GET":
        return Action.SIGNED_IN, ObjectKind.INSTALLATION, ""
    programs = path.startswith(("/api/", "/v1/"))
    if result_of(status) is Result.DENIED and (programs or status != 404):  # noqa: PLR2004 - a picture that is not there
        return Action.READ, ObjectKind.DOOR, path
    return None


def template_of(scope: Scope) -> str:
    """Return the path of the route that answered, with its parts named; empty where none did."""
    route: Any = scope.get("route")
    return getattr(route, "path", "")


def origin_of(scope: Scope) -> Origin:
    """Return from where a request came; one with a token comes from a program."""
    client = scope.get("client")
    with_token = any(name == b"authorization" for name, _ in scope["headers"])
    return Origin(door=Door.API if with_token else Door.PAGE, address=client[0] if client else "")
