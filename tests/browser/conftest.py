"""A real server with a scripted chat model, and a real Chromium before it that watches for what must not happen."""

import os
import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from unittest.mock import patch

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, expect, sync_playwright

from app.install.machine import TEST_PROGRAMS
from app.server import Server
from tests.fakes import ScriptedChat
from tests.light import speeds
from tests.served import ANSWER, learn, light_product

expect.set_options(timeout=30_000)  # the machine may be busy with other tests
CHROMIUM = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, TEST_PROGRAMS["chromium"])), None)
"""A Chromium without windows where there is one: it is quicker."""
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


class WaitingChat(ScriptedChat):
    """A scripted model whose script and gate are set anew by each test."""

    def begin(self, *texts: str, gate: threading.Event | None = None, gate_after: int = 4) -> None:
        """Forget what was asked, and answer with these texts from now on."""
        self.texts = list(texts)
        self.gate, self.gate_after = gate, gate_after
        self._prompts.clear()
        self._decoded = self._closed = 0


@dataclass(kw_only=True)
class Served:
    """A running server and its scripted model."""

    server: Server
    chat: WaitingChat
    home: Path


@dataclass(kw_only=True)
class Watched:
    """A page that remembers what went wrong on it."""

    page: Page
    faults: list[str] = field(default_factory=list)
    leaving: bool = False
    """Whether another page was asked for and has not come yet."""


@pytest.fixture(autouse=True, scope="session")
def _own_speeds() -> Iterator[None]:
    """Let the product remember in the tests' own folder how fast models are."""
    with patch("app.voices.speeds_folder", lambda _settings: speeds()):
        yield


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One server for all tests: it takes seconds to start."""
    home = tmp_path_factory.mktemp("home")
    chat = WaitingChat(texts=[ANSWER])
    with light_product(
        home, chat, upload_megabytes=1, cache=home / "cache", link_hosts=("intranet.example",)
    ) as product:
        learn(product)
        with Server(product) as server:
            yield Served(server=server, chat=chat, home=home)


@pytest.fixture(scope="module")
def chromium(served: Served) -> Iterator[Browser]:
    """One browser for the tests of a module.

    Playwright keeps an event loop running in this thread: the server must be there before, and no other module's
    tests may find that loop.
    """
    assert served.server.alive
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def profile(chromium: Browser) -> Iterator[BrowserContext]:
    """What the browser keeps between two pages: the scripts, compiled, which are most of what a page costs."""
    context = chromium.new_context(viewport={"width": 1600, "height": 1000})
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    yield context
    context.close()


@pytest.fixture
def context(profile: BrowserContext, served: Served) -> Iterator[BrowserContext]:
    """A browser that remembers nobody: no cookie, no setting, no page of another test."""
    served.chat.begin(ANSWER)
    yield profile
    for page in profile.pages:
        if page.url.startswith(served.server.address):
            page.evaluate("localStorage.clear()")
        page.close()
    profile.clear_cookies()


@pytest.fixture
def entered(context: BrowserContext, served: Served) -> Watched:
    """A tab of a browser that was let in through the link, with no page open yet: opening one takes seconds."""
    watched = Watched(page=context.new_page())
    watch(watched, served.server.address)
    let_in(context, served)
    return watched


@pytest.fixture
def watched(entered: Watched, served: Served) -> Watched:
    """The chat page."""
    entered.page.goto(served.server.address)
    entered.page.wait_for_selector("#messages .placeholder")  # the last thing a page draws
    return entered


@pytest.fixture
def page(watched: Watched) -> Iterator[Page]:
    """The same page; at the end nothing may have gone wrong on it."""
    yield watched.page
    assert watched.faults == []


@pytest.fixture
def tab(entered: Watched) -> Iterator[Page]:
    """A tab for any other page; at the end nothing may have gone wrong in it."""
    yield entered.page
    assert entered.faults == []


def let_in(context: BrowserContext, served: Served) -> None:
    """Follow the link that lets a browser in.

    The server may close a connection that an earlier test left open just when it is used again. A browser asks once
    more then; Playwright's own requests do when they are told to.
    """
    context.request.get(served.server.link(), max_retries=3)


def watch(watched: Watched, address: str) -> None:
    """Remember errors of the console and of scripts, and every request that goes elsewhere."""
    page, faults = watched.page, watched.faults

    def look(request: Request) -> None:
        onward = request.is_navigation_request() and request.frame == page.main_frame
        # Signing out ends the session's streams before the page is left.
        watched.leaving = watched.leaving or onward or request.url.endswith("/api/me/sign-out")
        if not local(request.url, address):
            faults.append(request.url)

    def arrive(_page: Page) -> None:
        watched.leaving = False

    page.on("request", look)
    page.on("domcontentloaded", arrive)
    page.on("console", lambda message: faults.append(message.text) if is_fault(watched, message) else None)
    page.on("pageerror", lambda error: faults.append(str(error)))


def is_fault(watched: Watched, message: ConsoleMessage) -> bool:
    """Whether a message tells of an error; Gradio writes some for what it was still asking when its page was left."""
    if message.type != "error" or message.text.startswith("AbortError: signal is aborted"):
        return False
    return not (watched.leaving and "Connection errored out" in message.text)


def local(url: str, address: str) -> bool:
    """Whether a request stays here."""
    return url.startswith((address + "/", "data:", "blob:"))
