"""Pages on paper, in a real browser: all that is on them, and nothing that is there to be clicked."""

import base64
from collections.abc import Iterable, Iterator

import numpy as np
import pytest
from playwright.sync_api import Page, expect
from pypdfium2 import PdfDocument

from app.answers import LOCAL_ACTOR, Answer, Collection, Question
from app.web.conversations import NO_SOURCES
from retrieval.sources import bytes_source
from tests.browser.conftest import Served, Watched
from tests.served import ANSWER, QUESTION, learn

pytestmark = pytest.mark.browser

LONG = "Line {} of many.\n\n"
BUTTONS = ("New conversation", "Rename", "Delete", "Knowledge", "Search your", "Ask again", "Look in", NO_SOURCES)
RULES = "# Rules\n\n" + "".join(f"## Rule {n}\n\nRule {n} says that gate {n} opens at eight.\n\n" for n in range(90))


def printed(page: Page) -> PdfDocument:
    """Print the page as Ctrl+P does, on A4 and without backgrounds."""
    session = page.context.new_cdp_session(page)
    paper = session.send("Page.printToPDF", {"paperWidth": 8.27, "paperHeight": 11.69})
    return PdfDocument(base64.b64decode(paper["data"]))


def words(document: PdfDocument) -> str:
    """Return the text on all sheets without spaces, which PDF does not keep; in the order in which it was drawn."""
    return "".join(squeezed(sheet.get_textpage().get_text_range()) for sheet in document)


def squeezed(text: str) -> str:
    """Return a text without spaces."""
    return "".join(text.split())


def missing(text: str, parts: Iterable[str]) -> list[str]:
    """Return those parts that are not in the text."""
    return [part for part in parts if squeezed(part) not in text]


@pytest.fixture
def rules(served: Served) -> Iterator[Collection]:
    """A collection whose document is longer than a screen, beside as many others."""
    product = served.server.product
    made = learn(product, "rules.md", RULES, into="Rules")
    yield made
    product.delete_collection(LOCAL_ACTOR, made.collection_id)


def test_long_conversation_is_printed_whole_with_the_words_of_all_its_sources(watched: Watched, served: Served) -> None:
    page, product = watched.page, served.server.product
    served.chat.begin(
        f"{ANSWER}\n\n" + "".join(map(LONG.format, range(40))),
        f"{ANSWER} Nobody paid 9000 zlotys for them in 1887.",
        ANSWER,
    )
    conversation_id = product.history.start(LOCAL_ACTOR).conversation_id
    asked = [f"{QUESTION[:-1]} on floor {floor}?" for floor in range(3)]
    for question in asked:
        *_, answer = product.assistant().ask(LOCAL_ACTOR, Question(text=question, conversation_id=conversation_id))
        assert isinstance(answer, Answer)
        assert answer.citations
    page.reload()
    page.wait_for_selector("#messages .placeholder")
    if "dark" not in str(page.get_attribute("body", "class")):
        page.click(".mode")
    page.click("#conversation-list label >> nth=0")
    expect(page.locator(".message-row")).to_have_count(6)
    paper = printed(page)
    text = words(paper)
    lines = [LONG.format(n) for n in range(40)]
    assert missing(text, [*asked, *lines, "⚠not in the sources", "42 desks.[1]", "[1] Offices. Section: Paris"]) == []
    quoted = squeezed("The Paris office has 42 desks and opens at eight in the morning.")
    assert text.count(quoted) >= len(asked)
    assert missing(text, BUTTONS) == list(BUTTONS)
    first = paper[0].render().to_numpy()
    assert first.min() < 60
    assert np.median(first) > 200


def test_open_document_is_printed_whole(page: Page, served: Served, rules: Collection) -> None:
    page.goto(served.server.address + "/search")
    page.fill("#search-words", "gate 40 opens")
    page.keyboard.press("Enter")
    page.locator(".hit", has_text="rules.md").first.click()
    expect(page.locator("#reader mark").first).to_be_visible()
    shown = page.locator("#reader .document p").all_inner_texts()
    text = words(printed(page))
    hits = page.locator(".hit .where").all_inner_texts()
    assert len(hits) > 1
    assert missing(text, hits) == []
    assert missing(text, shown) == []


def test_every_document_and_all_of_one_in_detail_are_printed(page: Page, served: Served, rules: Collection) -> None:
    names = [f"paper-{n:02}.md" for n in range(40)]
    sources = [bytes_source(name, f"# Paper {name[6:8]}\n\nIt is about gate {name}.".encode()) for name in names]
    for _ in served.server.product.knowledge.learn(sources, collection_id=rules.collection_id):
        pass
    page.goto(served.server.address + "/knowledge")
    page.click("#collection-list label:has-text('Rules')")
    expect(page.locator(".listing button.title")).to_have_count(41)
    assert missing(words(printed(page)), ["Document State Chunks Added", *names, "rules.md"]) == []
    page.click(".listing tr:has-text('rules.md') button.title")
    expect(page.locator(".chunks li").first).to_be_visible()
    chunks = page.locator(".chunks pre").all_inner_texts()
    text = words(printed(page))
    assert len(chunks) > 5
    assert missing(text, chunks) == []
    assert "paper-01.md" not in text
