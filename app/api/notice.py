"""The privacy notice as a page, where it is agreed to, and over JSON.

A plain page as those people come in by: until somebody has agreed, the gate opens little else for them.
"""

import asyncio
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from markdown_it import MarkdownIt

from app.answers import Actor
from app.api.callers import Caller
from app.api.entrance import form, page
from app.privacy_notice import Changes, changes, notice
from app.product import Product
from app.shapes import moment
from app.store.consents import Consent

CHANGED = "The notice was changed while you read it. This is how it is now."
NOTHING_NEW = Changes(new=(), gone=())
MARKDOWN = MarkdownIt("commonmark", {"html": False})


def router(product: Product) -> APIRouter:
    """Return the routes."""
    routes = APIRouter()
    now = notice(product.settings)

    @routes.get("/api/notice", tags=["account"], summary="The privacy notice in force, and what you agreed to")
    def told(actor: Caller) -> dict[str, Any]:
        last = product.consents.last(actor)
        agreed = {"version": last.version, "agreed": moment(last.agreed)} if last else None
        new = since(last, now.text)
        return {"version": now.version, "text": now.text, "agreed": agreed, "new": new.new, "gone": new.gone}

    @routes.get("/notice", include_in_schema=False)
    def show(actor: Caller) -> Response:
        return notice_page(product, actor)

    @routes.post("/notice", include_in_schema=False)
    async def agree(actor: Caller, request: Request) -> Response:
        typed = await form(request)
        return await asyncio.to_thread(agreed, product, actor, typed.get("version", ""))

    return routes


def agreed(product: Product, actor: Actor, version: str) -> Response:
    """Keep that the actor agrees to the notice they were shown, and lead to the first page."""
    now = notice(product.settings)
    if version != now.version:
        return notice_page(product, actor, sentence=CHANGED, status=409)
    product.consents.agree(actor, version=now.version, text=now.text)
    return RedirectResponse("/", status_code=303)


def notice_page(product: Product, actor: Actor, *, sentence: str = "", status: int = 200) -> Response:
    """Return the page: what is new since the actor agreed last, the notice, and what can be done about it."""
    now, last = notice(product.settings), product.consents.last(actor)
    new = since(last, now.text)
    values = {
        "sentence": sentence,
        "version": now.version,
        "text": MARKDOWN.render(now.text.partition("\n")[2]),  # our own words, and no HTML passes
        "new": new.new,
        "gone": new.gone,
        "on": moment(last.agreed)[:10] if last else "",
        "asks": product.settings.sign_in and not product.consents.has(actor, now.version),
        "signs_in": product.settings.sign_in,
        "name": actor.name,
    }
    return page("notice.html", values, status=status)


def since(last: Consent | None, text: str) -> Changes:
    """Return what is new since somebody agreed; nothing where they never did, for then all of it is."""
    return changes(last.text, text) if last else NOTHING_NEW
