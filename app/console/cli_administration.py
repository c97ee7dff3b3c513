"""The part of the command line for whoever looks after an installation: keys, backups, audit log, privacy."""

from typing import Any

from app.console import audit_actions, backup_actions, key_actions
from app.console.options import command, count, day, path
from app.store.audit_words import Action, Result

ACTIONS, RESULTS = tuple(map(str, Action)), tuple(map(str, Result))


def add_administration(commands: Any) -> None:
    """Add `keys`, `audit`, `backup`, `restore` and `privacy`."""
    _add_keys(commands)
    _add_audit(commands)
    _add_backups(commands)
    _add_privacy(commands)


def _add_audit(commands: Any) -> None:
    audit = commands.add_parser("audit", help="look at the audit log, write it out, prove it")
    parts = audit.add_subparsers(metavar="list|export|verify|alerts", required=True)
    listed = command(parts, "list", audit_actions.show, "print the newest rows")
    listed.add_argument("--limit", metavar="50", type=count, default=50, help="how many")
    exported = command(parts, "export", audit_actions.export, "print all rows as JSON lines, and the signed head")
    for part in (listed, exported):
        part.add_argument("--since", metavar="DAY", type=day, help="only rows of this day (UTC) or later")
        part.add_argument("--until", metavar="DAY", type=day, help="only rows of this day (UTC) or earlier")
        part.add_argument("--action", choices=ACTIONS, action="append", default=[], dest="actions", metavar="ACTION")
        part.add_argument("--result", choices=RESULTS, action="append", default=[], dest="results")
        part.add_argument("--person", metavar="WHO", default="", help="an account, or a pseudonym from the log")
    verify = command(parts, "verify", audit_actions.verify, "tell whether it is whole and signed; 1 when it is not")
    verify.add_argument(
        "--head", metavar="NUMBER:HASH", type=audit_actions.head, action="append", default=[], dest="heads",
        help="a head that was noted elsewhere: the log must hold it",
    )  # fmt: skip
    verify.add_argument(
        "--accept", metavar="ROW", type=count, action="append", default=[], dest="accepted",
        help="a row that tells of a cut you know about, such as after putting back a backup",
    )  # fmt: skip
    unusual = command(parts, "alerts", audit_actions.unusual, "name what was unusual of late")
    unusual.add_argument("--days", metavar="7", type=count, default=7, help="how far to look back")


def _add_keys(commands: Any) -> None:
    keys = commands.add_parser("keys", help="tell of the master key, rotate it, keep or use its recovery key")
    parts = keys.add_subparsers(metavar="status|rotate|export-recovery|restore", required=True)
    command(parts, "status", key_actions.status, "tell where the master key is kept and whether it is the right one")
    rotate = command(parts, "rotate", key_actions.rotate, "replace the master key; Inhouse must be stopped")
    rotate.add_argument("--yes", action="store_true", help="do not ask whether the recovery key was written down")
    exported = command(parts, "export-recovery", key_actions.export, "write the recovery key, sealed by a passphrase")
    exported.add_argument("file", metavar="FILE", type=path)
    restore = command(parts, "restore", key_actions.restore, "put the master key where INHOUSE_KEY_SOURCE says")
    restore.add_argument("file", metavar="FILE", type=path, nargs="?", help="of export-recovery; default: typed")


def _add_backups(commands: Any) -> None:
    backup = command(commands, "backup", backup_actions.back_up, "write everything into one encrypted file")
    backup.add_argument("file", metavar="FILE", type=path)
    backup.add_argument("--keys", metavar="KEYS", type=path, help="also write a copy of people's keys, into this file")
    backup.add_argument("--passphrase", action="store_true", help="let it open with a passphrase too, which is asked")
    restore = command(commands, "restore", backup_actions.restore, "put a backup back; Inhouse must be stopped")
    restore.add_argument("file", metavar="FILE", type=path)
    restore.add_argument("--keys", metavar="KEYS", type=path, help="the copy of people's keys, on another machine")
    restore.add_argument("--recovery-key", action="store_true", help="ask for the recovery key from when it was made")
    restore.add_argument("--passphrase", action="store_true", help="ask for the passphrase it was made with")
    restore.add_argument("--without-conversations", action="store_true", help="leave out what nobody's key opens")
    restore.add_argument("--yes", action="store_true", help="do not ask")


def _add_privacy(commands: Any) -> None:
    privacy = commands.add_parser("privacy", help="print the privacy notice, or the record of processing")
    parts = privacy.add_subparsers(metavar="notice|record", required=True)
    for text, summary in (("notice", "what people are told"), ("record", "what a data-protection officer needs")):
        part = command(parts, text, audit_actions.privacy_text, f"print {summary}, from the settings in force")
        part.set_defaults(text=text)
