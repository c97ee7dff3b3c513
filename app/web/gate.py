"""The gate every request passes: right host, right origin, a caller, and only the doors the product uses.

Plain ASGI in front of the pages and the API, because Gradio itself enforces nothing: its uploads, files, private
functions and page names are open to whoever reaches them. Knows sessions and tokens; knows no page. What a caller may
do behind a door is asked there (`app.rights`, and the stores).
"""

import logging
import re
from collections.abc import Callable
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.answers import LOCAL_ACTOR, Actor
from app.errors import explain
from app.identity.people import Bearer, People
from app.identity.tokens import same
from app.web.checks import (
    LOOPBACK_NAMES,
    SAFE_METHODS,
    Refusal,
    before_the_proxy,
    bounded,
    check_host,
    check_origin,
    page_in,
    page_of,
    read_body,
    replay,
    require_origin,
)
from app.web.html import finishing, stranger_page

logger = logging.getLogger(__name__)
COOKIE = "inhouse_session"
PAGES = frozenset(
    {"/", "/search", "/knowledge", "/review", "/models", "/about", "/account", "/people", "/audit", "/safekeeping"}
)
OPEN = re.compile(r"/(healthz|readyz|favicon\.ico|product/.+|gradio_api/app_id)")
"""Answered to anybody on this machine: nothing in it is anybody's."""
ENTRANCES = frozenset({"/sign-in", "/sign-in/elsewhere", "/sign-in/return", "/sign-in/out", "/welcome", "/setup"})
"""Where people come in who have accounts: answered to anybody who reaches this server."""
OURS = re.compile(r"/(v1|api)/.+")
METRICS = "/metrics"
OWN = re.compile(r"/api/(me|people|holds|erasures)(/.*)?")
"""What a person does about accounts, which no token of a program may."""
NOTICE = "/notice"
WITHOUT_CONSENT = re.compile(r"/notice|/api/(notice|me/(sign-out|export|erase))")
"""What opens for somebody who has not agreed to the privacy notice in force."""
ASKING = re.compile(r"/v1/(chat/completions|embeddings)|/api/(search|check)")
"""What a token of the scope "ask" may send; it may read everything its owner may."""
GRADIO_READS = re.compile(
    r"/(config|theme\.css|gradio_api/(theme\.css|queue/data|heartbeat/\w+|startup-events)|(assets|static)/.+)"
)
GRADIO_EVENTS = frozenset({"/gradio_api/queue/join", "/gradio_api/cancel", "/gradio_api/reset"})
EVENT_BYTES = 2_000_000
"""A page event holds a question and the conversation as shown."""
UNAUTHORISED = 401
NOT_AGREED = "no_consent"
NO_LINK = "Inhouse does not know this browser: it has not come through the link yet, or Inhouse was started anew since."
SIGNED_OUT = "You are signed out. Sign in again in another tab, then go on here: what you typed is kept."
FOREIGN_PAGE = "This page belongs to another session. Copy what you typed, then load it anew."
NOT_OURS = "The token is not valid. It stands in run/token of the data directory."
NO_CONSENT = "Read the privacy notice and agree to it first: open Inhouse in a browser and sign in."
REVOKED = "The token is not valid: it was revoked, has run out, or never was one. Make another on your account page."
KINDS = {401: "authentication_error", 403: "permission_error", 404: "not_found_error", 500: "server_error"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """Where people find this server, and how they come in."""

    scheme: str
    """What browsers speak with it: http or https."""
    names: frozenset[str]
    """The host names it answers to."""
    sign_in: bool
    """Whether people have accounts."""
    proxy: bool
    """Whether requests come through a proxy in front."""


class Gate:
    """Lets a request through with its caller in `scope["inhouse.actor"]`, or answers it."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        site: Site,
        people: People,
        token: str,
        left: Callable[[str], None],
        agreed: Callable[[Actor], bool],
    ) -> None:
        """Guard `app`.

        Args:
            app: what stands behind the gate.
            site: names and scheme of this server.
            people: accounts, sessions and tokens.
            token: of programs that the owner of the data directory runs, for /v1 and /api.
            left: called with a page's name when the browser has closed that page.
            agreed: whether somebody has agreed to the privacy notice in force; asked where people sign in.
        """
        self._app = app
        self._site = site
        self._people = people
        self._sessions = people.sessions
        self._token = token
        self._left = left
        self._agreed = agreed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or pass on the server's start and end."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            if self._site.proxy:
                scope["client"] = before_the_proxy(scope)
            request = Request(scope, receive)
            send = finishing(scope, send)
            try:
                check_host(request.headers, self._site.names)
                check_origin(request.headers, self._site.scheme)
                answer = self._redeem(request) if request.url.path == "/" else None
                receive = receive if answer else await self._admit(request, receive)
                receive = await bounded(request, receive) if OURS.fullmatch(request.url.path) else receive
            except Refusal as refusal:
                answer = refused(request, refusal, sign_in=self._site.sign_in)
            await (answer(scope, receive, send) if answer else self._pass_on(scope, receive, send))

    def _redeem(self, request: Request) -> Response | None:
        """Answer a visit through the one-time link; None for every other request.

        Raises:
            Refusal: the link was used before, or comes from an earlier start.
        """
        token = request.query_params.get("token")
        if token is None or request.method != "GET" or self._site.sign_in:
            return None
        response = RedirectResponse("/", status_code=303)
        session = self._sessions.find(request.cookies.get(COOKIE, ""))
        if session is None:
            secret = self._sessions.redeem(token)
            if secret is None:
                raise Refusal(401, "link_used", "This link was used before, or Inhouse has been started anew since.")
            response.set_cookie(COOKIE, secret, httponly=True, samesite="strict")
            session = self._sessions.find(secret)
        request.scope["inhouse.actor"] = session.actor if session else None  # for whoever records this
        return response

    async def _admit(self, request: Request, receive: Receive) -> Receive:
        """Find out who calls and whether this door is one; returns the `receive` to go on with.

        Raises:
            Refusal: no caller, no such door, or a page name of another session.
        """
        path = request.url.path
        if OPEN.fullmatch(path):
            return receive
        if self._site.sign_in and path in ENTRANCES:
            if request.method not in SAFE_METHODS:
                require_origin(request)
            return receive
        if path == METRICS and self._is_local(request):
            request.scope["inhouse.actor"] = LOCAL_ACTOR
            return receive
        if (OURS.fullmatch(path) or path == METRICS) and "authorization" in request.headers:
            request.scope["inhouse.actor"] = self._bearer(request)
            return receive
        return await self._admit_browser(request, receive)

    def _is_local(self, request: Request) -> bool:
        """Whether a request without a token comes from this machine; behind a proxy every one seems to."""
        local = request.client is not None and request.client.host in LOOPBACK_NAMES
        return local and not self._site.proxy and "authorization" not in request.headers

    def _bearer(self, request: Request) -> Actor:
        """Return who calls with a token.

        Raises:
            Refusal: the token is nobody's, or does not open this door.
        """
        kind, _, token = request.headers["authorization"].partition(" ")
        if kind.lower() == "bearer" and same(token.strip(), self._token):
            return LOCAL_ACTOR
        found = self._people.bearer(token.strip()) if kind.lower() == "bearer" else None
        if found is None:
            raise Refusal(401, "bad_token", REVOKED if self._site.sign_in else NOT_OURS)
        self._require_consent(found.actor, request)
        path, reads = request.url.path, request.method in SAFE_METHODS
        if OWN.fullmatch(path):
            raise Refusal(403, "not_for_tokens", "Accounts are managed by people who have signed in, not by programs.")
        if "manage" not in found.scopes and not reads and not ASKING.fullmatch(path):
            raise Refusal(403, "scope", "This token may ask and read only. Make one with the scope manage.")
        request.scope["inhouse.token"] = found
        return found.actor

    async def _admit_browser(self, request: Request, receive: Receive) -> Receive:
        """Admit a request by its cookie; a Gradio request must also carry a page name of this session."""
        path, safe = request.url.path, request.method in SAFE_METHODS
        session = self._sessions.find(request.cookies.get(COOKIE, ""))
        if session is None:
            raise Refusal(401, "no_session", SIGNED_OUT if self._site.sign_in else NO_LINK)
        if not safe:
            require_origin(request)
        request.scope["inhouse.actor"] = session.actor
        request.scope["inhouse.session"] = session.session_id
        self._require_consent(session.actor, request)
        if OURS.fullmatch(path) or path == NOTICE:
            return receive
        if safe and (path in PAGES or GRADIO_READS.fullmatch(path)):
            page = page_of(path, request.url.query)
        elif request.method == "POST" and path in GRADIO_EVENTS:
            body = await read_body(receive, limit=EVENT_BYTES)
            receive = replay(body, receive)
            page = page_in(body)
        else:
            raise Refusal(404, "not_found", "There is nothing at this address.")
        if page is not None and not self._sessions.claim_page(session, page):
            raise Refusal(403, "foreign_page", FOREIGN_PAGE)
        return receive

    def _require_consent(self, actor: Actor, request: Request) -> None:
        """Let only people pass who agreed to the privacy notice in force, but for what opens without.

        Raises:
            Refusal: they have not.
        """
        if self._site.sign_in and not WITHOUT_CONSENT.fullmatch(request.url.path) and not self._agreed(actor):
            raise Refusal(403, NOT_AGREED, NO_CONSENT)

    async def _pass_on(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand the request on; once its session or token has ended nothing more is told, and no more written.

        A page's heartbeat lasts until the page is closed, or its session ends.
        """
        begun = over = False

        async def noticing(message: Message) -> None:
            nonlocal begun, over
            told = begun and not message.get("more_body", False)  # the last piece: the rest was told in time
            if not over and not told and (ended := self._ended(scope, begun=begun)):
                over = True
                self._people.stops.stop(ended)
                if begun:
                    await send({"type": "http.response.body", "body": b"", "more_body": False})
                else:
                    gone = Refusal(401, "ended", REVOKED if "inhouse.token" in scope else SIGNED_OUT)
                    await refused(Request(scope), gone, sign_in=self._site.sign_in)(scope, receive, send)
            begun = True
            if not over:
                await send(message)

        try:
            await self._app(scope, receive, noticing)
        except Exception as error:  # noqa: BLE001 - this is the outermost door
            logger.error("A request failed: %s", type(error).__name__)  # noqa: TRY400 - its text may hold content
            if not begun:
                fault = Refusal(500, "fault", explain(error))
                await refused(Request(scope), fault)(scope, receive, send)
        finally:
            if scope["path"].startswith("/gradio_api/heartbeat/"):
                self._left(scope["path"].rsplit("/", 1)[1])

    def _ended(self, scope: Scope, *, begun: bool) -> str:
        """Return the id of the session or token a request came with where it has ended since; empty: it goes on.

        Whoever signs out, or is erased, has ended it by this very request, and is told so.
        """
        token: Bearer | None = scope.get("inhouse.token")
        if token is not None:
            return "" if self._people.tokens.is_valid(token.token_id, token.expires) else token.token_id
        session_id: str = scope.get("inhouse.session", "")
        may_end = session_id and (begun or not OWN.fullmatch(scope["path"]))
        return session_id if may_end and not self._sessions.is_open(session_id) else ""


def refused(request: Request, refusal: Refusal, *, sign_in: bool = False) -> Response:
    """Refuse in the shape the caller reads: a page for people, JSON for programs and scripts."""
    path = request.url.path
    if refusal.code == NOT_AGREED and path in PAGES:
        return RedirectResponse(NOTICE, status_code=303)
    if refusal.status == UNAUTHORISED and path in PAGES | {NOTICE}:
        return RedirectResponse("/sign-in", status_code=303) if sign_in else stranger_page(refusal.sentence)
    if OURS.fullmatch(path) or path == METRICS or path.startswith("/gradio_api/"):
        kind = KINDS.get(refusal.status, "invalid_request_error")
        error = {"message": refusal.sentence, "type": kind, "code": refusal.code}
        return JSONResponse({"error": error, "detail": refusal.sentence}, refusal.status)
    return PlainTextResponse(refusal.sentence + "\n", refusal.status)
