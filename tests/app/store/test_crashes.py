"""Nothing that was acknowledged is lost when the process is killed or the disk is full."""

import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from app.answers import LOCAL_ACTOR
from app.store.database import check
from app.store.keys import OpenedKey
from app.store.opening import open_store
from app.store.ownership import Ownership
from tests.app.store import writer
from tests.app.store.examples import an_answer
from tests.children import Child

ROOT = Path(__file__).parents[3]
LIMITED = (
    "import resource, runpy, signal, sys\n"
    "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"  # so that a write beyond the limit fails like one on a full disk
    "resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))\n"
    "runpy.run_module('tests.app.store.writer', run_name='__main__', alter_sys=True)"
)


def start_writer(home: Path, key_file: Path) -> Child:
    """Start a writer."""
    return Child(writer.run, [str(home), str(key_file)], environment=os.environ)


def run_writer(home: Path, key_file: Path, *, kill_after_seconds: float) -> list[list[str]]:
    """Run a writer, kill it, and return what it acknowledged."""
    writing = start_writer(home, key_file)
    with writing.stdout as out, writing.stderr:
        lines = [out.readline(), out.readline()]  # its conversation, and the first thing that was stored there
        time.sleep(kill_after_seconds)
        writing.kill()
        lines += out.readlines()
    return [line.split() for line in lines if line.endswith("\n")]


def expect_everything(home: Path, key: OpenedKey, acknowledged: list[list[str]]) -> None:
    """Check that the store is sound and holds all that was acknowledged."""
    with Ownership.acquire(home):
        store = open_store(home, key)
        (_, conversation_id), *steps = acknowledged
        turns = {turn.turn_id: turn for turn in store.history.turns(LOCAL_ACTOR, conversation_id)}
        for step, turn_id, number in steps:
            assert turns[turn_id].question == f"Question {number}"
            if step == "answered":
                assert turns[turn_id].answer == an_answer(f"{conversation_id} {number}")
        assert {turn.state for turn in turns.values()} <= {"finished", "interrupted"}
        assert check(store.engine) == check(store.ledger_engine) == []
        store.close()


@pytest.mark.parametrize(
    "round_", [*range(3), *(pytest.param(number, marks=pytest.mark.long) for number in range(3, 25))]
)
def test_killed_writer_loses_nothing_it_acknowledged(home: Path, tmp_path: Path, key: OpenedKey, round_: int) -> None:
    seconds = random.Random(round_).uniform(0.05, 0.6)  # noqa: S311 - a moment, not a secret
    acknowledged = run_writer(home, tmp_path / "key", kill_after_seconds=seconds)
    assert len(acknowledged) > 1
    expect_everything(home, key, acknowledged)


def test_killed_first_start_leaves_a_directory_that_starts(home: Path, tmp_path: Path, key: OpenedKey) -> None:
    for milliseconds in range(0, 600, 150):
        writing = start_writer(home, tmp_path / "key")
        with writing.stdout, writing.stderr:
            deadline = time.monotonic() + 60
            while not (home / "inhouse.db").exists() and time.monotonic() < deadline:
                time.sleep(0.005)
            time.sleep(milliseconds / 1000)
            writing.kill()
        open_store(home, key).close()
        (home / "inhouse.db").unlink()
        (home / "ledger.db").unlink()


@pytest.mark.skipif(os.name != "posix", reason="Windows has no limit of the size of files")
def test_disk_that_fills_up_is_a_sentence_and_loses_nothing(home: Path, tmp_path: Path, key: OpenedKey) -> None:
    command = [sys.executable, "-c", LIMITED, str(home), str(tmp_path / "key")]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert "DiskF" in ended.stderr.splitlines()[-1]
    acknowledged = [line.split() for line in ended.stdout.splitlines()]
    assert len(acknowledged) > 10
    expect_everything(home, key, acknowledged)
