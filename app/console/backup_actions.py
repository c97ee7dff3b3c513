"""What `inhouse backup` and `inhouse restore` do: options in, exit status out.

A backup is written by the process that owns the data directory; a restore owns it itself.
"""

import argparse
import sys
import threading
from contextlib import closing
from typing import TYPE_CHECKING

from app.console.invoking import invoke
from app.console.key_actions import StoppedError, opened_key, owned
from app.console.terminal import ProgressLine, interruptible, print_value, say
from app.console.typed import agreed, secret

if TYPE_CHECKING:
    from collections.abc import Generator

    from app.custody.backing_up import Copying
    from app.custody.restoring import Backup, Restored
    from app.settings import Settings


def back_up(options: argparse.Namespace) -> int:
    """Write a backup, beside a running Inhouse too."""
    from app.store.places import ask_twice

    path = options.file.absolute()
    keys = str(options.keys.absolute()) if options.keys else None
    passphrase = ask_twice(secret) if options.passphrase else ""
    return invoke(options, "backup", path=str(path), keys=keys, passphrase=passphrase)


def restore(options: argparse.Namespace) -> int:
    """Put a backup back, after its date was agreed to where there is somebody to ask."""
    from app.custody.restoring import open_backup
    from app.custody.restoring import restore as restoring
    from app.settings import load_settings
    from app.store.copied_keys import read_keys

    settings = load_settings()
    with interruptible() as stop, owned(settings):
        new = not (settings.home / "key.json").exists()
        masters = {} if new else {"the key in force": opened_key(settings).master}
        typed = _typed() if options.recovery_key or (new and not options.passphrase) else None
        if typed is not None:
            masters["this recovery key"] = typed
        passphrase = secret("Passphrase of the backup: ") if options.passphrase else ""
        backup = open_backup(options.file.absolute(), masters=masters, passphrase=passphrase)
        held_by = typed or masters.get("the key in force", b"")
        copied = read_keys(options.keys.absolute(), master=held_by) if options.keys else None
        if not new and not options.yes and not _agreed(settings, backup):
            return 1
        master = _key_of_new(settings, backup, typed) if new else masters["the key in force"]
        steps = restoring(
            settings.home, backup, master=master, copied=copied, without_conversations=options.without_conversations
        )
        restored = _finished(steps, stop)
    _tell(options, restored)
    return 0


def _finished(steps: "Generator[Copying, None, Restored]", stop: threading.Event) -> "Restored":
    """Show the progress of a restore and return what it came to."""
    line = ProgressLine()
    with closing(steps):
        while True:
            try:
                step = next(steps)
            except StopIteration as ended:
                line.clear()
                done: Restored = ended.value
                return done
            line.show(step.text, step.done, step.total)
            if stop.is_set():
                raise StoppedError("Stopped. Nothing was changed.")


def _typed() -> bytes:
    from app.store.recovery import read_recovery_key

    say("Type the recovery key that was in force when the backup was made:")
    return read_recovery_key(sys.stdin.readline())


def _agreed(settings: "Settings", backup: "Backup") -> bool:
    if not sys.stdin.isatty():
        return True
    say(f"This replaces what is in {settings.home} by the backup of {backup.made[:16]}. Type restore to go on:")
    if agreed("restore"):
        return True
    say("Nothing was changed.")
    return False


def _key_of_new(settings: "Settings", backup: "Backup", typed: bytes | None) -> bytes:
    """Give a new data directory the backup's own key, or one of its own where that is not known."""
    from app.assemble import RECOVERY
    from app.store.keycard import accept, new_card
    from app.store.keys import open_key, restore_key
    from app.store.recovery import recovery_key

    source, key_file = settings.key_source, settings.key_file
    if typed is None:
        credentials = settings.credentials_directory
        key = open_key(settings.home, source=source, create=True, key_file=key_file, credentials=credentials)
        say(RECOVERY.format(home=settings.home, key=key.recovery_key))
        return key.master
    known = accept(new_card(source, installation=backup.installation), typed)
    key = restore_key(
        settings.home, recovery_key(typed), source=source, key_file=key_file, ask_passphrase=secret, known=known
    )
    return key.master


def _tell(options: argparse.Namespace, restored: "Restored") -> None:
    if restored.missing_vectors:
        say(f"{restored.missing_vectors} passages have no vector. Run `inhouse doctor --rebuild-index`.")
    if restored.settings_apart:
        say("The settings of the backup differ from those here; they are in inhouse.toml.from-backup.")
    if restored.unreadable:
        say(f"The conversations of {restored.unreadable} people were left out: their keys are not here.")
    told = {"made": restored.made, "originals": restored.originals, "vectors": restored.vectors}
    told |= {"left_out": restored.unreadable, "missing_vectors": restored.missing_vectors}
    sentence = f"The backup of {restored.made[:16]} was restored: {restored.originals} originals."
    print_value({**told, "sentence": sentence}, command="restore", as_json=options.json)
