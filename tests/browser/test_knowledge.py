"""The knowledge page in a real browser: make a collection, upload, see what could not be read, remove."""

import pytest
from playwright.sync_api import FilePayload, Page, expect

from app.answers import LOCAL_ACTOR
from app.store.errors import UnknownCollectionError
from tests.browser.conftest import Served

pytestmark = pytest.mark.browser

DOGS = FilePayload(
    name="dogs.md", mimeType="text/markdown", buffer=b"# Dogs\n\nDogs may come to the office on Fridays.\n"
)
BROKEN = FilePayload(name="broken.pdf", mimeType="application/pdf", buffer=b"%PDF-1.7 nothing")


def open_new(page: Page, served: Served, name: str) -> None:
    """Go to the page and make a collection."""
    page.goto(served.server.address + "/knowledge")
    page.click("#new-collection button")
    page.get_by_label("Name").first.fill(name)
    page.click("text=Make collection")
    expect(page.locator("#collection-title")).to_contain_text(name)
    expect(page.locator("#documents")).to_be_visible()
    expect(page.get_by_text("Make collection")).to_be_hidden()


def test_upload_shows_progress_and_ends_ready(page: Page, served: Served) -> None:
    open_new(page, served, "Pets")
    page.set_input_files("#files", [DOGS])
    expect(page.locator(".uploads .done")).to_contain_text("Ready: 1 chunk")
    row = page.locator(".listing tbody tr")
    expect(row).to_contain_text("dogs.md")
    expect(row).to_contain_text("Ready")


def test_file_that_cannot_be_read_says_why_and_the_next_one_is_read(page: Page, served: Served) -> None:
    open_new(page, served, "Mixed")
    page.set_input_files("#files", [BROKEN, DOGS])
    expect(page.locator(".uploads .failed")).to_contain_text("broken.pdf")
    expect(page.locator(".uploads .done")).to_contain_text("dogs.md")
    expect(page.locator(".listing")).to_contain_text("Not read")
    expect(page.locator(".listing .counter")).to_contain_text("1 document · 1 could not be read")


def test_removal_asks_first(page: Page, served: Served) -> None:
    open_new(page, served, "Short")
    page.set_input_files("#files", [DOGS])
    page.click("button[aria-label='Remove dogs.md']")
    page.click("button[aria-label='Keep dogs.md']")
    expect(page.locator(".listing tbody tr")).to_have_count(1)
    page.click("button[aria-label='Remove dogs.md']")
    page.click("button[aria-label='Really remove dogs.md']")
    expect(page.locator(".listing")).to_contain_text("Nothing is in this collection yet")


def test_collection_is_deleted_after_asking_back(page: Page, served: Served) -> None:
    open_new(page, served, "Gone soon")
    page.click("button:has-text('Delete collection') >> nth=0")
    expect(page.get_by_text("with its 0 documents")).to_be_visible()
    page.click("button:has-text('Delete collection and documents')")
    expect(page.locator("#collection-title")).not_to_contain_text("Gone soon")
    with pytest.raises(UnknownCollectionError):
        served.server.product.collections.by_name(LOCAL_ACTOR, "Gone soon")


def test_nothing_uploaded_lies_readable_anywhere(page: Page, served: Served) -> None:
    open_new(page, served, "Secret")
    secret = b"The zeppelinpelican allowance is 4711 a month."
    page.set_input_files("#files", [FilePayload(name="s.txt", mimeType="text/plain", buffer=secret)])
    expect(page.locator(".uploads .done")).to_be_visible()
    for file in served.home.rglob("*"):
        if file.is_file():
            assert b"zeppelinpelican" not in file.read_bytes()


def test_index_that_disagrees_is_told(page: Page, served: Served) -> None:
    product = served.server.product
    product.index().drop(product.chunks.collection_ids()[0])
    page.goto(served.server.address + "/knowledge")
    expect(page.locator("#fault")).to_contain_text("inhouse doctor --rebuild-index")
    expect(page.locator("#fault")).to_be_visible()
    list(product.knowledge.rebuild_index())
    page.reload()
    expect(page.locator("#fault")).to_be_hidden()


def test_about_page_tells_model_places_and_versions(page: Page, served: Served) -> None:
    page.goto(served.server.address + "/about")
    for word in (
        "Model",
        "All 2 layers on 1 core",
        "Data directory",
        "Key kept in",
        "agrees with the database",
        "Licences",
        "gradio",
    ):
        expect(page.locator("#about")).to_contain_text(word)
