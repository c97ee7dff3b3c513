"""Where a command runs: in this process when it can own the data directory, else in the one that does.

Knows the doors to a product and no command's meaning.
"""

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

from app import commands
from app.assemble import assemble
from app.commands.items import Item
from app.errors import AppError
from app.product import Product
from app.settings import Settings
from app.socket import NoServerError, call
from app.store.errors import DirectoryInUseError

WAIT_SECONDS = 15.0
"""How long to wait for a process that owns the directory and answers no calls: most commands take less."""
LOOK_SECONDS = 0.2


class StoppedError(AppError):
    """Stopped. What was finished before is kept."""

    status = 499


def run_anywhere(
    settings: Settings,
    name: str,
    arguments: dict[str, Any],
    *,
    stop: threading.Event,
    tell: Callable[[str], None],
) -> Iterator[Item]:
    """Run a command wherever the product is, and yield its items.

    Args:
        settings: which data directory, and how to build the product when nobody owns it.
        name: of the command, as in `app.commands.COMMANDS`.
        arguments: plain values.
        stop: ends the command; what it did until then is kept.
        tell: shows a sentence at once, such as the recovery key of a new data directory.

    Raises:
        DirectoryInUseError: another process owns the data directory, answers no calls, and goes on for long.
        StoppedError: `stop` was set and the command has ended.
    """
    until = time.monotonic() + WAIT_SECONDS
    waiting = False
    while True:
        try:
            items = _start(settings, name, arguments, stop, tell)
            break
        except DirectoryInUseError as error:
            if stop.is_set() or time.monotonic() > until:
                raise
            if not waiting:
                tell(f"{error} Waiting for it.")
                waiting = True
            stop.wait(LOOK_SECONDS)
    yield from items
    if stop.is_set():
        raise StoppedError


def _start(
    settings: Settings,
    name: str,
    arguments: dict[str, Any],
    stop: threading.Event,
    tell: Callable[[str], None],
) -> Iterator[Item]:
    """Return the items of a command that has found its place; only iterating runs it."""
    try:
        product = assemble(settings, tell=tell)
    except DirectoryInUseError as in_use:
        try:
            return call(settings.home, name, arguments, stop)
        except NoServerError:
            raise in_use from None
    return _run_here(product, name, arguments, stop)


def _run_here(product: Product, name: str, arguments: dict[str, Any], stop: threading.Event) -> Iterator[Item]:
    try:
        yield from commands.run(product, name, arguments, stop)
    finally:
        product.close()
