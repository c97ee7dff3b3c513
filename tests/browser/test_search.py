"""The search page in a real browser: find, narrow, open in the document, all with the keyboard alone."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Served

pytestmark = pytest.mark.browser


@pytest.fixture
def page(tab: Page) -> Page:
    """No page is open yet; each test opens its own."""
    return tab


def find(page: Page, served: Served, words: str) -> None:
    """Search for words."""
    page.goto(served.server.address + "/search")
    page.fill("#search-words", words)
    page.keyboard.press("Enter")


def test_passages_are_found_with_their_words_marked(page: Page, served: Served) -> None:
    find(page, served, "desks in Paris")
    expect(page.locator("#search-status")).to_contain_text("ms, the best first")
    first = page.locator(".hit").first
    expect(first.locator(".title")).to_have_text("Offices")
    expect(first.locator(".where")).to_contain_text("offices.md")
    expect(first.locator("mark").first).to_be_visible()
    assert {"Paris", "desks"} <= set(first.locator("mark").all_text_contents())
    assert served.chat.prompts == []


def test_a_passage_opens_in_its_document_and_back_returns_to_it(page: Page, served: Served) -> None:
    find(page, served, "desks in Paris")
    expect(page.locator("#search-words")).to_be_focused()
    expect(page.locator(".hit").first).to_be_visible()
    page.locator(".hit").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#reader mark", has_text="42 desks")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#reader")).to_be_hidden()
    expect(page.locator(".hit").first).to_be_focused()


def test_filters_narrow_at_once_and_are_cleared(page: Page, served: Served) -> None:
    find(page, served, "desks")
    expect(page.locator(".hit").first).to_be_visible()
    page.get_by_label("Type").select_option("PDF")
    expect(page.locator("#search-status")).to_have_text("Nothing was found. Fewer filters may find more.")
    page.get_by_label("Type").select_option("Text")
    expect(page.locator(".hit").first).to_be_visible()
    page.get_by_label("Added until").fill("2020-01-01")
    page.get_by_label("Added until").dispatch_event("change")
    expect(page.locator(".hit")).to_have_count(0)
    page.click("text=Clear")
    expect(page.locator("#search-words")).to_have_value("")
    expect(page.get_by_label("Type")).to_have_value("")


def test_the_collection_is_chosen_by_its_name(page: Page, served: Served) -> None:
    page.goto(served.server.address + "/search")
    expect(page.get_by_label("Collection").locator("option")).to_contain_text(["All collections", "Handbook"])


def test_nothing_asked_stands_in_the_address(page: Page, served: Served) -> None:
    find(page, served, "zeppelinpelican")
    expect(page.locator("#search-status")).not_to_have_text("Searching …")
    expect(page.locator("#search-status")).not_to_have_text("")
    assert "zeppelin" not in page.url


def test_on_a_telephone_the_document_lies_over_the_results(page: Page, served: Served) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    find(page, served, "desks in Paris")
    page.locator(".hit").first.click()
    expect(page.locator("#reader mark").first).to_be_visible()
    page.click("#reader .back")
    expect(page.locator("#reader")).to_be_hidden()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
