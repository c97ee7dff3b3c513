"""A rotation that was asked for on a page: the next start does it before anything is open, also after a kill -9."""

import json
import shutil
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.custody.asked_rotation import FILE, ask, rotate_as_asked
from app.store.audit import Only
from app.store.keycard import load_card
from app.store.recovery import recovery_key
from tests import dying, light
from tests.children import Child
from tests.kept import expect_everything, fill
from tests.light import Served, opened


@pytest.fixture(name="before", scope="module")
def _before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = fill(tmp_path_factory.mktemp("before"))
    (place / "home" / "demonstration").touch()
    return place


@pytest.fixture(name="home")
def _home(before: Path, tmp_path: Path) -> Iterator[Path]:
    shutil.copytree(before, tmp_path / "place")
    yield tmp_path / "place" / "home"
    shutil.rmtree(tmp_path / "place")


def key_of(server: Served) -> dict[str, str | int | None]:
    """Return what the Safekeeping page is told of the key."""
    told: dict[str, str | int | None] = json.loads(server.request("GET", "/api/safekeeping")[1])["key"]
    return told


def recorded(home: Path) -> list[tuple[str, str]]:
    """Return what the audit log says of rotations, the first first."""
    with opened(home) as product:
        assert product.audit.faults() == []
        only = Only(actions=("rotation asked", "rotation cancelled", "keys rotated"))
        return [(row.action, row.result) for row in product.audit.rows(only)][::-1]


def test_the_next_start_rotates_the_key_and_the_one_after_that_does_not(home: Path) -> None:
    old = recovery_key(light.key_file(home).read_bytes())
    with Served(home) as server:
        assert server.request("POST", "/api/rotation")[0] == 202
        assert server.request("POST", "/api/rotation")[0] == 202
        assert (key_of(server)["generation"], bool(key_of(server)["asked"])) == (1, True)
        assert "The next start replaces it" in light.run(home, "keys", "status").stdout
        assert server.end() == 0
    for _ in range(2):
        with Served(home) as server:
            assert (key_of(server)["generation"], key_of(server)["asked"]) == (2, None)
            assert server.end() == 0
    new = expect_everything(home)
    assert new != old
    said = (home.parent / "server.log").read_text()
    assert said.count("was replaced, as was asked for") == 1
    assert new not in said
    assert recorded(home) == [("rotation asked", "done"), ("rotation asked", "done"), ("keys rotated", "done")]


def test_it_can_be_taken_back_until_then(home: Path) -> None:
    old = recovery_key(light.key_file(home).read_bytes())
    with Served(home) as server:
        assert server.request("POST", "/api/rotation")[0] == 202
        assert server.request("DELETE", "/api/rotation")[0] == 204
        assert key_of(server)["asked"] is None
        assert server.end() == 0
    with Served(home) as server:
        assert key_of(server)["generation"] == 1
        assert server.end() == 0
    assert expect_everything(home) == old
    assert recorded(home) == [("rotation asked", "done"), ("rotation cancelled", "done")]


@pytest.mark.parametrize("moment", [2, 9, 20, 33, 46])
def test_killed_in_the_middle_the_start_after_that_completes_it_once(home: Path, moment: int) -> None:
    ask(home, source="file")
    words = [str(moment), "serve", "--port", "0", "--json"]
    assert Child(dying.run, words, environment=light.environment(home)).finish(60).returncode == -signal.SIGKILL
    with Served(home) as server:
        assert (key_of(server)["generation"], key_of(server)["asked"]) == (2, None)
        assert server.end() == 0
    expect_everything(home)
    assert not (home / FILE).exists()
    assert recorded(home)[-1] == ("keys rotated", "done")
    assert recorded(home).count(("keys rotated", "done")) == 1


def test_where_it_cannot_be_done_the_old_key_stays_and_inhouse_serves(home: Path) -> None:
    old = recovery_key(light.key_file(home).read_bytes())
    ask(home, source="file")
    card = load_card(home)
    assert card is not None
    (home / "key.json").rename(home / "aside")  # without it nobody knows which key it should be
    with Served(home) as server:
        assert server.end() == 0
    assert "The master key was not replaced" in (home.parent / "server.log").read_text()
    assert not (home / FILE).exists()
    assert recorded(home) == [("keys rotated", "failed")]
    (home / "aside").replace(home / "key.json")
    assert expect_everything(home) == old


def test_where_the_key_cannot_be_had_the_wish_is_kept(home: Path) -> None:
    ask(home, source="file")
    key = light.key_file(home)
    key.rename(home.parent / "aside")
    refused = light.run(home, "serve", "--port", "0", INHOUSE_KEY_FILE=str(home.parent / "nowhere"))
    assert refused.returncode == 1
    assert (home / FILE).exists()
    (home.parent / "aside").replace(key)
    with Served(home) as server:
        assert key_of(server)["generation"] == 2
        assert server.end() == 0
    expect_everything(home)


def test_with_another_key_source_somebody_has_to_be_there(home: Path) -> None:
    ask(home, source="file")
    told: list[str] = []
    rotate_as_asked(home, source="credential", key_file=None, stop=threading.Event(), tell=told.append)
    assert "inhouse keys rotate" in told[-1]
    assert not (home / FILE).exists()
    expect_everything(home)
