"""What `inhouse folders list|add|edit|pause|resume|run|remove` do: options in, exit status out."""

import argparse
from typing import Any

from app.console.invoking import invoke
from app.console.options import command, count, path


def add_to(commands: Any) -> None:
    """Add `folders`."""
    folders = commands.add_parser("folders", help="the folders that collections watch: list, add, pause, run, remove")
    parts = folders.add_subparsers(metavar="list|add|edit|pause|resume|run|remove", required=True)
    command(parts, "list", list_folders, "name the watched folders")
    add = command(parts, "add", watch_folder, "learn what changes in a folder, whenever Inhouse serves")
    add.add_argument("--minutes", metavar="M", type=count, default=60, help="how often to look (default 60)")
    edit = command(parts, "edit", change_folder, "look at a folder more or less often")
    edit.add_argument("--minutes", metavar="M", type=count, required=True, help="how often to look")
    pause = command(parts, "pause", pause_folder, "look at a folder no more until it is resumed")
    resume = command(parts, "resume", resume_folder, "look at a paused folder again")
    run = command(parts, "run", look_at_folder, "look at a folder now, also a paused one")
    remove = command(parts, "remove", leave_folder, "watch a folder no longer; its documents stay")
    for part in (add, edit, pause, resume, run, remove):
        part.add_argument("folder", metavar="FOLDER", type=path)
        part.add_argument("--collection", metavar="NAME", required=True)


def list_folders(options: argparse.Namespace) -> int:
    """Print the watched folders."""
    return invoke(options, "folders list")


def watch_folder(options: argparse.Namespace) -> int:
    """Watch a folder for a collection."""
    return invoke(options, "folders add", minutes=options.minutes, **_which(options))


def change_folder(options: argparse.Namespace) -> int:
    """Look at a folder more or less often."""
    return invoke(options, "folders change", minutes=options.minutes, **_which(options))


def pause_folder(options: argparse.Namespace) -> int:
    """Look at a folder no more."""
    return invoke(options, "folders change", paused=True, **_which(options))


def resume_folder(options: argparse.Namespace) -> int:
    """Look at a folder again."""
    return invoke(options, "folders change", paused=False, **_which(options))


def look_at_folder(options: argparse.Namespace) -> int:
    """Look at a folder now."""
    return invoke(options, "folders run", **_which(options))


def leave_folder(options: argparse.Namespace) -> int:
    """Watch a folder no longer."""
    return invoke(options, "folders remove", **_which(options))


def _which(options: argparse.Namespace) -> dict[str, str]:
    """Return which folder is meant: the person's, wherever the product runs."""
    return {"folder": str(options.folder.absolute()), "collection": options.collection}
