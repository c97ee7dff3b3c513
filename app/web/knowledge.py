"""The knowledge page: collections, and the documents in each.

Documents are drawn and uploaded by assets/product/documents.js over /api, because Gradio writes every upload into a
temporary file. What is here: choosing, making and deleting collections. Handlers of plain values.
"""

from dataclasses import dataclass
from typing import Any

import gradio as gr

from app.answers import Actor
from app.product import Product
from app.store.audit_words import Action, ObjectKind
from app.web.callers import actor_of, door, noted, on
from app.web.plain import plain

NONE_YET = "## No collection yet\n\nA collection is a set of documents that is searched together. Make one to begin."


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What the handlers change."""

    chosen: gr.Radio
    maker: gr.Accordion
    name: gr.Textbox
    description: gr.Textbox
    make: gr.Button
    heading: gr.Markdown
    delete: gr.Button
    deleting: gr.Group
    warning: gr.Markdown
    really_delete: gr.Button
    keep: gr.Button


def build(page: gr.Blocks, product: Product) -> None:
    """Lay out the page and wire it."""
    with gr.Row(elem_id="knowledge", equal_height=False):
        with gr.Column(elem_id="collections-column", min_width=0):
            chosen = gr.Radio([], label="Collections", elem_id="collection-list")
            with gr.Accordion("New collection", open=False, elem_id="new-collection") as maker:
                name = gr.Textbox(label="Name", max_length=100)
                description = gr.Textbox(label="What is in it (optional)", lines=2, max_length=1000)
                make = gr.Button("Make collection", variant="primary", size="sm")
        with gr.Column(elem_id="documents-column", min_width=0):
            with gr.Row(elem_id="collection-head"):
                heading = gr.Markdown(NONE_YET, elem_id="collection-title")
                delete = gr.Button("Delete collection", size="sm", visible=False, min_width=0, elem_classes="quiet")
            with gr.Group(visible=False, elem_classes="ask-back") as deleting:
                warning = gr.Markdown("")
                with gr.Row():
                    really_delete = gr.Button("Delete collection and documents", variant="stop", size="sm")
                    keep = gr.Button("Keep it", size="sm")
            gr.Column(elem_id="documents")
    parts = Parts(
        chosen=chosen,
        maker=maker,
        name=name,
        description=description,
        make=make,
        heading=heading,
        delete=delete,
        deleting=deleting,
        warning=warning,
        really_delete=really_delete,
        keep=keep,
    )
    wire(page, parts, product)


def wire(page: gr.Blocks, parts: Parts, product: Product) -> None:
    """Connect events with handlers."""
    shown = [parts.chosen, parts.heading, parts.delete, parts.deleting]
    wanted = [parts.name, parts.description]
    made = [*shown, *wanted, parts.maker]
    on(page.load, door(begin, product), None, shown)
    on(parts.chosen.input, door(choose, product), parts.chosen, shown)
    on(parts.make.click, door(create, product), wanted, made)
    on(parts.name.submit, door(create, product), wanted, made)
    on(parts.delete.click, door(ask_delete, product), parts.chosen, [parts.deleting, parts.warning])
    on(parts.keep.click, door(keep_collection), None, parts.deleting)
    on(parts.really_delete.click, door(delete_collection, product), parts.chosen, shown)


def begin(product: Product, request: gr.Request) -> tuple[Any, ...]:
    """Show the first collection, or that there is none."""
    actor = actor_of(request)
    collections = product.collections.list(actor)
    return show(product, actor, collections[0].collection_id if collections else None)


def choose(product: Product, collection_id: str, request: gr.Request) -> tuple[Any, ...]:
    """Show a collection."""
    return show(product, actor_of(request), collection_id)


def create(product: Product, name: str, description: str, request: gr.Request) -> tuple[Any, ...]:
    """Make a collection and show it; the form is emptied and closed."""
    actor = actor_of(request)
    made = product.collections.create(actor, name, description)
    noted(product, request, Action.COLLECTION_MADE, ObjectKind.COLLECTION, made.collection_id)
    return *show(product, actor, made.collection_id), "", "", gr.Accordion(open=False)


def ask_delete(product: Product, collection_id: str, request: gr.Request) -> tuple[Any, ...]:
    """Ask whether to delete a collection, saying what would go with it."""
    collection = product.collections.curated(actor_of(request), collection_id)
    count = len(product.chunks.documents(collection_id))
    held = "1 document" if count == 1 else f"{count} documents"
    return gr.Group(visible=True), f"Delete **{plain(collection.name)}** with its {held}? This cannot be undone."


def keep_collection(request: gr.Request) -> gr.Group:
    """Close the question; nothing changes."""
    actor_of(request)
    return gr.Group(visible=False)


def delete_collection(product: Product, collection_id: str, request: gr.Request) -> tuple[Any, ...]:
    """Delete a collection with everything in it and show another."""
    product.delete_collection(actor_of(request), collection_id)
    noted(product, request, Action.COLLECTION_DELETED, ObjectKind.COLLECTION, collection_id)
    return begin(product, request)


def show(product: Product, actor: Actor, collection_id: str | None) -> tuple[Any, ...]:
    """Return the list of collections with one chosen, its heading, its button and the closed question."""
    listed = [(one.name, one.collection_id) for one in product.collections.list(actor)]
    heading = NONE_YET
    if collection_id is not None:
        collection = product.collections.get(actor, collection_id)
        heading = f"## {plain(collection.name)}\n\n{plain(collection.description)}"
    return (
        gr.Radio(choices=listed, value=collection_id),
        heading,
        gr.Button(visible=collection_id is not None and product.collections.may_curate(actor, collection_id)),
        gr.Group(visible=False),
    )
