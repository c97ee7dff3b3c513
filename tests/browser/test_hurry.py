"""The pages under the hands of somebody in a hurry: nothing typed is lost, nothing happens that was not meant."""

import threading
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Dialog, Page, expect

from app.answers import LOCAL_ACTOR, Actor
from app.product import Product
from app.web import following
from app.web.conversations import Shown, stored
from tests.browser.conftest import Served, Watched
from tests.browser.test_chat import ANSWERS, LONG, ask, last_conversation, wait_for_end
from tests.served import QUESTION

pytestmark = pytest.mark.browser

BOX = "#question textarea"
TITLE = "#conversation-title"


def begin_conversation(served: Served, title: str) -> str:
    """Store a conversation with one question; returns its id."""
    history = served.server.product.history
    conversation_id = history.start(LOCAL_ACTOR).conversation_id
    history.begin_turn(LOCAL_ACTOR, conversation_id, f"{title}?")
    history.rename(LOCAL_ACTOR, conversation_id, title)
    return conversation_id


def open_conversation(page: Page, title: str) -> None:
    """Open a conversation from the list."""
    page.click(f"#conversation-list label:has-text('{title}') >> nth=0")


def test_what_is_typed_stays_when_another_conversation_is_opened(watched: Watched, served: Served) -> None:
    page = watched.page
    begin_conversation(served, "Draft and cloud")
    page.reload()
    expect(page.locator(BOX)).to_be_visible()
    page.fill(BOX, "A long thought")
    open_conversation(page, "Draft and cloud")
    expect(page.locator(TITLE)).to_contain_text("Draft and cloud")
    page.wait_for_timeout(300)
    assert page.input_value(BOX) == "A long thought"
    page.click("#new")
    expect(page.locator(TITLE)).to_contain_text("New conversation")
    page.wait_for_timeout(300)
    assert page.input_value(BOX) == "A long thought"


def test_what_is_typed_stays_when_an_earlier_question_is_asked_again(page: Page) -> None:
    ask(page)
    wait_for_end(page)
    page.fill(BOX, "A long thought")
    page.click("button[aria-label='Ask again'] >> nth=-1")
    expect(page.locator(ANSWERS)).to_have_count(2)
    wait_for_end(page)
    assert page.input_value(BOX) == "A long thought"


def test_forms_of_one_conversation_are_closed_when_another_is_opened(watched: Watched, served: Served) -> None:
    page = watched.page
    other = begin_conversation(served, "Not to be renamed")
    page.reload()
    ask(page)
    wait_for_end(page)
    page.click("button[aria-label='Bad answer'] >> nth=-1")
    expect(page.locator("#feedback").first).to_be_visible()
    page.click("#rename-button")
    expect(page.locator("#rename").first).to_be_visible()
    open_conversation(page, "Not to be renamed")
    expect(page.locator(TITLE)).to_contain_text("Not to be renamed")
    expect(page.locator("#rename, #delete, #feedback")).to_have_count(0)
    assert served.server.product.history.conversation(LOCAL_ACTOR, other).title == "Not to be renamed"


def test_conversation_that_was_clicked_last_is_shown(
    watched: Watched, served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = watched.page
    long = begin_conversation(served, "Long to read")
    begin_conversation(served, "Read at once")
    page.reload()
    clicked = threading.Event()

    def slow(product: Product, actor: Actor, conversation_id: str, **told: Any) -> Shown:
        drawn = stored(product, actor, conversation_id, **told)
        if conversation_id == long:
            clicked.wait(30)
        return drawn

    monkeypatch.setattr(following, "stored", slow)
    open_conversation(page, "Long to read")
    open_conversation(page, "Read at once")
    expect(page.locator(TITLE)).to_contain_text("Read at once")
    clicked.set()
    page.wait_for_timeout(500)
    expect(page.locator(TITLE)).to_contain_text("Read at once")


def double_click(page: Page, button: str) -> None:
    """Click twice in the same place, as slowly as people do."""
    place = page.locator(button).bounding_box()
    assert place is not None
    page.mouse.move(place["x"] + place["width"] / 2, place["y"] + place["height"] / 2)
    for count in (1, 2):
        page.mouse.down(click_count=count)
        page.mouse.up(click_count=count)
        page.wait_for_timeout(200)


def test_double_click_on_ask_does_not_stop_the_answer(page: Page, served: Served) -> None:
    gate = threading.Event()
    served.chat.begin(LONG, gate=gate, gate_after=8)
    page.fill(BOX, QUESTION)
    double_click(page, "#question .submit-button")
    expect(page.locator(ANSWERS).last).to_contain_text("42 desks")
    page.wait_for_timeout(300)
    assert served.chat.closed == 0
    page.click("#question .stop-button")
    expect(page.locator(".badge.unfinished")).to_contain_text("Stopped")


def test_escape_closes_an_open_source_before_it_stops_the_answer(page: Page, served: Served) -> None:
    ask(page)
    wait_for_end(page)
    served.chat.begin(LONG, gate=threading.Event(), gate_after=8)
    ask(page, "And how many desks more has the Paris office?")
    expect(page.locator(ANSWERS).last).to_contain_text("42 desks")
    page.click(".cite >> nth=0")
    expect(page.locator("#reader mark").first).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#reader")).to_be_hidden()
    page.wait_for_timeout(300)
    assert served.chat.closed == 0
    page.keyboard.press("Escape")
    expect(page.locator(".badge.unfinished")).to_contain_text("Stopped")


def test_page_that_is_loaded_anew_shows_the_conversation_it_showed(watched: Watched, served: Served) -> None:
    page = watched.page
    begin_conversation(served, "Come back to me")
    page.reload()
    open_conversation(page, "Come back to me")
    expect(page.locator(TITLE)).to_contain_text("Come back to me")
    page.goto(f"{served.server.address}/about")
    page.go_back()
    expect(page.locator(TITLE)).to_contain_text("Come back to me")
    expect(page.locator(ANSWERS)).to_have_count(1)
    page.click("#new")
    expect(page.locator(TITLE)).to_contain_text("New conversation")
    page.reload()
    page.wait_for_selector("#messages .placeholder")
    page.wait_for_timeout(500)
    expect(page.locator(TITLE)).to_contain_text("New conversation")


def test_leaving_the_page_with_a_question_half_typed_is_asked_about(watched: Watched) -> None:
    page = watched.page
    asked: list[str] = []

    def leave(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    page.on("dialog", leave)
    page.locator(BOX).press_sequentially("How many d")
    page.reload()
    page.wait_for_selector("#messages .placeholder")
    page.reload()
    assert asked == ["beforeunload"]


def test_page_finds_the_server_again_after_the_connection_was_lost(watched: Watched, served: Served) -> None:
    page = watched.page
    begin_conversation(served, "Far from the network")
    page.reload()
    open_conversation(page, "Far from the network")
    expect(page.locator(TITLE)).to_contain_text("Far from the network")
    page.context.set_offline(True)
    try:
        ask(page)
        expect(page.get_by_text("Connection to the server was lost")).to_be_visible()
    finally:
        page.context.set_offline(False)
    expect(page.get_by_text("Connection to the server was lost")).to_be_hidden()
    expect(page.locator(TITLE)).to_contain_text("Far from the network")
    ask(page)
    expect(page.locator(ANSWERS).last).to_contain_text("42 desks")


def test_forms_are_entered_and_left_by_keyboard(page: Page) -> None:
    ask(page)
    wait_for_end(page)
    page.focus("#rename-button")
    page.keyboard.press("Enter")
    expect(page.locator("#rename textarea, #rename input")).to_be_focused()
    page.keyboard.type("By hand")
    page.keyboard.press("Enter")
    expect(page.locator(TITLE)).to_have_text("By hand")
    expect(page.locator("#rename-button")).to_be_focused()
    page.focus("#delete-button")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Keep it")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#delete")).to_have_count(0)
    expect(page.locator("#delete-button")).to_be_focused()
    page.click("button[aria-label='Bad answer'] >> nth=-1")
    expect(page.locator("#feedback").first).to_be_focused()
    page.click("#feedback button:has-text('Close')")
    expect(page.locator(BOX)).to_be_focused()


def test_session_that_ends_while_an_answer_is_written_leaves_no_stop_and_says_so(
    watched: Watched, served: Served
) -> None:
    page = watched.page
    served.chat.begin(LONG, gate=threading.Event(), gate_after=8)
    ask(page)
    expect(page.locator(ANSWERS).last).to_contain_text("42 desks")
    page.fill(BOX, "A long thought")
    served.server.product.people.sessions.end_of(LOCAL_ACTOR.user_id)
    expect(page.get_by_role("alert").filter(has_text="Your session has ended")).to_be_visible()
    expect(page.locator("#question .stop-button")).to_be_hidden()
    assert page.input_value(BOX) == "A long thought"


def come_back(page: Page) -> None:
    """Let the page notice what a browser with windows tells it when somebody comes back to its tab."""
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


def test_what_was_done_in_another_tab_is_seen_on_coming_back(watched: Watched, served: Served) -> None:
    page, history = watched.page, served.server.product.history
    doomed = begin_conversation(served, "Doomed")
    page.reload()
    open_conversation(page, "Doomed")
    expect(page.locator(TITLE)).to_contain_text("Doomed")
    history.rename(LOCAL_ACTOR, doomed, "Doomed and renamed")
    come_back(page)
    expect(page.locator(TITLE)).to_contain_text("Doomed and renamed")
    expect(page.locator("#conversation-list label.selected")).to_have_text("Doomed and renamed")
    page.fill(BOX, "A long thought")
    history.delete(LOCAL_ACTOR, doomed)
    come_back(page)
    expect(page.locator(TITLE)).to_contain_text("New conversation")
    expect(page.locator(ANSWERS)).to_have_count(0)
    expect(page.locator("#conversation-list")).not_to_contain_text("Doomed")
    assert page.input_value(BOX) == "A long thought"


def test_answer_whose_conversation_is_deleted_in_another_tab_leaves_an_empty_page(
    page: Page, context: BrowserContext, served: Served
) -> None:
    served.chat.begin(LONG, gate=threading.Event(), gate_after=8)
    ask(page, "How many desks has the doomed Paris office?")
    expect(page.locator(ANSWERS).last).to_contain_text("42 desks")
    other = context.new_page()
    other.goto(served.server.address)
    other.click("#conversation-list label:has-text('doomed Paris') >> nth=0")
    expect(other.locator("#question .stop-button")).to_be_visible()
    other.click("#delete-button")
    other.click("button:has-text('Delete conversation')")
    for tab in (other, page):
        expect(tab.locator(TITLE)).to_contain_text("New conversation")
        expect(tab.locator("#question .submit-button")).to_be_visible()
        expect(tab.locator("#conversation-list")).not_to_contain_text("doomed Paris")
    other.close()


def test_words_typed_about_an_answer_are_kept_with_the_next_thumb(page: Page, served: Served) -> None:
    ask(page)
    wait_for_end(page)
    served.chat.begin("The Lisbon office has 17 desks.")
    ask(page, "And how many desks has the Lisbon office?")
    expect(page.locator(ANSWERS).last).to_contain_text("17 desks")
    wait_for_end(page)
    comment = page.locator("#feedback textarea").first
    page.click("button[aria-label='Bad answer'] >> nth=0")
    page.check("#feedback >> text=Out of date")
    comment.fill("We moved.")
    page.click("button[aria-label='Good answer'] >> nth=0")
    expect(page.locator("#feedback").first).to_contain_text("What was good")
    pressed = page.locator("button[aria-pressed=true]")
    expect(pressed).to_have_count(1)
    expect(pressed).to_have_accessible_name("Good answer")
    page.wait_for_timeout(300)
    expect(comment).to_have_value("We moved.")
    page.click("button[aria-label='Bad answer'] >> nth=1")
    expect(comment).to_have_value("")
    comment.fill("Too short.")
    page.click("button[aria-label='Bad answer'] >> nth=0")
    expect(comment).to_have_value("We moved.")
    expect(page.get_by_label("Out of date")).to_be_checked()
    page.click("#feedback button:has-text('Send')")
    expect(page.locator("#feedback")).to_have_count(0)
    turns = served.server.product.history.turns(LOCAL_ACTOR, last_conversation(served))
    assert [turn.feedback.comment for turn in turns if turn.feedback] == ["We moved.", ""]


def test_whoever_clicks_ask_or_begins_anew_may_go_on_typing(page: Page) -> None:
    page.fill(BOX, QUESTION)
    page.click("#question .submit-button")
    wait_for_end(page)
    expect(page.locator(BOX)).to_be_focused()
    page.click("#new")
    expect(page.locator(BOX)).to_be_focused()


def test_whoever_deletes_a_conversation_by_keyboard_is_in_the_question_box(page: Page) -> None:
    ask(page)
    wait_for_end(page)
    page.focus("#delete-button")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Keep it")).to_be_focused()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    expect(page.locator(TITLE)).to_contain_text("New conversation")
    expect(page.locator(BOX)).to_be_focused()


def test_form_about_an_answer_leaves_the_question_box_in_sight_where_there_is_little_height(page: Page) -> None:
    page.set_viewport_size({"width": 700, "height": 450})  # a laptop at 200 %
    ask(page)
    wait_for_end(page)
    page.click("button[aria-label='Bad answer'] >> nth=-1")
    expect(page.locator("#feedback").first).to_be_visible()
    expect(page.locator(BOX)).to_be_in_viewport(ratio=1)
    page.click("#feedback button:has-text('Close')")
    expect(page.locator("#feedback")).to_have_count(0)
