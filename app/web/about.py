"""The page about this installation: model, machine, versions, places, keys, what the checks found. Changes nothing."""

import platform
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version

import gradio as gr

from app.answers import Actor
from app.errors import explain
from app.product import Product
from app.rights import Right, may
from app.web import quality
from app.web.callers import actor_of, door, on
from app.web.plain import plain
from models.device import describe as describe_machine
from models.device import look_at_host

KEY_SOURCES = {
    "keyring": "the system keyring",
    "passphrase": "a passphrase",
    "credential": "a system credential",
    "file": "a key file only its owner can read",
}
NOT_LOADED = "No model is loaded now. It is loaded after the start, at the latest with the next question."
PARTS = ("llama-cpp-python", "gradio", "chromadb", "langchain-core", "sentence-transformers", "torch", "sqlcipher3")
LICENCES = """Inhouse is free software under the Apache License 2.0. The starter model (Qwen2.5-Coder-1.5B-Instruct) and
the embedding model (all-MiniLM-L6-v2) are under the Apache License 2.0 as well, the font Inter under the SIL Open Font
License 1.1."""
PROMISE = """Questions, answers and documents stay on this machine. Inhouse opens no connection to the outside while it
answers, sends no statistics, and keeps what you write encrypted."""

PROMISE_OF_SERVERS = """Documents stay on this machine. Questions, and the passages found for them, are sent to the
model servers that this installation names, and nowhere else. Inhouse sends no statistics, and keeps what you write
encrypted."""


def build(page: gr.Blocks, product: Product) -> None:
    """Lay out the page; it is filled when it is opened."""
    with gr.Column(elem_id="about"):
        gr.Markdown(f"# About this installation\n\n{PROMISE_OF_SERVERS if product.settings.model_servers else PROMISE}")
        facts = gr.Markdown("", elem_id="facts")
        quality.build(page, product)
        gr.Markdown("## Privacy\n\n[The privacy notice](/notice) says what is kept, for how long, and who reads it.")
        gr.Markdown(f"## Licences\n\n{LICENCES}")
    on(page.load, door(describe, product), None, facts)


def describe(product: Product, request: gr.Request) -> str:
    """Return what there is to know, as Markdown tables."""
    actor = actor_of(request)
    sections = {
        "Model": model_facts(product),
        "Knowledge": knowledge_facts(product, actor),
        "Storage": storage_facts(product),
        "Versions": version_facts(),
    }
    if not may(actor, Right.OPERATE):  # where things lie on the server is nobody else's business
        del sections["Storage"], sections["Versions"]
    return "\n\n".join(_table(title, facts) for title, facts in sections.items())


def model_facts(product: Product) -> Iterator[tuple[str, str]]:
    """Yield what answers, and on what."""
    yield "Name", product.serving.name
    if judge := product.settings.checker or product.settings.background_model:
        yield "Judges statements", str(judge)
    yield "Machine", describe_machine(look_at_host())
    if not product.engine.ready:
        yield "Device plan", explain(product.engine.failure) if product.engine.failure else NOT_LOADED
        return
    engine = product.engine()
    described = engine.describe()
    yield "Device plan", engine.sentence
    yield "Loaded", described.model
    yield "Now", f"{_counted(described.running, 'answer')} being written, {described.waiting} waiting"


def knowledge_facts(product: Product, actor: Actor) -> Iterator[tuple[str, str]]:
    """Yield how much there is to read, and whether it can be found."""
    for collection in product.collections.list(actor):
        documents = product.chunks.documents(collection.collection_id)
        chunks = sum(one.chunks for one in documents)
        yield collection.name, f"{_counted(len(documents), 'document')}, {_counted(chunks, 'chunk')}"
    yield "Index", _index_state(product)
    yield "Embedding model", product.change_over.used


def storage_facts(product: Product) -> Iterator[tuple[str, str]]:
    """Yield where things are kept and how they are locked."""
    yield "Data directory", str(product.settings.home)
    yield "Models", str(product.settings.weights)
    yield "Encryption", "SQLCipher database; messages sealed once more for each person; originals sealed"
    yield "Key kept in", KEY_SOURCES[product.settings.key_source]


def version_facts() -> Iterator[tuple[str, str]]:
    """Yield the versions a report of a fault needs."""
    yield "Inhouse", _version("inhouse")
    yield "Python", f"{platform.python_version()} on {platform.system()} {platform.machine()}"
    for name in PARTS:
        yield name, _version(name)
    yield "Program", sys.prefix


def _index_state(product: Product) -> str:
    if not product.index.ready:
        return "is being opened"
    differing = product.knowledge.disagreements()
    return "agrees with the database" if not differing else "differs: build it again on the Knowledge page"


def _counted(number: int, word: str) -> str:
    return f"{number:,} {word}" if number == 1 else f"{number:,} {word}s"


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed as a package"


def _table(title: str, facts: Iterator[tuple[str, str]]) -> str:
    rows = "\n".join(f"| {plain(name)} | {plain(value)} |" for name, value in facts)
    return f"## {title}\n\n| | |\n|---|---|\n{rows}"
