"""Single sign-on with a provider we did not write: through its pages in a real Chromium, and over plain HTTP.

The provider is `localhost`, Inhouse `127.0.0.1`: to a browser two sites, as they are in a company.
"""

import re
from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from app.answers import LOCAL_ACTOR
from app.identity.refusals import ProviderRefusedError
from app.server import Server
from tests.browser.conftest import Served, WaitingChat
from tests.hashes import quick_hashes
from tests.ports import free_port
from tests.provider import PASSWORD, RunningProvider, running_provider
from tests.served import ANSWER, agree, learn, light_product

BUTTON = re.compile(r'class="button" href="([^"]+)"')


@pytest.fixture(scope="module")
def port() -> int:
    """Where Inhouse will be: the provider has to know it first."""
    return free_port()


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory, port: int) -> Iterator[RunningProvider]:
    folder = tmp_path_factory.mktemp("provider")
    with running_provider(free_port(), folder, inhouse=f"http://127.0.0.1:{port}") as serving:
        yield serving


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory, provider: RunningProvider, port: int) -> Iterator[Served]:
    """An Inhouse the provider knows."""
    home, chat = tmp_path_factory.mktemp("office"), WaitingChat(texts=[ANSWER])
    settings = {"port": port, "oidc_roles": {"inhouse-admins": "admin"}, "oidc_groups": "all", "cache": home / "cache"}
    with quick_hashes(), light_product(home, chat, **(provider.settings | settings)) as product:
        learn(product)
        with Server(product) as server:
            yield Served(server=server, chat=chat, home=home)


def test_the_whole_way_in_and_out(office: Served, provider: RunningProvider) -> None:
    with httpx.Client(base_url=office.server.address, timeout=30) as client:
        button = BUTTON.search(client.get("/sign-in").text)
        assert button
        out = client.get(button[1]).headers["location"]
        back = client.get(provider.let_in(out, "bob"))
        assert back.status_code == 200, back.text
        agree(office.server.product, office.server.product.people.accounts.by_name("bob").actor)
        who = client.get("/api/me").json()
        assert (who["name"], who["roles"], who["single_sign_on"]) == ("bob", ["employee"], True)
        assert office.server.product.people.accounts.by_name("bob").groups == ("Sales",)
        client.post("/api/me/sign-out", headers={"origin": office.server.address})
        assert client.get("/api/me").status_code == 401


def test_the_provider_lets_nobody_in_with_a_code_that_was_used(office: Served, provider: RunningProvider) -> None:
    way = office.server.product.way_in()
    begun = way.begin()
    back = httpx.URL(provider.let_in(begun.url, "bob"))
    way.finish(dict(back.params), begun.cookie)
    again = way.begin()
    state = httpx.URL(again.url).params["state"]
    with pytest.raises(ProviderRefusedError):
        way.finish({"code": back.params["code"], "state": state}, again.cookie)


def bind_on_the_page(page: Page, office: Served) -> None:
    """Let an account that is there belong to somebody at the provider."""
    grace = office.server.product.people.accounts.add(LOCAL_ACTOR, "Grace", roles=["employee"])
    page.goto(office.server.address + "/people")
    expect(page.get_by_role("row", name="ada")).to_contain_text("active, by single sign-on")
    page.get_by_role("button", name="Change Grace").click()
    page.get_by_label("Their number at the sign-in provider").fill("contoso-7")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("row", name="Grace")).to_contain_text("active, by single sign-on")
    assert office.server.product.people.accounts.get(grace.user_id).single_sign_on


@pytest.mark.browser
def test_somebody_comes_in_through_the_providers_page(
    office: Served, provider: RunningProvider, chromium: Browser
) -> None:
    context = chromium.new_context(viewport={"width": 1600, "height": 1000})
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(office.server.address)
    page.get_by_role("link", name="Sign in with Contoso").click()
    assert page.url.startswith(provider.address)
    page.get_by_label("Username").fill("ada")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="I have read this and agree").click()
    page.wait_for_selector("#messages .placeholder")
    assert page.url == office.server.address + "/"
    assert {cookie["sameSite"] for cookie in context.cookies(office.server.address)} == {"Strict"}

    bind_on_the_page(page, office)
    page.goto(office.server.address + "/account")
    expect(page.get_by_text("You are signed in as ada (admin)")).to_be_visible()
    expect(page.get_by_text("Change password")).to_have_count(0)
    page.get_by_role("button", name="Sign out").first.click()
    page.get_by_role("link", name="Sign out at the provider too").click()
    page.wait_for_url(provider.address + "/logout/**")
    page.goto(office.server.address)
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert faults == []
    context.close()
