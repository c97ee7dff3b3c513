"""What the parts of the command line share: a command, and what is typed for it."""

import argparse
import contextlib
import errno
import os
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

Action = Callable[[argparse.Namespace], int]
"""Options -> exit status."""
MOST = 10**9
"""Nobody has as many of anything; SQLite keeps no number of 2**63."""


def command(commands: Any, name: str, action: Action, summary: str) -> argparse.ArgumentParser:
    """Add a command; every one can print JSON."""
    parser: argparse.ArgumentParser = commands.add_parser(
        name, help=summary, description=f"{summary[0].upper()}{summary[1:]}."
    )
    parser.add_argument("--json", action="store_true", help="print JSON on standard output")
    parser.set_defaults(action=action, usage_error=parser.error)
    return parser


def path(text: str) -> Path:
    """Return a path that was typed."""
    if not text:  # `"$FOLDER"` of a script where FOLDER was never set; a Path would take it for this very folder
        raise argparse.ArgumentTypeError("it is empty")
    try:
        with contextlib.suppress(ValueError):  # of a sign that no name has: there is no such file, as commands say
            os.lstat(text)
    except OSError as error:  # also where it leads nowhere (yet), which each command knows what to do with
        if error.errno == errno.ENAMETOOLONG:
            raise argparse.ArgumentTypeError("no file can have a name of this length") from error
    return Path(text)


def day(text: str) -> str:
    """Return a day that was typed, as YYYY-MM-DD."""
    return date.fromisoformat(text).isoformat()


def day_or_none(text: str) -> str:
    """Return the same, or nothing."""
    return day(text) if text else ""


def count(text: str) -> int:
    """Return a number from 1 to MOST."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("it must be at least 1")
    if number > MOST:
        raise argparse.ArgumentTypeError(f"it must be at most {MOST:,}")
    return number
