"""What each command does with what was typed: options in, exit status out.

Knows the commands and the doors; each action imports what it needs when it runs.
"""

import argparse
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.terminal import interruptible, print_items, print_value, read_lines, say

if TYPE_CHECKING:
    from app.server import Server

NOT_DONE = 1
LOOK_SECONDS = 0.5


def setup(options: argparse.Namespace) -> int:
    """Make the data directory, fetch the models and load the demonstration; what is there already stays."""
    raise NotImplementedError


def serve(options: argparse.Namespace) -> int:
    """Run Inhouse until Ctrl-C or SIGTERM, and print the address with its one-time link."""
    from app.hosting import hosting
    from app.settings import load_settings

    settings = load_settings(host=options.host, port=options.port)
    with interruptible() as stop, hosting(settings, stop=stop, tell=say, show=_show_progress) as server:
        link = server.link()
        sentence = f"Inhouse is at {server.address}. Open it with this link, which works once:\n\n    {link}\n"
        served = {"sentence": sentence, "address": server.address, "link": link}
        print_value(served, command="serve", as_json=options.json)
        return _wait(server, stop)


def desktop(_options: argparse.Namespace) -> int:
    """Run Inhouse in a window of its own until that is closed; in a browser that cannot tell, until Ctrl-C."""
    from app.desktop import show
    from app.hosting import hosting
    from app.settings import load_settings

    settings = load_settings(port=0)  # a free one: the window knows where to look
    with interruptible() as stop, hosting(settings, stop=stop, tell=say, show=_show_progress) as server:
        if show(server.link()) == "closed":
            return 0
        say("Inhouse is open in your browser. Press Ctrl-C here to end it.")
        return _wait(server, stop)


def ingest(options: argparse.Namespace) -> int:
    """Load documents into a collection."""
    paths = [str(path.absolute()) for path in options.paths]
    return _run(options, "ingest", paths=paths, collection=options.collection, sync=options.sync)


def search(options: argparse.Namespace) -> int:
    """Print the passages for one query or a file of them."""
    queries = _lines_or_one(options, options.query, options.queries, "QUERY or --queries")
    return _run(options, "search", queries=queries, collection=options.collection, k=options.k)


def ask(options: argparse.Namespace) -> int:
    """Print the answer to one question or a file of them."""
    questions = _lines_or_one(options, options.question, options.questions, "QUESTION or --questions")
    return _run(options, "ask", questions=questions, collections=options.collections, conversation=options.conversation)


def list_collections(options: argparse.Namespace) -> int:
    """Print every collection and how much it holds."""
    return _run(options, "collections list")


def create_collection(options: argparse.Namespace) -> int:
    """Make an empty collection."""
    return _run(options, "collections create", name=options.name, description=options.description)


def delete_collection(options: argparse.Namespace) -> int:
    """Delete a collection, after its name was typed once more where there is somebody to ask."""
    if not options.yes and sys.stdin.isatty():
        say(f"This deletes the collection {options.name} and every document in it. Type its name to go on:")
        if sys.stdin.readline().strip() != options.name:
            say("Nothing was deleted.")
            return NOT_DONE
    return _run(options, "collections delete", name=options.name)


def restore_key(options: argparse.Namespace) -> int:
    """Put the master key that a recovery key stands for into the key source again; the data stays as it is."""
    from app.settings import load_settings
    from app.store.keys import restore_key as restore
    from app.store.ownership import Ownership

    settings = load_settings()
    say("Type the recovery key that was shown at the first start:")
    typed = sys.stdin.readline()
    with Ownership.acquire(settings.home):
        restore(settings.home, typed, source=settings.key_source, key_file=settings.key_file)
    value = {"source": settings.key_source, "sentence": f"The key is in the source {settings.key_source!r} again."}
    print_value(value, command="keys restore", as_json=options.json)
    return 0


def _run(options: argparse.Namespace, name: str, /, **arguments: Any) -> int:
    """Run a command of the product wherever the product is, and print what it yields."""
    from app.dispatch import run_anywhere
    from app.settings import load_settings

    with interruptible() as stop:
        items = run_anywhere(load_settings(), name, arguments, stop=stop, tell=say)
        return print_items(items, command=name, as_json=options.json)


def _show_progress(items: Iterator[dict[str, Any]]) -> None:
    print_items((item for item in items if item["kind"] != "result"), command="", as_json=False)


def _wait(server: "Server", stop: threading.Event) -> int:
    """Wait until the server is told to end; 1 when it ended by itself."""
    while server.alive:
        if stop.wait(LOOK_SECONDS):
            return 0
    return NOT_DONE


def _lines_or_one(options: argparse.Namespace, one: str | None, file: Path | None, either: str) -> list[dict[str, Any]]:
    if (one is None) == (file is None):
        options.usage_error(f"give either {either}")
    return read_lines(file) if file is not None else [{"text": one}]


def doctor(options: argparse.Namespace) -> int:
    """Print what is well and what is not, or build the index again."""
    raise NotImplementedError
