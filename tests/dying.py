"""A command that kills itself, as a power cut would, at one of the moments at which it changes files.

`run(["12", …])` is `python -m tests.light …` that dies just before it makes, moves or removes its twelfth file or
folder below the data directory (or beside it); with "0" it lives and says last on standard error how many there were.
"""

import os
import signal
import sys
from collections.abc import Sequence
from typing import Any

from app.terminal import say
from tests import light

MOMENTS = {"os.rename", "os.remove", "os.rmdir", "os.mkdir", "open"}


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
