"""Speed is measured once, remembered, and turned into how much may be read."""

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from models.engine import Engine
from models.speed import VALID_SECONDS, Speed, affordable, speed_of
from tests.fakes import ScriptedMemory
from tests.models.conftest import scripted_engine


@pytest.fixture
def engine() -> Iterator[Engine]:
    engine = scripted_engine(ScriptedMemory())
    yield engine
    engine.close()


def test_speed_is_measured_once_for_each_key(engine: Engine, tmp_path: Path) -> None:
    file = tmp_path / "speeds.json"
    first = speed_of(engine, key="one", file=file)
    requests = engine.describe().counters["finished"]
    assert first.read > 0
    assert first.written > 0
    assert requests > 0
    assert speed_of(engine, key="one", file=file) == first
    assert engine.describe().counters["finished"] == requests
    speed_of(engine, key="two", file=file)
    assert engine.describe().counters["finished"] > requests
    assert json.loads(file.read_text()).keys() == {"one", "two"}


@pytest.mark.parametrize("content", ["", "[]", "{", '{"one": 3}', '{"one": {"read": 1, "written": 1, "measured": 0}}'])
def test_a_file_of_no_use_is_measured_over(engine: Engine, tmp_path: Path, content: str) -> None:
    file = tmp_path / "speeds.json"
    file.write_text(content)
    assert speed_of(engine, key="one", file=file).read > 1


def test_a_folder_that_cannot_be_written_is_no_fault(engine: Engine, tmp_path: Path) -> None:
    assert speed_of(engine, key="one", file=tmp_path / "missing" / "speeds.json").read > 0


def test_what_can_be_read_in_time_grows_with_both() -> None:
    assert affordable(Speed(read=90, written=10), seconds=10) == 900


def test_a_busy_hour_is_forgotten_after_a_day(engine: Engine, tmp_path: Path) -> None:
    file = tmp_path / "speeds.json"
    entries = {
        "fresh": {"read": 1.0, "written": 1.0, "measured": time.time() - VALID_SECONDS / 2},
        "old": {"read": 1.0, "written": 1.0, "measured": time.time() - VALID_SECONDS * 2},
    }
    file.write_text(json.dumps(entries))
    assert speed_of(engine, key="fresh", file=file).read == 1.0
    assert speed_of(engine, key="old", file=file).read > 1.0
