"""What is asked of every request before anything else looks at it: its host, its origin, its size.

Pure functions of headers and bytes; knows no session.
"""

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from starlette.requests import Request
from starlette.types import Message, Receive, Scope

LOOPBACK_NAMES = frozenset({"127.0.0.1", "localhost", "::1"})
"""Any other name is a foreign one that was made to point here (DNS rebinding)."""
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


FILES = re.compile(r"/api/(collections/[^/]+/documents|me/exports/open)")
"""Where the body is a file."""
JSON_BYTES = 8_000_000
"""A conversation of a thousand messages, or some thousand texts to embed."""


@dataclass(frozen=True)
class Refusal(Exception):  # noqa: N818 - an answer, not a fault
    """A request that may not pass: the status and the sentence for the person."""

    status: int
    code: str
    sentence: str


def check_host(headers: Mapping[str, str], names: Collection[str]) -> None:
    """Let only requests to one of our names pass.

    Raises:
        Refusal: another name, or none.
    """
    try:
        name = urlsplit("//" + headers.get("host", "")).hostname
    except ValueError:
        name = None
    if name not in names:
        raise Refusal(421, "foreign_host", f"Inhouse answers only at {' and '.join(sorted(names))}.")


def check_origin(headers: Mapping[str, str], scheme: str) -> None:
    """Refuse what another page sends; its origin differs in the port at least.

    The cookie's SameSite does not do this: to a browser every port of 127.0.0.1 is the same site.

    Raises:
        Refusal: the request names another origin, or comes as a script of another site.
    """
    origin = headers.get("origin")
    if origin is not None and origin != f"{scheme}://{headers.get('host', '')}":
        raise Refusal(403, "foreign_origin", "Another web page tried to use Inhouse; that is not allowed.")
    scripted = headers.get("sec-fetch-mode", "navigate") != "navigate"
    if scripted and headers.get("sec-fetch-site", "same-origin") in {"cross-site", "same-site"}:
        raise Refusal(403, "foreign_origin", "Another web page tried to use Inhouse; that is not allowed.")


def page_of(path: str, query: str) -> str | None:
    """Return the page name (Gradio's session_hash) that a reading request carries, if any.

    Raises:
        Refusal: it carries several, of which Gradio would take another than we, or asks for what somebody stored.
    """
    fields = parse_qs(query, keep_blank_values=True)
    if any(fields.get("deep_link", [])):
        raise Refusal(404, "not_found", "There is nothing at this address.")
    names = fields.get("session_hash", [])
    if len(names) > 1:
        raise Refusal(400, "no_page", "The request names several pages.")
    if path.startswith("/gradio_api/heartbeat/"):
        return path.rsplit("/", 1)[1]
    return next(iter(names), None)


def page_in(body: bytes) -> str:
    """Return the page name that an event's body carries.

    Raises:
        Refusal: the body is not a JSON object with one, or names a file: Gradio fetches what a file's path names, from
            any address, and none of our events takes a file.
    """
    try:
        event = json.loads(body)
        page = event["session_hash"]
    except (ValueError, KeyError, TypeError, RecursionError):
        event, page = None, None
    if not isinstance(page, str) or not page or not page.isascii() or not _is_number(event.get("fn_index", 0)):
        raise Refusal(400, "no_page", "The request does not say which page it comes from.")
    if names_a_file(event):
        raise Refusal(400, "file_in_event", "Files are sent to the Knowledge page's own address, not in an event.")
    return page


def _is_number(value: object) -> bool:
    """Whether a value can be the number of a handler; Gradio looks up whatever it is given."""
    return value is None or (isinstance(value, int) and value >= 0)


def names_a_file(value: object) -> bool:
    """Whether there is anything within a JSON value that Gradio takes for a file."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            if isinstance(one.get("meta"), dict) and "_type" in one["meta"]:
                return True
            waiting.extend(one.values())
        elif isinstance(one, list):
            waiting.extend(one)
    return False


async def read_body(receive: Receive, *, limit: int) -> bytes:
    """Read a request's body into memory.

    Raises:
        Refusal: it is longer than `limit` bytes; the rest is not read.
    """
    parts, size, more = [], 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Refusal(400, "cut_off", "The request ended too early.")
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        more = message.get("more_body", False)
        if size > limit:
            raise Refusal(413, "too_large", "The request is too large.")
    return b"".join(parts)


async def bounded(request: Request, receive: Receive) -> Receive:
    """Return a `receive` for a request of the API whose body is not larger than any honest one.

    Files are read by their routes, which know how large they may be.

    Raises:
        Refusal: it is larger; the rest is not read.
    """
    if request.method in SAFE_METHODS or FILES.fullmatch(request.url.path):
        return receive
    return replay(await read_body(receive, limit=JSON_BYTES), receive)


def replay(body: bytes, receive: Receive) -> Receive:
    """Return a `receive` that gives the body once more, then whatever comes next."""
    messages: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def again() -> Message:
        return messages.pop() if messages else await receive()

    return again


def before_the_proxy(scope: Scope) -> tuple[str, int] | None:
    """Return whom the proxy in front heard: it adds them last; what stands before, anybody may have written."""
    named = [value for key, value in scope["headers"] if key == b"x-forwarded-for"]
    last = b",".join(named).decode("latin-1").rpartition(",")[2].strip()
    client: tuple[str, int] | None = scope.get("client")
    return (last, 0) if last else client


def require_origin(request: Request) -> None:
    """Let only requests pass that say which page they come from; `check_origin` has seen that it is ours.

    Raises:
        Refusal: the request does not say.
    """
    if "origin" not in request.headers:
        raise Refusal(403, "no_origin", "A request that changes something must say which page it comes from.")
