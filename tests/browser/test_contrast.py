"""Every visible text has the contrast WCAG 2.2 AA asks for (1.4.3), light and dark: measured in a real browser."""

import threading
from typing import Literal, TypedDict, cast

import pytest
from playwright.sync_api import BrowserContext, FilePayload, Page, expect

from app.answers import LOCAL_ACTOR, Answer, Feedback, Question
from tests.browser.conftest import Served, let_in
from tests.served import ANSWER, QUESTION

pytestmark = pytest.mark.browser

MEASURE = """() => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgba = (colour) => {                       // whatever notation the browser gives -> [r, g, b, alpha 0..1]
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  };
  const over = (top, below) => [0, 1, 2].map((i) => top[i] * top[3] + below[i] * (1 - top[3]));
  const ground = (node) => {                        // the colours behind a node, painted from the page upwards
    const layers = [];
    for (let at = node; at; at = at.parentElement) layers.push(rgba(getComputedStyle(at).backgroundColor));
    return layers.reverse().reduce((below, top) => over(top, below), [255, 255, 255]);
  };
  const light = (colour) => {
    const [r, g, b] = colour.map((c) => c / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const opacity = (node) => (node ? Number(getComputedStyle(node).opacity) * opacity(node.parentElement) : 1);
  const seen = [];
  const measure = (node, text, style, faded = 1) => {
    const behind = ground(node);
    const [r, g, b, a] = rgba(style.color);
    const ink = over([r, g, b, a * opacity(node) * faded], behind);
    const [low, high] = [light(ink), light(behind)].sort((x, y) => x - y);
    const ratio = (high + 0.05) / (low + 0.05);
    const size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    seen.push({ text: text.slice(0, 60), ratio: Math.round(ratio * 100) / 100, enough: ratio >= (large ? 3 : 4.5) });
  };
  for (const node of document.body.querySelectorAll("*")) {
    if (!node.checkVisibility({ checkOpacity: true, checkVisibilityCSS: true })) continue;
    if (node.closest(".unseen, .skip, [aria-hidden=true]")) continue;
    const own = [...node.childNodes].map((child) => (child.nodeType === 3 ? child.data : " ")).join("").trim();
    if (own) measure(node, own, getComputedStyle(node));
    if (node.value && node.matches("textarea, input[type=text], input[type=search]")) {
      measure(node, node.value, getComputedStyle(node));
    } else if (node.placeholder) {
      const style = getComputedStyle(node, "::placeholder");
      measure(node, node.placeholder, style, Number(style.opacity));
    }
    for (const part of ["::before", "::after"]) {
      const style = getComputedStyle(node, part);
      const drawn = style.content.match(/^"(.*?)"/)?.[1];
      if (drawn && style.display !== "none") measure(node, drawn, style);
    }
  }
  return seen;
}"""


class Measured(TypedDict):
    """A text of the page, and how well it can be told from what is behind it."""

    text: str
    ratio: float
    enough: bool


@pytest.fixture(params=["light", "dark"])
def shade(request: pytest.FixtureRequest) -> str:
    """Which colours the browser prefers."""
    return str(request.param)


@pytest.fixture
def tab(shade: Literal["light", "dark"], context: BrowserContext, served: Served) -> Page:
    """A tab of such a browser, let in, with no page open yet."""
    let_in(context, served)
    page = context.new_page()
    page.emulate_media(color_scheme=shade)
    return page


@pytest.fixture
def page(tab: Page, served: Served, shade: str) -> Page:
    """The chat page in it."""
    tab.goto(served.server.address)
    tab.wait_for_selector("#messages .placeholder")
    assert tab.evaluate("document.body.classList.contains('dark')") == (shade == "dark")
    return tab


def measured(page: Page) -> list[Measured]:
    """Return every text that can be seen, once the page has stopped moving."""
    page.wait_for_timeout(700)
    return cast("list[Measured]", page.evaluate(MEASURE))


def check(page: Page, *expected: str) -> None:
    """See that these texts are among those measured, and that each can be read."""
    seen = measured(page)
    assert [text for text in expected if not any(text in one["text"] for one in seen)] == []
    assert [one for one in seen if not one["enough"]] == []


def test_faint_text_is_noticed(page: Page) -> None:
    page.evaluate("document.querySelector('#reminder p').style.opacity = 0.5")
    assert [one["text"][:12] for one in measured(page) if not one["enough"]] == ["Answers come"]


def test_empty_chat_page(page: Page) -> None:
    check(page, "What would you like", "Ask your documents", "Answers come from", "New conversation", "All collections")


def test_answer_with_marks_opened_citation_and_form(page: Page, served: Served) -> None:
    served.chat.begin(f"{ANSWER} Every desk was bought in 1887 for 9000 zlotys.")
    page.fill("#question textarea", QUESTION)
    page.keyboard.press("Enter")
    page.wait_for_selector("#messages .cite")
    check(page, ANSWER, "not in the sources", "1 of 2 statements", "Rename", "The Paris office has 42 desks and")
    page.click(".cite")
    page.wait_for_selector("#reader mark")
    page.click("button[aria-label='Bad answer'] >> nth=-1")
    page.wait_for_selector("#feedback textarea")
    check(page, "Back", "The Paris office has 42 desks and", "What is wrong with it?", "Out of date", "Send")


def test_answer_being_written_refusal_and_questions_asked_back(page: Page, served: Served) -> None:
    served.chat.begin(ANSWER, gate=threading.Event(), gate_after=3)
    page.fill("#question textarea", QUESTION)
    page.keyboard.press("Enter")
    page.wait_for_selector("#messages .bot-row .prose p")
    check(page, "Stop", "Writing")
    page.click("#question .stop-button")
    page.wait_for_selector(".badge.unfinished")
    page.fill("#question textarea", "What is the zeppelin allowance for pelicans?")
    page.keyboard.press("Enter")
    page.wait_for_selector(".nearest")
    page.click("#delete-button")
    check(page, "Stopped before", "The nearest passages", "Delete this conversation", "Keep it")


def test_knowledge_page(tab: Page, served: Served) -> None:
    tab.goto(served.server.address + "/knowledge")
    tab.get_by_label("Handbook").check()
    tab.click("#new-collection button")
    tab.get_by_label("Name").first.fill("Readable " + tab.evaluate("document.body.className"))
    check(tab, "Choose files", "Make collection", "What is in it (optional)", "Offices", "Ready")
    tab.click("text=Make collection")
    expect(tab.locator("#collection-title")).to_contain_text("Readable")
    tab.set_input_files("#files", [FilePayload(name="broken.pdf", mimeType="application/pdf", buffer=b"%PDF-1.7 no")])
    tab.wait_for_selector(".uploads .failed")
    tab.click("button[aria-label='Remove broken.pdf']")
    check(tab, "Not read", "Really remove", "The PDF is damaged")


def test_search_page(tab: Page, served: Served) -> None:
    tab.goto(served.server.address + "/search")
    tab.fill("#search-words", "desks in Paris")
    tab.keyboard.press("Enter")
    tab.click(".hit >> nth=0")
    tab.wait_for_selector("#reader mark")
    check(tab, "Search", "Added from", "Clear", "passage", "Handbook", "desks", "Back")


def test_about_page(tab: Page, served: Served) -> None:
    product = served.server.product
    conversation = product.history.start(LOCAL_ACTOR).conversation_id
    *_, answer = product.assistant().ask(LOCAL_ACTOR, Question(text=QUESTION, conversation_id=conversation))
    assert isinstance(answer, Answer)
    product.feedback.disputes.record(LOCAL_ACTOR, answer.answer_id, 0, comment="not so")
    tab.goto(served.server.address + "/about")
    tab.wait_for_selector("#facts td")
    tab.wait_for_selector("#rates td")
    check(tab, "About this installation", "Data directory", "Licences", "found in the sources", "Handbook", "not so")


def test_models_page(tab: Page, served: Served) -> None:
    tab.goto(served.server.address + "/models")
    expect(tab.locator(".now .state")).to_contain_text("Answers")
    tab.wait_for_selector(".shelf li")
    check(
        tab, "tokens a second", "Known already", "All 2 layers", "To bring along", "Fits: it needs", "Import", "Fetch"
    )


def test_review_page(tab: Page, served: Served) -> None:
    product = served.server.product
    conversation = product.history.start(LOCAL_ACTOR).conversation_id
    *_, answer = product.assistant().ask(LOCAL_ACTOR, Question(text=QUESTION, conversation_id=conversation))
    assert isinstance(answer, Answer)
    given = Feedback(answer_id=answer.answer_id, liked=False, reasons=("wrong",), comment="it is not so")
    product.feedback.record(LOCAL_ACTOR, given, share=str)
    tab.goto(served.server.address + "/review")
    tab.wait_for_selector(".review-list button")
    check(tab, "Rated answers", "All ratings", QUESTION, "Bad: wrong")
    tab.click(".review-list button >> nth=0")
    tab.click("summary:has-text('Take it over')")
    check(tab, "it is not so", ANSWER, "found in the sources", "Written by", "Note to whoever", "Approve and settle")


def test_privacy_notice(tab: Page, served: Served) -> None:
    tab.goto(served.server.address + "/notice")
    check(tab, "Privacy notice", "Who else reads it", "shares it with nobody", "Version", "Back to Inhouse")
