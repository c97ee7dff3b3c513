"""What each command does with what was typed: options in, exit status out.

Knows the commands and the doors; each action imports what it needs when it runs.
"""

import argparse
import sys
import threading
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.console.invoking import invoke
from app.console.lines import read_lines
from app.console.terminal import ProgressLine, interruptible, print_items, print_value, say

if TYPE_CHECKING:
    from app.doctor import Finding
    from app.server import Server
    from app.settings import Settings

NOT_DONE = 1
LOOK_SECONDS = 0.5


def setup(options: argparse.Namespace) -> int:
    """Make the data directory, fetch the models and load the demonstration; what is there already stays."""
    from app.console.model_actions import fetch
    from app.dispatch import run_anywhere
    from app.settings import load_settings, write_setting

    settings = load_settings(model=options.model)
    if not options.yes and sys.stdin.isatty() and not _agreed(settings):
        say("Nothing was fetched.")
        return NOT_DONE
    for name in settings.models:
        fetch(name, settings)
    if options.model:
        write_setting(settings.home, "model", options.model)
    with interruptible() as stop:
        _show_progress(run_anywhere(settings, "demonstrate", {}, stop=stop, tell=say))
    ready = {"home": str(settings.home), "model": settings.model}
    ready["sentence"] = f"Inhouse is ready in {settings.home}. Start it with `inhouse serve` or `inhouse desktop`."
    print_value(ready, command="setup", as_json=options.json)
    return 0


def serve(options: argparse.Namespace) -> int:
    """Run Inhouse until Ctrl-C or SIGTERM, and print the address with its one-time link."""
    from app.hosting import hosting
    from app.settings import load_settings

    settings = load_settings(host=options.host, port=options.port)
    with interruptible() as stop, hosting(settings, stop=stop, tell=say, show=_show_progress) as server:
        link, sentence = server.greeting()
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
    return invoke(options, "ingest", paths=paths, collection=options.collection, sync=options.sync)


def search(options: argparse.Namespace) -> int:
    """Print the passages for one query or a file of them."""
    queries = _lines_or_one(options, options.query, options.queries, "QUERY or --queries")
    only = {name: getattr(options, name) for name in ("document", "types", "added_after", "added_before")}
    return invoke(options, "search", queries=queries, collection=options.collection, k=options.k, only=only)


def ask(options: argparse.Namespace) -> int:
    """Print the answer to one question or a file of them."""
    questions = _lines_or_one(options, options.question, options.questions, "QUESTION or --questions")
    chosen = {name: getattr(options, name) for name in ("collections", "conversation", "examine")}
    return invoke(options, "ask", questions=questions, **chosen)


def list_collections(options: argparse.Namespace) -> int:
    """Print every collection and how much it holds."""
    return invoke(options, "collections list")


def create_collection(options: argparse.Namespace) -> int:
    """Make an empty collection."""
    return invoke(options, "collections create", name=options.name, description=options.description)


def delete_collection(options: argparse.Namespace) -> int:
    """Delete a collection, after its name was typed once more where there is somebody to ask."""
    if not options.yes and sys.stdin.isatty():
        say(f"This deletes the collection {options.name} and every document in it. Type its name to go on:")
        if sys.stdin.readline().strip() != options.name:
            say("Nothing was deleted.")
            return NOT_DONE
    return invoke(options, "collections delete", name=options.name)


def describe_collection(options: argparse.Namespace) -> int:
    """Say anew what a collection is, who answers for it and until when it holds."""
    given = {"name": options.new_name} | {
        field: getattr(options, field)
        for field in ("description", "owner", "review_on", "on_unsupported", "double_check")
    }
    changes = {field: value for field, value in given.items() if value is not None}
    return invoke(options, "collections edit", name=options.name, changes=changes)


def export_collection(options: argparse.Namespace) -> int:
    """Write a collection's originals and a manifest into a ZIP file."""
    return invoke(options, "collections export", name=options.name, path=str(options.file.absolute()))


def reindex(options: argparse.Namespace) -> int:
    """Make the index anew while the old one serves."""
    name = options.embedder
    if name and name.endswith(".gguf"):  # the process that looks for it may stand in another folder
        name = str(Path(name).expanduser().absolute())
    return invoke(options, "reindex", embedder=name)


def list_verified(options: argparse.Namespace) -> int:
    """Print the verified answers."""
    asked = {"collection": options.collection, "owner": options.owner, "expired": options.expired}
    return invoke(options, "verified list", **asked)


def add_verified(options: argparse.Namespace) -> int:
    """Approve an answer to a question."""
    fields = ("question", "answer", "collection", "owner", "until")
    return invoke(options, "verified add", **{name: getattr(options, name) for name in fields})


def remove_verified(options: argparse.Namespace) -> int:
    """Remove a verified answer."""
    return invoke(options, "verified remove", question=options.question, collection=options.collection)


def list_conflicts(options: argparse.Namespace) -> int:
    """Name what documents of a collection say differently."""
    return invoke(options, "collections conflicts", name=options.name)


def quarantine(options: argparse.Namespace) -> int:
    """Print the documents of a collection that wait for a person, or release or remove one of them."""
    if options.release is not None:
        return invoke(options, "collections release", name=options.name, document=options.release)
    if options.remove is not None:
        return invoke(options, "collections discard", name=options.name, document=options.remove)
    return invoke(options, "collections quarantine", name=options.name)


def guard(options: argparse.Namespace) -> int:
    """Print, for each text of a file, how likely it is meant to steer an assistant; needs no data directory."""
    from app.guard.report import examine

    for item in read_lines(options.items, name="id"):
        print_value(examine(item), command="guard", as_json=options.json)
    return 0


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
    """Print what is well and what is not, or build the index again; 1 when there is a fault."""
    from app.doctor import examine_machine, report
    from app.settings import load_settings

    if options.rebuild_index:
        return invoke(options, "rebuild index")
    settings, line, findings = load_settings(), ProgressLine(), []
    for finding in chain(examine_machine(settings), _examine_stores(settings)):
        findings.append(finding)
        line.show(f"Examined: {finding.name}")
    line.clear()
    found = report(findings)
    print_value(found, command="doctor", as_json=options.json)
    return 0 if found["ok"] else NOT_DONE


def _examine_stores(settings: "Settings") -> "Iterator[Finding]":
    """Yield what the owner of the data directory finds, or the error that keeps it from being opened."""
    from app.dispatch import run_anywhere
    from app.doctor import NOT_SET_UP, Finding, of_error

    if not (settings.home / "inhouse.db").exists() and not (settings.home / "key.json").exists():
        yield NOT_SET_UP
        return
    try:
        with interruptible() as stop:
            for item in run_anywhere(settings, "examine", {}, stop=stop, tell=say):
                if item["kind"] == "result":
                    yield from (Finding(**found) for found in item["value"]["findings"])
    except Exception as error:  # noqa: BLE001  this is the doctor's door: whatever the patient dies of is a finding
        yield of_error(error)


def _agreed(settings: "Settings") -> bool:
    """Ask before gigabytes are fetched; whatever is here already needs no question."""
    from models.adapters import model_of
    from models.catalogue import CATALOGUE
    from models.weights import installed

    here = installed(directory=settings.weights)
    wanted = [name for name in map(model_of, settings.models) if name in CATALOGUE and name not in here]
    if not wanted:
        return True
    gigabytes = sum(CATALOGUE[name].size for name in wanted) / 10**9
    say(f"Fetch {' and '.join(wanted)} ({gigabytes:.1f} GB) into {settings.weights}? [Y/n]")
    return sys.stdin.readline().strip().lower() in {"", "y", "yes"}
