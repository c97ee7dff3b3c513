"""From what was typed to what is printed: a command of the product is run wherever the product is."""

import argparse
from typing import Any

from app.console.terminal import interruptible, print_items, say


def invoke(options: argparse.Namespace, name: str, /, **arguments: Any) -> int:
    """Run a command by its name in `app.commands`, print what it yields, and return the exit status."""
    from app.dispatch import run_anywhere
    from app.settings import load_settings

    with interruptible() as stop:
        items = run_anywhere(load_settings(), name, arguments, stop=stop, tell=say)
        return print_items(items, command=name, as_json=options.json)
