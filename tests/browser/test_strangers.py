"""What a browser sees that has not come through the link, and what another page can do."""

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import Served

pytestmark = pytest.mark.browser


def test_browser_without_the_link_is_told_where_it_is(chromium: Browser, served: Served) -> None:
    page = chromium.new_page()
    page.goto(served.server.address)
    expect(page.locator("h1")).to_have_text("Open Inhouse through its link")
    page.close()


def test_link_cannot_be_used_by_a_second_browser(chromium: Browser, served: Served) -> None:
    link = served.server.link()
    first, second = chromium.new_context(), chromium.new_context()
    first.new_page().goto(link)
    answer = second.new_page().goto(link)
    assert answer is not None
    assert answer.status == 401
    first.close()
    second.close()
