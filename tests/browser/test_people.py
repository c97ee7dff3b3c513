"""Four people sign in to one Inhouse, and each sees what is theirs and nothing else."""

import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from app.answers import LOCAL_ACTOR
from app.custody.asked_rotation import asked
from app.server import Server
from app.settings import load_settings
from tests.browser.conftest import Served, WaitingChat, Watched, watch
from tests.hashes import quick_hashes
from tests.served import ANSWER, QUESTION, learn, light_product

pytestmark = pytest.mark.browser
PASSWORD = "seven lamps of architecture"


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory, served: Served) -> Iterator[Served]:
    """A server on which people sign in, with one collection that nobody was granted yet."""
    home = tmp_path_factory.mktemp("office")
    chat = WaitingChat(texts=[ANSWER])
    with quick_hashes(), light_product(home, chat, sign_in=True, cache=home / "cache") as product:
        learn(product)
        with Server(product) as server:
            yield Served(server=server, chat=chat, home=home)


class Desk:
    """The browser of one person."""

    def __init__(self, browser: Browser, office: Served, name: str) -> None:
        """Open a browser that remembers nobody."""
        self.name, self.address = name, office.server.address
        self.context = browser.new_context(viewport={"width": 1600, "height": 1000})
        self.watched = Watched(page=self.context.new_page())
        watch(self.watched, self.address)

    @property
    def page(self) -> Page:
        """The one page that is open."""
        return self.watched.page

    def choose_password(self, link: str, *, agrees: bool = True) -> None:
        """Come through a link, choose a password, sign in with it, and agree to the privacy notice or not."""
        self.page.goto(link)
        if self.page.get_by_label("Your name, as you will sign in").count():
            self.page.get_by_label("Your name, as you will sign in").fill(self.name)
        self.page.get_by_label("Password, 12 characters or more").fill(PASSWORD)
        self.page.get_by_label("The same password again").fill(PASSWORD)
        self.page.get_by_role("button").click()
        self.page.get_by_label("Password", exact=True).fill(PASSWORD)
        self.page.get_by_role("button", name="Sign in").click()
        agree = self.page.get_by_role("button", name="I have read this and agree")
        expect(agree).to_be_visible()
        if agrees:
            agree.click()
            self.page.wait_for_selector("#messages .placeholder, #audit-parts table")

    def ask(self) -> str:
        """Ask the question about the handbook and return what the page shows as the answer."""
        self.page.fill("#question textarea", QUESTION)
        self.page.keyboard.press("Enter")
        self.page.wait_for_selector("[data-testid=bot] .message-content")
        self.page.wait_for_selector("#question .submit-button")
        return self.page.locator("#messages").inner_text()

    def go(self, path: str, ready: str) -> None:
        """Open another page and wait for what it draws last."""
        self.page.goto(self.address + path)
        self.page.wait_for_selector(ready)


def invite(admin: Desk, name: str, role: str, groups: str = "") -> str:
    """Make an account on the People page and return the link."""
    admin.page.get_by_label("Name they sign in with").fill(name)
    admin.page.get_by_label("Role").last.select_option(role)
    admin.page.get_by_label("Groups, with commas between").last.fill(groups)
    admin.page.get_by_role("button", name="Make account").click()
    told = admin.page.locator(".shown-once", has_text=f"Send {name}")
    return told.locator("code").inner_text()


def test_four_people_see_what_is_theirs(office: Served, chromium: Browser) -> None:
    desks = {name: Desk(chromium, office, name) for name in ("Ada", "Bob", "Carol", "Eve")}
    ada, bob, carol, eve = desks.values()
    ada.choose_password(office.server.link())

    ada.go("/people", "#people-parts h2")
    links = [invite(ada, "Bob", "employee", "Sales"), invite(ada, "Carol", "curator"), invite(ada, "Eve", "auditor")]
    ada.go("/knowledge", "#collection-list label")
    ada.page.locator("summary", has_text="Who may read this").click()
    ada.page.get_by_label("To", exact=True).select_option("group")
    ada.page.get_by_label("Name", exact=True).last.fill("Sales")
    ada.page.get_by_role("button", name="Give").click()
    expect(ada.page.get_by_text("Group sales")).to_be_visible()
    ada.page.get_by_role("button", name="Name everybody who may read this now").click()
    expect(ada.page.get_by_text("may read: group Sales")).to_be_visible()

    for desk, link in zip((bob, carol, eve), links, strict=True):
        desk.choose_password(link)
    assert "42 desks" in bob.ask()
    assert "42 desks" not in carol.ask().replace(QUESTION, "")
    ada.go("/", "#messages .placeholder")
    assert ada.page.locator("#conversations input[type=radio]").count() == 0

    see_what_is_theirs(bob, carol, eve)
    leave(ada, bob)
    for desk in desks.values():
        assert desk is bob or desk.watched.faults == [], desk.name  # a page whose session has ended says so
        desk.context.close()


def see_what_is_theirs(bob: Desk, carol: Desk, eve: Desk) -> None:
    """Look at the other pages as somebody who may read, somebody who may not, and the auditor."""
    bob.go("/knowledge", "#collection-list label")
    expect(bob.page.get_by_text("offices.md").first).to_be_visible()
    expect(bob.page.get_by_text("Choose files")).to_be_hidden()
    expect(bob.page.get_by_role("button", name="Remove offices.md")).to_be_hidden()
    expect(bob.page.get_by_role("link", name="People")).to_be_hidden()
    carol.go("/knowledge", "#collections-column")
    expect(carol.page.get_by_text("No collection yet")).to_be_visible()
    eve.go("/audit", "#audit-parts table")
    expect(eve.page.get_by_role("cell", name="person added").first).to_be_visible()
    assert "desks" not in eve.page.locator("#audit-parts").inner_text()
    links = eve.page.get_by_role("navigation", name="Pages").get_by_role("link")
    assert [link.inner_text() for link in links.all()] == ["About", "Audit", "Account"]
    eve.page.goto(eve.address)
    eve.page.wait_for_url("**/audit")
    eve.page.get_by_role("button", name="Verify the log").click()
    expect(eve.page.get_by_text("The audit log is whole and signed")).to_be_visible()
    with eve.page.expect_download() as taken:
        eve.page.get_by_role("link", name="Take out the whole log").click()
    assert '"public_key"' in taken.value.path().read_text()


def leave(ada: Desk, bob: Desk) -> None:
    """Disable an account while its owner has a page open."""
    ada.go("/people", "#people-parts table")
    row = ada.page.get_by_role("row", name="Bob")
    row.get_by_role("button", name="Disable").click()
    row.get_by_role("button", name="Really disable").click()
    expect(row).to_contain_text("disabled")
    bob.page.goto(bob.address)
    expect(bob.page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_an_account_page_changes_the_password_and_makes_a_token(office: Served, chromium: Browser) -> None:
    people = office.server.product.people
    dora = people.accounts.add(LOCAL_ACTOR, "Dora", roles=["employee"])
    desk = Desk(chromium, office, "Dora")
    desk.choose_password(f"{desk.address}/welcome?token={people.invite(LOCAL_ACTOR, dora.user_id)}")
    desk.go("/account", "#account-parts table")
    desk.page.get_by_label("Your password now").fill(PASSWORD)
    desk.page.get_by_label("New password, 12 characters or more").fill("stones of venice, two")
    desk.page.get_by_label("The same again").fill("stones of venice, two")
    desk.page.get_by_role("button", name="Change password").click()
    expect(desk.page.get_by_text("Your password was changed")).to_be_visible()
    desk.page.get_by_label("What it is for").fill("nightly script")
    desk.page.get_by_role("button", name="Make token").click()
    token = desk.page.locator(".shown-once code").inner_text()
    found = people.bearer(token)
    assert found is not None
    assert found.actor.user_id == dora.user_id
    desk.page.get_by_role("button", name="Sign out").first.click()
    expect(desk.page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert people.sessions.of(dora.user_id) == ()
    assert desk.watched.faults == []
    desk.context.close()


def test_whom_a_sealed_export_is_about_opens_it_on_their_page(
    office: Served, chromium: Browser, tmp_path: Path
) -> None:
    product = office.server.product
    hugo = product.people.accounts.add(LOCAL_ACTOR, "Hugo", roles=["employee"])
    sealed = tmp_path / "hugo.inhouse-export"
    product.exports.seal(LOCAL_ACTOR, hugo.user_id, sealed, product.person_export.pieces(hugo.actor))
    desk = Desk(chromium, office, "Hugo")
    desk.choose_password(f"{desk.address}/welcome?token={product.people.invite(LOCAL_ACTOR, hugo.user_id)}")
    desk.go("/account", "#account-parts table")
    passphrase = desk.page.locator(".shown-once code").inner_text()
    desk.page.get_by_label("The sealed file").set_input_files(sealed)
    desk.page.get_by_label("Its passphrase").fill("zeppelin")
    desk.page.get_by_role("button", name="Open the export").click()
    expect(desk.page.get_by_text("This passphrase does not open the file")).to_be_visible()
    desk.page.get_by_label("Its passphrase").fill(passphrase)
    with desk.page.expect_download() as taken:
        desk.page.get_by_role("button", name="Open the export").click()
    assert "What Inhouse keeps about Hugo" in zipfile.ZipFile(taken.value.path()).read("export.html").decode()
    expect(desk.page.get_by_text("It is in clear: keep it well")).to_be_visible()
    desk.context.close()


def change_what_the_next_start_does(desk: Desk, home: Path) -> None:
    """Ask for a rotation of the key, take it back, and have the audit log kept for a year."""
    desk.page.get_by_role("button", name="Replace the key at the next start").click()
    desk.page.get_by_role("button", name="Really replace it").click()
    expect(desk.page.get_by_text("The key will be replaced at the next start")).to_be_visible()
    assert asked(home)
    desk.page.get_by_role("button", name="Do not replace it").click()
    desk.page.get_by_role("button", name="Really keep the key").click()
    expect(desk.page.get_by_role("button", name="Replace the key at the next start")).to_be_visible()
    assert not asked(home)
    desk.page.get_by_label("Days the audit log is kept").fill("365")
    desk.page.get_by_role("button", name="Keep so long").click()
    expect(desk.page.get_by_text("From the next start of Inhouse on")).to_be_visible()
    assert load_settings(home=home).keep_audit_days == 365


def test_an_administrator_backs_up_and_holds_on_a_page(office: Served, chromium: Browser) -> None:
    people = office.server.product.people
    grace = people.accounts.add(LOCAL_ACTOR, "Grace", roles=["admin"])
    desk = Desk(chromium, office, "Grace")
    desk.choose_password(f"{desk.address}/welcome?token={people.invite(LOCAL_ACTOR, grace.user_id)}")
    desk.go("/safekeeping", "#safekeeping-parts form")
    with desk.page.expect_download() as taken:
        desk.page.get_by_role("button", name="Back up now").click()
    assert taken.value.suggested_filename.endswith(".inhouse-backup")
    expect(desk.page.get_by_text("was made, read back")).to_be_visible()
    desk.page.get_by_label("Whom").select_option(label="Grace")
    desk.page.get_by_label("Why").fill("A dispute")
    desk.page.get_by_role("button", name="Put a hold").click()
    held = desk.page.get_by_role("row", name="Grace")
    expect(held).to_contain_text("A dispute")
    held.get_by_role("button", name="Release").click()
    held.get_by_role("button", name="Really release").click()
    expect(held).to_contain_text("released")
    change_what_the_next_start_does(desk, office.home)
    assert desk.watched.faults == []
    desk.context.close()


def test_an_administrator_revokes_the_token_of_somebody(office: Served, chromium: Browser) -> None:
    people = office.server.product.people
    iris, joe = (people.accounts.add(LOCAL_ACTOR, name, roles=["admin"]) for name in ("Iris", "Joe"))
    _, secret = people.make_token(joe.actor, name="nightly", scopes=["ask"], days=1)
    desk = Desk(chromium, office, "Iris")
    desk.choose_password(f"{desk.address}/welcome?token={people.invite(LOCAL_ACTOR, iris.user_id)}")
    desk.go("/people", "#people-parts table")
    desk.page.get_by_role("button", name="Tokens of Joe").click()
    desk.page.get_by_role("button", name="Revoke nightly").click()
    desk.page.get_by_role("button", name="Really revoke nightly").click()
    expect(desk.page.get_by_text("None of their programs has a token")).to_be_visible()
    assert people.bearer(secret) is None
    assert desk.watched.faults == []
    desk.context.close()


def test_leaving_waits_for_the_script_that_does_it(office: Served, chromium: Browser) -> None:
    people = office.server.product.people
    gil = people.accounts.add(LOCAL_ACTOR, "Gil", roles=["employee"])
    desk = Desk(chromium, office, "Gil")
    desk.page.route("**/product/notice.js", lambda route: route.fulfill(body="", content_type="text/javascript"))
    desk.choose_password(f"{desk.address}/welcome?token={people.invite(LOCAL_ACTOR, gil.user_id)}", agrees=False)
    expect(desk.page.get_by_role("button", name="Sign out")).to_be_disabled()
    expect(desk.page.get_by_role("button", name="Erase me")).to_be_disabled()
    desk.context.close()


def test_whoever_does_not_agree_signs_out_or_erases_themselves(office: Served, chromium: Browser) -> None:
    people = office.server.product.people
    finn = people.accounts.add(LOCAL_ACTOR, "Finn", roles=["employee"])
    desk = Desk(chromium, office, "Finn")
    desk.choose_password(f"{desk.address}/welcome?token={people.invite(LOCAL_ACTOR, finn.user_id)}", agrees=False)
    desk.page.get_by_role("button", name="Sign out").click()
    desk.page.get_by_label("Name").fill("Finn")
    desk.page.get_by_label("Password", exact=True).fill(PASSWORD)
    desk.page.get_by_role("button", name="Sign in").click()
    desk.page.get_by_label("Erase me and all that is mine: type Finn to go on").fill("Finn")
    desk.page.get_by_role("button", name="Erase me").click()
    expect(desk.page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert finn.user_id not in {one.user_id for one in people.accounts.list(LOCAL_ACTOR)}
    assert desk.watched.faults == []
    desk.context.close()


def test_what_was_asked_twice_says_that_it_was_done_and_can_be_done_again(office: Served, chromium: Browser) -> None:
    people = office.server.product.people
    lea, _kim = (people.accounts.add(LOCAL_ACTOR, name, roles=["admin"]) for name in ("Lea", "Kim"))
    desk = Desk(chromium, office, "Lea")
    desk.choose_password(f"{desk.address}/welcome?token={people.invite(LOCAL_ACTOR, lea.user_id)}")
    desk.go("/people", "#people-parts table")
    row = desk.page.get_by_role("row", name="Kim")
    for _ in range(2):
        row.get_by_role("button", name="Sign out Kim").click()
        row.get_by_role("button", name="End sessions, tokens and answers").click()
        expect(row).to_contain_text("signed out everywhere")
    for _ in range(2):
        row.get_by_role("button", name="Erase Kim").click()
        row.get_by_role("button", name="Really erase").click()  # Playwright cancels what the browser asks then
        expect(row.get_by_role("button", name="Really erase")).to_be_hidden()
    assert "Kim" in {one.name for one in people.accounts.list(LOCAL_ACTOR)}
    assert desk.watched.faults == []
    desk.context.close()


def test_what_is_typed_when_the_session_ends_is_asked_after_signing_in_elsewhere(
    office: Served, chromium: Browser
) -> None:
    people = office.server.product.people
    ned = people.accounts.add(LOCAL_ACTOR, "Ned", roles=["admin"])
    desk = Desk(chromium, office, "Ned")
    desk.choose_password(f"{desk.address}/welcome?token={people.invite(LOCAL_ACTOR, ned.user_id)}")
    people.sessions.end_of(ned.user_id)
    desk.page.fill("#question textarea", QUESTION)
    desk.page.keyboard.press("Enter")
    expect(desk.page.get_by_text("Sign in again in another tab")).to_be_visible()
    other = desk.context.new_page()
    other.goto(desk.address)
    other.get_by_label("Name").fill("Ned")
    other.get_by_label("Password", exact=True).fill(PASSWORD)
    other.get_by_role("button", name="Sign in").click()
    other.wait_for_selector("#messages .placeholder")
    desk.page.keyboard.press("Enter")
    expect(desk.page.locator("[data-testid=bot] .message-content")).to_contain_text(ANSWER)
    desk.context.close()
