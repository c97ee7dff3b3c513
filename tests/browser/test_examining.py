"""A model judges statements after the answer is there, and the page shows what it finds, in a real browser."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from app.server import Server
from app.web import judged
from app.web.conversations import how_far, messages_of
from tests.app.test_examining import OPPOSED, QUESTION, RULES, until
from tests.browser.conftest import Served, WaitingChat, Watched
from tests.browser.test_chat import ask, wait_for_end
from tests.served import learn, light_product

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server of its own: the others examine nothing."""
    home = tmp_path_factory.mktemp("home")
    chat = WaitingChat(texts=[OPPOSED], yes=0.02)
    with light_product(home, chat, cache=home / "cache", examine_seconds=120) as product:
        learn(product, "rules.md", RULES)
        with Server(product) as server:
            yield Served(server=server, chat=chat, home=home)


def test_a_mark_changes_when_the_model_has_judged_without_a_reload(page: Page, served: Served) -> None:
    served.chat.begin(OPPOSED)
    served.chat.judging = threading.Event()
    page.evaluate("window.here = true")
    ask(page, QUESTION)
    wait_for_end(page)
    mark, badge = page.locator("#messages .mark"), page.locator("#messages .badge")
    expect(mark).to_have_text("not in the sources")
    expect(badge).to_contain_text("1 of 1 statement not found in the sources")
    expect(badge.locator(".examining")).to_have_text("1 statement still being examined")
    expect(page.locator("#messages button[aria-label='Ask again']")).to_be_enabled()
    badge.locator("a").click()
    panel = page.locator("#reader")
    expect(panel.locator(".where")).to_contain_text("1 statement still being examined")
    expect(panel).not_to_contain_text("second look")
    served.chat.judging.set()
    expect(mark).to_have_text("contradicted")
    expect(badge).to_contain_text("1 of 1 statement contradicted by the sources")
    expect(badge.locator(".examining")).to_have_count(0)
    expect(panel.locator(".statements .mark")).to_have_text("contradicted")
    expect(panel.locator(".statements .quiet-words")).to_contain_text("A second look by a model found this.")
    expect(panel.locator(".statements blockquote p")).to_contain_text("Smoking is allowed in the garden")
    expect(panel.locator(".where")).not_to_contain_text("still being examined")
    assert page.evaluate("window.here")


def test_a_page_opened_meanwhile_shows_the_mark_when_it_comes(page: Page, served: Served) -> None:
    served.chat.begin(OPPOSED)
    served.chat.judging = threading.Event()
    ask(page, QUESTION)
    wait_for_end(page)
    page.click("#new")
    expect(page.locator("#messages .mark")).to_have_count(0)
    page.locator("#conversation-list label").first.click()
    expect(page.locator("#messages .mark")).to_have_text("not in the sources")
    served.chat.judging.set()
    expect(page.locator("#messages .mark")).to_have_text("contradicted")


def test_a_question_asked_meanwhile_is_answered_and_both_are_judged(page: Page, served: Served) -> None:
    served.chat.begin(OPPOSED)
    served.chat.judging = threading.Event()
    ask(page, QUESTION)
    wait_for_end(page)
    ask(page, f"Once more: {QUESTION}")
    marks = page.locator("#messages .mark")
    expect(marks).to_have_text(["not in the sources", "not in the sources"])
    wait_for_end(page)
    served.chat.judging.set()
    expect(marks).to_have_text(["contradicted", "contradicted"])


def test_what_is_judged_while_the_marks_are_drawn_is_drawn_too(
    page: Page, served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawing, drawn, over = threading.Event(), threading.Event(), threading.Event()

    def slowly(*parts: Any) -> Any:
        messages = messages_of(*parts)
        drawing.set()
        drawn.wait()
        return messages

    def heard(*parts: Any) -> str:
        far = how_far(*parts)
        if not far:
            over.set()
        return far

    monkeypatch.setattr(judged, "messages_of", slowly)
    monkeypatch.setattr(judged, "how_far", heard)
    served.chat.begin(OPPOSED)
    served.chat.judging = threading.Event()
    ask(page, QUESTION)
    until(drawing.is_set)
    served.chat.judging.set()
    until(over.is_set)
    page.wait_for_timeout(500)  # so that the page knows that, too
    drawn.set()
    expect(page.locator("#messages .mark")).to_have_text("contradicted")
    expect(page.locator("#messages .badge .examining")).to_have_count(0)


def test_a_statement_of_an_earlier_answer_is_marked_anew_while_the_next_is_written(page: Page, served: Served) -> None:
    served.chat.begin(OPPOSED)
    served.chat.judging = threading.Event()
    ask(page, QUESTION)
    wait_for_end(page)
    served.chat.begin("Whoever travels by night gets the next morning off.", gate=threading.Event())
    ask(page, f"Once more: {QUESTION}")
    expect(page.locator("#messages")).to_contain_text("Whoever travels by")
    badge = page.locator("#messages .badge")
    expect(badge.locator(".examining")).to_have_text("1 statement still being examined")
    served.chat.judging.set()
    expect(page.locator("#messages .mark")).to_have_text("contradicted")
    expect(badge.locator(".examining")).to_have_count(0)
    assert served.chat.gate is not None
    served.chat.gate.set()
    wait_for_end(page)


def test_the_list_of_statements_is_looked_at_again_after_a_look_that_failed(watched: Watched, served: Served) -> None:
    page = watched.page
    served.chat.begin(OPPOSED)
    served.chat.judging = threading.Event()
    ask(page, QUESTION)
    wait_for_end(page)
    page.locator("#messages .badge a").click()
    panel = page.locator("#reader")
    expect(panel.locator(".where")).to_contain_text("1 statement still being examined")
    with page.expect_response("**/statements"):
        page.route("**/statements", lambda route: route.fulfill(status=503, json={}), times=1)
    served.chat.judging.set()
    expect(panel.locator(".statements .mark")).to_have_text("contradicted")
    expect(panel.locator(".where")).not_to_contain_text("still being examined")
    assert all("503" in fault for fault in watched.faults)
