"""Child processes of the tests: `tests.light` with its arguments, each a process of its own that may be killed.

They are forked from a process that has imported the product already, for importing it takes three seconds. What they
are given of the environment counts from there on: what a library reads while it is imported, it has read before.
"""

import multiprocessing
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from multiprocessing.connection import Connection
from pathlib import Path
from typing import IO, Any

FORKING = "forkserver" in multiprocessing.get_all_start_methods()
_CONTEXT: Any = multiprocessing.get_context("forkserver" if FORKING else "spawn")
_CONTEXT.set_forkserver_preload(["tests.light", "app.hosting", "app.assistant", "app.web.pages", "chromadb.api.rust"])
ROOT = Path(__file__).parent.parent


class Child:
    """A running child process, with as much of `subprocess.Popen` as the tests need; `stderr` is a file."""

    def __init__(
        self,
        program: Callable[[Sequence[str]], int],
        arguments: Sequence[str],
        *,
        environment: Mapping[str, str],
        folder: Path = ROOT,
        stderr: IO[Any] | None = None,
    ) -> None:
        """Start it in a folder, with an environment of its own."""
        self.arguments = list(arguments)
        reader, writer = os.pipe()
        self.stdout = os.fdopen(reader, encoding="utf-8")
        self.stderr = stderr or tempfile.TemporaryFile("w+")  # noqa: SIM115  closed with the process
        with Connection(writer, readable=False) as out, _sent(self.stderr) as errors:
            given = (program, self.arguments, dict(environment), str(folder), out, errors)
            self._process = _CONTEXT.Process(target=_live, args=given, daemon=True)
            self._process.start()

    @property
    def pid(self) -> int:
        """The number of the process."""
        return int(self._process.pid)

    def poll(self) -> int | None:
        """Return the exit status, minus the signal where one ended it; None while it runs."""
        status: int | None = self._process.exitcode
        return status

    def wait(self, timeout: float = 60) -> int:
        """Wait for the end and return the exit status.

        Raises:
            subprocess.TimeoutExpired: it takes longer; the process is killed.
        """
        self._process.join(timeout)
        status = self.poll()
        if status is None:
            self.kill()
            raise subprocess.TimeoutExpired(self.arguments, timeout)
        return status

    def finish(self, timeout: float = 60) -> subprocess.CompletedProcess[str]:
        """Wait for the end; return how it was and what is left of what it printed: at most 64 KB, a pipe's room."""
        with self.stdout, self.stderr:
            status = self.wait(timeout)
            self.stderr.seek(0)
            return subprocess.CompletedProcess(self.arguments, status, self.stdout.read(), self.stderr.read())

    def send_signal(self, number: signal.Signals) -> None:
        """Send a signal."""
        os.kill(self.pid, number)

    def terminate(self) -> None:
        """Ask it to end."""
        self._process.terminate()

    def kill(self) -> None:
        """End it at once."""
        self._process.kill()
        self._process.join()


def _sent(file: IO[Any]) -> Connection:
    """Return a file in the form in which it can be given to a child."""
    return Connection(os.dup(file.fileno()), readable=False)


def _live(
    program: Callable[[Sequence[str]], int],
    arguments: Sequence[str],
    environment: Mapping[str, str],
    folder: str,
    *streams: Connection,
) -> None:
    """Become what was asked for."""
    for number, stream in enumerate(streams, start=1):
        os.dup2(stream.fileno(), number)
        stream.close()
    sys.stdout, sys.stderr = (open(number, "w", encoding="utf-8", closefd=False) for number in (1, 2))  # noqa: SIM115
    os.environ.clear()
    os.environ.update(environment)
    tempfile.tempdir = None  # TMPDIR may be another
    os.chdir(folder)
    sys.exit(program(arguments))
