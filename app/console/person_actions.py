"""What `inhouse users export|erase|hold|…` do: options in, exit status out."""

import argparse
import json
import sys
from collections.abc import Callable
from typing import Any

from app.console.invoking import invoke
from app.console.options import path
from app.console.terminal import print_value, say
from app.console.typed import agreed, secret

NAMES = "export|open|erase|receipts|verify|hold|holds|release"
Command = Callable[[Any, str, Callable[[argparse.Namespace], int], str], argparse.ArgumentParser]


def add_to(parts: Any, command: Command) -> None:
    """Add these commands to a parser's."""
    exported = command(parts, "export", export, "write everything that is kept about a person into a file")
    exported.add_argument("user", metavar="USER")
    exported.add_argument("file", metavar="FILE", type=path)
    opening = command(parts, "open", open_export, "open a sealed export with its passphrase")
    opening.add_argument("file", metavar="FILE", type=path)
    opening.add_argument("into", metavar="FILE.zip", type=path)
    erased = command(parts, "erase", erase, "erase a person for ever, and print a signed receipt")
    erased.add_argument("user", metavar="USER")
    erased.add_argument("--yes", action="store_true", help="do not ask")
    command(parts, "receipts", receipts, "print the receipts of erasures")
    verifying = command(parts, "verify", verify, "tell whether a receipt is genuine")
    verifying.add_argument("file", metavar="FILE.json", type=path)
    held = command(parts, "hold", hold, "put a legal hold: nothing of a person is deleted until it is released")
    held.add_argument("user", metavar="USER", nargs="?", help="default: everybody")
    held.add_argument("--reason", metavar="WHY", required=True, help="shown to whoever tries to delete something")
    command(parts, "holds", list_holds, "name the legal holds")
    released = command(parts, "release", release, "release a legal hold")
    released.add_argument("hold", metavar="HOLD")


def export(options: argparse.Namespace) -> int:
    """Write everything about a person into a file."""
    return invoke(options, "users export", user=options.user, path=str(options.file.absolute()))


def open_export(options: argparse.Namespace) -> int:
    """Open a sealed export; needs no data directory."""
    from app.store.exports import opened, write_file

    write_file(options.into.absolute(), opened(options.file.absolute(), secret("Passphrase of the export: ")))
    value = {"path": str(options.into), "sentence": f"{options.into} holds the export, in clear: keep it well."}
    print_value(value, command="users open", as_json=options.json)
    return 0


def erase(options: argparse.Namespace) -> int:
    """Erase a person, after their name was typed once more where there is somebody to ask."""
    if not options.yes and sys.stdin.isatty():
        say(f"This destroys everything {options.user} asked and was answered, for ever. Type {options.user} to go on:")
        if not agreed(options.user):
            say("Nothing was erased.")
            return 1
    return invoke(options, "users erase", user=options.user)


def receipts(options: argparse.Namespace) -> int:
    """Print the receipts of erasures."""
    return invoke(options, "users receipts")


def verify(options: argparse.Namespace) -> int:
    """Tell whether a receipt is genuine."""
    from app.store.errors import FalseReceiptError

    try:
        receipt = json.loads(options.file.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise FalseReceiptError(f"{options.file} cannot be read as a receipt.") from error
    if not isinstance(receipt, dict):
        raise FalseReceiptError
    return invoke(options, "users verify", receipt=receipt)


def hold(options: argparse.Namespace) -> int:
    """Put a legal hold."""
    return invoke(options, "users hold", user=options.user, reason=options.reason)


def list_holds(options: argparse.Namespace) -> int:
    """Name the legal holds."""
    return invoke(options, "users holds")


def release(options: argparse.Namespace) -> int:
    """Release a legal hold."""
    return invoke(options, "users release", hold_id=options.hold)
