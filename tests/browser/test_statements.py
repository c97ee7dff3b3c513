"""What was found about an answer's statements, that sources differ and answers do not agree, in a real browser."""

import threading
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from app.answers import LOCAL_ACTOR
from tests.browser.conftest import Served
from tests.browser.test_chat import ANSWERS, ask, wait_for_end
from tests.served import QUESTION, learn

pytestmark = pytest.mark.browser

TRUE = "The Lisbon office has 17 desks and closes in August."
PLANTED = "The Paris office has 97 desks."
LAST_YEAR = "97 was right last year"
POLICY = (
    "# Travel policy\n\nOwner: Finance · Valid from: 1 January 2024\n\nThe hotel limit for Oslo is 160 euros a night."
)
FAQ = "# Travel questions\n\nThe hotel limit for Oslo is 185 euros a night, breakfast included."


@pytest.fixture
def differing(served: Served) -> Iterator[None]:
    """A collection whose two documents say different things; gone again at the end."""
    product = served.server.product
    made = learn(product, "policy.md", POLICY, into="Travel")
    faq = learn(product, "faq.md", FAQ, into="Questions")
    yield
    for one in (made, faq):
        product.knowledge.forget_collection(one.collection_id)
        product.collections.delete(LOCAL_ACTOR, one.collection_id)


def test_a_planted_number_is_marked_at_its_sentence_with_the_right_quote_beside_it(page: Page, served: Served) -> None:
    served.chat.begin(f"{TRUE} {PLANTED}")
    ask(page, "How many desks have the offices in Lisbon and in Paris?")
    wait_for_end(page)
    mark = page.locator(".mark")
    expect(mark).to_have_count(1)
    expect(mark).to_have_text("value differs")
    before = page.evaluate(
        "mark => { const range = document.createRange(); range.setStart(mark.closest('.message-content'), 0);"
        " range.setEndBefore(mark); return range.toString() }",
        mark.element_handle(),
    )
    assert "97 desks." in before.splitlines()[-1][-20:]
    mark.click()
    pointed = page.locator("#reader .pointed")
    expect(pointed.locator(".said")).to_have_text(PLANTED)
    expect(pointed.locator("blockquote p")).to_contain_text("The Paris office has 42 desks")
    expect(pointed).to_contain_text("does not say “97")
    expect(page.locator("#reader .statements > li").first.locator(".mark")).to_have_text("found in the sources")


def test_what_was_not_found_shows_the_nearest_place_in_the_panel_and_no_citation(page: Page, served: Served) -> None:
    invented = "The Lisbon office has 17 desks of solid walnut, carved by hand."
    served.chat.begin(invented)
    ask(page, "How many desks have the offices in Lisbon and in Paris?")
    wait_for_end(page)
    expect(page.locator(".mark.not-found")).to_be_visible()
    expect(page.locator(".cite")).to_have_count(0)
    page.click(".mark.not-found")
    pointed = page.locator("#reader .pointed")
    expect(pointed).to_contain_text("This is the nearest sentence there is.")
    expect(pointed.locator("blockquote p")).to_contain_text("The Lisbon office has 17 desks")
    pointed.locator("a.source").click()
    expect(page.locator("#reader mark").first).to_contain_text("17 desks")


def test_the_badge_opens_all_statements_and_a_verdict_can_be_disputed(page: Page, served: Served) -> None:
    served.chat.begin(PLANTED)
    ask(page, QUESTION)
    wait_for_end(page)
    expect(page.locator(".badge")).to_contain_text("1 of 1 statement with a value that differs from the sources")
    page.click(".badge a")
    page.click("#reader .dispute button")
    page.fill("#reader .dispute input", LAST_YEAR)
    page.click("#reader .dispute button >> nth=0")
    expect(page.locator("#reader .dispute")).to_contain_text("You say that this verdict is wrong.")
    (kept,) = [one for one in served.server.product.feedback.disputes.all_of(LOCAL_ACTOR) if one.comment == LAST_YEAR]
    assert (kept.statement, kept.verdict, kept.comment) == (PLANTED, "value differs", LAST_YEAR)
    page.click("#reader .dispute button")
    expect(page.locator("#reader .dispute button")).to_have_text("This verdict is wrong")
    left = served.server.product.feedback.disputes.all_of(LOCAL_ACTOR)
    assert LAST_YEAR not in {one.comment for one in left}


def test_a_double_check_is_told_in_the_panel_and_beside_the_answer_and_going_back_stops_it(
    page: Page, served: Served
) -> None:
    served.chat.begin(PLANTED)
    ask(page, QUESTION)
    wait_for_end(page)
    page.click(".badge a")
    served.chat.begin(PLANTED, PLANTED, "The Paris office has 42 desks.")
    page.click(".double-check button")
    told = page.locator(".double-check [role=status]")
    expect(told).to_contain_text("the model said the same twice. It is not sure of this.")
    expect(page.locator(".double-check li")).to_contain_text("Otherwise: The Paris office has 42 desks. (3 times)")
    page.click("#reader .back")
    page.click(".badge a")
    expect(told).to_contain_text("the model said the same twice.")  # it was kept
    served.chat.begin(PLANTED, gate=threading.Event())
    page.click(".double-check button")
    expect(told).to_have_text("Asking five times more …")
    while not served.server.product.serving.busy:
        page.wait_for_timeout(20)
    page.click("#reader .back")
    while served.server.product.serving.busy:  # the model says nothing more, and is let go all the same
        page.wait_for_timeout(20)


def test_an_answer_of_a_strict_collection_is_double_checked_by_itself(page: Page, served: Served) -> None:
    product = served.server.product
    handbook = product.collections.by_name(LOCAL_ACTOR, "Handbook").collection_id
    product.collections.describe(LOCAL_ACTOR, handbook, double_check=True)
    try:
        gate, otherwise = threading.Event(), "The office in Paris has 97 desks by now."
        served.chat.begin("The Paris office has 42 desks.", otherwise, gate=gate, gate_after=7)
        ask(page, QUESTION)
        expect(page.locator(".badge .examining")).to_have_text("the question being asked again")
        gate.set()
        notice = page.locator(f"{ANSWERS} .differing.again")
        expect(notice).to_contain_text("the model never said this again. Do not rely on it.")
        expect(notice.locator("li")).to_contain_text(f"Otherwise: {otherwise} (3 times)")
        expect(page.locator(".badge .examining")).to_have_count(0)
    finally:
        product.collections.describe(LOCAL_ACTOR, handbook, double_check=False)


@pytest.mark.usefixtures("differing")
def test_sources_that_differ_are_both_shown_and_open(page: Page, served: Served) -> None:
    served.chat.begin("The hotel limit for Oslo is 160 euros a night.")
    ask(page, "What is the hotel limit for Oslo a night?")
    wait_for_end(page)
    notice = page.locator(f"{ANSWERS} .differing")
    expect(notice).to_contain_text("The sources differ.")
    expect(notice.locator("li")).to_have_count(2)
    expect(notice.locator("li").nth(0)).to_contain_text("160 euros a night")
    expect(notice.locator("li").nth(0)).to_contain_text("Finance · valid from 1 January 2024")
    expect(notice.locator("li").nth(1)).to_contain_text("185 euros a night, breakfast included")
    notice.locator("li").nth(1).locator("a").click()
    expect(page.locator("#reader mark").first).to_contain_text("185 euros")
