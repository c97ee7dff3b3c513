"""`inhouse keys rotate`: another key everywhere, or the old one everywhere, wherever the process is killed."""

import json
import re
import shutil
import signal
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from app.answers import LOCAL_ACTOR
from app.library.changeover import open_index
from app.store.errors import WrongKeyError
from app.store.keys import restore_key
from app.store.recovery import recovery_key
from tests import dying, light
from tests.children import Child
from tests.fakes import FloatMatrix
from tests.kept import expect_everything, fill
from tests.light import opened


@pytest.fixture(name="before", scope="module")
def _before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory with an old copy of its databases."""
    place = fill(tmp_path_factory.mktemp("before"))
    for name in ("inhouse.db", "ledger.db"):
        shutil.copy(place / "home" / name, place / "home" / f"{name}.before-upgrade")
    return place


@pytest.fixture(name="home")
def _home(before: Path, tmp_path: Path) -> Iterator[Path]:
    shutil.copytree(before, tmp_path / "place")
    yield tmp_path / "place" / "home"
    shutil.rmtree(tmp_path / "place")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotated:
    """What became of a rotation."""

    status: int
    said: str
    shown: str
    """The new recovery key; empty where it was not shown yet."""


def rotate(home: Path, *, die_at: int = 0) -> Rotated:
    """Rotate the key in a process of its own."""
    arguments = [str(die_at), "keys", "rotate", "--yes"]
    done = Child(dying.run, arguments, environment=light.environment(home)).finish(90)
    shown = re.search(r"INHOUSE(?:-\w{4})+", done.stderr)
    return Rotated(status=done.returncode, said=done.stderr, shown=shown[0] if shown else "")


def test_rotation_gives_everything_another_key_and_the_old_one_opens_nothing(home: Path) -> None:
    old_master = light.key_file(home).read_bytes()
    old, before = recovery_key(old_master), _vectors(home, old_master)
    rotated = rotate(home)
    assert rotated.status == 0, rotated.said
    assert expect_everything(home) == rotated.shown != old
    assert not list(home.glob("*.before-upgrade"))
    assert np.allclose(_vectors(home, light.key_file(home).read_bytes()), before, atol=1e-5)
    assert np.abs(_vectors(home, old_master) - before).max() > 0.1
    with pytest.raises(WrongKeyError, match="replaced"):
        restore_key(home, old, source="file", key_file=home.parent / "elsewhere")
    key_file = light.key_file(home)
    key_file.unlink()
    restore_key(home, rotated.shown, source="file", key_file=key_file)
    assert expect_everything(home) == rotated.shown


def _vectors(home: Path, master: bytes) -> FloatMatrix:
    """Return the stored vectors, turned back with a key."""
    with opened(home) as product:
        (collection,) = product.collections.list(LOCAL_ACTOR)
    with closing(open_index(home / "index", master)) as index:
        return np.concatenate([vectors for _, vectors in index.vectors(collection.collection_id)])


@pytest.fixture(name="moments", scope="module")
def _moments(before: Path, tmp_path_factory: pytest.TempPathFactory) -> int:
    """How many files a rotation makes, moves and removes."""
    home = shutil.copytree(before, tmp_path_factory.mktemp("counted") / "place") / "home"
    return int(rotate(home).said.split()[-1])


@pytest.mark.parametrize(
    "part",
    [each / 6 for each in range(1, 7)] + [pytest.param(each / 90, marks=pytest.mark.long) for each in range(90)],
)
def test_killed_rotation_leaves_one_key_in_force_everywhere(home: Path, moments: int, part: float) -> None:
    old = recovery_key(light.key_file(home).read_bytes())
    rotated = rotate(home, die_at=max(1, round(part * moments)))
    assert rotated.status == -signal.SIGKILL
    assert expect_everything(home) in {old, rotated.shown}
    again = rotate(home)
    assert again.status == 0, again.said
    assert expect_everything(home) == again.shown


def test_rotation_beside_a_running_server_is_refused(home: Path) -> None:
    (home / "demonstration").touch()
    with light.Served(home) as server:
        refused = rotate(home)
        assert (refused.status, refused.shown) == (1, "")
        assert "Stop it first" in refused.said
        told = light.run(home, "keys", "status", "--json")
        assert json.loads(told.stdout)["right"] is True
        assert server.end() == 0


def test_copy_from_before_the_rotation_needs_the_key_from_before(home: Path, tmp_path: Path) -> None:
    shutil.copytree(home, tmp_path / "place" / "copy")
    assert rotate(home).status == 0
    shutil.copy(light.key_file(home), light.key_file(tmp_path / "place" / "copy"))
    refused = light.run(tmp_path / "place" / "copy", "collections", "list")
    assert refused.returncode == 1
    assert "copy from before the key was rotated" in refused.stderr


def test_old_key_put_back_after_a_rotation_is_told_from_a_foreign_one(home: Path) -> None:
    old = light.key_file(home).read_bytes()
    assert rotate(home).status == 0
    light.key_file(home).write_bytes(old)
    refused = light.run(home, "keys", "status", "--json")
    assert refused.returncode == 1
    assert "one that was replaced" in json.loads(refused.stdout)["sentence"]
