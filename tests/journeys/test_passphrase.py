"""A data directory under a passphrase, typed at a real terminal: opened, rotated, opened again."""

import os
import pty
import re
import select
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests import light
from tests.children import ROOT

pytestmark = pytest.mark.skipif(os.name != "posix", reason="Windows has no pseudo-terminals")
OLD, NEW = "correct horse battery", "another horse battery"


def at_a_terminal(home: Path, *words: str, typed: tuple[str, ...]) -> tuple[int, str]:
    """Run a command whose standard streams are a terminal, answering each of its questions; return what it showed."""
    environment = light.environment(home) | {"INHOUSE_KEY_SOURCE": "passphrase"}
    controller, terminal = pty.openpty()
    command = [sys.executable, "-m", "tests.light", *words]
    # A session of its own: getpass asks the terminal that controls the process, which would be ours.
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment,
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
        start_new_session=True,
    )
    os.close(terminal)
    shown, answers, end = "", list(typed), time.monotonic() + 90
    while time.monotonic() < end:
        if not select.select([controller], [], [], 0.2)[0]:
            if process.poll() is not None:
                break
            continue
        try:
            shown += os.read(controller, 4096).decode()
        except OSError:  # the other end was closed
            break
        if answers and re.search(r"(assphrase|again)[^\n]*: $", shown):
            os.write(controller, answers.pop(0).encode() + b"\n")
            shown += "\n"
    os.close(controller)
    return process.wait(timeout=30), shown


def test_passphrase_opens_and_is_replaced_at_a_terminal(tmp_path: Path) -> None:
    home = tmp_path / "home"
    status, shown = at_a_terminal(home, "collections", "create", "Travel", typed=(OLD, OLD))
    assert status == 0, shown
    assert OLD not in shown
    status, shown = at_a_terminal(home, "keys", "rotate", "--yes", typed=(OLD, NEW, NEW))
    assert status == 0, shown
    assert re.search(r"INHOUSE(?:-\w{4})+", shown)
    status, shown = at_a_terminal(home, "collections", "list", typed=(OLD,))
    assert status == 1
    assert "passphrase is wrong" in shown
    status, shown = at_a_terminal(home, "collections", "list", typed=(NEW,))
    assert status == 0, shown
    assert "Travel" in shown
