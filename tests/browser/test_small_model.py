"""The whole product in a real browser: the small model, MiniLM and a part of the demonstration handbook."""

import json
import re
import time
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from app.answers import LOCAL_ACTOR
from app.assemble import assemble
from app.server import Server
from app.settings import ASSETS, Settings
from retrieval.sources import collect
from tests.browser.conftest import Served, Watched, watch

pytestmark = [pytest.mark.browser, pytest.mark.weights]

MODEL_MILLISECONDS = 240_000
"""The small model reads some 90 tokens a second on two quiet cores, and tests are not alone on theirs."""

DOCUMENTS = (
    "annual-leave.md",
    "incident-response.html",
    "laptops-and-devices.html",
    "parental-leave.docx",
    "travel-policy-2024.pdf",
)
"""One of each format; embedding the others takes half a minute and shows nothing more."""

LONG_QUESTION = "What must I do when my laptop is stolen, step by step?"
"""Its answer is some hundred tokens long, and streamed, because the passages are strong evidence."""


@pytest.fixture(scope="module")
def handbook(tmp_path_factory: pytest.TempPathFactory, served: Served) -> Iterator[Server]:
    """A server over some of the handbook. `served` is asked for because it must be there before a browser is."""
    home = tmp_path_factory.mktemp("home")
    settings = Settings(home=home, key_source="file", key_file=home / "key", port=0, model="small", offline=True)
    product = assemble(settings, tell=lambda _sentence: None)
    try:
        collection = product.collections.create(LOCAL_ACTOR, "Handbook")
        sources = collect([ASSETS / "demo" / "handbook" / name for name in DOCUMENTS])
        for _ in product.knowledge.learn(sources, collection_id=collection.collection_id):
            pass
        product.assistant()
        with Server(product) as server:
            yield server
    finally:
        product.close()


@pytest.fixture
def opened(handbook: Server, chromium: Browser) -> Iterator[Page]:
    """The chat page over the handbook; nothing may go wrong on it."""
    context = chromium.new_context(viewport={"width": 1600, "height": 1000})
    watched = Watched(page=context.new_page())
    watch(watched, handbook.address)
    watched.page.goto(handbook.link())
    watched.page.wait_for_selector("#messages .placeholder")
    yield watched.page
    context.close()
    assert watched.faults == []


def example() -> str:
    """Return the first of the example questions."""
    questions: list[str] = json.loads((ASSETS / "demo" / "questions.json").read_text(encoding="utf-8"))["questions"]
    return questions[0]


def test_question_is_answered_with_a_citation_that_opens_at_its_sentence(opened: Page, handbook: Server) -> None:
    opened.fill("#question textarea", example())
    opened.keyboard.press("Enter")
    expect(opened.locator("#source-list .card").first).to_be_visible()
    opened.wait_for_selector("#messages .cite", timeout=MODEL_MILLISECONDS)
    opened.click("#messages .cite >> nth=0")
    expect(opened.locator("#reader mark").first).to_be_visible()
    assert opened.locator("#reader mark").first.inner_text().strip()
    assert done(handbook, "finished") >= 1


def test_stop_ends_the_reading_of_a_prompt(opened: Page, handbook: Server) -> None:
    engine, before = handbook.product.engine(), done(handbook, "cancelled")
    opened.fill("#question textarea", LONG_QUESTION)
    opened.keyboard.press("Enter")
    wait_for(lambda: engine.describe().running == 1)
    stop(opened)
    wait_for(lambda: engine.describe().running == 0)
    assert done(handbook, "cancelled") == before + 1


def test_stop_ends_decoding_in_the_middle_of_an_answer(opened: Page, handbook: Server) -> None:
    engine, before = handbook.product.engine(), done(handbook, "cancelled")
    opened.fill("#question textarea", LONG_QUESTION)
    opened.keyboard.press("Enter")
    expect(opened.locator("#messages .bot-row .message-content").last).to_contain_text(
        re.compile(r"\w"), timeout=MODEL_MILLISECONDS
    )
    stop(opened)
    wait_for(lambda: engine.describe().running == 0)
    assert done(handbook, "cancelled") == before + 1


def test_about_page_tells_the_device_plan(opened: Page, handbook: Server) -> None:
    opened.goto(handbook.address + "/about")
    expect(opened.locator("#facts")).to_contain_text("2 people at once with 4,096 tokens each. It reads ")


def stop(page: Page) -> None:
    """Press Stop, and see the page say so."""
    page.click("#question .stop-button")
    expect(page.locator(".badge.unfinished")).to_contain_text("Stopped")


def done(server: Server, counter: str) -> int:
    """Return how many answers the engine has counted so."""
    return server.product.engine().describe().counters[counter]


def wait_for(true: Callable[[], bool], *, seconds: float = 60) -> None:
    """Wait until something is so."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)
