"""One process owns a data directory."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from app.store.errors import DirectoryInUseError, DiskFaultError
from app.store.ownership import Ownership

OWN_AND_WAIT = (
    "import sys; from pathlib import Path; from app.store.ownership import Ownership\n"
    "owner = Ownership.acquire(Path(sys.argv[1])); print('owned', flush=True); sys.stdin.read()"
)


def test_second_owner_is_refused_and_told_the_first(home: Path) -> None:
    with Ownership.acquire(home), pytest.raises(DirectoryInUseError, match=str(os.getpid())):
        Ownership.acquire(home)


def test_released_directory_can_be_owned_again(home: Path) -> None:
    Ownership.acquire(home).release()
    with Ownership.acquire(home) as owner:
        assert owner.home == home


def test_process_that_was_killed_owns_nothing(home: Path) -> None:
    command = [sys.executable, "-c", OWN_AND_WAIT, str(home)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline().strip() == b"owned"
        with pytest.raises(DirectoryInUseError, match=str(other.pid)):
            Ownership.acquire(home)
        other.kill()
        other.wait()
    Ownership.acquire(home).release()


@pytest.mark.parametrize("place", [".", "below"])
def test_path_that_cannot_be_a_directory_is_a_sentence(home: Path, place: str) -> None:
    home.write_text("a file")
    with pytest.raises(DiskFaultError, match="permissions"):
        Ownership.acquire(home / place)


@pytest.mark.skipif(os.name != "posix", reason="Windows has no file modes")
def test_new_directory_is_readable_by_its_owner_only(home: Path) -> None:
    with Ownership.acquire(home):
        assert home.stat().st_mode & 0o777 == 0o700
        assert (home / "lock").stat().st_mode & 0o777 == 0o600
