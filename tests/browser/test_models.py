"""The models page in a real browser: figures that change while one looks, and only then."""

import pytest
from playwright.sync_api import Page, Request, expect

from app.observe.engine import cached_share
from tests.browser.conftest import Served

pytestmark = pytest.mark.browser

NOW = "/api/models/now"


def open_models(page: Page, served: Served) -> None:
    page.goto(served.server.address + "/models")
    expect(page.locator(".now .state")).to_contain_text("Answers")


def figure(page: Page, title: str) -> str:
    return page.locator(".figures div", has=page.get_by_text(title, exact=True)).locator(".value").inner_text()


def test_page_tells_plan_places_and_what_was_known_already(page: Page, served: Served) -> None:
    open_models(page, served)
    expect(page.locator(".now .plan")).to_contain_text("All 2 layers on 1 core")
    assert figure(page, "Answers being written") == "0 of 2"
    assert figure(page, "Waiting") == "0"
    expect(page.get_by_role("navigation", name="Pages").get_by_text("Models")).to_have_attribute("aria-current", "page")


def test_figures_change_by_themselves_and_are_not_read_aloud(page: Page, served: Served) -> None:
    open_models(page, served)
    page.evaluate("document.querySelector('.now .state').firstChild.marked = true")
    engine = served.server.product.engine()
    for _ in range(2):
        list(engine.submit(list(b"Something that is asked twice?"), max_tokens=2))
    known = page.locator(".figures div", has=page.get_by_text("Known already", exact=True)).locator(".value")
    share = cached_share(engine.describe())
    assert share
    expect(known).to_have_text(f"{share:.0%}")
    assert page.locator(".figures").evaluate("node => !node.closest('[aria-live], [role=status], [role=log]')")
    assert page.evaluate("document.querySelector('.now .state').firstChild.marked"), "the state was announced again"


def test_nobody_is_asked_while_nobody_sees_the_page(page: Page, served: Served) -> None:
    open_models(page, served)
    asked: list[Request] = []
    page.on("request", lambda request: asked.append(request) if request.url.endswith(NOW) else None)
    page.evaluate(
        """() => {
          Object.defineProperty(document, "hidden", { value: true, configurable: true });
          document.dispatchEvent(new Event("visibilitychange"));
        }"""
    )
    page.wait_for_timeout(300)  # a look that had begun
    asked.clear()
    page.wait_for_timeout(4500)
    assert asked == []
    with page.expect_request("**" + NOW):
        page.evaluate(
            """() => {
              delete document.hidden;
              document.dispatchEvent(new Event("visibilitychange"));
            }"""
        )
    with page.expect_request("**" + NOW):
        pass  # and again two seconds later
