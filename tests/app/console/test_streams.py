"""A command started with closed streams, and one whose output cannot be written."""

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(os.name != "posix", reason="a shell closes the streams")
NUMBERS = "import sys, app.console.streams as s; s.open_streams(); sys.exit(open('opened', 'w').fileno())"


def shell(line: str, folder: Path) -> "subprocess.CompletedProcess[str]":
    """Run a line of the shell in a folder."""
    surroundings = os.environ | {"INHOUSE_HOME": str(folder / "home"), "INHOUSE_KEY_SOURCE": "file"}
    surroundings |= {"INHOUSE_KEY_FILE": str(folder / "key"), "PYTHONPATH": os.pathsep.join(sys.path)}
    return subprocess.run(  # noqa: S602 - the shell closes what is to be closed
        line, shell=True, cwd=folder, env=surroundings, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_no_file_takes_the_number_of_a_stream_that_was_closed(tmp_path: Path, closed: str) -> None:
    python = shlex.quote(sys.executable)
    assert shell(f"{python} -c {shlex.quote(NUMBERS)} {closed}", tmp_path).returncode > 2


def test_where_nothing_can_be_typed_a_command_says_what_is_missing(tmp_path: Path) -> None:
    done = shell(f"{shlex.quote(sys.executable)} -m app keys restore <&-", tmp_path)
    assert (done.returncode, "This is not a recovery key" in done.stderr) == (1, True)
    assert "made a mistake" not in done.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no such device here")
@pytest.mark.parametrize("option", ["", "--json"])
def test_output_that_cannot_be_written_is_a_sentence(tmp_path: Path, option: str) -> None:
    done = shell(f"{shlex.quote(sys.executable)} -m app privacy notice {option} >/dev/full", tmp_path)
    assert done.stderr == "The result cannot be written to standard output: No space left on device.\n"
    assert done.returncode == 1
