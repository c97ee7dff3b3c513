"""The way in through the company's provider: out to it, back from it, and signing out there too.

A link leads out rather than a form, for a form's redirects have to stay here. The page that greets whoever comes back
leads on by itself: the browser does not send our strict cookie along with what began at the provider.
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from app.api.callers import about
from app.api.entrance import COOKIE, device_of, elsewhere, page
from app.api.recording import origin_of
from app.errors import AppError, explain, status_of
from app.product import Product
from app.store.audit_words import Action, ObjectKind, Result

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.identity.single_sign_on import Arrival, Begun, SingleSignOn

PENDING = "inhouse_sign_in"
"""The cookie of a sign-in that is not back yet. Lax: the browser has to bring it along from the provider."""
PATH = "/sign-in"
AT_ONCE = 4
"""So many wait for the provider, in threads of their own: while it is silent, everything else goes on."""
Returned = TypeVar("Returned")


def router(product: Product) -> APIRouter:
    """Return the routes."""
    routes = APIRouter(include_in_schema=False)
    threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="provider")

    async def apart(work: "Callable[[SingleSignOn], Returned]") -> Returned:
        return await asyncio.get_running_loop().run_in_executor(threads, work, product.way_in())

    @routes.get("/sign-in/elsewhere")
    async def leave() -> Response:
        try:
            begun = await apart(lambda way: way.begin())
        except AppError as error:
            return refused(product, error)
        return sent(product, begun)

    @routes.get("/sign-in/return")
    async def come_back(request: Request) -> Response:
        about(request, "single-sign-on")
        origin = request.client.host if request.client else ""
        device = device_of(request.headers.get("user-agent", ""))
        answer, cookie = dict(request.query_params), request.cookies.get(PENDING, "")
        try:
            arrival = await apart(lambda way: way.finish(answer, cookie, origin=origin, device=device))
        except AppError as error:
            return refused(product, error)
        request.scope["inhouse.actor"] = arrival.account.actor
        await asyncio.to_thread(note, product, request, arrival)
        return received(product, arrival)

    @routes.get("/sign-in/out")
    async def sign_out_there() -> Response:
        try:
            address = product.way_in().leaving()
        except AppError as error:
            return refused(product, error)
        return RedirectResponse(address or PATH, status_code=303)

    return routes


def sent(product: Product, begun: "Begun") -> Response:
    """Send a browser to the provider, with what it has to bring back."""
    answer = RedirectResponse(begun.url, status_code=303)
    secure = product.settings.scheme == "https"
    answer.set_cookie(PENDING, begun.cookie, max_age=600, path=PATH, httponly=True, samesite="lax", secure=secure)
    return answer


def received(product: Product, arrival: "Arrival") -> Response:
    """Greet whoever came in, and lead on."""
    answer = page("signed_in.html", {"name": arrival.account.name})
    answer.delete_cookie(PENDING, path=PATH)
    secure = product.settings.scheme == "https"
    answer.set_cookie(COOKIE, arrival.secret, httponly=True, samesite="strict", secure=secure)
    return answer


def refused(product: Product, error: AppError) -> Response:
    """Say on the sign-in page what is wrong."""
    answer = page("sign_in.html", elsewhere(product) | {"sentence": explain(error)}, status=status_of(error))
    answer.delete_cookie(PENDING, path=PATH)
    return answer


def note(product: Product, request: Request, arrival: "Arrival") -> None:
    """Record what else coming in has done: an account was made, or got other roles or groups."""
    if arrival.is_new or arrival.was_changed:
        action = Action.PERSON_ADDED if arrival.is_new else Action.PERSON_CHANGED
        actor, person = arrival.account.actor, arrival.account.user_id
        product.audit.record(actor, action, ObjectKind.PERSON, person, Result.DONE, origin_of(request.scope))
