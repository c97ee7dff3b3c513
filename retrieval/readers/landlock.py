"""Let this process open nothing but the programs and libraries of the system, where Linux has Landlock (since 5.13).

So a file that took over the process that reads it could read no key, no database and no other document.
Source: Linux, Documentation/userspace-api/landlock.rst.
"""

import contextlib
import ctypes
import os
import struct
import sys
from collections.abc import Iterator
from pathlib import Path

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
"""The same on every architecture."""
_BENEATH = 1
_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_FOLDER = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_FIRST_VERSION = (1 << 13) - 1
"""Everything the first version governs: reading, writing, making and removing files and folders, running programs."""
_SYSTEM = ("/usr", "/lib", "/lib32", "/lib64", "/bin", "/sbin", "/opt", "/nix/store", "/etc/alternatives")
_SINGLE = ("/etc/ld.so.cache", "/etc/localtime", "/dev/urandom", "/dev/random")
_NOWHERE = "/dev/null"


def close_files() -> bool:
    """Refuse this process, and every program it starts, all files but those; return whether the system could do it.

    To be called when the process can gain no new privileges any more. What is open stays open.
    """
    library = ctypes.CDLL(None, use_errno=True)
    library.syscall.restype = ctypes.c_long
    governed = ctypes.create_string_buffer(struct.pack("Q", _FIRST_VERSION), 8)
    ruleset = library.syscall(_CREATE_RULESET, governed, ctypes.c_size_t(8), 0)
    if ruleset < 0:
        return False
    for path, access in _allowed():
        with contextlib.suppress(OSError):  # there is no such file here
            place = os.open(path, os.O_PATH | os.O_CLOEXEC)  # type: ignore[attr-defined,unused-ignore]
            rule = ctypes.create_string_buffer(struct.pack("=Qi", access, place), 12)
            library.syscall(_ADD_RULE, ruleset, _BENEATH, rule, 0)
            os.close(place)
    refused: int = library.syscall(_RESTRICT_SELF, ruleset, 0)
    os.close(ruleset)
    return refused == 0


def _allowed() -> Iterator[tuple[str, int]]:
    """Yield what may be opened, and how: Python, our own modules, the system's programs and Tesseract's data."""
    own = Path(__file__).resolve().parents[1]
    checkout = None if own.parent.name.endswith("-packages") else own.parent  # it may hold much besides our modules
    python = [path for path in sys.path if path and Path(path).resolve() != checkout]
    for folder in {*_SYSTEM, *python, sys.prefix, sys.base_prefix, str(own), os.environ.get("TESSDATA_PREFIX", "/usr")}:
        if Path(folder).is_dir():
            yield folder, _EXECUTE | _READ_FILE | _READ_FOLDER
    for file in _SINGLE:
        yield file, _READ_FILE
    yield _NOWHERE, _READ_FILE | _WRITE_FILE
