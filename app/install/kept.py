"""Environments kept for the next checkout: what pip unpacked once is linked, not unpacked again.

Unpacking 2 GB takes pip two minutes on two cores, linking the same files takes two seconds. What is kept is found by
a key that names everything it depends on. Knows files and folders; what belongs into an environment is decided by
app/install/packages.py. Windows writes the environment's place into its programs, so nothing is kept there.
"""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

from app.install.machine import cache_directory

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

MOST_KEPT = 2
"""As many as two branches need; each is 2 GB, shared with the checkouts that use it."""
PLACEHOLDER = b"#!/inhouse/kept/"
"""Stands at the head of a kept program for the folder of the environment it came from."""
COMPILED = "__pycache__"
COUNT = "files"
"""Tells how many files were kept: somebody may have made room in the cache by hand."""


def restore(key: str, environment: Path) -> bool:
    """Link what is kept under the key into a new environment; whether it was there and whole."""
    kept = _place(key)
    if os.name == "nt" or not kept.is_dir():
        return False
    if (kept / COUNT).read_text(encoding="ascii") != str(_count(kept / "lib")):
        shutil.rmtree(kept)
        return False
    kept.touch()
    shutil.rmtree(environment / "lib")  # venv brings an older pip and setuptools
    _link(kept / "lib", environment / "lib")
    for program in (kept / "bin").iterdir():
        _move(program, environment / "bin", PLACEHOLDER, _head(environment))
    return True


def keep(key: str, environment: Path) -> None:
    """Keep an environment into which pip has just installed everything; a full disk only means that it is not kept."""
    if os.name == "nt" or _place(key).exists():
        return
    part = _place(f"{key}.{os.getpid()}")
    try:
        _link(environment / "lib", part / "lib")
        (part / "bin").mkdir()
        for program in (environment / "bin").iterdir():
            if not program.is_symlink():
                _move(program, part / "bin", _head(environment), PLACEHOLDER)
        (part / COUNT).write_text(str(_count(part / "lib")), encoding="ascii")
        part.rename(_place(key))
        _forget_oldest()
    except OSError:
        shutil.rmtree(part, ignore_errors=True)


def keep_compiled(key: str, environment: Path) -> None:
    """Keep what Python has compiled of kept packages since, so that the next checkout need not."""
    kept = _place(key) / "lib"
    if kept.is_dir():
        _link(environment / "lib", kept, only=lambda folder: folder.name == COMPILED and folder.parent.is_dir())


def _link(source: Path, target: Path, *, only: Callable[[Path], bool] = lambda _folder: True) -> None:
    """Link every file that is missing in `target`, in the folders of `target` that `only` allows."""
    for folder, _, names in os.walk(source):
        there = target / os.path.relpath(folder, source)
        if not names or not only(there):
            continue
        there.mkdir(parents=True, exist_ok=True)
        had = {path.name for path in there.iterdir()}
        for name in names:
            if name not in had and (there.name != COMPILED or name.endswith(".pyc")):  # else it is half written
                _link_file(f"{folder}{os.sep}{name}", f"{there}{os.sep}{name}")


def _count(folder: Path) -> int:
    """Return how many files are in a folder and below, without those Python makes by itself."""
    return sum(len(names) for place, _, names in os.walk(folder) if not place.endswith(COMPILED))


def _link_file(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except FileExistsError:
        return
    except OSError:  # another disk, or one that knows no links
        shutil.copy2(source, target)


def _move(program: Path, folder: Path, before: bytes, after: bytes) -> None:
    """Put a program into a folder, unless there is one of its name; a script gets its interpreter's new place."""
    target, content = folder / program.name, program.read_bytes()
    if not target.exists():
        target.write_bytes(after + content[len(before) :] if content.startswith(before) else content)
        target.chmod(program.stat().st_mode)


def _head(environment: Path) -> bytes:
    return b"#!" + os.fsencode(environment / "bin") + b"/"


def _place(key: str) -> Path:
    return cache_directory() / "environments" / key


def _forget_oldest() -> None:
    kept = sorted(_place("").iterdir(), key=lambda path: path.stat().st_mtime, reverse=True)
    for old in kept[MOST_KEPT:]:
        shutil.rmtree(old, ignore_errors=True)
