"""The models page in a real browser: figures that change while one looks, and another model that answers."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from playwright.sync_api import Page, Request, expect

from app import assemble
from app.observe.engine import cached_share
from models.device import Machine
from models.errors import NotEnoughMemoryError
from tests.browser.conftest import Served
from tests.fakes import PlannedEngine
from tests.light import use_light_models
from tests.models.test_gguf import gguf
from tests.served import ANSWER, QUESTION

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
    monkeypatch.setattr(assemble, "load_chat", lambda _engine: served.chat)
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

    monkeypatch.setattr(assemble, "load_engine", too_large)
    open_models(page, served)
    page.get_by_role("button", name=f"Answer with {second}").click()
    expect(page.locator(".work .words")).to_have_text(
        "second was not switched to. It needs 9 GiB. starter goes on answering."
    )
    expect(page.locator(".now .state")).to_contain_text("Answers")
