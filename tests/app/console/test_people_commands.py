"""Accounts, tokens and grants by command, beside a server or without one."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from app import commands
from app.answers import LOCAL_ACTOR
from app.api.knowledge import shape_collection
from app.cli import main
from app.commands.person import TwoOfThisNameError
from app.console.terminal import print_value
from app.errors import AppError
from app.product import Product
from app.store.errors import LastAdminError, NameTakenError, UnknownPersonError
from app.store.holds import NoReasonError
from app.store.schema import accounts
from tests.fakes import ScriptedChat
from tests.hashes import quick_hashes
from tests.served import learn, light_product

PASSWORD = "seven lamps of architecture"


@pytest.fixture
def product(tmp_path: Path) -> Iterator[Product]:
    with quick_hashes(), light_product(tmp_path, ScriptedChat(), sign_in=True) as opened:
        yield opened


def run(product: Product, command: str, /, **arguments: Any) -> dict[str, Any]:
    """Run a command and return its result."""
    items = list(commands.run(product, command, arguments, threading.Event()))
    (value,) = (item["value"] for item in items if item["kind"] == "result")
    return dict(value)


def test_an_account_is_made_with_a_link_that_chooses_its_password(product: Product) -> None:
    made = run(product, "users add", name="Ada", roles=["admin"], groups=["Board"])
    assert made["link"] in made["sentence"]
    product.people.accept(made["link"].partition("token=")[2], PASSWORD)
    assert product.people.sign_in("Ada", PASSWORD)
    assert [one["name"] for one in run(product, "users list")["users"]] == ["Ada"]
    again = run(product, "users link", name="ADA")
    product.people.accept(again["link"].partition("token=")[2], PASSWORD + "!")
    with pytest.raises(LastAdminError):
        run(product, "users edit", name="Ada", roles=[], groups=None, active=False)


def test_roles_groups_and_state_are_changed_one_by_one(product: Product) -> None:
    run(product, "users add", name="Bob", roles=[], groups=["Sales"])
    changed = run(product, "users edit", name="Bob", roles=["curator"], groups=None, active=None)
    assert (changed["roles"], changed["groups"]) == (["curator"], ["Sales"])
    changed = run(product, "users edit", name="Bob", roles=[], groups=[], active=False)
    assert (changed["roles"], changed["groups"], changed["active"]) == (["curator"], [], False)
    assert "sessions and tokens have ended" in changed["sentence"]
    changed = run(product, "users edit", name="Bob", roles=[], groups=None, active=None, new_name="Robert")
    assert (changed["name"], changed["roles"]) == ("Robert", ["curator"])
    with pytest.raises(UnknownPersonError):
        run(product, "users edit", name="Nobody", roles=[], groups=None, active=None)


def test_a_token_is_made_listed_without_its_secret_and_revoked(product: Product) -> None:
    run(product, "users add", name="Bob", roles=[], groups=[])
    made = run(product, "tokens create", name="script", user="Bob", scopes=[], days=30)
    assert made["scopes"] == ["ask"]
    assert product.people.bearer(made["token"])
    (listed,) = run(product, "tokens list", user="Bob")["tokens"]
    assert made["token"] not in str(listed)
    run(product, "tokens revoke", token_id=listed["token_id"], user="Bob")
    assert product.people.bearer(made["token"]) is None


def test_a_collection_is_granted_and_taken_back(product: Product) -> None:
    run(product, "users add", name="Bob", roles=["curator"], groups=["Sales"])
    bob = product.people.accounts.by_name("Bob").actor
    collection = learn(product)
    given = run(product, "collections grant", name="handbook", kind="group", holder="SALES", may="read")
    assert given["sentence"] == "Handbook is open to sales (read), administrators."
    assert product.collections.list(bob) == (collection,)
    run(product, "collections grant", name="handbook", kind="person", holder="bob", may="curate")
    assert product.collections.may_curate(bob, collection.collection_id)
    run(product, "collections revoke", name="handbook", kind="person", holder="Bob")
    run(product, "collections revoke", name="handbook", kind="group", holder="Sales")
    assert product.collections.list(bob) == ()
    for kind, holder in (("group", ""), ("person", "Eve"), ("else", "x")):
        with pytest.raises(AppError):
            run(product, "collections grant", name="handbook", kind=kind, holder=holder, may="read")


def test_readers_of_a_collection_are_named_as_on_its_page(product: Product) -> None:
    run(product, "users add", name="Ada", roles=["admin"], groups=[])
    run(product, "users add", name="Bob", roles=["employee"], groups=["Sales"])
    run(product, "users add", name="Eve", roles=["employee"], groups=[])
    collection = learn(product)
    run(product, "collections grant", name="handbook", kind="group", holder="sales", may="read")
    told = run(product, "collections grants", name="handbook")
    assert told["sentence"] == "Handbook is open to sales (read), administrators."
    assert told["grants"] == [{"kind": "group", "name": "sales", "may": "read"}]
    assert told["people"] == [
        {"name": "Ada", "may": "curate", "through": ["administrator"]},
        {"name": "Bob", "may": "read", "through": ["group Sales"]},
    ]
    (listed,) = run(product, "collections list")["collections"]
    ada = product.people.accounts.by_name("Ada").actor
    assert listed["readers"] == shape_collection(product, ada, collection)["readers"] == ["sales", "administrators"]


def test_without_accounts_everybody_is_told_to_read_a_collection(tmp_path: Path) -> None:
    with light_product(tmp_path / "alone", ScriptedChat()) as alone:
        learn(alone)
        assert run(alone, "collections list")["collections"][0]["readers"] == ["everybody who uses this Inhouse"]
        assert "whoever uses this Inhouse reads it" in run(alone, "collections grants", name="handbook")["sentence"]


def test_readers_are_printed_one_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    people = [{"name": "Bob", "may": "read", "through": ["group Sales", "by name"]}]
    told = {"collection": "Handbook", "grants": [], "people": people, "sentence": "Open."}
    print_value(told, command="collections grants", as_json=False)
    assert capsys.readouterr().out == "Open.\nBob reads it: group Sales, by name\n"


def test_what_was_done_stands_in_the_log_without_names(product: Product) -> None:
    run(product, "users add", name="Bob", roles=[], groups=[])
    (row,) = product.audit.rows(limit=1)
    assert row.action == "person added"
    assert "Bob" not in str(row)
    assert product.audit.people()[row.who] == LOCAL_ACTOR.user_id


@pytest.mark.parametrize(
    "typed",
    [
        ["users", "add"],
        ["users", "add", "Ada", "--role", "owner"],
        ["tokens", "create", "script"],
        ["collections", "grant", "Handbook"],
        ["collections", "grant", "Handbook", "--everyone", "--user", "Ada"],
    ],
)
def test_what_is_typed_wrongly_is_told(typed: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(typed)
    assert ended.value.code == 2
    assert "usage: inhouse" in capsys.readouterr().err


def test_nobody_is_called_as_commands_call_whoever_uses_the_machine(product: Product) -> None:
    with pytest.raises(NameTakenError, match="whoever uses the machine"):
        run(product, "users add", name=" Local ", roles=[], groups=[])
    run(product, "users add", name="Ada", roles=[], groups=[])
    with pytest.raises(NameTakenError, match="whoever uses the machine"):
        run(product, "users edit", name="Ada", roles=[], groups=None, active=None, new_name="LOCAL")


def test_a_command_about_a_name_that_means_two_people_does_nothing(product: Product, tmp_path: Path) -> None:
    made = run(product, "users add", name="Ada", roles=[], groups=[])
    with product.database.begin() as connection:  # as versions before let it be
        named = {"name": "local", "folded_name": "local"}
        connection.execute(update(accounts).where(accounts.c.user_id == made["user_id"]).values(named))
    for command, more in (("erase", {}), ("hold", {"reason": "case 7"}), ("export", {"path": str(tmp_path / "x")})):
        with pytest.raises(TwoOfThisNameError):
            run(product, f"users {command}", user="local", **more)
    run(product, "users edit", name="local", roles=[], groups=None, active=None, new_name="Ada")
    assert run(product, "users hold", user="local", reason="case 7")["user"] == "local"


@pytest.mark.parametrize("reason", ["", "  ", "x" * 501])
def test_a_hold_that_nobody_could_be_told_the_reason_of_is_not_put(product: Product, reason: str) -> None:
    with pytest.raises(NoReasonError):
        run(product, "users hold", user=None, reason=reason)
    assert run(product, "users holds")["holds"] == []


def test_holds_name_whom_they_are_about(product: Product, capsys: pytest.CaptureFixture[str]) -> None:
    run(product, "users add", name="Ada", roles=[], groups=[])
    for user in ("Ada", None):
        run(product, "users hold", user=user, reason="case 7")
    told = run(product, "users holds")
    assert {one["name"] for one in told["holds"]} == {"Ada", "everybody"}
    print_value(told, command="users holds", as_json=False)
    assert ": Ada, in force" in capsys.readouterr().out


def test_what_is_nested_too_deeply_is_no_receipt(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "receipt.json").write_text("[" * 100_000)
    assert main(["users", "verify", str(tmp_path / "receipt.json")]) == 1
    assert "cannot be read as a receipt" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        (["audit", "list", "--action", "nonsense"], "'started', 'stopped'"),
        (["users", "edit", "Ada", "--no-groups", "--group", "Sales"], "not allowed with argument"),
    ],
)
def test_wrong_usage_is_said_in_the_words_that_are_typed(
    typed: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(typed)
    assert (ended.value.code, sentence in capsys.readouterr().err) == (2, True)
