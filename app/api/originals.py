"""The files themselves: a page of a PDF as a picture with the cited part marked, and the original to keep.

Only for those who may read the document's collection. A picture travels inside the JSON: it is made in memory, nothing
of it is stored, and the gate forbids the browser to keep it.
"""

import base64
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, Response

from app.answers import Actor
from app.api.callers import Caller
from app.api.document import streams
from app.api.numbers import Whole
from app.product import Product
from app.store.errors import NotFoundError
from retrieval.documents import Document, DrawnPage
from retrieval.names import safe_name
from retrieval.readers.pdf_quotes import count_before

PDF = "application/pdf"
PIXELS = 1_000
MOST_PIXELS = 3_000
"""Wide; more is finer than a screen that shows a page at three times its size."""


def router(product: Product) -> APIRouter:
    """Return the routes."""
    routes = APIRouter(prefix="/api/documents", tags=["reading"])

    @routes.get("/{document_id}/pages/{number}", summary="A page of a PDF as a picture")
    def page(
        actor: Caller, document_id: str, number: int, start: Whole = 0, end: Whole = 0, pixels: Whole = PIXELS
    ) -> dict[str, Any]:
        _, document = readable(product, actor, document_id)
        if document.media_type != PDF:
            raise NotFoundError("Only pages of PDFs can be shown as pictures.")
        cited, nth = _cited(document, number, start, end)
        drawn = product.drawing.draw(
            product.originals.read(document.sha256),
            name=document.name,
            page=number,
            pixels=min(pixels, MOST_PIXELS),
            quote=cited,
            nth=nth,
        )
        return {"page": number} | shape_page(drawn)

    @routes.get(
        "/{document_id}/original",
        summary="The file as it was loaded",
        response_class=Response,
        responses=streams("application/octet-stream"),
    )
    def original(actor: Caller, document_id: str) -> Response:
        _, document = readable(product, actor, document_id)
        disposition = {"content-disposition": attachment(document.name)}
        data = product.originals.read(document.sha256)
        return Response(data, media_type="application/octet-stream", headers=disposition)

    return routes


def readable(product: Product, actor: Actor, document_id: str) -> tuple[str, Document]:
    """Return a document the actor may read, and the id of its collection.

    What waits in quarantine is for those who may release it.

    Raises:
        NotFoundError: there is none.
    """
    found, stored = product.chunks.document(document_id), product.chunks.summary(document_id)
    if found is None or stored is None or not _may_read(product, actor, found[0]):
        raise NotFoundError
    if not stored.is_found and not product.collections.may_curate(actor, found[0]):
        raise NotFoundError
    return found


def _may_read(product: Product, actor: Actor, collection_id: str) -> bool:
    return collection_id in {one.collection_id for one in product.collections.list(actor)}


def original_view(product: Product, document_id: str, document: Document) -> dict[str, Any]:
    """Return of a document's file whether it is here, whether its pages can be shown, and since when."""
    stored = product.chunks.summary(document_id)
    here = product.originals.has(document.sha256)
    return {
        "added": stored.added.isoformat() if stored else None,
        "original": here,
        "drawn": here and document.media_type == PDF,
    }


def attachment(name: str) -> str:
    """Return the header that makes a browser keep a file, under its own name without its folders.

    Source: RFC 6266, appendix D.
    """
    short = safe_name(name).rsplit("/", 1)[-1]
    plain = "".join(sign if sign.isascii() and sign.isprintable() and sign not in '"\\%' else "_" for sign in short)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(short, safe='')}"


def shape_page(drawn: DrawnPage) -> dict[str, Any]:
    """Return a drawn page as the API shows it; marks are shares of its width and height."""
    marks = [{"left": mark.left, "top": mark.top, "width": mark.width, "height": mark.height} for mark in drawn.marks]
    return {
        "pages": drawn.pages,
        "width": drawn.width,
        "height": drawn.height,
        "marks": marks,
        "exact": drawn.exact,
        "picture": "data:image/png;base64," + base64.b64encode(drawn.picture).decode("ascii"),
    }


def _cited(document: Document, number: int, start: int, end: int) -> tuple[str, int]:
    """Return that part of the cited place that is on this page, and how often the page says the same before it."""
    page = next((one for one in document.pages if one.number == number), None)
    if page is None:
        return "", 0
    first, last = max(start, page.start), min(end, page.end)
    if first >= last:
        return "", 0
    cited = document.text[first:last]
    return cited, count_before(document.text[page.start : page.end], first - page.start, cited)
