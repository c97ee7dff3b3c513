"""Run one command of the installation: say what it does, show that it lives, turn its failure into a sentence.

Knows no step by name.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

QUIET_SECONDS = 2
"""Steps shorter than this print their title only."""
HEARTBEAT_SECONDS = 10
"""Between two lines in a log file; a terminal rewrites its line every second."""
WIDTH = 110
"""Characters of a heartbeat."""

DISK_FULL = ("No space left on device", "not enough space on the disk", "Disk quota exceeded")
UNREACHABLE = (
    "Name or service not known",
    "Temporary failure in name resolution",
    "nodename nor servname",
    "getaddrinfo failed",
    "Failed to establish a new connection",
    "Network is unreachable",
    "Cannot connect to proxy",
    "Connection refused",
    "Connection reset",
    "ConnectTimeoutError",
    "Read timed out",
    "Could not resolve",
    "Temporary failure resolving",
    "Unable to connect to",
)


class InstallError(Exception):
    """The installation cannot go on; the text says why and what to do."""


class CommandFailedError(InstallError):
    """A command ended with a failure; `output` holds what it printed."""

    def __init__(self, sentence: str, output: str) -> None:
        """Keep the sentence for the person and the output for whoever called."""
        super().__init__(sentence)
        self.output = output


def say(text: str) -> None:
    """Print one line at once."""
    print(text, flush=True)


def duration(seconds: float) -> str:
    """Return a time as people write it: 7 s, 3 min 05 s."""
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"


def run(title: str, command: Sequence[str], *, log: Path, environment: Mapping[str, str] | None = None) -> None:
    """Run the command with its output in `log`, a heartbeat with its last line on the screen.

    Raises:
        CommandFailedError: with a sentence that names the remedy for a full disk or a missing network.
    """
    say(title)
    started = time.monotonic()
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("w", encoding="utf-8") as file, subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        env={**os.environ, **(environment or {})},
    ) as process:
        output = _Output(process.stdout, file)
        _watch(process, output, started)
        output.join()
    if process.returncode:
        text = log.read_text(encoding="utf-8", errors="replace")
        raise CommandFailedError(explain_failure(title, text, log), text)
    if time.monotonic() - started > QUIET_SECONDS:
        say(f"  {'done in ' + duration(time.monotonic() - started):<{WIDTH}}")


def explain_failure(title: str, output: str, log: Path) -> str:
    """Return the sentence for a failed command: the remedy for a full disk or a missing network, else its own words."""
    what = title.partition(" (")[0]
    if any(sign in output for sign in DISK_FULL):
        return f"{what}: the disk is full. Free some space, then run the same command again; it goes on from here."
    if any(sign in output for sign in UNREACHABLE):
        return (
            f"{what}: the network cannot be reached, and the first run needs it. Connect this machine, or point pip "
            "at your company's mirror (PIP_INDEX_URL), then run the same command again."
        )
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    errors = [line for line in lines if "error" in line.lower()] or lines or ["it said nothing"]
    return f"{what} failed: {errors[-1]} (everything it said is in {log})."


class _Output(threading.Thread):
    """Copies a command's output into the log and remembers the last line of it."""

    def __init__(self, pipe: IO[str] | None, file: IO[str]) -> None:
        super().__init__(daemon=True)
        self._pipe, self._file = pipe, file
        self.last = ""
        self.start()

    def run(self) -> None:
        for line in self._pipe or ():
            self._file.write(line)
            self._file.flush()
            if not line.lstrip().startswith("WARNING"):  # pip has many to tell that stop nothing
                self.last = line.strip() or self.last


def _watch(process: subprocess.Popen[str], output: _Output, started: float) -> None:
    """Wait for the process; print the time and its last line now and then."""
    terminal = sys.stdout.isatty()
    pause = QUIET_SECONDS
    while not _ended(process, pause):
        pause = 1 if terminal else HEARTBEAT_SECONDS
        beat = f"  {duration(time.monotonic() - started)}  {output.last}"[:WIDTH]
        print(f"\r{beat:<{WIDTH}}\r" if terminal else beat, end="" if terminal else "\n", flush=True)


def _ended(process: subprocess.Popen[str], seconds: float) -> bool:
    """Wait so long at most; tell whether the process has ended."""
    try:
        process.wait(timeout=seconds)
    except subprocess.TimeoutExpired:
        return False
    return True
