"""The product behind its doors for tests of these: real stores, a scripted chat model, a hash embedder."""

import atexit
import functools
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast
from unittest.mock import patch

from starlette.testclient import TestClient

from app import assemble, voices
from app.answers import LOCAL_ACTOR, Actor, Collection
from app.identity.sessions import Sessions
from app.privacy_notice import notice
from app.product import Product
from app.server import create_api, create_application
from app.settings import Settings
from app.web.running import Running
from retrieval.sources import bytes_source
from tests.fakes import HashEmbedder, ScriptedChat, scripted_engine

HOST = "http://127.0.0.1:7860"
TOKEN = "inh_test"
OFFICES = """# Offices

## Paris

The Paris office has 42 desks and opens at eight in the morning.

## Lisbon

The Lisbon office has 17 desks and closes in August.
"""
ANSWER = "The Paris office has 42 desks."
QUESTION = "How many desks has the Paris office?"


@functools.cache
def prepared(*, learned: bool) -> Path:
    """Return a data directory made once a process, with its tables or a document too; tests take copies of it."""
    home = Path(tempfile.mkdtemp(prefix="inhouse-prepared-")) / "home"
    atexit.register(shutil.rmtree, home.parent, ignore_errors=True)
    with assembled(home, ScriptedChat(texts=[ANSWER])) as product:
        if learned:
            learn(product)
    return home


@contextmanager
def light_product(home: Path, chat: ScriptedChat, **settings: Any) -> Iterator[Product]:
    """Open a copy of a prepared data directory where there is none yet."""
    if not home.exists() or not any(home.iterdir()):
        shutil.copytree(prepared(learned=False), home, dirs_exist_ok=True)
    with assembled(home, chat, **settings) as product:
        yield product


@contextmanager
def assembled(home: Path, chat: ScriptedChat, **settings: Any) -> Iterator[Product]:
    """Assemble a product around a scripted chat model; its stores are real. It examines nothing unless it is told to.

    Both models are built before the patches end: a product assembled meanwhile must get real ones.
    """
    chosen = Settings(
        home=home, key_source="file", key_file=home / "key", **({"port": 0, "examine_seconds": 0} | settings)
    )
    with (
        patch.object(voices, "load_engine", scripted_engine),
        patch.object(voices, "load_chat", lambda _engine: chat),
        patch.object(voices, "load_embedder", lambda _settings: HashEmbedder()),
    ):
        product = assemble.assemble(chosen, tell=lambda _sentence: None)
        product.chat()
        product.embedder()
    try:
        yield product
    finally:
        product.close()


def learn(product: Product, name: str = "offices.md", text: str = OFFICES, *, into: str = "Handbook") -> Collection:
    """Make a collection with one document."""
    collection = product.collections.create(LOCAL_ACTOR, into)
    source = bytes_source(name, text.encode())
    for _ in product.knowledge.learn([source], collection_id=collection.collection_id):
        pass
    return collection


def agree(product: Product, actor: Actor) -> None:
    """Let somebody have agreed to the privacy notice in force, without which nothing else opens for them."""
    now = notice(product.settings)
    product.consents.agree(actor, version=now.version, text=now.text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Doors:
    """A product behind its doors, called without a socket."""

    product: Product
    chat: ScriptedChat
    running: Running
    application: Any

    @property
    def sessions(self) -> Sessions:
        """The sessions of browsers."""
        return self.product.people.sessions

    def stranger(self) -> TestClient:
        """Return a client without a session."""
        return TestClient(self.application, base_url=HOST, follow_redirects=False)

    def browser(self) -> TestClient:
        """Return a client that has come through a link."""
        client = self.stranger()
        client.get("/", params={"token": self.sessions.new_link()})
        client.headers["origin"] = HOST
        return client

    def program(self) -> TestClient:
        """Return a client with the token of programs."""
        client = self.stranger()
        client.headers["authorization"] = f"Bearer {TOKEN}"
        return client


@contextmanager
def open_doors(home: Path, *, pages: bool = False, **settings: Any) -> Iterator[Doors]:
    """Put a light product with one document behind its doors."""
    chat = ScriptedChat(texts=[ANSWER])
    shutil.copytree(prepared(learned=True), home, dirs_exist_ok=True)
    with assembled(home, chat, **settings) as product:
        yield doors_of(product, chat, pages=pages)


def doors_of(product: Product, chat: ScriptedChat, *, pages: bool = False) -> Doors:
    """Put a product behind its doors; the pages take seconds to build, so only who looks at them has them."""
    running = Running()
    create = create_application if pages else create_api
    application = create(product, token=TOKEN, running=running)
    return Doors(product=product, chat=chat, running=running, application=cast("Any", application))
