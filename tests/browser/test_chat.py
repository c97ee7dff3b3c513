"""The chat page in a real browser: ask, read, open a citation, stop, come back, rate."""

import threading
import time
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from app.answers import LOCAL_ACTOR
from tests.browser.conftest import Served, Watched
from tests.served import ANSWER, QUESTION

pytestmark = pytest.mark.browser

LONG = "The Paris office has 42 desks and more. " * 100
ANSWERS = "[data-testid=bot] .message-content"


def ask(page: Page, question: str = QUESTION) -> None:
    """Type a question and press Enter."""
    page.fill("#question textarea", question)
    page.keyboard.press("Enter")


def wait_for_end(page: Page) -> None:
    """Wait until the answer is whole."""
    page.wait_for_selector("#question .submit-button")
    page.wait_for_selector("#messages .message-row .sources-line, #messages .badge, #messages .nearest")


def wait_until(true: Callable[[], bool], *, seconds: float = 30) -> None:
    """Wait until something is so."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)


def last_conversation(served: Served) -> str:
    """Return the id of the conversation that was used last."""
    return served.server.product.history.conversations(LOCAL_ACTOR)[0].conversation_id


def test_answer_is_streamed_with_passages_before_it_and_citations_after(page: Page, served: Served) -> None:
    gate = threading.Event()
    served.chat.begin(ANSWER, gate=gate)
    ask(page)
    expect(page.locator("#source-list .card").first).to_contain_text("Paris office")
    expect(page.locator(ANSWERS).last).to_have_text("The Paris office")
    expect(page.locator(".cite")).to_have_count(0)
    gate.set()
    wait_for_end(page)
    expect(page.locator(ANSWERS).last).to_contain_text(ANSWER)
    expect(page.locator(".badge.found")).to_contain_text("found in the sources")
    expect(page.locator(".cite")).to_have_text("1")


def test_only_an_address_of_an_allowed_host_is_a_link_and_shows_where_it_leads(page: Page, served: Served) -> None:
    allowed, refused = "https://intranet.example/a_b?c=1&d=2", "https://intranet.example.evil.example/"
    served.chat.begin(
        f"{ANSWER} Fill the [form]({allowed}) in, not [that]({refused}). ![x](https://intranet.example/x.png)"
    )
    ask(page)
    wait_for_end(page)
    answer = page.locator(ANSWERS).last
    expect(answer).to_contain_text(refused)
    link = answer.locator("a[href^=http]")
    expect(link).to_have_count(1)
    expect(link).to_have_text(allowed)
    assert [link.get_attribute(name) for name in ("href", "target", "rel")] == [
        allowed,
        "_blank",
        "noopener noreferrer",
    ]
    expect(answer.locator("img")).to_have_count(0)


def test_citation_opens_the_document_with_the_sentence_marked(page: Page) -> None:
    ask(page)
    wait_for_end(page)
    expect(page.locator("#source-list .card .section")).to_have_text("Section: Paris")
    page.click(".cite")
    expect(page.locator("#reader mark").first).to_contain_text("42 desks")
    expect(page.locator("#reader .where")).to_contain_text("Section: Paris")
    expect(page.locator("#reader .document")).to_contain_text("17 desks")
    assert page.evaluate("document.activeElement.id") == "reader"
    page.keyboard.press("Escape")
    expect(page.locator("#reader")).to_be_hidden()
    assert page.evaluate("document.activeElement.className") == "cite"


def test_sentence_without_source_is_marked_in_words(page: Page, served: Served) -> None:
    served.chat.begin(f"{ANSWER} Every desk was bought in 1887 for 9000 zlotys.")
    ask(page)
    wait_for_end(page)
    expect(page.locator(".mark").first).to_be_visible()
    expect(page.locator(".badge.partly")).to_contain_text("1 of 2 statements")


def test_stop_ends_decoding(page: Page, served: Served) -> None:
    served.chat.begin(LONG, gate=threading.Event(), gate_after=8)
    ask(page)
    expect(page.locator(ANSWERS).last).to_contain_text("42 desks")
    page.click("#question .stop-button")
    expect(page.locator(".badge.unfinished")).to_contain_text("Stopped")
    wait_until(lambda: served.chat.closed == 1)
    assert served.chat.decoded == 7


def test_what_is_asked_is_in_sight_though_something_further_up_was_read(page: Page, served: Served) -> None:
    page.set_viewport_size({"width": 1600, "height": 480})
    for count in range(1, 4):
        served.chat.begin(LONG)
        ask(page)
        expect(page.locator("#messages .badge")).to_have_count(count)
        wait_for_end(page)
    log = page.locator("#messages [role=log]")
    assert log.evaluate("log => { log.scrollTop = 0; return log.scrollHeight > 2 * log.clientHeight; }")
    page.wait_for_timeout(500)
    served.chat.begin(LONG, gate=threading.Event(), gate_after=8)
    ask(page, "And how many desks are there in Lyon?")
    expect(page.locator("#messages .user-row")).to_have_count(4)
    expect(page.locator(ANSWERS).last).to_contain_text("42 desks")
    expect(page.locator("#messages .user-row").last).to_be_in_viewport()
    page.click("#question .stop-button")
    expect(page.locator(".badge.unfinished")).to_be_visible()


def test_escape_stops_too(page: Page, served: Served) -> None:
    served.chat.begin(LONG, gate=threading.Event(), gate_after=8)
    ask(page)
    expect(page.locator(ANSWERS).last).to_contain_text("42 desks")
    page.keyboard.press("Escape")
    wait_until(lambda: served.chat.closed == 1)
    expect(page.locator(".badge.unfinished")).to_be_visible()


def test_closed_tab_ends_decoding_after_a_while_and_keeps_what_was_written(
    page: Page, served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.web.running.UNSEEN_SECONDS", 0.5)
    served.chat.begin(LONG, gate=threading.Event(), gate_after=8)
    ask(page)
    expect(page.locator(ANSWERS).last).to_contain_text("42 desks")
    page.close()
    wait_until(lambda: served.chat.closed == 1, seconds=20)
    turn = served.server.product.history.turns(LOCAL_ACTOR, last_conversation(served))[-1]
    wait_until(lambda: stored_state(served) == "stopped")
    assert turn.question == QUESTION


def stored_state(served: Served) -> str:
    """Return what became of the last question."""
    return served.server.product.history.turns(LOCAL_ACTOR, last_conversation(served))[-1].state


def test_reload_finds_the_conversation(page: Page) -> None:
    question = "Which office has 42 desks in Paris?"
    ask(page, question)
    wait_for_end(page)
    page.reload()
    page.click(f"#conversation-list label:has-text('{question}') >> nth=0")
    expect(page.locator(ANSWERS).last).to_contain_text(ANSWER)
    expect(page.locator("#conversation-title")).to_contain_text(question)
    expect(page.locator("#source-list .card")).to_have_count(1)


def test_conversation_is_renamed_and_deleted_after_asking_back(page: Page) -> None:
    ask(page)
    wait_for_end(page)
    page.click("#conversation-head button:has-text('Rename')")
    page.fill("#rename input, #rename textarea", "Desks of *Paris*")
    page.click("text=Save title")
    expect(page.locator("#conversation-title")).to_have_text("Desks of *Paris*")
    page.click("#conversation-head button:has-text('Delete')")
    page.click("text=Keep it")
    expect(page.locator("#conversation-list")).to_contain_text("Desks of *Paris*")
    page.click("#conversation-head button:has-text('Delete')")
    page.click("button:has-text('Delete conversation')")
    expect(page.locator("#conversation-list")).not_to_contain_text("Desks of *Paris*")
    expect(page.locator(ANSWERS)).to_have_count(0)


def test_follow_up_stays_in_the_conversation(page: Page, served: Served) -> None:
    ask(page)
    wait_for_end(page)
    served.chat.begin("The Lisbon office has 17 desks.")
    ask(page, "And how many desks has the Lisbon office?")
    expect(page.locator(ANSWERS).last).to_contain_text("17 desks")
    wait_for_end(page)
    assert len(served.server.product.history.turns(LOCAL_ACTOR, last_conversation(served))) == 2


def test_answer_is_asked_again(page: Page, served: Served) -> None:
    ask(page)
    wait_for_end(page)
    served.chat.begin("The Lisbon office has 17 desks.")
    page.click("button[aria-label='Ask again'] >> nth=-1")
    expect(page.locator(ANSWERS)).to_have_count(2)
    expect(page.locator(ANSWERS).last).to_contain_text("17 desks")
    wait_for_end(page)
    turns = served.server.product.history.turns(LOCAL_ACTOR, last_conversation(served))
    assert [turn.question for turn in turns] == [QUESTION, QUESTION]


def test_feedback_is_stored_with_its_reasons(page: Page, served: Served) -> None:
    ask(page)
    wait_for_end(page)
    page.click("button[aria-label='Bad answer'] >> nth=-1")
    page.check("#feedback >> text=Out of date")
    page.fill("#feedback textarea >> nth=0", "We moved.")
    page.fill("#feedback textarea >> nth=1", "It has 50 desks.")
    page.click("#feedback button:has-text('Send')")
    expect(page.locator("#feedback").first).to_be_hidden()
    given = served.server.product.history.turns(LOCAL_ACTOR, last_conversation(served))[-1].feedback
    assert given is not None
    assert (given.liked, given.reasons, given.comment) == (False, ("out of date",), "We moved.")
    assert given.correction == "It has 50 desks."


def test_copy_gives_the_words_and_their_sources(page: Page) -> None:
    ask(page)
    wait_for_end(page)
    page.click(".bot-row button[aria-label='Copy'] >> nth=-1")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith(ANSWER)
    assert "Sources:" in copied
    assert "#citation" not in copied


def test_refused_question_stays_in_the_box_with_a_sentence(page: Page) -> None:
    ask(page, "x" * 5000)
    expect(page.get_by_text("at most 4,000")).to_be_visible()
    assert len(page.input_value("#question textarea")) == 5000
    expect(page.locator("#messages .placeholder")).to_be_visible()
    expect(page.locator("#conversation-title")).to_contain_text("New conversation")


def late(route: Route) -> None:
    """Let what a page is waiting for come a second later."""
    time.sleep(1)
    route.continue_()


def test_question_typed_while_the_page_is_still_filled_stays(context: BrowserContext, served: Served) -> None:
    page = context.new_page()
    page.route("**/gradio_api/queue/data*", late)
    page.goto(served.server.link())
    page.fill("#question textarea", QUESTION)
    page.wait_for_selector("#messages .placeholder")
    page.wait_for_timeout(300)
    assert page.input_value("#question textarea") == QUESTION


def test_question_typed_while_an_answer_is_written_stays(page: Page, served: Served) -> None:
    gate = threading.Event()
    served.chat.begin(ANSWER, gate=gate, gate_after=3)
    ask(page)
    page.wait_for_selector("#question .stop-button")
    page.fill("#question textarea", "And the Rome office?")
    gate.set()
    wait_for_end(page)
    page.wait_for_timeout(300)
    assert page.input_value("#question textarea") == "And the Rome office?"
    page.keyboard.press("Enter")
    expect(page.locator("[data-testid=user]")).to_have_count(2)


def test_hostile_answer_and_question_become_no_elements(page: Page, served: Served) -> None:
    served.chat.begin(f"{ANSWER} <img src=x onerror=alert(1)> ![p](http://evil.example/p.png) [c](http://evil.example)")
    ask(page, "<b>How many</b> desks has the Paris office? ![p](http://evil.example/q.png)")
    wait_for_end(page)
    assert page.locator("#messages .message-content img, #messages .message-content b").count() == 0
    assert page.locator("#messages .message-content a[href*=evil]").count() == 0


def test_streamed_sentences_are_announced_once(page: Page, served: Served) -> None:
    served.chat.begin(f"{ANSWER} {ANSWER.replace('Paris', 'Lisbon').replace('42', '17')}")
    ask(page)
    wait_for_end(page)
    spoken = page.locator("#speech")
    expect(spoken).to_have_attribute("aria-live", "polite")
    expect(spoken).to_contain_text("17 desks")
    assert spoken.text_content().count("42 desks") == 1  # type: ignore[union-attr]
    assert page.get_attribute("#messages [role=log]", "aria-live") == "off"


def test_whole_journey_by_keyboard(page: Page) -> None:
    assert reach(page, "document.activeElement.className === 'skip'", key="Shift+Tab")
    page.keyboard.press("Enter")
    page.keyboard.type(QUESTION)
    page.keyboard.press("Enter")
    wait_for_end(page)
    assert reach(page, "document.activeElement.classList.contains('cite')", key="Shift+Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#reader mark").first).to_be_visible()
    page.keyboard.press("Escape")
    assert reach(page, "document.activeElement.type === 'radio'", key="Shift+Tab")


STOPS = """() => {
  const at = document.activeElement;
  if (at === document.body) return "";
  if (at.matches(".cite")) return "citation";
  if (at.matches(".sources-line a")) return "source of the answer";
  if (at.matches("[type=radio]")) return "conversations";
  if (at.matches("#question textarea")) return "question";
  if (at.closest("#history-search")) return "search conversations";
  return at.getAttribute("aria-label") || at.textContent.trim();
}"""


def stops(page: Page) -> list[str]:
    """Return where Tab leads, from the top of the page to its end."""
    page.evaluate("document.activeElement.blur(); document.querySelector('.skip').focus()")
    passed = [str(page.evaluate(STOPS))]
    while len(passed) < 60:
        page.keyboard.press("Tab")
        if not (stop := str(page.evaluate(STOPS))) or stop == passed[0]:
            break
        passed.append(stop)
    return passed


def test_tab_goes_down_the_page_past_everything_that_can_be_used(page: Page) -> None:
    ask(page)
    wait_for_end(page)
    expect(page.locator("button[aria-label='Ask again']")).to_be_enabled()  # once Gradio has heard of the end
    passed = stops(page)
    wanted = [
        "Skip to the content",
        "Chat",
        "New conversation",
        "search conversations",
        "conversations",
        "Rename",
        "Delete",
        "citation",
        "Copy",
    ]
    wanted += ["Ask again", "Bad answer", "Good answer", "question", "Ask"]
    assert [stop for stop in passed if stop in wanted] == wanted
    assert passed[-1].startswith("1Offices")


def test_stop_is_reached_from_the_question_by_keyboard(page: Page, served: Served) -> None:
    served.chat.begin(LONG, gate=threading.Event(), gate_after=8)
    ask(page)
    expect(page.locator(ANSWERS).last).to_contain_text("42 desks")
    page.focus("#question textarea")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.matches('.stop-button')")
    page.keyboard.press("Enter")
    wait_until(lambda: served.chat.closed == 1)
    expect(page.locator(".badge.unfinished")).to_be_visible()


def reach(page: Page, true: str, *, key: str) -> bool:
    """Press a key until something is so; at most as often as there are stops on the page."""
    for _ in range(60):
        if page.evaluate(true):
            return True
        page.keyboard.press(key)
    return False


@pytest.mark.parametrize("path", ["/", "/knowledge", "/models", "/about"])
def test_small_screen_needs_no_sideways_scrolling(
    context: BrowserContext, page: Page, served: Served, path: str
) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(served.server.address + path)
    page.wait_for_timeout(1500)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_small_screen_needs_no_sideways_scrolling_for_long_words_tables_and_code(page: Page, served: Served) -> None:
    table = (
        "| office | desks | opens | closes | remarks |\n|---|---|---|---|---|\n| Paris | 42 | eight | never | none |"
    )
    served.chat.begin(f"{ANSWER} {'Donaudampfschiff' * 12}.\n\n{table}\n\n```\n{'code ' * 60}\n```\n")
    page.set_viewport_size({"width": 390, "height": 844})
    ask(page, f"{QUESTION} {'Rindfleischetikettierung' * 8}")
    wait_for_end(page)
    assert page.evaluate(SIDEWAYS) == []
    expect(page.locator("#messages td")).to_have_count(5)
    expect(page.locator("#messages code")).not_to_contain_text("mark")
    page.click(".cite >> nth=0")
    expect(page.locator("#reader mark").first).to_be_visible()
    assert page.evaluate(SIDEWAYS) == []


SIDEWAYS = """() => [document.documentElement, ...document.querySelectorAll("[role=log], #conversation, #reader")]
  .filter((node) => node.scrollWidth > node.clientWidth + 1)
  .map((node) => `${node.tagName}#${node.id}.${node.className} ${node.scrollWidth} > ${node.clientWidth}`)"""


def test_small_screen_keeps_conversations_in_a_drawer_and_sources_behind_a_button(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    ask(page)
    wait_for_end(page)
    expect(page.locator("#conversation-list")).not_to_be_visible()
    page.click(".drawer-button")
    expect(page.locator("#conversation-list")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#conversation-list")).not_to_be_visible()
    page.click(".sources-button")
    expect(page.locator("#source-list .card").first).to_be_visible()


def test_answer_goes_on_while_another_conversation_is_open_and_is_drawn_on_return(page: Page, served: Served) -> None:
    gate, question = threading.Event(), "How many desks has the Paris office really?"
    served.chat.begin(f"{ANSWER} " * 20 + "That is all.", gate=gate, gate_after=8)
    ask(page, question)
    expect(page.locator(ANSWERS).last).to_contain_text("42 desks")
    page.click("#new")
    expect(page.locator(ANSWERS)).to_have_count(0)
    expect(page.locator("#question .submit-button")).to_be_visible()
    page.click(f"#conversation-list label:has-text('{question}') >> nth=0")
    expect(page.locator("#question .stop-button")).to_be_visible()
    expect(page.locator(ANSWERS).last).to_contain_text("42 desks")
    expect(page.locator("#source-list .card").first).to_be_visible()
    gate.set()
    wait_for_end(page)
    expect(page.locator(ANSWERS).last).to_contain_text("That is all.")
    assert stored_state(served) == "finished"


def test_answer_goes_on_while_another_page_is_open_and_is_there_on_return(watched: Watched, served: Served) -> None:
    page, gate = watched.page, threading.Event()
    served.chat.begin(f"{ANSWER} " * 20 + "That is all.", gate=gate, gate_after=8)
    ask(page, "How many desks has the Paris office on Sundays?")
    expect(page.locator(ANSWERS).last).to_contain_text("42 desks")
    page.goto(f"{served.server.address}/about")
    expect(page.locator("#facts")).to_contain_text("Inhouse")
    page.goto(f"{served.server.address}/")
    expect(page.locator("#question .stop-button")).to_be_visible()
    expect(page.locator("#conversation-title")).to_contain_text("on Sundays?")
    expect(page.locator(ANSWERS).last).to_contain_text("42 desks")
    gate.set()
    wait_for_end(page)
    expect(page.locator(ANSWERS).last).to_contain_text("That is all.")
    assert served.chat.closed == 0
    assert stored_state(served) == "finished"


def test_second_tab_follows_the_answer_of_the_first(page: Page, context: BrowserContext, served: Served) -> None:
    gate, question = threading.Event(), "How many desks has the Paris office for two?"
    served.chat.begin(f"{ANSWER} " * 20 + "That is all.", gate=gate, gate_after=8)
    ask(page, question)
    expect(page.locator(ANSWERS).last).to_contain_text("42 desks")
    second = context.new_page()
    second.goto(f"{served.server.address}/")
    second.click(f"#conversation-list label:has-text('{question}') >> nth=0")
    expect(second.locator("#question .stop-button")).to_be_visible()
    gate.set()
    for tab in (page, second):
        wait_for_end(tab)
        expect(tab.locator(ANSWERS).last).to_contain_text("That is all.")
    second.close()


def test_question_is_asked_beside_an_answer_that_goes_on(page: Page, served: Served) -> None:
    gate, question = threading.Event(), "How many desks has the Paris office in all?"
    served.chat.begin(LONG, ANSWER, gate=gate, gate_after=8)
    ask(page, question)
    expect(page.locator(ANSWERS).last).to_contain_text("42 desks")
    page.click("#new")
    expect(page.locator(ANSWERS)).to_have_count(0)
    served.chat.gate = None
    ask(page, "How many desks has the Paris office today?")
    wait_for_end(page)
    expect(page.locator(ANSWERS)).to_have_count(1)
    expect(page.locator(ANSWERS)).to_contain_text(ANSWER)
    expect(page.locator(ANSWERS)).not_to_contain_text("and more")
    assert served.chat.closed == 0
    gate.set()
    wait_until(lambda: served.chat.decoded > 100)
    page.wait_for_timeout(500)
    expect(page.locator(ANSWERS)).not_to_contain_text("and more")
    page.click(f"#conversation-list label:has-text('{question}') >> nth=0")
    expect(page.locator(ANSWERS)).to_contain_text("and more")
    wait_for_end(page)


def test_deleting_a_conversation_ends_the_answer_in_it(page: Page, served: Served) -> None:
    served.chat.begin(LONG, gate=threading.Event(), gate_after=8)
    ask(page)
    expect(page.locator(ANSWERS).last).to_contain_text("42 desks and")
    page.click("#conversation-head button:has-text('Delete')")
    page.click("button:has-text('Delete conversation')")
    wait_until(lambda: served.chat.closed == 1)
    expect(page.locator(ANSWERS)).to_have_count(0)
    page.wait_for_timeout(500)
    expect(page.locator("[data-testid=toast-body]")).to_have_count(0)
    expect(page.locator("#question .submit-button")).to_be_visible()
