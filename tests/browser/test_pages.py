"""A citation of a PDF in a real browser: the page as a picture, the sentence marked, other pages, larger, kept."""

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from app.answers import LOCAL_ACTOR
from retrieval.sources import bytes_source
from tests.browser.conftest import Served
from tests.browser.test_chat import SIDEWAYS, ask, wait_for_end
from tests.retrieval.files import pdf

pytestmark = pytest.mark.browser

SENTENCE = "The zeppelin allowance is 4711 pelicans a month."
DATA = pdf(
    [["# Zeppelins", "", "This is the first page."], ["# Allowance", "", SENTENCE, "It ends in March."], ["Last."]]
)
LINE = 3
"""Where the sentence stands on its page, in heights of a line below the first one."""


@pytest.fixture(autouse=True)
def _allowances(served: Served) -> Iterator[None]:
    """A PDF in a collection of its own, gone afterwards: others search everything."""
    product = served.server.product
    made = product.collections.create(LOCAL_ACTOR, "Pay")
    list(product.knowledge.learn([bytes_source("pay/allowances.pdf", DATA)], collection_id=made.collection_id))
    yield
    product.knowledge.forget_collection(made.collection_id)
    product.collections.delete(LOCAL_ACTOR, made.collection_id)


def open_citation(page: Page, served: Served) -> None:
    """Ask, and open the citation of the answer."""
    served.chat.begin(SENTENCE)
    ask(page, "How many pelicans is the zeppelin allowance?")
    wait_for_end(page)
    page.click(".cite >> nth=0")
    expect(page.locator(".sheet img")).to_be_visible()
    expect(page.locator(".page-mark-place")).to_be_visible()


def test_citation_opens_the_page_with_the_sentence_marked(page: Page, served: Served) -> None:
    open_citation(page, served)
    expect(page.locator(".page-number")).to_have_text("Page 2 of 3")
    sheet, mark = page.locator(".sheet").bounding_box(), page.locator(".page-mark-place").bounding_box()
    assert sheet
    assert mark
    baseline = 1 - (780 - LINE * 16) / 841.9
    assert mark["y"] < sheet["y"] + baseline * sheet["height"] < mark["y"] + mark["height"]
    assert mark["height"] < 0.03 * sheet["height"]
    expect(page.locator(".page-mark-place")).to_be_in_viewport()
    shown = Image.open(io.BytesIO(page.screenshot(clip=mark))).convert("RGB")
    colours = shown.getcolors(maxcolors=100_000) or []
    assert max(colours)[1] == (255, 216, 77)
    assert any(max(colour) < 120 for _, colour in colours if isinstance(colour, tuple)), "no words under the mark"
    check_text(page)


def check_text(page: Page) -> None:
    """What the picture shows is there as text too."""
    expect(page.locator(".page-picture figcaption mark")).to_have_text(SENTENCE)
    assert (page.get_attribute(".sheet img", "alt") or "").startswith("Page 2 of 3 of ")
    page.click("text=The same place as text")
    expect(page.locator(".as-text mark")).to_have_text(SENTENCE)
    expect(page.locator(".as-text")).to_contain_text("It ends in March.")


def test_other_pages_are_turned_to_and_a_page_is_enlarged(page: Page, served: Served) -> None:
    open_citation(page, served)
    page.click("button[aria-label='Previous page']")
    expect(page.locator(".page-number")).to_have_text("Page 1 of 3")
    expect(page.locator(".page-mark-place")).to_have_count(0)
    expect(page.locator("button[aria-label='Previous page']")).to_be_disabled()
    page.click("button[aria-label='Next page']")
    expect(page.locator(".page-mark-place")).to_be_visible()
    before = page.locator(".sheet img").bounding_box()
    assert before
    page.click("button[aria-label='Larger']")
    while page.locator(".sheet").evaluate("sheet => sheet.clientWidth") <= 1.4 * before["width"]:
        page.wait_for_timeout(20)
    expect(page.locator(".page-mark-place")).to_be_in_viewport()


def test_original_is_kept_under_its_name_and_a_telephone_shows_the_page(
    page: Page, served: Served, tmp_path: Path
) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    open_citation(page, served)
    assert page.evaluate(SIDEWAYS) == []
    with page.expect_download() as started:
        page.click("#reader .download")
    assert started.value.suggested_filename == "allowances.pdf"
    started.value.save_as(tmp_path / "kept.pdf")
    assert (tmp_path / "kept.pdf").read_bytes() == DATA
