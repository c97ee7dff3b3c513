"""Where people come in: sign in, choose a password through a link, make the first administrator.

Plain pages with plain forms, because nothing of the product may load before somebody is known. What is typed is
answered on the same page; a form is read here rather than by a library, for its three short fields need none.
"""

import asyncio
from collections.abc import Mapping
from urllib.parse import parse_qs

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from app.api.errors import TooLargeError
from app.errors import AppError, explain, status_of
from app.identity.people import LinkError, People
from app.product import Product
from app.settings import ASSETS

COOKIE = "inhouse_session"
LONGEST_FORM = 10_000
EMPTY = {"sentence": "", "done": "", "name": "", "token": "", "elsewhere": "", "button": "", "out": ""}
WAIT = "If you have a second factor, type the code your app shows as well."
PAGES = Environment(loader=FileSystemLoader(ASSETS / "product"), autoescape=True, undefined=StrictUndefined)


def router(product: Product) -> APIRouter:
    """Return the routes."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/sign-in")
    def show_sign_in(left: str = "") -> Response:
        return page("sign_in.html", elsewhere(product) | (signed_out(product) if left else {}))

    @routes.post("/sign-in")
    async def sign_in(request: Request) -> Response:
        typed = await form(request)
        return await asyncio.to_thread(signed_in, product, typed, request)

    _add_links(routes, product.people)
    return routes


def elsewhere(product: Product) -> dict[str, str]:
    """Return what leads to the provider; its address is the one of the settings, for there it leads back to."""
    if product.single_sign_on is None:
        return {}
    settings = product.settings
    return {"elsewhere": f"{settings.address}/sign-in/elsewhere", "button": settings.oidc_name}


def signed_out(product: Product) -> dict[str, str]:
    """Return what is said to whoever has signed out: at the provider they still are signed in."""
    there = product.single_sign_on is not None and product.single_sign_on.leaving() is not None
    return {"done": "You are signed out of Inhouse.", "out": "/sign-in/out" if there else ""}


def _add_links(routes: APIRouter, people: People) -> None:
    """Add the pages behind links that work once."""

    @routes.get("/welcome")
    def show_welcome(token: str = "") -> Response:
        try:
            return page("welcome.html", {"name": people.invited(token).name, "token": token})
        except LinkError as error:
            return used(error)

    @routes.post("/welcome")
    async def welcome(request: Request) -> Response:
        typed = await form(request)
        return await asyncio.to_thread(welcomed, people, typed)

    @routes.get("/setup")
    def show_setup(token: str = "") -> Response:
        if not people.may_set_up(token):
            return used(LinkError())
        return page("setup.html", {"token": token})

    @routes.post("/setup")
    async def set_up(request: Request) -> Response:
        typed = await form(request)
        return await asyncio.to_thread(made_admin, people, typed)


def signed_in(product: Product, typed: dict[str, str], request: Request) -> Response:
    """Sign in and lead to the first page, or say what is wrong."""
    people, secure = product.people, product.settings.scheme == "https"
    try:
        secret = people.sign_in(
            typed.get("name", ""),
            typed.get("password", ""),
            typed.get("code", ""),
            origin=request.client.host if request.client else "",
            device=device_of(request.headers.get("user-agent", "")),
        )
    except AppError as error:
        shown = elsewhere(product) | named(typed) | {"sentence": f"{explain(error)} {WAIT}"}
        return page("sign_in.html", shown, status=status_of(error))
    session = people.sessions.find(secret)
    request.scope["inhouse.actor"] = session.actor if session else None  # for the audit log
    answer = RedirectResponse("/", status_code=303)
    answer.set_cookie(COOKIE, secret, httponly=True, samesite="strict", secure=secure)
    return answer


def welcomed(people: People, typed: dict[str, str]) -> Response:
    """Keep the password chosen through a link, or say what is wrong."""
    token = typed.get("token", "")
    try:
        name = people.invited(token).name
    except LinkError as error:
        return used(error)
    try:
        people.accept(token, same_twice(typed))
    except AppError as error:
        shown = {"sentence": explain(error), "name": name, "token": token}
        return page("welcome.html", shown, status=status_of(error))
    return page("sign_in.html", {"done": "Your password is set. Sign in with it.", "name": name})


def made_admin(people: People, typed: dict[str, str]) -> Response:
    """Make the first administrator, or say what is wrong."""
    token = typed.get("token", "")
    if not people.may_set_up(token):
        return used(LinkError())
    try:
        people.set_up(token, typed.get("name", ""), same_twice(typed))
    except AppError as error:
        shown = named(typed) | {"sentence": explain(error), "token": token}
        return page("setup.html", shown, status=status_of(error))
    return page("sign_in.html", named(typed) | {"done": "You are the first administrator. Sign in."})


class DifferError(AppError):
    """The two passwords differ. Type the same one twice."""

    status = 422


def same_twice(typed: dict[str, str]) -> str:
    """Return the password that was typed twice.

    Raises:
        DifferError: it was not the same one.
    """
    if typed.get("password", "") != typed.get("again", ""):
        raise DifferError
    return typed.get("password", "")


def named(typed: dict[str, str]) -> dict[str, str]:
    """Return the name that was typed, to be shown again."""
    return {"name": typed.get("name", "")[:200]}


def used(error: LinkError) -> HTMLResponse:
    """Return the page for a link that leads nowhere any more."""
    return page("link_used.html", {"sentence": explain(error)}, status=error.status)


def page(template: str, values: Mapping[str, object] | None = None, *, status: int = 200) -> HTMLResponse:
    """Return a page. The header tells the gate that it is no page of Gradio's."""
    text = PAGES.get_template(template).render({**EMPTY, **(values or {})})
    return HTMLResponse(text, status_code=status, headers={"x-own-page": "1"})


async def form(request: Request) -> dict[str, str]:
    """Return the fields of a form.

    Raises:
        TooLargeError: it is longer than any of ours.
    """
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > LONGEST_FORM:
            raise TooLargeError("The form is too large.")
    fields = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=20)
    return {name: values[0] for name, values in fields.items()}


def device_of(agent: str) -> str:
    """Return what a browser calls itself, in two words."""
    browsers = {"Edg/": "Edge", "Firefox/": "Firefox", "Chrome/": "Chrome", "Safari/": "Safari"}
    systems = {"Android": "Android", "iPhone": "iPhone", "Windows": "Windows", "Mac OS": "macOS", "Linux": "Linux"}
    browser = next((name for sign, name in browsers.items() if sign in agent), "A browser")
    system = next((name for sign, name in systems.items() if sign in agent), "")
    return f"{browser} on {system}" if system else browser
