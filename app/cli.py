"""The command line: what may be typed, and which command it is.

The door that turns every failure into one sentence and exit status 1. Imports what a command needs when it runs, so
that `inhouse --help` answers at once.
"""

import argparse
import sys
import warnings
from collections.abc import Sequence
from typing import Any

from app.console import (
    actions,
    audit_actions,
    bench_actions,
    check_actions,
    document_actions,
    folder_actions,
    measure_actions,
    model_actions,
    review_actions,
)
from app.console.cli_administration import add_administration
from app.console.cli_people import add_grants, add_people
from app.console.lines import whole
from app.console.options import Action, command, count, day, day_or_none, path
from app.console.streams import open_streams
from app.console.terminal import say
from app.errors import explain, where
from retrieval.memory import overwrite_freed_memory

TYPES = ("pdf", "text", "slides", "table", "mail", "web")
"""Those of retrieval/filters.py, which takes too long to import for `--help`; a test compares."""
INTERRUPTED = """Ctrl-C is the pause of an ingest: what was read is kept, and the same command goes on from there. To
end it for good, do not run it again; `inhouse documents remove` takes out what came in."""
BY_WORDS = "score by words alone, without the embedder: quicker for a few answers, and a little worse"
POLICIES = ("show", "warn", "regenerate", "quote")
"""Those of app/answering/policies.py; a test compares."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command that was typed and return its exit status: 0 done, 1 failed, 2 wrong usage."""
    open_streams()
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace", line_buffering=True)
    if not sys.warnoptions:  # warnings of libraries are for whoever develops, not for whoever uses
        warnings.simplefilter("ignore")
    options = build_parser().parse_args(arguments)
    overwrite_freed_memory()  # before any key or text is in it
    try:
        action: Action = options.action
        return action(options)
    except KeyboardInterrupt:
        say("Stopped.")
    except BrokenPipeError:  # whoever read our output has had enough
        sys.stderr.close()
    except Exception as error:  # noqa: BLE001  the door
        _say_what_failed(error)
    return 1


def _say_what_failed(error: Exception) -> None:
    if isinstance(error, UnicodeEncodeError):
        say("What was typed holds a byte that is no UTF-8 text. Type it anew.")
        return
    say(explain(error))
    if not hasattr(error, "status"):
        say(f"({where(error)})")


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of the whole command line."""
    parser = argparse.ArgumentParser(
        prog="inhouse", description="A private assistant that answers from your own documents, on this machine."
    )
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    _add_running(commands)
    _add_documents(commands)
    document_actions.add_to(commands)
    folder_actions.add_to(commands)
    _add_verified(commands)
    review_actions.add_to(commands)
    _add_questions(commands)
    _add_models(commands)
    add_people(commands)
    add_administration(commands)
    benched = command(
        commands, "bench", bench_actions.bench, "measure Inhouse on this machine, beside what it is built on"
    )
    benched.add_argument("what", choices=("engine", "ingest", "search", "app"))
    benched.add_argument("--data", metavar="FOLDER", type=path, help="documents for ingest, public sets for search")
    doctor = command(commands, "doctor", actions.doctor, "check this installation and name the remedy for each fault")
    doctor.add_argument(
        "--security", action="store_const", dest="action", const=audit_actions.examine,
        help="tell what leaves more open than it has to, and prove the audit log",
    )  # fmt: skip
    doctor.add_argument("--rebuild-index", action="store_true", help="build the index again from the database")
    return parser


def _add_running(commands: Any) -> None:
    setup = command(commands, "setup", actions.setup, "make the data directory and fetch the model")
    setup.add_argument("--model", metavar="NAME", help="a name from `inhouse models list`, or the path of a GGUF file")
    setup.add_argument("--yes", action="store_true", help="never ask")
    serve = command(commands, "serve", actions.serve, "start Inhouse and print its address")
    serve.add_argument("--host", metavar="H", help="the address to listen on (default 127.0.0.1)")
    serve.add_argument("--port", metavar="P", type=int, help="the port to listen on (default 7860)")
    command(commands, "desktop", actions.desktop, "open Inhouse in a window of its own; closing it ends Inhouse")


def _add_documents(commands: Any) -> None:
    ingest = command(commands, "ingest", actions.ingest, "load documents into a collection")
    ingest.epilog = INTERRUPTED
    ingest.add_argument("paths", metavar="PATH", nargs="+", type=path, help="a file or a folder")
    ingest.add_argument("--collection", metavar="NAME", required=True, help="made when it does not exist")
    ingest.add_argument("--sync", action="store_true", help="also remove what is no longer in PATH")
    again = command(
        commands, "reindex", actions.reindex, "learn anew what was cut otherwise than now; the old serves on"
    )
    again.add_argument("--embedder", metavar="NAME", help="embed everything anew with another embedding model")
    _add_collections(commands)


def _add_collections(commands: Any) -> None:
    collections = commands.add_parser("collections", help="list, create, describe, export or delete collections")
    parts = collections.add_subparsers(
        metavar="list|create|edit|grants|grant|revoke|export|delete|conflicts|quarantine", required=True
    )
    command(parts, "list", actions.list_collections, "name every collection; --json with its readers")
    add_grants(parts)
    create = command(parts, "create", actions.create_collection, "make an empty collection")
    create.add_argument("name", metavar="NAME")
    create.add_argument("--description", metavar="TEXT", default="", help="what it holds, in a sentence")
    _add_collection_edit(parts)
    exported = command(parts, "export", actions.export_collection, "write its originals into a ZIP file")
    exported.add_argument("name", metavar="NAME")
    exported.add_argument("file", metavar="FILE.zip", type=path)
    delete = command(parts, "delete", actions.delete_collection, "delete a collection and every document in it")
    delete.add_argument("name", metavar="NAME")
    delete.add_argument("--yes", action="store_true", help="do not ask")
    differing = command(parts, "conflicts", actions.list_conflicts, "name what its documents say differently")
    differing.add_argument("name", metavar="NAME")
    quarantine = command(
        parts, "quarantine", actions.quarantine, "name the suspicious documents of a collection, release or remove one"
    )
    quarantine.add_argument("name", metavar="NAME")
    either = quarantine.add_mutually_exclusive_group()
    either.add_argument("--release", metavar="DOCUMENT", help="let it out, so that it is found")
    either.add_argument("--remove", metavar="DOCUMENT", help="take it out of everything")


def _add_collection_edit(parts: Any) -> None:
    edit = command(parts, "edit", actions.describe_collection, "say anew what a collection is; the rest stays")
    edit.add_argument("name", metavar="NAME")
    edit.add_argument("--name", metavar="NEW", dest="new_name", help="another name")
    edit.add_argument("--description", metavar="TEXT", help="what it holds, in a sentence")
    edit.add_argument("--owner", metavar="WHO", help="who answers for it")
    edit.add_argument(
        "--review-on", metavar="YYYY-MM-DD", type=day_or_none, help="when to look through it; '' for never"
    )
    edit.add_argument(
        "--on-unsupported",
        choices=POLICIES,
        help="when a statement is not found: mark it, also warn, write once more, or show quotes instead",
    )
    edit.add_argument(
        "--double-check", choices=("yes", "no"), help="ask the question of every answer again in the background"
    )


def _add_verified(commands: Any) -> None:
    verified = commands.add_parser("verified", help="list, add or remove verified answers, which are found first")
    parts = verified.add_subparsers(metavar="list|add|remove", required=True)
    listed = command(parts, "list", actions.list_verified, "name the verified answers, the first to expire first")
    listed.add_argument("--collection", metavar="NAME", help="default: every one")
    listed.add_argument("--owner", metavar="WHO", default="", help="only those of this owner")
    listed.add_argument("--expired", action="store_true", help="only those that hold no longer")
    add = command(parts, "add", actions.add_verified, "approve an answer; the same question replaces the former one")
    remove = command(parts, "remove", actions.remove_verified, "take a verified answer out of everything")
    for part in (add, remove):
        part.add_argument("question", metavar="QUESTION")
        part.add_argument("--collection", metavar="NAME", required=True)
    add.add_argument("answer", metavar="ANSWER")
    add.add_argument("--owner", metavar="WHO", required=True, help="who answers for it: a person or a department")
    add.add_argument("--until", metavar="DAY", type=day, required=True, help="the last day on which it holds")


def _add_questions(commands: Any) -> None:
    search = command(commands, "search", actions.search, "find passages")
    search.add_argument("query", metavar="QUERY", nargs="?", type=whole)
    search.add_argument("--queries", metavar="FILE.jsonl", type=path, help='lines of {"_id","text","history"?}')
    search.add_argument("--collection", metavar="NAME", required=True)
    search.add_argument("-k", metavar="10", type=count, default=10, help="how many passages")
    search.add_argument("--document", metavar="PART", default="", help="only documents whose name or title has this")
    search.add_argument(
        "--type", choices=TYPES, action="append", default=[], dest="types", help="only documents of this type"
    )
    search.add_argument("--added-after", metavar="DAY", type=day, help="only documents added on this day or later")
    search.add_argument("--added-before", metavar="DAY", type=day, help="only documents added on this day or earlier")
    ask = command(commands, "ask", actions.ask, "answer a question from the documents")
    ask.add_argument("question", metavar="QUESTION", nargs="?", type=whole)
    ask.add_argument("--questions", metavar="FILE.jsonl", type=path, help='lines of {"_id","text","history"?}')
    ask.add_argument(
        "--collection", metavar="NAME", action="append", default=[], dest="collections", help="default: every one"
    )
    ask.add_argument("--conversation", metavar="ID", help="continue this conversation and store the turn in it")
    ask.add_argument("--examine", action="store_true", help="wait until the model has judged what words leave open")
    check = command(
        commands, "check", check_actions.check, "tell what of answers made elsewhere stands in their passages"
    )
    fields = '{"id","question"?,"passages","answer"}'
    check.add_argument("--items", metavar="FILE.jsonl", type=path, required=True, help=f"lines of {fields}")
    how = check.add_mutually_exclusive_group()
    how.add_argument("--model", action="store_true", help="let the model that answers judge what is unsure")
    how.add_argument("--words", action="store_true", help=BY_WORDS)
    evaluations = commands.add_parser("eval", help="measure search, answers, checks or guards on a set")
    parts = evaluations.add_subparsers(metavar="retrieval|answers|checks|guard|consistency", required=True)
    _add_measures(parts)
    measured = command(parts, "checks", check_actions.evaluate, "areas, calibration and what the badge promises")
    of_guard = command(parts, "guard", check_actions.evaluate_guard, "personal data by type, or injected orders")
    measured.add_argument("--words", action="store_true", help=BY_WORDS)
    for part in (measured, of_guard):
        part.add_argument("dataset", metavar="DATASET", type=path, help="items.jsonl, or the folder that holds it")
    guard = command(commands, "guard", actions.guard, "tell injected orders and personal data in texts")
    guard.add_argument("--items", metavar="FILE.jsonl", type=path, required=True, help='lines of {"id","text","kind"}')


def _add_measures(parts: Any) -> None:
    for name, action, summary in (
        ("retrieval", measure_actions.retrieval, "how well the right documents of a set are found"),
        ("answers", measure_actions.answers, "how often answers are right, cited rightly and declined rightly"),
        ("consistency", measure_actions.consistency, "how often a question asked again gets the same answer"),
    ):
        part = command(parts, name, action, summary)
        part.add_argument("dataset", metavar="DATASET", type=path, help="a folder of documents, questions and labels")
        part.add_argument("--items", metavar="N", type=count, help="only so many of the first questions")


def _add_models(commands: Any) -> None:
    models = commands.add_parser("models", help="list, fetch, import, choose, verify or remove models")
    parts = models.add_subparsers(metavar="list|fetch|import|use|verify|remove|plan", required=True)
    for name, action, summary in (
        ("list", model_actions.list_models, "name the models that are known and those that are here"),
        ("fetch", model_actions.fetch_model, "fetch and verify a model"),
        ("use", model_actions.use_model, "choose the model that answers"),
        ("verify", model_actions.verify_model, "compare a model's checksum with the published one"),
        ("remove", model_actions.remove_model, "delete a model from this machine"),
        ("plan", model_actions.plan_model, "tell how a model would run on this machine"),
    ):
        part = command(parts, name, action, summary)
        if name in {"use", "remove"}:
            part.add_argument("name", metavar="NAME")
            if name == "remove":
                part.add_argument("--yes", action="store_true", help="do not ask")
            else:
                part.add_argument("--pause", action="store_true", help="where there is no room for both: one by one")
        elif name != "list":
            part.add_argument("name", metavar="NAME", nargs="?", help="default: the model in use")
    imported = command(parts, "import", model_actions.import_model, "take a GGUF file from this machine")
    imported.add_argument("file", metavar="FILE", type=path)
