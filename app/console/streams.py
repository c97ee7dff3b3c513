"""The three standard streams of a command: open ones, whatever the command was started with.

A service or a timer may close them. The next file that is opened then takes a closed one's number, and what some
library prints to standard error goes into that file, which may be a database.
"""

import os
import sys

STREAMS = 3


def open_streams() -> None:
    """See that each standard stream is open: a closed one reads nothing and forgets what is written."""
    while (descriptor := os.open(os.devnull, os.O_RDWR)) < STREAMS:  # the lowest that is free
        os.set_inheritable(descriptor, True)  # noqa: FBT003 - for the processes a command starts, too
    os.close(descriptor)
    for name, descriptor, mode in (("stdin", 0, "r"), ("stdout", 1, "w"), ("stderr", 2, "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(descriptor, mode, encoding="utf-8", closefd=False))  # noqa: SIM115 - for good
