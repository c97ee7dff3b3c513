"""The command line: what may be typed, and which command it is.

The door that turns every failure into one sentence and exit status 1. Imports what a command needs when it runs, so
that `inhouse --help` answers at once.
"""

import argparse
import sys
import warnings
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from app import actions, audit_actions, backup_actions, check_actions, key_actions, model_actions
from app.cli_people import add_grants, add_people
from app.errors import explain, where
from app.store.audit_words import Action as Recorded
from app.store.audit_words import Result
from app.terminal import say

Action = Callable[[argparse.Namespace], int]
TYPES = ("pdf", "text", "slides", "table", "mail", "web")
"""Those of retrieval/filters.py, which takes too long to import for `--help`; a test compares."""
POLICIES = ("show", "warn", "regenerate", "quote")
"""Those of app/policies.py; a test compares."""

ACTIONS, RESULTS = tuple(Recorded), tuple(Result)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command that was typed and return its exit status: 0 done, 1 failed, 2 wrong usage."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace", line_buffering=True)
    if not sys.warnoptions:  # warnings of libraries are for whoever develops, not for whoever uses
        warnings.simplefilter("ignore")
    options = build_parser().parse_args(arguments)
    try:
        action: Action = options.action
        return action(options)
    except KeyboardInterrupt:
        say("Stopped.")
    except BrokenPipeError:  # whoever read our output has had enough
        sys.stderr.close()
    except Exception as error:  # noqa: BLE001  the door
        say(explain(error))
        if not hasattr(error, "status"):
            say(f"({where(error)})")
    return 1


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of the whole command line."""
    parser = argparse.ArgumentParser(
        prog="inhouse", description="A private assistant that answers from your own documents, on this machine."
    )
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    _add_running(commands)
    _add_documents(commands)
    _add_folders(commands)
    _add_verified(commands)
    _add_questions(commands)
    _add_models(commands)
    add_people(commands, _command)
    _add_keys(commands)
    _add_audit(commands)
    _add_backups(commands)
    _add_privacy(commands)
    doctor = _command(commands, "doctor", actions.doctor, "check this installation and name the remedy for each fault")
    doctor.add_argument(
        "--security", action="store_const", dest="action", const=audit_actions.examine,
        help="tell what leaves more open than it has to, and prove the audit log",
    )  # fmt: skip
    doctor.add_argument("--rebuild-index", action="store_true", help="build the index again from the database")
    return parser


def _add_running(commands: Any) -> None:
    setup = _command(commands, "setup", actions.setup, "make the data directory and fetch the model")
    setup.add_argument("--model", metavar="NAME", help="a name from `inhouse models list`, or the path of a GGUF file")
    setup.add_argument("--yes", action="store_true", help="never ask")
    serve = _command(commands, "serve", actions.serve, "start Inhouse and print its address")
    serve.add_argument("--host", metavar="H", help="the address to listen on (default 127.0.0.1)")
    serve.add_argument("--port", metavar="P", type=int, help="the port to listen on (default 7860)")
    _command(commands, "desktop", actions.desktop, "open Inhouse in a window of its own; closing it ends Inhouse")


def _add_documents(commands: Any) -> None:
    ingest = _command(commands, "ingest", actions.ingest, "load documents into a collection")
    ingest.add_argument("paths", metavar="PATH", nargs="+", type=_path, help="a file or a folder")
    ingest.add_argument("--collection", metavar="NAME", required=True, help="made when it does not exist")
    ingest.add_argument("--sync", action="store_true", help="also remove what is no longer in PATH")
    again = _command(
        commands, "reindex", actions.reindex, "learn anew what was cut otherwise than now; the old serves on"
    )
    again.add_argument("--embedder", metavar="NAME", help="embed everything anew with another embedding model")
    _add_collections(commands)


def _add_collections(commands: Any) -> None:
    collections = commands.add_parser("collections", help="list, create, describe, export or delete collections")
    parts = collections.add_subparsers(
        metavar="list|create|edit|grant|revoke|export|delete|conflicts|quarantine", required=True
    )
    _command(parts, "list", actions.list_collections, "name every collection")
    add_grants(parts, _command)
    create = _command(parts, "create", actions.create_collection, "make an empty collection")
    create.add_argument("name", metavar="NAME")
    create.add_argument("--description", metavar="TEXT", default="", help="what it holds, in a sentence")
    edit = _command(parts, "edit", actions.describe_collection, "say anew what a collection is; the rest stays")
    edit.add_argument("name", metavar="NAME")
    edit.add_argument("--name", metavar="NEW", dest="new_name", help="another name")
    edit.add_argument("--description", metavar="TEXT", help="what it holds, in a sentence")
    edit.add_argument("--owner", metavar="WHO", help="who answers for it")
    edit.add_argument(
        "--review-on", metavar="YYYY-MM-DD", type=_day_or_none, help="when to look through it; '' for never"
    )
    edit.add_argument(
        "--on-unsupported",
        choices=POLICIES,
        help="when a statement is not found: mark it, also warn, write once more, or show quotes instead",
    )
    exported = _command(parts, "export", actions.export_collection, "write its originals into a ZIP file")
    exported.add_argument("name", metavar="NAME")
    exported.add_argument("file", metavar="FILE.zip", type=_path)
    delete = _command(parts, "delete", actions.delete_collection, "delete a collection and every document in it")
    delete.add_argument("name", metavar="NAME")
    delete.add_argument("--yes", action="store_true", help="do not ask")
    differing = _command(parts, "conflicts", actions.list_conflicts, "name what its documents say differently")
    differing.add_argument("name", metavar="NAME")
    quarantine = _command(
        parts, "quarantine", actions.quarantine, "name the suspicious documents of a collection, release or remove one"
    )
    quarantine.add_argument("name", metavar="NAME")
    either = quarantine.add_mutually_exclusive_group()
    either.add_argument("--release", metavar="DOCUMENT", help="let it out, so that it is found")
    either.add_argument("--remove", metavar="DOCUMENT", help="take it out of everything")


def _add_folders(commands: Any) -> None:
    folders = commands.add_parser("folders", help="list, add or remove the folders that collections watch")
    parts = folders.add_subparsers(metavar="list|add|remove", required=True)
    _command(parts, "list", actions.list_folders, "name the watched folders")
    add = _command(parts, "add", actions.watch_folder, "learn what changes in a folder, whenever Inhouse serves")
    add.add_argument("--minutes", metavar="M", type=_count, default=60, help="how often to look (default 60)")
    for part in (add, _command(parts, "remove", actions.leave_folder, "watch a folder no longer; its documents stay")):
        part.add_argument("folder", metavar="FOLDER", type=_path)
        part.add_argument("--collection", metavar="NAME", required=True)


def _add_verified(commands: Any) -> None:
    verified = commands.add_parser("verified", help="list, add or remove verified answers, which are found first")
    parts = verified.add_subparsers(metavar="list|add|remove", required=True)
    listed = _command(parts, "list", actions.list_verified, "name the verified answers, the first to expire first")
    listed.add_argument("--collection", metavar="NAME", help="default: every one")
    listed.add_argument("--owner", metavar="WHO", default="", help="only those of this owner")
    listed.add_argument("--expired", action="store_true", help="only those that hold no longer")
    add = _command(parts, "add", actions.add_verified, "approve an answer; the same question replaces the former one")
    remove = _command(parts, "remove", actions.remove_verified, "take a verified answer out of everything")
    for part in (add, remove):
        part.add_argument("question", metavar="QUESTION")
        part.add_argument("--collection", metavar="NAME", required=True)
    add.add_argument("answer", metavar="ANSWER")
    add.add_argument("--owner", metavar="WHO", required=True, help="who answers for it: a person or a department")
    add.add_argument("--until", metavar="DAY", type=_day, required=True, help="the last day on which it holds")


def _add_questions(commands: Any) -> None:
    search = _command(commands, "search", actions.search, "find passages")
    search.add_argument("query", metavar="QUERY", nargs="?")
    search.add_argument("--queries", metavar="FILE.jsonl", type=Path, help='lines of {"_id","text","history"?}')
    search.add_argument("--collection", metavar="NAME", required=True)
    search.add_argument("-k", metavar="10", type=_count, default=10, help="how many passages")
    search.add_argument("--document", metavar="PART", default="", help="only documents whose name or title has this")
    search.add_argument(
        "--type", choices=TYPES, action="append", default=[], dest="types", help="only documents of this type"
    )
    search.add_argument("--added-after", metavar="DAY", type=_day, help="only documents added on this day or later")
    search.add_argument("--added-before", metavar="DAY", type=_day, help="only documents added on this day or earlier")
    ask = _command(commands, "ask", actions.ask, "answer a question from the documents")
    ask.add_argument("question", metavar="QUESTION", nargs="?")
    ask.add_argument("--questions", metavar="FILE.jsonl", type=Path, help='lines of {"_id","text","history"?}')
    ask.add_argument(
        "--collection", metavar="NAME", action="append", default=[], dest="collections", help="default: every one"
    )
    ask.add_argument("--conversation", metavar="ID", help="continue this conversation and store the turn in it")
    ask.add_argument("--examine", action="store_true", help="wait until the model has judged what words leave open")
    check = _command(
        commands, "check", check_actions.check, "tell what of answers made elsewhere stands in their passages"
    )
    fields = '{"id","question"?,"passages","answer"}'
    check.add_argument("--items", metavar="FILE.jsonl", type=Path, required=True, help=f"lines of {fields}")
    check.add_argument("--model", action="store_true", help="let the model that answers judge what is unsure")
    evaluations = commands.add_parser("eval", help="measure checks and guards on a set")
    parts = evaluations.add_subparsers(metavar="checks|guard", required=True)
    measured = _command(parts, "checks", check_actions.evaluate, "areas, calibration and what the badge promises")
    of_guard = _command(parts, "guard", check_actions.evaluate_guard, "personal data by type, or injected orders")
    for part in (measured, of_guard):
        part.add_argument("dataset", metavar="DATASET", type=_path, help="items.jsonl, or the folder that holds it")
    guard = _command(commands, "guard", actions.guard, "tell injected orders and personal data in texts")
    guard.add_argument("--items", metavar="FILE.jsonl", type=Path, required=True, help='lines of {"id","text","kind"}')


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
        part = _command(parts, name, action, summary)
        if name in {"use", "remove"}:
            part.add_argument("name", metavar="NAME")
            if name == "remove":
                part.add_argument("--yes", action="store_true", help="do not ask")
            else:
                part.add_argument("--pause", action="store_true", help="where there is no room for both: one by one")
        elif name != "list":
            part.add_argument("name", metavar="NAME", nargs="?", help="default: the model in use")
    imported = _command(parts, "import", model_actions.import_model, "take a GGUF file from this machine")
    imported.add_argument("file", metavar="FILE", type=Path)


def _add_audit(commands: Any) -> None:
    audit = commands.add_parser("audit", help="look at the audit log, write it out, prove it")
    parts = audit.add_subparsers(metavar="list|export|verify|alerts", required=True)
    listed = _command(parts, "list", audit_actions.show, "print the newest rows")
    listed.add_argument("--limit", metavar="50", type=_count, default=50, help="how many")
    exported = _command(parts, "export", audit_actions.export, "print all rows as JSON lines, and the signed head")
    for part in (listed, exported):
        part.add_argument("--since", metavar="DAY", type=_day, help="only rows of this day (UTC) or later")
        part.add_argument("--until", metavar="DAY", type=_day, help="only rows of this day (UTC) or earlier")
        part.add_argument("--action", choices=ACTIONS, action="append", default=[], dest="actions", metavar="ACTION")
        part.add_argument("--result", choices=RESULTS, action="append", default=[], dest="results")
        part.add_argument("--person", metavar="WHO", default="", help="an account, or a pseudonym from the log")
    verify = _command(parts, "verify", audit_actions.verify, "tell whether it is whole and signed; 1 when it is not")
    verify.add_argument(
        "--head", metavar="NUMBER:HASH", type=audit_actions.head, action="append", default=[], dest="heads",
        help="a head that was noted elsewhere: the log must hold it",
    )  # fmt: skip
    verify.add_argument(
        "--accept", metavar="ROW", type=_count, action="append", default=[], dest="accepted",
        help="a row that tells of a cut you know about, such as after putting back a backup",
    )  # fmt: skip
    unusual = _command(parts, "alerts", audit_actions.unusual, "name what was unusual of late")
    unusual.add_argument("--days", metavar="7", type=_count, default=7, help="how far to look back")


def _add_keys(commands: Any) -> None:
    keys = commands.add_parser("keys", help="tell of the master key, rotate it, keep or use its recovery key")
    parts = keys.add_subparsers(metavar="status|rotate|export-recovery|restore", required=True)
    _command(parts, "status", key_actions.status, "tell where the master key is kept and whether it is the right one")
    rotate = _command(parts, "rotate", key_actions.rotate, "replace the master key; Inhouse must be stopped")
    rotate.add_argument("--yes", action="store_true", help="do not ask whether the recovery key was written down")
    exported = _command(parts, "export-recovery", key_actions.export, "write the recovery key, sealed by a passphrase")
    exported.add_argument("file", metavar="FILE", type=_path)
    restore = _command(parts, "restore", key_actions.restore, "put the master key where INHOUSE_KEY_SOURCE says")
    restore.add_argument("file", metavar="FILE", type=_path, nargs="?", help="of export-recovery; default: typed")


def _add_backups(commands: Any) -> None:
    backup = _command(commands, "backup", backup_actions.back_up, "write everything into one encrypted file")
    backup.add_argument("file", metavar="FILE", type=_path)
    backup.add_argument("--keys", metavar="KEYS", type=_path, help="also write a copy of people's keys, into this file")
    backup.add_argument("--passphrase", action="store_true", help="let it open with a passphrase too, which is asked")
    restore = _command(commands, "restore", backup_actions.restore, "put a backup back; Inhouse must be stopped")
    restore.add_argument("file", metavar="FILE", type=_path)
    restore.add_argument("--keys", metavar="KEYS", type=_path, help="the copy of people's keys, on another machine")
    restore.add_argument("--recovery-key", action="store_true", help="ask for the recovery key from when it was made")
    restore.add_argument("--passphrase", action="store_true", help="ask for the passphrase it was made with")
    restore.add_argument("--without-conversations", action="store_true", help="leave out what nobody's key opens")
    restore.add_argument("--yes", action="store_true", help="do not ask")


def _add_privacy(commands: Any) -> None:
    privacy = commands.add_parser("privacy", help="print the privacy notice, or the record of processing")
    parts = privacy.add_subparsers(metavar="notice|record", required=True)
    for text, summary in (("notice", "what people are told"), ("record", "what a data-protection officer needs")):
        part = _command(parts, text, audit_actions.privacy_text, f"print {summary}, from the settings in force")
        part.set_defaults(text=text)


def _command(commands: Any, name: str, action: Action, summary: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(
        name, help=summary, description=f"{summary[0].upper()}{summary[1:]}."
    )
    parser.add_argument("--json", action="store_true", help="print JSON on standard output")
    parser.set_defaults(action=action, usage_error=parser.error)
    return parser


def _path(text: str) -> Path:
    if not text:  # `"$FOLDER"` of a script where FOLDER was never set; a Path would take it for this very folder
        raise argparse.ArgumentTypeError("it is empty")
    return Path(text)


def _day(text: str) -> str:
    return date.fromisoformat(text).isoformat()


def _day_or_none(text: str) -> str:
    return _day(text) if text else ""


def _count(text: str) -> int:
    count = int(text)
    if count < 1:
        raise argparse.ArgumentTypeError("it must be at least 1")
    return count
