"""Rating an answer says what it shares; a reviewer opens it with its source and settles it. On one workstation."""

import pytest
from playwright.sync_api import Page, expect

from app.answers import LOCAL_ACTOR
from app.improve.sharing import ALONE
from tests.browser.conftest import Served
from tests.served import ANSWER, QUESTION

pytestmark = pytest.mark.browser


def test_a_rated_answer_is_reviewed_and_settled(page: Page, served: Served) -> None:
    page.set_viewport_size({"width": 1600, "height": 1000})
    page.fill("#question textarea", QUESTION)
    page.keyboard.press("Enter")
    page.wait_for_selector("#messages .cite")
    page.wait_for_selector("#question .submit-button")
    row = page.locator(".rating-told")
    expect(row).to_have_count(1)
    assert ALONE in row.evaluate("row => getComputedStyle(row, '::after').content")
    thumb = page.locator("button[aria-label='Bad answer'] >> nth=-1")
    assert thumb.get_attribute("aria-description") == ALONE
    thumb.click()
    expect(page.locator("#feedback").first).to_contain_text("You find it under Review")
    page.fill("#feedback textarea >> nth=1", "It has 43 desks.")
    page.click("#feedback button:has-text('Send')")
    expect(page.locator("#feedback").first).to_be_hidden()

    page.goto(served.server.address + "/review")
    page.get_by_role("button", name=QUESTION).first.click()
    expect(page.locator(".one-review .answer")).to_have_text(ANSWER)
    expect(page.locator(".one-review")).to_contain_text("It has 43 desks.")
    page.locator(".sources-of-review a").first.click()
    expect(page.locator("#reader mark").first).to_contain_text("42 desks")
    page.get_by_label("Note to whoever rated").first.fill("Counted again: 42.")
    page.get_by_role("button", name="Settle").click()
    expect(page.locator(".one-review")).to_contain_text("Counted again: 42.")
    assert "settled" in {one.outcome for one in served.server.product.feedback.shared.of(LOCAL_ACTOR).values()}

    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.goto(served.server.address + "/about")
    expect(page.locator(".nav-holder nav a.active")).to_be_in_viewport(ratio=0.9)
    expect(page.locator("#ratings")).to_contain_text("Settled: Counted again: 42.")
