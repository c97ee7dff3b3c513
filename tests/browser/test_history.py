"""Finding an earlier conversation by its words, in a real browser."""

import pytest
from playwright.sync_api import Page, expect

from app.answers import LOCAL_ACTOR
from tests.browser.conftest import Served
from tests.browser.test_chat import ask, wait_for_end

pytestmark = pytest.mark.browser

LIST = "#conversation-list label"
BOX = "#history-search input, #history-search textarea"


def test_conversation_is_found_by_a_word_of_it_and_opened(page: Page, served: Served) -> None:
    history = served.server.product.history
    for title, question in (("Animals", "Where do the quokkas sleep?"), ("Ships", "What does a zeppelin weigh?")):
        conversation_id = history.start(LOCAL_ACTOR).conversation_id
        history.begin_turn(LOCAL_ACTOR, conversation_id, question)
        history.rename(LOCAL_ACTOR, conversation_id, title)
    page.reload()
    expect(page.locator(LIST, has_text="Ships")).to_be_visible()
    page.fill(BOX, "QUOKKAS")
    page.keyboard.press("Enter")
    expect(page.locator(LIST)).to_have_count(1)
    expect(page.locator(LIST)).to_contain_text("Animals: Where do the quokkas sleep?")
    page.click(LIST)
    expect(page.locator("#conversation-title")).to_contain_text("Animals")
    page.fill(BOX, "nothing like it")
    page.keyboard.press("Enter")
    expect(page.locator(".toast-body")).to_contain_text("Nothing you asked")
    page.fill(BOX, "")
    page.keyboard.press("Enter")
    expect(page.locator(LIST, has_text="Ships")).to_be_visible()


def test_what_a_search_found_is_still_listed_when_an_answer_ends(page: Page, served: Served) -> None:
    history = served.server.product.history
    conversation_id = history.start(LOCAL_ACTOR).conversation_id
    history.begin_turn(LOCAL_ACTOR, conversation_id, "Where do the wombats sleep?")
    ask(page, "How many desks has the office in Paris today?")
    wait_for_end(page)
    page.fill(BOX, "wombats")
    page.keyboard.press("Enter")
    expect(page.locator(LIST)).to_have_count(2)  # what is open stays listed, above what was found
    ask(page, "And how many desks has the Paris office tomorrow?")
    expect(page.locator("[data-testid=user]")).to_have_count(2)
    wait_for_end(page)
    page.wait_for_timeout(300)
    expect(page.locator(LIST)).to_have_count(2)
    page.click(f"{LIST}:has-text('wombats')")
    expect(page.locator("#conversation-title")).to_contain_text("wombats")
    expect(page.locator(LIST)).to_have_count(1)
    page.fill(BOX, "")
    page.keyboard.press("Enter")
    expect(page.locator(LIST, has_text="in Paris today")).to_be_visible()
