"""Searching, and opening what was found or cited, over JSON. Only for those who may read its collection."""

import time
from datetime import date
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, Field

from app.answering.standing import GONE, NOTICES, Source, source_of
from app.answers import Actor, Citation
from app.api.callers import Caller
from app.api.numbers import Whole
from app.api.originals import original_view, readable
from app.api.views import document_view, section_of
from app.product import Product
from app.rights import Right, require
from app.shapes import shape_passage, shape_verified
from app.store.errors import NotFoundError
from retrieval.documents import Passage
from retrieval.filters import KINDS, Filter, kind_of
from retrieval.headings import section_in_words
from retrieval.snippets import snippet


class Search(BaseModel):
    """What to search, where, and how much of it to return."""

    query: str = Field(min_length=1, max_length=4000)
    collections: list[str] = Field(default_factory=list, description="Names; none means all you may read.")
    k: int = Field(default=10, ge=1, le=100)
    document: str = Field(default="", max_length=400, description="Part of the documents' names or titles.")
    types: list[str] = Field(default_factory=list, description=f"Any of {', '.join(KINDS)}; none means all.")
    added_after: date | None = Field(default=None, description="The first day on which documents were added.")
    added_before: date | None = Field(default=None, description="The last day on which documents were added.")

    def filter(self) -> Filter:
        """Return what the search is narrowed to; raises UnknownKindError for a type there is not."""
        return Filter(name=self.document, kinds=tuple(self.types), after=self.added_after, before=self.added_before)


def router(product: Product) -> APIRouter:
    """Return the routes."""
    routes = APIRouter(prefix="/api", tags=["reading"])

    @routes.post("/search", summary="Find passages")
    def search(actor: Caller, wanted: Search) -> dict[str, Any]:
        require(actor, Right.ASK)
        chosen = [product.collections.by_name(actor, name) for name in wanted.collections]
        names = {one.collection_id: one.name for one in chosen or product.collections.list(actor)}
        only = wanted.filter()
        retriever = product.retriever()
        started = time.perf_counter()
        passages = retriever.search(wanted.query, collection_ids=list(names), k=wanted.k, only=only)
        milliseconds = round((time.perf_counter() - started) * 1000, 3)
        shaped = [_found(passage, wanted.query, names[passage.collection_id]) for passage in passages]
        return {"query": wanted.query, "passages": shaped, "milliseconds": milliseconds}

    @routes.get("/answers/{answer_id}/citations/{n}", summary="A citation in its document")
    def citation(actor: Caller, answer_id: str, n: Whole) -> dict[str, Any]:
        found = [one for one in product.history.answer(actor, answer_id).citations if one.n == n]
        if not found:
            raise NotFoundError
        return open_citation(product, actor, found[0])

    @routes.get("/documents/{document_id}", summary="A place in a document")
    def document(actor: Caller, document_id: str, start: Whole = 0, end: Whole = 0) -> dict[str, Any]:
        opened = open_document(product, actor, document_id, start, end)
        if opened is None:
            raise NotFoundError
        return opened

    return routes


def _found(passage: Passage, query: str, collection: str) -> dict[str, Any]:
    """Return a passage with what a page of search results shows of it."""
    parts = [{"text": part.text, "marked": part.marked} for part in snippet(passage.text, query)]
    of_document = {"document_id": passage.document_id, "type": kind_of(passage.media_type), "collection": collection}
    return shape_passage(passage) | of_document | {"snippet": parts}


def open_citation(product: Product, actor: Actor, citation: Citation) -> dict[str, Any]:
    """Return a cited place in its document; when that is gone, closed or has changed, the quote that was kept."""
    may_read = {one.collection_id for one in product.collections.list(actor)}
    source = source_of(citation, readable=may_read, chunks=product.chunks, versions=product.versions)
    head = {"n": citation.n, "quote": citation.quote, "page": citation.page, "standing": source.standing}
    head |= {"sha256": citation.sha256}
    if source.standing == "here":
        opened = open_document(product, actor, str(source.document_id), *_place(product, citation, source))
        if opened is not None:
            return opened | head
    quoted = {"kind": "paragraph", "level": 0, "page": None, "parts": [{"text": citation.quote, "marked": True}]}
    rest = {"blocks": [quoted], "lines": True, "cut_before": False, "cut_after": False}
    named: dict[str, Any] = {"title": citation.title, "document": citation.document, "collection": "", "newer": None}
    named |= {"verified": None, "section": section_in_words(citation.headings), "added": citation.added or None}
    if source.standing == "changed" and source.document_id:
        named["newer"] = newer_version(product, source, citation)
    return named | {"notice": NOTICES[source.standing] or GONE} | rest | head


def _place(product: Product, citation: Citation, source: Source) -> tuple[int, int]:
    """Return where a quote stands in its document, which may have been read anew since."""
    if source.document_id == citation.document_id:
        return citation.start, citation.end
    found = newer_version(product, source, citation)
    return (found["start"], found["end"]) if found else (citation.start, citation.end)


def newer_version(product: Product, source: Source, citation: Citation) -> dict[str, Any] | None:
    """Return the document that is in the place of a cited one, and where the quote stands in it, if it does."""
    found = product.chunks.document(str(source.document_id))
    if found is None:
        return None
    text, quote = found[1].text, citation.quote
    start = citation.start if text.startswith(quote, citation.start) else max(text.find(quote), 0)
    end = start + len(quote) if text.startswith(quote, start) else start
    added = source.added.isoformat() if source.added else None
    return {"document_id": source.document_id, "start": start, "end": end, "added": added, "unchanged": end > start}


def open_document(product: Product, actor: Actor, document_id: str, start: int, end: int) -> dict[str, Any] | None:
    """Return a document around a place; None when there is none the actor may read."""
    try:
        collection_id, document = readable(product, actor, document_id)
    except NotFoundError:
        return None
    collection = product.collections.get(actor, collection_id).name
    page = next((page.number for page in document.pages if page.start <= start < page.end), None)
    head = {"title": document.title, "document": document.name, "collection": collection, "notice": ""}
    known = product.verified.among({(collection_id, document.name)}).get((collection_id, document.name))
    place = {"document_id": document_id, "start": start, "end": end, "page": page}
    place |= {"section": section_of(document, start), "sha256": document.sha256}
    return (
        head
        | place
        | {"verified": shape_verified(known)}
        | original_view(product, document_id, document)
        | document_view(document, start, end)
    )
