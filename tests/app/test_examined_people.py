"""What `inhouse doctor --security` finds of accounts, tokens and backups of a running product."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from app import commands
from app.answers import LOCAL_ACTOR, Actor, Role
from app.commands.recording import recorded
from app.product import Product
from tests.fakes import ScriptedChat
from tests.hashes import quick_hashes
from tests.served import light_product

DAY = 86_400.0


@pytest.fixture
def product(tmp_path: Path) -> Iterator[Product]:
    with quick_hashes(), light_product(tmp_path, ScriptedChat(), sign_in=True) as opened:
        yield opened


def found(product: Product) -> dict[str, list[dict[str, str]]]:
    """Return what is found, by name."""
    (item,) = commands.run(product, "examine security", {}, threading.Event())
    findings = item["value"]["findings"]
    return {name: [one for one in findings if one["name"] == name] for name in ("accounts", "tokens", "backups")}


def told(product: Product, name: str) -> str:
    return " ".join(f"{one['found']} {one['remedy']}" for one in found(product)[name])


def account(product: Product, name: str, role: Role = "admin", *, second_factor: bool = True, days: float = 0) -> Actor:
    """Make an account that was made, and last signed in to, so many days ago."""
    made = product.people.accounts.add(LOCAL_ACTOR, name, roles=[role])
    product.people.accounts.sign_ins.note_sign_in(made.user_id)
    if second_factor:
        product.people.accounts.sign_ins.put_second_factor(made.user_id, b"sealed")
    change(product, "UPDATE accounts SET created = ?, signed_in = ? WHERE user_id = ?", days, days, made.user_id)
    return made.actor


def change(product: Product, statement: str, *values: float | str) -> None:
    """Change rows; numbers are days ago."""
    moments = tuple(time.time() - value * DAY if isinstance(value, int | float) else value for value in values)
    with product.database.begin() as connection:
        connection.exec_driver_sql(statement, moments)


def test_an_installation_without_an_administrator_is_a_fault(product: Product) -> None:
    account(product, "Ada", "curator")
    assert "There is no administrator. Run `inhouse users add NAME --role admin`." in told(product, "accounts")


def test_administrators_without_a_second_factor_are_named_and_nobody_else(product: Product) -> None:
    account(product, "Ada")
    account(product, "Cy", "employee", second_factor=False)
    assert [one["remedy"] for one in found(product)["accounts"]] == [""]
    account(product, "Bo", second_factor=False)
    assert "without a second factor: Bo." in told(product, "accounts")


def test_accounts_nobody_uses_are_named_unless_they_are_disabled(product: Product) -> None:
    account(product, "Ada")
    stale = account(product, "Bo", "employee", days=91)
    account(product, "Cy", "employee", days=89)
    never = account(product, "Di", "employee")
    change(product, "UPDATE accounts SET created = ?, signed_in = NULL WHERE user_id = ?", 31, never.user_id)
    assert "never within 30: Bo, Di." in told(product, "accounts")
    for gone in (stale, never):
        product.people.change(LOCAL_ACTOR, gone.user_id, active=False)
    assert [one["remedy"] for one in found(product)["accounts"]] == [""]


def test_tokens_that_last_long_or_are_not_used_are_named(product: Product) -> None:
    ada = account(product, "Ada")
    product.people.make_token(ada, name="short", scopes=["ask"], days=30)
    assert [one["remedy"] for one in found(product)["tokens"]] == [""]
    product.people.make_token(ada, name="long", scopes=["ask"], days=366)
    product.people.make_token(ada, name="idle", scopes=["ask"], days=100)
    change(product, "UPDATE api_tokens SET created = ? WHERE name = 'idle'", 91)
    assert "180 days still: Ada: long." in told(product, "tokens")
    assert "Not used for 90 days: Ada: idle." in told(product, "tokens")


def test_a_missing_and_an_old_backup_are_faults(product: Product, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "None was made" in told(product, "backups")
    with recorded(product, "backup", {}):
        pass
    assert [one["remedy"] for one in found(product)["backups"]] == [""]
    later = time.time() + 8 * DAY
    monkeypatch.setattr("app.stored_security.time.time", lambda: later)
    assert "8 days ago. Run `inhouse backup" in told(product, "backups")


def test_a_workstation_has_no_accounts_to_examine(tmp_path: Path) -> None:
    with light_product(tmp_path, ScriptedChat()) as product:
        assert [one["remedy"] for one in found(product)["accounts"]] == [""]
