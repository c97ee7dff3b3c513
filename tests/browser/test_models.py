"""The models page in a real browser: live figures, another model that answers, and the files of models."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Page, Request, expect

from app import voices
from app.observe.engine import cached_share
from models.catalogue import CATALOGUE
from models.device import Machine
from models.errors import NotEnoughMemoryError
from tests.browser.conftest import Served, Watched
from tests.fakes import PlannedEngine
from tests.light import use_light_models
from tests.models.test_gguf import gguf
from tests.models.toy import entry as toy
from tests.models.toy import serving_hub
from tests.served import ANSWER, QUESTION

pytestmark = pytest.mark.browser

NOW = "/api/models/now"


@pytest.fixture
def page(tab: Page) -> Page:
    """No page is open yet; each test opens its own."""
    return tab


def open_models(page: Page, served: Served) -> None:
    page.goto(served.server.address + "/models")
    expect(page.locator(".now .state")).to_contain_text("Answers")


def figure(page: Page, title: str) -> str:
    return page.locator(".figures div", has=page.get_by_text(title, exact=True)).locator(".value").inner_text()


def test_pages_are_named_in_one_line_on_a_telephone(page: Page, served: Served) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(served.server.address)
    page.wait_for_selector("#messages .placeholder")
    links = page.locator(".nav-holder nav a")
    assert len({link.bounding_box()["y"] for link in links.all()}) == 1  # type: ignore[index]


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


@pytest.fixture(name="second")
def _second(served: Served, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A second model that lies in the folder; at the end the first one answers again."""
    monkeypatch.delenv("INHOUSE_MODEL", raising=False)
    use_light_models(monkeypatch, answer=ANSWER)
    product = served.server.product
    product.settings.weights.mkdir(parents=True, exist_ok=True)
    file = product.settings.weights / "second.gguf"
    file.write_bytes(gguf())
    yield "second"
    monkeypatch.undo()
    use_light_models(monkeypatch)
    monkeypatch.setattr(voices, "load_chat", lambda _engine: served.chat)
    product.serving.replace("starter", pause=False, told=lambda _sentence: None)
    file.unlink()


def test_another_model_answers_after_one_press_and_questions_go_to_it(page: Page, served: Served, second: str) -> None:
    open_models(page, served)
    page.get_by_role("button", name=f"Answer with {second}").press("Enter")
    expect(page.locator(".work .words")).to_have_text("second answers now.")
    expect(page.locator(".work .words")).to_be_focused()
    expect(page.locator(".now .state strong")).to_have_text(second)
    expect(page.locator(".shelf li", has_text=second).locator(".chip")).to_have_text("Answers")
    expect(page.get_by_role("button", name=f"Answer with {second}")).to_have_count(0)
    page.goto(served.server.address)
    page.fill("#question textarea", QUESTION)
    page.keyboard.press("Enter")
    expect(page.locator("#messages .cite")).to_have_count(1)
    assert served.chat.prompts == []


def test_where_there_is_no_room_for_both_a_pause_is_offered(
    page: Page, served: Served, second: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    little = Machine(processor="p", cores=1, memory=2**40, free_memory=2**20)
    monkeypatch.setattr(PlannedEngine, "look", lambda _self: little)
    monkeypatch.setattr(PlannedEngine, "plan", replace(PlannedEngine.plan, host_bytes=2**34))
    open_models(page, served)
    page.get_by_role("button", name=f"Answer with {second}").click()
    expect(page.locator(".work .words")).to_contain_text("There is no room for second beside scripted")
    expect(page.locator(".now .state strong")).to_have_text("starter")
    page.get_by_role("button", name="Leave it as it is").click()
    expect(page.locator(".work")).to_be_hidden()
    page.get_by_role("button", name=f"Answer with {second}").click()
    page.get_by_role("button", name="Switch to second with a pause").click()
    expect(page.locator(".now .state strong")).to_have_text(second)


def test_a_model_that_fails_is_told_and_the_first_goes_on(
    page: Page, served: Served, second: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def too_large(*_: object) -> None:
        raise NotEnoughMemoryError("It needs 9 GiB.")

    monkeypatch.setattr(voices, "load_engine", too_large)
    open_models(page, served)
    page.get_by_role("button", name=f"Answer with {second}").click()
    expect(page.locator(".work .words")).to_have_text(
        "second was not switched to. It needs 9 GiB. starter goes on answering."
    )
    expect(page.locator(".now .state")).to_contain_text("Answers")


def test_a_model_is_fetched_while_one_watches_stopped_and_fetched_to_the_end(
    page: Page, served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(CATALOGUE, "toy", toy())
    with serving_hub(monkeypatch) as hub:
        hub.gate = threading.Event()
        open_models(page, served)
        page.get_by_role("button", name="Fetch toy").click()
        expect(page.get_by_role("progressbar", name="Progress")).to_be_visible()
        page.reload()  # another page, or the same one later, is told too
        expect(page.locator(".work .words")).to_contain_text("Fetching toy")
        with page.expect_response(lambda response: response.request.method != "GET"):
            page.get_by_role("button", name="Stop fetching toy").click()
        hub.gate.set()  # not before the server was told to stop
        expect(page.locator(".work .words")).to_contain_text("Stopped. What was fetched is kept")
        page.get_by_role("button", name="Fetch toy").click()
        expect(page.locator(".work .words")).to_have_text("The model toy is here and verified.")
    expect(page.locator("#here .shelf li", has_text="toy")).to_contain_text("Apache-2.0")
    page.get_by_role("button", name="Remove toy", exact=True).click()
    page.get_by_role("button", name="Keep toy").click()
    page.get_by_role("button", name="Remove toy", exact=True).click()
    page.get_by_role("button", name="Really remove toy").click()
    expect(page.locator(".work .words")).to_have_text("The model toy was removed.")
    expect(page.locator("#to-fetch .shelf li", has_text="toy")).to_be_visible()


def test_models_to_bring_along_say_what_they_need_and_a_wrong_file_is_a_sentence(
    watched: Watched, served: Served, tmp_path: Path
) -> None:
    page = watched.page
    open_models(page, served)
    expect(page.locator("#to-bring .shelf li")).to_have_count(12)
    expect(page.locator("#to-bring .shelf li").nth(8)).to_contain_text("Qwen2.5 7B Instruct")
    expect(page.locator("#to-bring .shelf li").nth(8)).to_contain_text("needs 5.0 GiB of memory")
    (tmp_path / "notes.gguf").write_text("Not a model.")
    page.get_by_label("GGUF file on the machine").fill(str(tmp_path / "notes.gguf"))
    page.keyboard.press("Enter")
    expect(page.locator(".work .words")).to_contain_text("notes.gguf cannot be used as a model")
    expect(page.get_by_role("button", name="Import")).to_be_enabled()
