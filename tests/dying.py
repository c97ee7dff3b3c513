"""A command that kills itself, as a power cut would, at one of the moments at which it changes files.

`run(["12", …])` is `python -m tests.light …` that dies just before it makes, moves or removes its twelfth file or
folder below the data directory (or beside it); with "0" it lives and says last on standard error how many there were.
"""

import io
import os
import signal
import sys
from collections.abc import Sequence
from typing import Any

from app.console.terminal import say
from tests import light

MOMENTS = {"os.rename", "os.remove", "os.rmdir", "os.mkdir", "open"}


def typing(arguments: Sequence[str]) -> int:
    """Be the program of a child process; the second argument is what a person types."""
    moment, typed, *words = arguments
    sys.stdin = io.StringIO(typed + "\n")
    return run([moment, *words])


def limited(arguments: Sequence[str]) -> int:
    """Be the program of a child process whose files may have so many bytes; larger ones fail as on a full disk."""
    import resource  # noqa: PLC0415 - Windows has none

    most, typed, *words = arguments
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(most), int(most)))
    return typing(["0", typed, *words])


def run(arguments: Sequence[str]) -> int:
    """Be the program of a child process."""
    doomed, place = int(arguments[0]), os.environ["INHOUSE_HOME"]
    counted = 0

    def look(event: str, details: tuple[Any, ...]) -> None:
        nonlocal counted
        if event not in MOMENTS or not str(details[0]).startswith(place):
            return
        if event == "open" and not (isinstance(details[2], int) and details[2] & (os.O_WRONLY | os.O_RDWR)):
            return
        counted += 1
        if counted == doomed:
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(look)
    status = light.main(arguments[1:])
    say(str(counted))
    return status
